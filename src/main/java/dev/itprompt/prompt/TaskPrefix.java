package dev.itprompt.prompt;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.nn.Transformer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A prompt for each task, chosen at test from outside by task-identity inference: HiDe-Prompt (Wang et al. 2023) and IT-Prompt. A
 * task begins with a copy of the prompt before it; what is used in training and what is kept afterwards is
 * {@code (1 − α)·own + α·mean of older ones}, older ones being constants. Values are {@code prompts.b} [tasks, 2P, D] for each
 * block b.
 *
 * @param form     where prefixes go
 * @param momentum α, the share of older prompts, 0 to 1; 0 for the first task
 */
public record TaskPrefix(Form.Prefixes form, double momentum) implements Prompting {

    @Override
    public Map<String, Tensor> beginTask(int task, Map<String, Tensor> values, RandomGenerator random) {
        Map<String, Tensor> begun = new LinkedHashMap<>();
        for (int block : form.blocks()) {
            Tensor known = values.get("prompts." + block);
            begun.put("prompts." + block, known == null ? Draws.uniform(Shape.of(1, form.rows(), form.width()), -1, random)
                    : Draws.appended(known, known.slice(task - 1, 1)));
        }
        return begun;
    }

    @Override
    public Map<String, Tensor> endTask(int task, Map<String, Tensor> values) {
        if (task == 0 || momentum == 0) {
            return values;
        }
        Map<String, Tensor> kept = new LinkedHashMap<>();
        values.forEach((name, table) -> kept.put(name, mixed(table, task)));
        return kept;
    }

    private Tensor mixed(Tensor table, int task) {
        Tensor kept = table.copy();
        int size = form.rows() * form.width();
        for (int i = 0; i < size; i++) {
            float older = 0;
            for (int t = 0; t < task; t++) {
                older += table.get((long) t * size + i);
            }
            float mean = (float) (older * (1.0 / task));
            kept.set((long) task * size + i, (float) ((1 - momentum) * table.get((long) task * size + i) + momentum * mean));
        }
        return kept;
    }

    @Override
    public boolean copies() {
        return true;
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
    public Map<String, Tensor> finished(int task, Map<String, Tensor> values) {
        Map<String, Tensor> own = new LinkedHashMap<>();
        if (!mixesBatch()) {
            values.forEach((name, table) -> own.put(name, table.slice(task, 1)));
        }
        return own;
    }

    @Override
    public Entered enter(Pass pass) {
        Graph g = pass.graph();
        Map<Integer, Transformer.Prefix> prefixes = new LinkedHashMap<>();
        for (int block : form.blocks()) {
            String name = "prompts." + block;
            Node table = pass.prompts().get(name, pass.prompts().shape(name).dim(0), form.rows(), form.width());
            Node prompt = pass.training() ? trained(g, table, pass.task()) : Tables.rows(g, table, pass.chosen());
            prefixes.put(block, form.cut(g, prompt, false, pass.batch()));
        }
        return Entered.of(prefixes);
    }

    private Node trained(Graph g, Node table, int task) {
        Node own = g.reshape(g.slice(table, 0, task, 1), form.rows(), form.width());
        if (task == 0 || momentum == 0) {
            return own;
        }
        Node older = g.mean(g.stopGradient(g.slice(table, 0, 0, task)), 0);
        return g.add(g.scale(own, 1 - momentum), g.scale(older, momentum));
    }
}
