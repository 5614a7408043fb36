package dev.itprompt.method;

import dev.itprompt.DivergenceException;
import dev.itprompt.tensor.Tensor;
import java.util.Collection;

/**
 * A piece of training with one optimizer, which must not diverge.
 *
 * @param name  as progress calls it, such as {@code task 2 prompt}
 * @param rates settings to lower if its steps are too large, such as {@code itPrompt.rate}
 */
public record Stage(String name, String rates) {

    /**
     * Checks a step that was made.
     *
     * @param step its number, from 1
     * @param loss before it
     * @param norm length of all gradients together, before clipping
     * @throws DivergenceException if one of them is infinite or no number
     */
    public void check(long step, float loss, float norm) {
        if (!Float.isFinite(loss) || !Float.isFinite(norm)) {
            throw diverged((Float.isFinite(loss) ? "the gradients' length" : "the loss") + " is " + (Float.isFinite(loss) ? norm : loss))
                    .in("step " + step).in(name);
        }
    }

    /**
     * Checks what the last step made.
     *
     * @param steps how many there were
     * @throws DivergenceException if a trained number is infinite or none
     */
    public void check(long steps, Collection<Tensor> trained) {
        if (!trained.stream().allMatch(Stage::isFinite)) {
            throw diverged("a trained number is not finite").in("after step " + steps).in(name);
        }
    }

    private DivergenceException diverged(String what) {
        return new DivergenceException(what + "; training diverges, lower " + rates);
    }

    private static boolean isFinite(Tensor tensor) {
        for (long i = 0; i < tensor.shape().size(); i++) {
            if (!Float.isFinite(tensor.get(i))) {
                return false;
            }
        }
        return true;
    }
}
