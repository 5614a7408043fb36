package dev.itprompt.method.vq;

import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.Prompting;
import dev.itprompt.prompt.QuantizedPool;
import java.util.List;

/** VQ-Prompt's prompts: a quantised pool in blocks 0 to 4. */
public final class VqPrompts {

    private static final List<Integer> BLOCKS = List.of(0, 1, 2, 3, 4);
    /** Weights of the two halves of the quantisation loss as the code has them; the paper names them the other way round. */
    private static final double MIXTURE_WEIGHT = 0.4;
    private static final double ENTRY_WEIGHT = 0.1;

    private VqPrompts() {}

    /**
     * @param width       D
     * @param queryWidth  E: columns of prompt-free features
     * @param entries     of a block's pool; 10 in the paper
     * @param rows        of an entry, half of them prefix keys; 8 in the paper
     * @param temperature τ; 1 in the paper, 5 for CUB-200
     */
    public static Prompting of(int width, int queryWidth, int entries, int rows, double temperature) {
        return new QuantizedPool(Form.Prefixes.of(BLOCKS, rows / 2, width), queryWidth, entries, temperature, MIXTURE_WEIGHT,
                ENTRY_WEIGHT);
    }
}
