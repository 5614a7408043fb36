package dev.itprompt.campaign;

import dev.itprompt.InputException;
import dev.itprompt.report.ReportFiles;
import dev.itprompt.report.RunReader;
import dev.itprompt.report.RunRecord;
import dev.itprompt.report.RunSet;
import dev.itprompt.report.Study;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Results of the jobs that are done, and the files over all of them. The same results give the same bytes, in whatever order they came. */
public final class CampaignResults {

    /** Writing takes at most this part of the time. */
    private static final int SHARE = 10;

    private final Campaign campaign;
    private final Map<CampaignJob, RunRecord> runs = new HashMap<>();
    private long next = System.nanoTime();

    /** None yet. */
    CampaignResults(Campaign campaign) {
        this.campaign = campaign;
    }

    /**
     * Reads all that is done.
     *
     * @throws InputException if results are damaged
     */
    public static CampaignResults read(Campaign campaign, CampaignStatus status) {
        CampaignResults results = new CampaignResults(campaign);
        status.done().forEach(results::add);
        return results;
    }

    /**
     * Reads the results of a job that is done; each once.
     *
     * @throws InputException if they are damaged
     */
    void add(CampaignJob job) {
        runs.computeIfAbsent(job, _ -> RunReader.read(job.run().folder()).of(job.methods()));
    }

    /**
     * What there is so far, in the campaign's order; empty if there is nothing.
     *
     * @throws InputException if runs with different seeds do not fit together
     */
    public Optional<Study> study() {
        Map<List<String>, List<RunRecord>> parts = new LinkedHashMap<>();
        campaign.jobs().stream().filter(runs::containsKey).forEach(job -> parts.computeIfAbsent(List.of(job.benchmark(), job.settings()),
                _ -> new ArrayList<>()).add(runs.get(job)));
        return parts.isEmpty() ? Optional.empty() : Optional.of(new Study(campaign.name(), parts.entrySet().stream()
                .map(part -> new Study.Part(part.getKey().getFirst(), part.getKey().getLast(), new RunSet(part.getValue()))).toList()));
    }

    /** Writes the files into the campaign's folder, if there are any results. */
    void write() {
        study().ifPresent(study -> ReportFiles.write(study, campaign.folder()));
    }

    /** The same, unless that was done a short time ago. */
    void writeNowAndThen() {
        long begin = System.nanoTime();
        if (begin - next >= 0) {
            write();
            next = System.nanoTime() + SHARE * (System.nanoTime() - begin);
        }
    }
}
