package dev.itprompt.prompt;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * {@link Tokens} of which mean and deviation over columns stay as the task before left them (Lu et al. 2024, VPT-NSP², equation 15: what a layer
 * norm makes of tokens then changes by their projected steps alone). The term is the mean absolute change of each over a block's tokens, summed
 * over blocks. Values are those of the tokens, trained, and {@code before.tokens.b} from the second task on.
 *
 * @param tokens what enters
 * @param weight of the term
 */
public record SteadyTokens(Tokens tokens, double weight) implements Prompting {

    private static final String BEFORE = "before.";
    /** Absolute values are roots of squares plus the square of this, whose gradient is 0 at 0. */
    private static final double SMALLEST = 1e-6;

    @Override
    public Map<String, Tensor> beginTask(int task, Map<String, Tensor> values, RandomGenerator random) {
        Map<String, Tensor> begun = new LinkedHashMap<>(tokens.beginTask(task, values, random));
        begun.keySet().removeIf(name -> name.startsWith(BEFORE));
        if (task > 0 && weight > 0) {
            Map<String, Tensor> before = new LinkedHashMap<>();
            begun.forEach((name, value) -> before.put(BEFORE + name, value.copy()));
            begun.putAll(before);
        }
        return begun;
    }

    @Override
    public Map<String, Tensor> endTask(int task, Map<String, Tensor> values) {
        Map<String, Tensor> kept = new LinkedHashMap<>(values);
        kept.keySet().removeIf(name -> name.startsWith(BEFORE));
        return kept;
    }

    @Override
    public boolean needsQueries(boolean training) {
        return false;
    }

    @Override
    public boolean isTrained(String name) {
        return !name.startsWith(BEFORE);
    }

    @Override
    public Entered enter(Pass pass) {
        Entered entered = tokens.enter(pass);
        if (!pass.training() || pass.task() == 0 || weight == 0) {
            return entered;
        }
        Graph g = pass.graph();
        Node sum = null;
        for (int block : tokens.blocks()) {
            Node now = pass.prompts().get("tokens." + block, tokens.length(), tokens.width());
            Node before = pass.prompts().get(BEFORE + "tokens." + block, tokens.length(), tokens.width());
            Node change = g.add(distance(g, g.mean(now, 1), g.mean(before, 1)), distance(g, deviation(g, now), deviation(g, before)));
            sum = sum == null ? change : g.add(sum, change);
        }
        Map<String, Node> terms = new LinkedHashMap<>(entered.terms());
        terms.put("steadiness", g.scale(sum, weight));
        return new Entered(entered.prefixes(), entered.tokens(), terms, entered.shown(), entered.pools());
    }

    /** The population deviation of each row, [P]. */
    private Node deviation(Graph g, Node rows) {
        Node apart = g.add(rows, g.scale(g.repeat(g.mean(rows, 1), 1, tokens.width()), -1));
        return g.sqrt(g.affine(g.mean(g.multiply(apart, apart), 1), 1, SMALLEST * SMALLEST));
    }

    private static Node distance(Graph g, Node a, Node b) {
        Node apart = g.add(a, g.scale(b, -1));
        return g.mean(g.sqrt(g.affine(g.multiply(apart, apart), 1, SMALLEST * SMALLEST)));
    }
}
