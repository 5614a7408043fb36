package dev.itprompt.train;

import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One training step as a graph: of a whole batch, or of one of the parts that it is cut into, whose gradients are added before the optimizer
 * moves anything; the memory is then that of a part.
 *
 * @param graph     everything below, its inputs those of a part
 * @param loss      scalar
 * @param terms     scalar parts of the loss by name, unweighted; empty if there is but one
 * @param trained   variables by name, in a fixed order
 * @param optimizer that moves them
 * @param parts     of equal size that a batch is cut into; the loss is the mean over them, and what images of a batch have to do with each
 *                  other they have within a part
 */
public record TrainingStep(Graph graph, Node loss, Map<String, Node> terms, Map<String, Node> trained, Optimizer optimizer, int parts) {

    /** Of a whole batch. */
    public TrainingStep(Graph graph, Node loss, Map<String, Node> terms, Map<String, Node> trained, Optimizer optimizer) {
        this(graph, loss, terms, trained, optimizer, 1);
    }

    /** Keeps the order of the maps. */
    public TrainingStep {
        terms = new LinkedHashMap<>(terms);
        trained = new LinkedHashMap<>(trained);
    }

    /** What is to be done in a run and read after it, where a batch is one part. */
    public List<Node> results() {
        return withTerms(optimizer.results(loss));
    }

    /** What is to be read after a run that computes the gradients and moves nothing, each once. */
    public List<Node> gradientResults() {
        List<Node> results = new ArrayList<>(optimizer.gradients());
        results.add(loss);
        return withTerms(results).stream().distinct().toList();
    }

    private List<Node> withTerms(List<Node> read) {
        List<Node> results = new ArrayList<>(read);
        terms.values().stream().filter(term -> !results.contains(term)).forEach(results::add);
        return results;
    }

    /**
     * Compiled: the inputs take a whole batch, whatever the number of parts.
     *
     * @param place  where parts are computed
     * @param frozen weights of the model, by name
     */
    Executable compile(Device device, PartsPlace place, Map<String, Tensor> frozen) {
        return parts == 1 ? device.compile(graph, results()) : new Parts(device, this, place.open(device, this, frozen));
    }

    /** Memory that the step needs on a device. */
    public MemoryPlan plan(Device device) {
        return parts == 1 ? device.plan(graph, results()) : device.plan(graph, gradientResults()).and(Parts.bytes(device, this));
    }
}
