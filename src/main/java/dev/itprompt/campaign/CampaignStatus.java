package dev.itprompt.campaign;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/**
 * How far each job of a campaign is, and how long it takes.
 *
 * @param states  of all jobs, in the campaign's order
 * @param seconds that jobs took which are done, where it is known
 */
public record CampaignStatus(Map<CampaignJob, JobState> states, Map<CampaignJob, Double> seconds) {

    /** As the campaign's folder tells it; nobody is kept from working there. */
    public static CampaignStatus of(Campaign campaign) {
        CampaignFolder folder = new CampaignFolder(campaign.folder());
        Map<CampaignJob, JobState> states = new LinkedHashMap<>();
        Map<CampaignJob, Double> seconds = new LinkedHashMap<>();
        for (CampaignJob job : campaign.jobs()) {
            states.put(job, folder.state(job));
            if (states.get(job) instanceof JobState.Done) {
                folder.attempt(job).map(Attempt::seconds).filter(s -> s > 0).ifPresent(s -> seconds.put(job, s));
            }
        }
        return new CampaignStatus(states, seconds);
    }

    /** How far a job is. */
    public JobState of(CampaignJob job) {
        return states.get(job);
    }

    /** Jobs that are done, in the campaign's order. */
    public List<CampaignJob> done() {
        return states.keySet().stream().filter(job -> states.get(job) instanceof JobState.Done).toList();
    }

    /** Jobs that have failed, in the campaign's order. */
    public List<CampaignJob> failed() {
        return states.keySet().stream().filter(job -> states.get(job) instanceof JobState.Failed).toList();
    }

    /** Seconds that a job took which is done, if that is known. */
    public OptionalDouble known(CampaignJob job) {
        return seconds.containsKey(job) ? OptionalDouble.of(seconds.get(job)) : OptionalDouble.empty();
    }

    /**
     * Seconds that a job takes by those that are done: with the same benchmark and settings, else with the same benchmark, else any; empty if
     * none is.
     */
    public OptionalDouble estimate(CampaignJob job) {
        if (seconds.containsKey(job)) {
            return known(job);
        }
        List<Predicate<CampaignJob>> alike = List.of(other -> other.benchmark().equals(job.benchmark()) && other.settings().equals(job.settings()),
                other -> other.benchmark().equals(job.benchmark()), _ -> true);
        return alike.stream().map(like -> seconds.keySet().stream().filter(like).mapToDouble(seconds::get).average())
                .filter(OptionalDouble::isPresent).findFirst().orElse(OptionalDouble.empty());
    }

    /** Seconds that the jobs which are not done take if so many run at a time; empty if nothing tells, 0 if all are done. */
    public OptionalDouble left(int processes) {
        List<Double> left = new ArrayList<>();
        for (CampaignJob job : states.keySet()) {
            OptionalDouble estimate = estimate(job);
            switch (states.get(job)) {
                case JobState.Done _, JobState.Failed _ -> { }
                case JobState.Waiting _ when estimate.isPresent() -> left.add(estimate.getAsDouble());
                case JobState.Running running when estimate.isPresent() -> left.add(Math.max(0, estimate.getAsDouble() - running.seconds()));
                default -> {
                    return OptionalDouble.empty();
                }
            }
        }
        double all = left.stream().mapToDouble(Double::doubleValue).sum();
        return OptionalDouble.of(Math.max(all / processes, left.stream().mapToDouble(Double::doubleValue).max().orElse(0)));
    }
}
