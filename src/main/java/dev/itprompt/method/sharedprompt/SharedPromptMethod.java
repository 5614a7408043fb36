package dev.itprompt.method.sharedprompt;

import dev.itprompt.device.MemoryPlan;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Passes;
import dev.itprompt.method.Run;
import dev.itprompt.method.itprompt.PlainTuningSettings;
import dev.itprompt.model.VisionTransformer;
import java.util.List;
import java.util.Optional;

/** One prompt and a softmax classifier tuned task after task, the forgetting baseline: see {@link SharedPrompt}. */
public final class SharedPromptMethod implements Method<PlainTuningSettings> {

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
        return settings.largestStep(run);
    }

    @Override
    public Passes passes(VisionTransformer model, PlainTuningSettings settings, List<Passes.TaskSize> tasks) {
        return Passes.ofTuning(settings.training(), tasks, false, false, 1);
    }

    @Override
    public PlainTuningSettings recomputing(PlainTuningSettings settings) {
        return settings.recomputing();
    }

    @Override
    public Learner create(String name, Run run, PlainTuningSettings settings) {
        return new SharedPrompt(name, run, settings);
    }
}
