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
 * Components of which each image gets a weighted sum: CODA-Prompt (Smith et al. 2023). The weight of component m is the cosine of
 * {@code q⊙a_m} and {@code k_m}, for a query q, an attention a and a key k. Every task adds components, drawn orthogonal to those
 * there are; those of earlier tasks go on weighing in, but are constants. Values are {@code prompts.b} [n, 2P, D], {@code keys.b}
 * and {@code attention.b} [n, E] for each block b.
 *
 * @param form          where prefixes go
 * @param queryWidth    E: columns of a query
 * @param components    that a task adds
 * @param orthogonality weight of the penalty {@code mean((X·Xᵀ − 1)²)} on keys, attention and components, summed over these and
 *                      blocks; 0 for none
 */
public record WeightedPool(Form.Prefixes form, int queryWidth, int components, double orthogonality) implements Prompting {

    /** Added to squared lengths, so that a query that its attention shuts out has weight 0 and not 0/0. */
    private static final double LEAST_SQUARE = 1e-24;

    @Override
    public Map<String, Tensor> beginTask(int task, Map<String, Tensor> values, RandomGenerator random) {
        Map<String, Tensor> begun = new LinkedHashMap<>();
        for (int block : form.blocks()) {
            grow(begun, values, "keys." + block, Shape.of(queryWidth), random);
            grow(begun, values, "attention." + block, Shape.of(queryWidth), random);
            grow(begun, values, "prompts." + block, Shape.of(form.rows(), form.width()), random);
        }
        return begun;
    }

    private void grow(Map<String, Tensor> begun, Map<String, Tensor> values, String name, Shape entry, RandomGenerator random) {
        begun.put(name, GramSchmidt.appended(values.get(name), components, entry, random));
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
            Node keys = table(pass, "keys." + block, queryWidth);
            Node attention = table(pass, "attention." + block, queryWidth);
            Node prompts = table(pass, "prompts." + block, form.rows() * form.width());
            Node weights = weights(g, pass.queries(), attention, keys);
            shown.put("weights." + block, weights);
            pools.put("pool." + block, new Entered.Use(weights, weights.shape().last(), true));
            Node mixture = g.reshape(g.matMul(weights, prompts), pass.batch(), form.rows(), form.width());
            prefixes.put(block, form.cut(g, mixture, false, pass.batch()));
            if (pass.training() && orthogonality != 0) {
                Node sum = g.add(g.add(penalty(g, keys), penalty(g, attention)), penalty(g, prompts));
                terms.put("orthogonality." + block, g.scale(sum, orthogonality));
            }
        }
        return new Entered(prefixes, null, terms, shown, pools);
    }

    /** All components there are as rows, of which training changes those of the task alone. */
    private Node table(Pass pass, String name, int columns) {
        Graph g = pass.graph();
        Shape shape = pass.prompts().shape(name);
        int rows = shape.dim(0);
        Node table = g.reshape(pass.prompts().get(name, shape.dims()), rows, columns);
        int finished = rows - components;
        return !pass.training() || finished == 0 ? table
                : g.concat(0, g.stopGradient(g.slice(table, 0, 0, finished)), g.slice(table, 0, finished, components));
    }

    /** cos(q⊙a_m, k_m) of every query and component, [B, n], by products of matrices: {@code q·(a⊙k̂)ᵀ / √(q²·(a²)ᵀ)}. */
    private static Node weights(Graph g, Node queries, Node attention, Node keys) {
        Node along = g.matMulTransposed(queries, g.multiply(attention, g.normalize(keys)));
        Node squares = g.matMulTransposed(g.multiply(queries, queries), g.multiply(attention, attention));
        return g.divide(along, g.sqrt(g.affine(squares, 1, LEAST_SQUARE)));
    }

    /** The mean of (X·Xᵀ − 1)²; squared lengths, which are near 1, are added up apart from products, which are near 0. */
    private static Node penalty(Graph g, Node rows) {
        int count = rows.shape().dim(0);
        Tensor others = Tables.unit(count);
        for (int i = 0; i < others.shape().size(); i++) {
            others.set(i, 1 - others.get(i));
        }
        Node products = g.multiply(g.matMulTransposed(rows, rows), g.constant(others));
        Node lengths = g.affine(g.sum(g.multiply(rows, rows), -1), 1, -1);
        Node sum = g.add(g.sumTo(g.multiply(products, products), Shape.SCALAR), g.sumTo(g.multiply(lengths, lengths), Shape.SCALAR));
        return g.scale(sum, 1.0 / (count * count));
    }
}
