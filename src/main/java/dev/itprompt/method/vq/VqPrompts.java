package dev.itprompt.method.vq;

import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.Prompting;
import dev.itprompt.prompt.QuantizedPool;

/** VQ-Prompt's prompts: a quantised pool for each block, 0 to 4 in the paper. */
public final class VqPrompts {

    /** Weights of the two halves of the quantisation loss as the code has them; the paper names them the other way round. */
    private static final double MIXTURE_WEIGHT = 0.4;
    private static final double ENTRY_WEIGHT = 0.1;

    private VqPrompts() {}

    /**
     * @param form        where prefixes go
     * @param queryWidth  E: columns of prompt-free features
     * @param entries     of a block's pool; 10 in the paper
     * @param temperature τ; 1 in the paper, 5 for CUB-200
     */
    public static Prompting of(Form.Prefixes form, int queryWidth, int entries, double temperature) {
        return new QuantizedPool(form, queryWidth, entries, temperature, MIXTURE_WEIGHT, ENTRY_WEIGHT);
    }
}
