package dev.itprompt.campaign;

import dev.itprompt.Warnings;
import dev.itprompt.config.Configuration;
import dev.itprompt.device.Device;
import dev.itprompt.experiment.Experiment;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.experiment.Inputs;
import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.experiment.TowerSpeed;
import dev.itprompt.method.Passes;
import dev.itprompt.model.VisionTransformer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What jobs take of the image tower, known before any is run: passes of images follow from the settings and the number of images.
 *
 * @param jobs by job, those that were asked for
 */
public record CampaignCost(Map<CampaignJob, Cost> jobs) {

    /** How long each kind of pass is measured. */
    private static final double SECONDS = 1;

    /**
     * Of a job.
     *
     * @param passes  of all its methods, prompt-free features included; at most so many, as what is known already is not computed again
     * @param seconds that they take on a device; decoding, closed forms and the replay of features come on top
     */
    public record Cost(Passes passes, TowerSpeed.Range seconds) {}

    /**
     * Opens data sets and models, counts images and measures each image tower for a moment.
     *
     * @param jobs    of a campaign
     * @param threads that decode images
     * @throws dev.itprompt.InputException if a data set or a model is missing, damaged or does not fit
     */
    public static CampaignCost of(List<CampaignJob> jobs, ProjectFolder project, Device device, int threads, Warnings warnings) {
        Map<String, List<CampaignJob>> alike = new LinkedHashMap<>();
        jobs.forEach(job -> alike.computeIfAbsent(job.benchmark() + "\n" + job.settings(), _ -> new ArrayList<>()).add(job));
        Map<VisionTransformer, TowerSpeed> speeds = new HashMap<>();
        Map<CampaignJob, Cost> costs = new LinkedHashMap<>();
        for (List<CampaignJob> seeds : alike.values()) {
            try (Inputs inputs = Inputs.read(seeds.getFirst().run().configuration(), project, device, threads, warnings)) {
                VisionTransformer tower = inputs.backbone().model().vision();
                TowerSpeed speed = speeds.computeIfAbsent(tower, _ -> TowerSpeed.measure(device, tower, SECONDS));
                for (CampaignJob job : seeds) {
                    Configuration<ExperimentSettings> configuration = inputs.fit(job.run().configuration());
                    Passes passes = Experiment.of(configuration.settings(), inputs).passes();
                    costs.put(job, new Cost(passes, speed.of(passes)));
                }
            }
        }
        return new CampaignCost(costs);
    }

    /** Of all jobs. */
    public Cost total() {
        return jobs.values().stream().reduce(new Cost(Passes.NONE, new TowerSpeed.Range(0, 0)),
                (a, b) -> new Cost(a.passes().plus(b.passes()), a.seconds().plus(b.seconds())));
    }
}
