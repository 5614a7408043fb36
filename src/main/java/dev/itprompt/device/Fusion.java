package dev.itprompt.device;

import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which nodes are computed by the kernel of a node that reads them, which saves writing and reading a whole tensor: a matrix
 * product by the activation, the derivative of an activation or the addition that follows it, and the gradient of a layer norm
 * by the addition that follows it.
 */
public final class Fusion {

    private final List<Node> schedule;
    private final List<Node> results;
    private final Map<Node, Integer> position = new HashMap<>();
    private final Map<Node, List<Node>> readers = new HashMap<>();

    private Fusion(List<Node> schedule, List<Node> results) {
        this.schedule = schedule;
        this.results = results;
        for (Node node : schedule) {
            position.put(node, position.size());
            node.inputs().forEach(input -> readers.computeIfAbsent(input, _ -> new ArrayList<>()).add(node));
        }
    }

    /**
     * The nodes that other nodes compute.
     *
     * @param schedule all nodes of a run, in order
     * @param results  nodes to be read after the run
     * @return node by the node that is computed by the other's kernel, at the other's time
     */
    public static Map<Node, Node> of(List<Node> schedule, List<Node> results) {
        Fusion fusion = new Fusion(schedule, results);
        Map<Node, Node> absorbed = new HashMap<>();
        for (Node last : schedule) {
            last.inputs().reversed().stream().filter(first -> fusion.fits(first, last)).findFirst()
                    .ifPresent(first -> absorbed.put(first, last));
        }
        return absorbed;
    }

    private boolean fits(Node first, Node last) {
        if (!(first.op() instanceof Op.Producer producer && last.op() instanceof Op.Epilogue epilogue)
                || !first.shape().equals(last.shape()) || last.inputs().stream().anyMatch(x -> !x.shape().equals(last.shape()))) {
            return false;
        }
        boolean pattern = switch (producer) {
            case Op.MatMul m -> !m.transposeA() && switch (epilogue) {
                case Op.Activate _ -> true;
                case Op.ActivateGrad _ -> last.input(1) == first && onlyReader(first, last);
                case Op.Add _ -> onlyReader(first, last);
            };
            case Op.LayerNormGrad _ -> epilogue instanceof Op.Add && onlyReader(first, last);
        };
        return pattern && canWait(first, last);
    }

    private boolean onlyReader(Node first, Node last) {
        return readers.get(first).equals(List.of(last)) && !results.contains(first);
    }

    /** Whether nothing before {@code last} reads {@code first} or changes a variable that it reads. */
    private boolean canWait(Node first, Node last) {
        List<Node> between = schedule.subList(position.get(first) + 1, position.get(last));
        return between.stream().noneMatch(node -> node.op() instanceof Op.Update || node.inputs().contains(first));
    }
}
