package dev.itprompt.prompt;

import dev.itprompt.graph.Node;
import dev.itprompt.nn.Transformer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * One prompt for all tasks and images, trained further in every task: DualPrompt's general prompt (Wang et al. 2022). Values are
 * {@code prompts.b} [2P, D] for each block b.
 *
 * @param form where prefixes go
 * @param low  values are drawn between this and 1: −1 in HiDe-Prompt's code, 0 in CODA-Prompt's
 */
public record SharedPrefix(Form.Prefixes form, double low) implements Prompting {

    @Override
    public Map<String, Tensor> beginTask(int task, Map<String, Tensor> values, RandomGenerator random) {
        if (task > 0) {
            return values;
        }
        Map<String, Tensor> drawn = new LinkedHashMap<>();
        for (int block : form.blocks()) {
            drawn.put("prompts." + block, Draws.uniform(Shape.of(form.rows(), form.width()), low, random));
        }
        return drawn;
    }

    @Override
    public boolean needsQueries(boolean training) {
        return false;
    }

    @Override
    public boolean mixesBatch() {
        return form.reshaped();
    }

    @Override
    public Entered enter(Pass pass) {
        Map<Integer, Transformer.Prefix> prefixes = new LinkedHashMap<>();
        for (int block : form.blocks()) {
            Node prompt = pass.prompts().get("prompts." + block, form.rows(), form.width());
            prefixes.put(block, form.cut(pass.graph(), prompt, false, pass.batch()));
        }
        return Entered.of(prefixes);
    }
}
