package dev.itprompt.method;

import dev.itprompt.device.MemoryPlan;
import dev.itprompt.model.VisionTransformer;
import java.util.List;
import java.util.Optional;

/** One prompt and a softmax classifier tuned task after task, the forgetting baseline: see {@link SharedPrompt}. */
final class SharedPromptMethod implements Method<PlainTuningSettings> {

    @Override
    public String name() {
        return "shared-prompt";
    }

    @Override
    public String meaning() {
        return "one prompt and a softmax classifier tuned task after task, the forgetting baseline";
    }

    @Override
    public Class<PlainTuningSettings> settings() {
        return PlainTuningSettings.class;
    }

    @Override
    public Optional<MemoryPlan> largestStep(Run run, PlainTuningSettings settings, LastTask last) {
        PromptStep.Spec spec = new PromptStep.Spec(settings.training().batch(), 0, run.classes().size(), last.firstClass(), List.of(), null, false);
        return PromptTrainer.plan(run, settings.tuning(), spec);
    }

    @Override
    public Passes passes(VisionTransformer model, PlainTuningSettings settings, List<Passes.TaskSize> tasks) {
        return Passes.ofTuning(settings.training(), tasks, false, false, 1);
    }

    @Override
    public PlainTuningSettings recomputing(PlainTuningSettings settings) {
        return new PlainTuningSettings(settings.prefix(), settings.training().recomputing(), settings.whiten());
    }

    @Override
    public Learner create(String name, Run run, PlainTuningSettings settings) {
        return new SharedPrompt(name, run, settings);
    }
}
