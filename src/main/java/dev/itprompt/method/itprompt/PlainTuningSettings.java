package dev.itprompt.method.itprompt;

import dev.itprompt.Setting;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.method.PrefixSettings;
import dev.itprompt.method.Run;
import dev.itprompt.method.TrainingSettings;
import java.util.Optional;

/** Settings of one prompt and classifier tuned by plain cross-entropy, task after task or on all images together. */
public record PlainTuningSettings(
        @Setting(meaning = "the prompt", inline = true)
        PrefixSettings prefix,
        @Setting(meaning = "the training of the prompt", inline = true)
        TrainingSettings training,
        @Setting(meaning = "whether the classifier looks at features whitened by the pooled covariance of the classes seen so far while the "
                + "prompt is trained", byDefault = "true")
        boolean whiten) {

    /** Plain prompt tuning by cross-entropy. */
    public PromptTuning tuning() {
        return new PromptTuning(prefix, training, GuidanceSettings.NONE);
    }

    /** Memory of the training step of a run's last task, as planned before anything is run; empty where there is no prompt. */
    public Optional<MemoryPlan> largestStep(Run run) {
        return PromptTrainer.plan(run, tuning(), PromptStep.Spec.unguided(training.batch(), run.classes().size()));
    }

    /** The same with blocks computed again in the backward pass. */
    public PlainTuningSettings recomputing() {
        return new PlainTuningSettings(prefix, training.recomputing(), whiten);
    }
}
