package dev.itprompt.method.joint;

import dev.itprompt.device.MemoryPlan;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Need;
import dev.itprompt.method.Passes;
import dev.itprompt.method.Run;
import dev.itprompt.method.itprompt.PlainTuningSettings;
import dev.itprompt.model.VisionTransformer;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One prompt and a classifier trained on all tasks together, the upper bound: see {@link JointTraining}. */
public final class JointMethod implements Method<PlainTuningSettings> {

    @Override
    public String name() {
        return "joint";
    }

    @Override
    public String meaning() {
        return "one prompt and a classifier trained on all tasks together, the upper bound";
    }

    @Override
    public Class<PlainTuningSettings> settings() {
        return PlainTuningSettings.class;
    }

    @Override
    public Set<Need> needs(PlainTuningSettings settings) {
        return Set.of(Need.ALL_TASKS_AT_ONCE);
    }

    @Override
    public Optional<MemoryPlan> largestStep(Run run, PlainTuningSettings settings, LastTask last) {
        return settings.largestStep(run);
    }

    /** Images that are held out to choose by count as if they were trained on. */
    @Override
    public Passes passes(VisionTransformer model, PlainTuningSettings settings, List<Passes.TaskSize> tasks) {
        return settings.prefix().layersOf(model.layers()).isEmpty() ? Passes.NONE : Passes.ofTuning(settings.training(), tasks, false, true, 1);
    }

    @Override
    public PlainTuningSettings recomputing(PlainTuningSettings settings) {
        return settings.recomputing();
    }

    @Override
    public Learner create(String name, Run run, PlainTuningSettings settings) {
        return new JointTraining(name, run, settings);
    }
}
