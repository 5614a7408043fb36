package dev.itprompt.method.prompted;

import dev.itprompt.Progress;
import dev.itprompt.method.Learner;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.Stateful;
import java.util.Map;

/** Turns each step that an optimizer has made of prompts into another one. */
public interface StepProjection extends Stateful {

    /** The step that is made in place of one, of the same shape; the first task's are made as they are. */
    Tensor project(String name, Tensor step);

    /** Looks at a task's images with the prompts that it has left. */
    void taskDone(Learner.Task task, Map<String, Tensor> values, Progress progress);
}
