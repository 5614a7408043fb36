package dev.itprompt.method.prompted;

import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.State;
import dev.itprompt.train.Trainer;
import dev.itprompt.train.TrainingStep;
import java.util.LinkedHashMap;
import java.util.Map;

/** Replaces, after each step of a training, what the optimizer has added to prompts by its projection. */
final class ProjectedSteps implements Trainer.Watch {

    private final StepProjection projection;
    private final TrainingStep step;
    private final Map<String, Tensor> last = new LinkedHashMap<>();

    /** @param begun values that are trained, as they are before the first step */
    ProjectedSteps(StepProjection projection, TrainingStep step, Map<String, Tensor> begun) {
        this.projection = projection;
        this.step = step;
        begun.forEach((name, value) -> last.put(name, value.copy()));
    }

    @Override
    public void after(Trainer trainer, long number) {
        last.replaceAll((name, before) -> {
            Node variable = step.trained().get(name);
            Tensor made = trainer.executable().read(variable);
            Tensor projected = sum(before, projection.project(name, sum(made, before, -1)), 1);
            trainer.executable().write(variable, projected);
            return projected;
        });
    }

    private static Tensor sum(Tensor a, Tensor b, int sign) {
        Tensor sum = a.copy();
        for (int i = 0; i < sum.shape().size(); i++) {
            sum.set(i, a.get(i) + sign * b.get(i));
        }
        return sum;
    }

    @Override
    public void visit(State state) {
        last.replaceAll((name, value) -> state.tensor(name, value));
    }
}
