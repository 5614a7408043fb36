package dev.itprompt.method.hide;

import dev.itprompt.prompt.Form;
import dev.itprompt.prompt.Prompting;
import dev.itprompt.prompt.TaskPrefix;
import java.util.List;

/** HiDe-Prompt's prompts: one for each task in blocks 0 to 4, chosen by task-identity inference. */
public final class HidePrompts {

    private static final List<Integer> BLOCKS = List.of(0, 1, 2, 3, 4);

    private HidePrompts() {}

    /**
     * @param width    D
     * @param length   prefix keys of a prompt, and as many values
     * @param momentum share of older prompts
     * @param reshaped whether prefixes are reshaped and not exchanged, as the published code has it
     */
    public static Prompting of(int width, int length, double momentum, boolean reshaped) {
        return new TaskPrefix(new Form.Prefixes(BLOCKS, length, width, reshaped), momentum);
    }
}
