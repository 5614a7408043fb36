package dev.itprompt.graph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which nodes run, in which order, and where each intermediate result lives: one arena in which buffers whose lifetimes do
 * not overlap share bytes. Buffers are placed largest first at the lowest offset that is free during their whole lifetime.
 *
 * <p>Only nodes that a result depends on are scheduled. An {@link Op.View} and an optimizer step live in the buffer of
 * their first input. Results are kept until the next run.
 */
public final class BufferPlan {

    private static final long ALIGNMENT = 64;

    private record Buffer(Node node, long bytes, int from, int to) {}

    private final List<Node> schedule;
    private final Map<Node, Long> offsets = new HashMap<>();
    private final Map<Node, int[]> lifetimes = new HashMap<>();
    private final long constantBytes;
    private final long variableBytes;
    private final long inputBytes;
    private final long arenaBytes;
    private final long activationBytes;

    private BufferPlan(List<Node> schedule, List<Node> results, Map<Node, Node> absorbed) {
        this.schedule = schedule;
        List<Buffer> buffers = buffers(results, absorbed);
        this.arenaBytes = place(buffers);
        this.activationBytes = buffers.stream().mapToLong(Buffer::bytes).sum();
        this.constantBytes = bytesOf(Op.Constant.class);
        this.variableBytes = bytesOf(Op.Variable.class);
        this.inputBytes = bytesOf(Op.Input.class);
    }

    /**
     * Plans one run that yields the given results.
     *
     * @param results nodes to be read after a run, and optimizer steps to be done in it
     */
    public static BufferPlan of(Graph graph, List<Node> results) {
        return of(schedule(graph, results), results, Map.of());
    }

    /**
     * Plans one run in which some nodes are computed only when a node that reads them is. Such a node has no buffer if nobody
     * else reads it.
     *
     * @param schedule what {@link #schedule(Graph, List)} says
     * @param absorbed nodes by the node that is computed together with the other
     */
    public static BufferPlan of(List<Node> schedule, List<Node> results, Map<Node, Node> absorbed) {
        return new BufferPlan(schedule, results, absorbed);
    }

    /** The node in whose buffer this node's result lives; the node itself unless it is a view. */
    public static Node owner(Node node) {
        return node.op().isAlias() ? owner(node.input(0)) : node;
    }

    /** The nodes to run, sources included, in order. */
    public List<Node> schedule() {
        return schedule;
    }

    /** Byte offset of a node's result in the arena; absent for sources, views and absorbed nodes. */
    public long offset(Node node) {
        return offsets.get(node);
    }

    /** Whether the node has a place in the arena. */
    public boolean isPlanned(Node node) {
        return offsets.containsKey(node);
    }

    /** First and last position in the schedule at which the node's buffer holds a value that is needed. */
    public int[] lifetime(Node node) {
        return lifetimes.get(node).clone();
    }

    /** Bytes of frozen values. */
    public long constantBytes() {
        return constantBytes;
    }

    /** Bytes of parameters and optimizer state. */
    public long variableBytes() {
        return variableBytes;
    }

    /** Bytes of values fed before each run. */
    public long inputBytes() {
        return inputBytes;
    }

    /** Bytes of the arena: the peak of intermediate results alive together, as placed. */
    public long arenaBytes() {
        return arenaBytes;
    }

    /** Bytes of all intermediate results if none shared memory. */
    public long activationBytes() {
        return activationBytes;
    }

    /** Everything together: what a run needs beside the device's own workspace. */
    public long totalBytes() {
        return constantBytes + variableBytes + inputBytes + arenaBytes;
    }

    /** A table of bytes per buffer class, one class a line. */
    public String describe() {
        return String.format(Locale.ROOT, """
                constants   %,14d bytes  frozen weights
                variables   %,14d bytes  parameters and optimizer state
                inputs      %,14d bytes  written before each run
                activations %,14d bytes  peak of the arena (%,d if nothing were reused; %,d nodes run)
                total       %,14d bytes
                """, constantBytes, variableBytes, inputBytes, arenaBytes, activationBytes,
                schedule.stream().filter(node -> !(node.op() instanceof Op.Source)).count(), totalBytes());
    }

    /** The nodes that results depend on, in an order in which they can run. */
    public static List<Node> schedule(Graph graph, List<Node> results) {
        Set<Node> wanted = new HashSet<>(results);
        List<Node> order = new ArrayList<>();
        for (Node node : graph.nodes().reversed()) {
            if (wanted.contains(node)) {
                wanted.addAll(node.inputs());
                order.add(node);
            }
        }
        return List.copyOf(order.reversed());
    }

    private List<Buffer> buffers(List<Node> results, Map<Node, Node> absorbed) {
        Map<Node, int[]> spans = lifetimes;
        Set<Node> buffered = new HashSet<>(results);
        for (int time = 0; time < schedule.size(); time++) {
            Node node = schedule.get(time);
            int runs = absorbed.containsKey(node) ? schedule.indexOf(absorbed.get(node)) : time;
            for (Node input : node.inputs()) {
                touch(owner(input), runs);
                if (absorbed.get(input) != node) {
                    buffered.add(input);
                }
            }
            touch(owner(node), time);
            if (node.op() instanceof Op.FurtherResult) {
                spans.get(node)[0] = spans.get(node.input(0))[0];
            }
        }
        for (Node result : results) {
            touch(owner(result), schedule.size());
        }
        List<Buffer> buffers = new ArrayList<>();
        for (Node node : schedule) {
            int[] span = spans.get(node);
            boolean own = !(node.op() instanceof Op.Source) && !node.op().isAlias();
            if (own && (buffered.contains(node) || !absorbed.containsKey(node))) {
                long bytes = (node.shape().bytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
                buffers.add(new Buffer(node, bytes, span[0], span[1]));
            }
        }
        return buffers;
    }

    private void touch(Node owner, int time) {
        int[] span = lifetimes.computeIfAbsent(owner, _ -> new int[] {time, time});
        span[1] = Math.max(span[1], time);
    }

    private long place(List<Buffer> buffers) {
        List<Buffer> bySize = new ArrayList<>(buffers);
        bySize.sort(Comparator.comparingLong(Buffer::bytes).reversed().thenComparing(buffer -> buffer.node().id()));
        List<Buffer> placed = new ArrayList<>();
        long peak = 0;
        for (Buffer buffer : bySize) {
            long offset = 0;
            for (Buffer other : placed) {
                long start = offsets.get(other.node());
                boolean together = other.from() <= buffer.to() && buffer.from() <= other.to();
                if (together && start < offset + buffer.bytes()) {
                    offset = Math.max(offset, start + other.bytes());
                }
            }
            offsets.put(buffer.node(), offset);
            peak = Math.max(peak, offset + buffer.bytes());
            placed.add(buffer);
            placed.sort(Comparator.comparingLong(other -> offsets.get(other.node())));
        }
        return peak;
    }

    private long bytesOf(Class<? extends Op> kind) {
        return schedule.stream().filter(node -> kind.isInstance(node.op())).mapToLong(node -> node.shape().bytes()).sum();
    }
}
