package dev.itprompt.method.coda;

import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.Prompting;
import dev.itprompt.prompt.WeightedPool;
import java.util.List;

/** CODA-Prompt's prompts: components weighed in blocks 0 to 4. */
public final class CodaPrompts {

    private CodaPrompts() {}

    /**
     * Sizes.
     *
     * @param blocks     with prefixes; 0 to 4 in the paper
     * @param width      D
     * @param queryWidth E: columns of prompt-free features
     * @param length     prefix keys of a component, and as many values; 4 in the paper
     * @param components that a task adds; 100 divided by the tasks in the paper
     */
    public record Sizes(List<Integer> blocks, int width, int queryWidth, int length, int components) {}

    /** @param orthogonality weight of the penalty, 0 in the published settings */
    public static Prompting of(Sizes sizes, double orthogonality) {
        return new WeightedPool(Form.Prefixes.of(sizes.blocks(), sizes.length(), sizes.width()), sizes.queryWidth(), sizes.components(),
                orthogonality);
    }
}
