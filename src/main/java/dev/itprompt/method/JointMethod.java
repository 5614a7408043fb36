package dev.itprompt.method;

import dev.itprompt.device.MemoryPlan;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One prompt and a classifier trained on all tasks together, the upper bound: see {@link JointTraining}. */
final class JointMethod implements Method<JointSettings> {

    @Override
    public String name() {
        return "joint";
    }

    @Override
    public String meaning() {
        return "one prompt and a classifier trained on all tasks together, the upper bound";
    }

    @Override
    public Class<JointSettings> settings() {
        return JointSettings.class;
    }

    @Override
    public Set<Need> needs(JointSettings settings) {
        return Set.of(Need.ALL_TASKS_AT_ONCE);
    }

    @Override
    public Optional<MemoryPlan> largestStep(Run run, JointSettings settings, int firstClass) {
        PromptStep.Job job = new PromptStep.Job(settings.training().batch(), 0, run.classes().size(), firstClass, List.of(), null, false);
        return PromptTrainer.plan(run, settings.tuning(), job);
    }

    @Override
    public JointSettings recomputing(JointSettings settings) {
        return new JointSettings(settings.prefix(), settings.training().recomputing(), settings.whiten());
    }

    @Override
    public Learner create(String name, Run run, JointSettings settings) {
        return new JointTraining(name, run, settings);
    }
}
