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
 * A pool shared by all tasks of which each image gets one entry, learned through a mixture: VQ-Prompt (Jiao et al. 2024). The
 * mixture p′ weighs entries by the softmax of query·key/τ, keys having length 1; the entry p nearest to it enters in its place,
 * with the mixture's derivatives (straight-through). The loss of a block is {@code w·mean((p′ − p)²)} twice, once with p and once
 * with p′ as a constant. Values are {@code prompts.b} [n, 2P, D] and {@code keys.b} [n, E] for each block b.
 *
 * @param form          where prefixes go
 * @param queryWidth    E: columns of a query
 * @param entries       n
 * @param temperature   τ
 * @param mixtureWeight of the loss that moves the mixture to the entry, 0.4 in VQ-Prompt's code
 * @param entryWeight   of the loss that moves the entry to the mixture, 0.1 in VQ-Prompt's code
 */
public record QuantizedPool(Form.Prefixes form, int queryWidth, int entries, double temperature, double mixtureWeight,
                            double entryWeight) implements Prompting {

    @Override
    public Map<String, Tensor> beginTask(int task, Map<String, Tensor> values, RandomGenerator random) {
        if (task > 0) {
            return values;
        }
        Map<String, Tensor> drawn = new LinkedHashMap<>();
        for (int block : form.blocks()) {
            drawn.put("prompts." + block, Draws.uniform(Shape.of(entries, form.rows(), form.width()), 0, random));
            drawn.put("keys." + block, Draws.uniform(Shape.of(entries, queryWidth), 0, random));
        }
        return drawn;
    }

    @Override
    public boolean needsQueries(boolean training) {
        return true;
    }

    @Override
    public boolean mixesBatch() {
        return form.reshaped();
    }

    @Override
    public Entered enter(Pass pass) {
        Graph g = pass.graph();
        Map<Integer, Transformer.Prefix> prefixes = new LinkedHashMap<>();
        Map<String, Node> terms = new LinkedHashMap<>();
        Map<String, Node> shown = new LinkedHashMap<>();
        Map<String, Entered.Use> pools = new LinkedHashMap<>();
        for (int block : form.blocks()) {
            Node keys = g.normalize(pass.prompts().get("keys." + block, entries, queryWidth));
            int size = form.rows() * form.width();
            Node pool = g.reshape(pass.prompts().get("prompts." + block, entries, form.rows(), form.width()), entries, size);
            Node weights = g.softmax(g.scale(g.matMulTransposed(pass.queries(), keys), 1 / temperature));
            Node mixture = g.matMul(weights, pool);
            Node distance = g.sum(square(g, g.add(g.repeat(mixture, 1, entries), g.scale(pool, -1))), -1);
            Node each = g.topK(g.scale(distance, -1), 1);
            Node chosen = g.reshape(each, pass.batch());
            Node nearest = g.gather(pool, chosen);
            Node entering = g.add(mixture, g.stopGradient(minus(g, nearest, mixture)));
            prefixes.put(block, form.cut(g, g.reshape(entering, pass.batch(), form.rows(), form.width()), false, pass.batch()));
            shown.put("weights." + block, weights);
            shown.put("distance." + block, distance);
            shown.put("chosen." + block, chosen);
            pools.put("pool." + block, new Entered.Use(each, entries, false));
            if (pass.training()) {
                Node toEntry = g.mean(square(g, minus(g, mixture, g.stopGradient(nearest))));
                Node toMixture = g.mean(square(g, minus(g, nearest, g.stopGradient(mixture))));
                terms.put("quantization." + block, g.add(g.scale(toEntry, mixtureWeight), g.scale(toMixture, entryWeight)));
            }
        }
        return new Entered(prefixes, null, terms, shown, pools);
    }

    private static Node minus(Graph g, Node a, Node b) {
        return g.add(a, g.scale(b, -1));
    }

    private static Node square(Graph g, Node x) {
        return g.multiply(x, x);
    }
}
