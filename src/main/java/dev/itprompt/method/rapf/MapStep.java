package dev.itprompt.method.rapf;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.TrainingStep;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One training step of the map W [E, E] as a graph: cross-entropy of {@code factor·cos(W·x, text)} over all classes seen, and for features of
 * old classes that a new one may be taken for {@code max(0, margin − cos(W·x, own text) + cos(W·x, new text))}.
 *
 * @param rows   input [B, E]: features of the task's images and features drawn of old classes
 * @param labels input [B]: their classes
 * @param edges  input [H, E]: features drawn of old classes of pairs; null without pairs
 * @param own    input [H]: their classes
 * @param other  input [H]: the new class of each pair
 */
record MapStep(TrainingStep training, Node rows, Node labels, Node edges, Node own, Node other) {

    static final String MAP = "map";
    /** Below this a difference of cosines counts half: {@code (x + √(x² + ε²))/2} has a gradient everywhere. */
    private static final double SMALLEST = 1e-6;

    /**
     * Sizes of a step.
     *
     * @param batch rows
     * @param edges rows of pairs; 0 for none
     */
    record Sizes(int batch, int edges) {}

    /**
     * Builds the step.
     *
     * @param map    W to begin with
     * @param texts  normalised, of the classes seen, [seen, E]
     * @param factor of cosines
     * @param margin of pairs
     */
    static MapStep of(Tensor map, Tensor texts, double factor, double margin, Sizes sizes) {
        Graph g = new Graph();
        int width = map.shape().dim(1);
        Node weight = g.variable(MAP, map);
        Node known = g.constant(texts);
        Node rows = g.input("rows", Shape.of(sizes.batch(), width));
        Node labels = g.input("labels", Shape.of(sizes.batch()));
        Map<String, Node> terms = new LinkedHashMap<>();
        terms.put("cross-entropy", g.crossEntropy(g.scale(g.matMulTransposed(mapped(g, rows, weight), known), factor), labels));
        Node loss = terms.get("cross-entropy");
        Node edges = null;
        Node own = null;
        Node other = null;
        if (sizes.edges() > 0) {
            edges = g.input("edges", Shape.of(sizes.edges(), width));
            own = g.input("own", Shape.of(sizes.edges()));
            other = g.input("other", Shape.of(sizes.edges()));
            Node apart = g.add(g.gather(known, other), g.scale(g.gather(known, own), -1));
            terms.put("hinge", g.mean(positive(g, g.affine(g.sum(g.multiply(mapped(g, edges, weight), apart), 1), 1, margin))));
            loss = g.add(loss, terms.get("hinge"));
        }
        Optimizer optimizer = Optimizer.of(g, loss, Optimizer.Rule.AdamW.DEFAULT, List.of(List.of(weight)));
        return new MapStep(new TrainingStep(g, loss, terms, Map.of(MAP, weight), optimizer), rows, labels, edges, own, other);
    }

    private static Node mapped(Graph g, Node rows, Node weight) {
        return g.normalize(g.matMulTransposed(rows, weight));
    }

    private static Node positive(Graph g, Node x) {
        return g.scale(g.add(x, g.sqrt(g.affine(g.multiply(x, x), 1, SMALLEST * SMALLEST))), 0.5);
    }
}
