package dev.itprompt.train;

import dev.itprompt.DivergenceException;
import dev.itprompt.tensor.Tensor;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A piece of training with one optimizer, which must not diverge.
 *
 * @param name  as progress calls it, such as {@code task 2 prompt}
 * @param rates settings to lower if its steps are too large, such as {@code methods.it-prompt.rate}
 */
public record Stage(String name, String rates) {

    /**
     * A step whose loss or gradients are not finite.
     *
     * @param step       its number, from 1
     * @param loss       before it
     * @param norm       length of all gradients together, before clipping
     * @param terms      parts of the loss by name
     * @param parameters what is trained, by name, as it is after the step
     */
    DivergenceException diverged(long step, float loss, float norm, Map<String, Float> terms, Map<String, Tensor> parameters) {
        String what = Float.isFinite(loss) ? "the gradients' length is " + norm : "the loss is " + loss;
        String parts = terms.size() < 2 ? "" : terms.entrySet().stream().map(term -> term.getKey() + " "
                + String.format(Locale.ROOT, "%.4g", term.getValue())).collect(Collectors.joining(", ", " (", ")"));
        return diverged(what + parts + "; largest parameter " + largest(parameters)).in("step " + step).in(name);
    }

    /**
     * Checks what the last step made.
     *
     * @param steps   how many there were
     * @param trained what was trained, by name
     * @throws DivergenceException if a number is infinite or none
     */
    public void check(long steps, Map<String, Tensor> trained) {
        trained.forEach((parameter, tensor) -> {
            if (!Double.isFinite(largest(tensor))) {
                throw diverged(parameter + " is not finite").in("after step " + steps).in(name);
            }
        });
    }

    private DivergenceException diverged(String what) {
        return new DivergenceException(what + "; training diverges, lower " + rates);
    }

    private static String largest(Map<String, Tensor> parameters) {
        String name = "none";
        double largest = -1;
        for (Map.Entry<String, Tensor> parameter : parameters.entrySet()) {
            double value = largest(parameter.getValue());
            if (Double.isNaN(value) || value > largest) {
                name = parameter.getKey();
                largest = value;
            }
            if (Double.isNaN(value)) {
                break;
            }
        }
        return name + String.format(Locale.ROOT, " (%.3g)", largest);
    }

    /** The largest absolute value; no number if one is none. */
    private static double largest(Tensor tensor) {
        double largest = 0;
        for (float value : tensor.toArray()) {
            largest = Float.isNaN(value) ? Double.NaN : Math.max(largest, Math.abs(value));
            if (Double.isNaN(largest)) {
                break;
            }
        }
        return largest;
    }
}
