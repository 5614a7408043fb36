package dev.itprompt.train;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.nn.Optimizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One training step as a graph.
 *
 * @param graph     everything below
 * @param loss      scalar
 * @param terms     scalar parts of the loss by name, unweighted; empty if there is but one
 * @param trained   variables by name, in a fixed order
 * @param optimizer that moves them
 */
public record TrainingStep(Graph graph, Node loss, Map<String, Node> terms, Map<String, Node> trained, Optimizer optimizer) {

    /** Keeps the order of the maps. */
    public TrainingStep {
        terms = new LinkedHashMap<>(terms);
        trained = new LinkedHashMap<>(trained);
    }

    /** What is to be done in a run and read after it. */
    public List<Node> results() {
        List<Node> results = new ArrayList<>(optimizer.results(loss));
        terms.values().stream().filter(term -> !results.contains(term)).forEach(results::add);
        return results;
    }
}
