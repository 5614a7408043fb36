package dev.itprompt.trace;

import dev.itprompt.prompt.Prompting;

/**
 * How a published code trains its prompts.
 *
 * @param prompting ours
 * @param layout    where its parameters are among our values
 * @param coda      whether the trace is named as CODA-Prompt's and VQ-Prompt's are, or else as the ports' and HiDe-Prompt's
 * @param clip      largest length of all gradients together, infinite for none
 * @param rates     what it learns with
 * @param contrast  weight of the contrastive loss, 0 for none
 */
record Published(Prompting prompting, Layout layout, boolean coda, double clip, Rates rates, double contrast) {

    /** The rates of an update: those of prompts and keys, then that of the head, or one of both. */
    interface Rates {
        double[] at(int update);
    }
}
