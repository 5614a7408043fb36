package dev.itprompt.method.coda;

import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.Prompting;
import dev.itprompt.prompt.WeightedPool;
import java.util.List;

/** CODA-Prompt's prompts: components weighed in blocks 0 to 4. */
public final class CodaPrompts {

    private static final List<Integer> BLOCKS = List.of(0, 1, 2, 3, 4);

    private CodaPrompts() {}

    /**
     * @param width         D
     * @param queryWidth    E: columns of prompt-free features
     * @param rows          of a component, half of them prefix keys; 8 in the paper
     * @param components    that a task adds; 100 divided by the tasks in the paper
     * @param orthogonality weight of the penalty, 0 in the published settings
     */
    public static Prompting of(int width, int queryWidth, int rows, int components, double orthogonality) {
        return new WeightedPool(Form.Prefixes.of(BLOCKS, rows / 2, width), queryWidth, components, orthogonality);
    }
}
