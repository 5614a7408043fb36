package dev.itprompt.device;

import dev.itprompt.graph.BufferPlan;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What devices that compute in host memory share: placing tensors by the buffer plan and running kernels in order. */
public abstract class HostDevice implements Device {

    /**
     * Binds one node to its memory.
     *
     * @param node    what to compute; never a source, a view or an {@link Op.FurtherResult}
     * @param inputs  the inputs' values, in order
     * @param outputs the result, then one entry per extra output, null where nobody reads it; contents undefined
     * @param arena   for workspace that lives as long as the executable
     * @return does the work, each time it is called
     * @throws UnsupportedOperationException if this device has no kernel for the op
     */
    protected abstract Runnable kernel(Node node, List<Tensor> inputs, List<Tensor> outputs, Arena arena);

    /**
     * Nodes that this device computes together with a node that reads them.
     *
     * @param schedule all nodes of a run, in order
     * @param results  nodes to be read after the run
     * @return node by the node whose kernel computes it too
     */
    protected Map<Node, Node> fuse(List<Node> schedule, List<Node> results) {
        return Map.of();
    }

    /**
     * Binds two nodes that {@link #fuse} put together.
     *
     * @param first  what {@code last} reads; it has a value only if somebody else reads it too
     * @param values memory by node
     * @param arena  as for {@link #kernel}
     */
    protected Runnable fusedKernel(Node first, Node last, Map<Node, Tensor> values, Arena arena) {
        throw new UnsupportedOperationException("no kernel for " + first + " and " + last);
    }

    /** Bytes of copies that this device makes of frozen values in the schedule. */
    protected long packedBytes(List<Node> schedule) {
        return 0;
    }

    @Override
    public final MemoryPlan plan(Graph graph, List<Node> results) {
        List<Node> schedule = BufferPlan.schedule(graph, results);
        return new MemoryPlan(BufferPlan.of(schedule, results, fuse(schedule, results)), packedBytes(schedule));
    }

    @Override
    public final Executable compile(Graph graph, List<Node> results) {
        return new HostExecutable(graph, results);
    }

    @Override
    public void close() {}

    private record Kernel(List<Node> nodes, Runnable work) {}

    private final class HostExecutable implements Executable {

        private final Arena arena = Arena.ofShared();
        private final BufferPlan plan;
        private final Map<Node, Tensor> tensors = new HashMap<>();
        private final Set<Node> results;
        private final List<Kernel> kernels = new ArrayList<>();

        HostExecutable(Graph graph, List<Node> results) {
            List<Node> schedule = BufferPlan.schedule(graph, results);
            Map<Node, Node> absorbed = fuse(schedule, results);
            Map<Node, Node> absorbing = new HashMap<>();
            absorbed.forEach((first, last) -> absorbing.put(last, first));
            this.plan = BufferPlan.of(schedule, results, absorbed);
            this.results = new HashSet<>(results);
            MemorySegment memory = arena.allocate(Math.max(1, plan.arenaBytes()), Tensor.ALIGNMENT);
            for (Node node : schedule) {
                if (!absorbed.containsKey(node) || plan.isPlanned(node)) {
                    tensors.put(node, place(node, memory));
                }
            }
            for (Node node : schedule) {
                if (absorbing.containsKey(node)) {
                    Node first = absorbing.get(node);
                    kernels.add(new Kernel(List.of(first, node), fusedKernel(first, node, tensors, arena)));
                } else if (!absorbed.containsKey(node) && node.op().isWork()) {
                    List<Tensor> inputs = node.inputs().stream().map(tensors::get).toList();
                    kernels.add(new Kernel(List.of(node), kernel(node, inputs, outputs(node), arena)));
                }
            }
        }

        private Tensor place(Node node, MemorySegment memory) {
            if (node.op() instanceof Op.Source source) {
                return place(source, node.shape());
            }
            return node.op().isAlias() ? tensors.get(node.input(0)).reshape(node.shape())
                    : Tensor.wrap(node.shape(), memory.asSlice(plan.offset(node), node.shape().bytes()));
        }

        private Tensor place(Op.Source source, Shape shape) {
            return switch (source) {
                case Op.Constant constant -> constant.value();
                case Op.Input _ -> Tensor.zeros(arena, shape);
                case Op.Variable variable -> {
                    Tensor copy = Tensor.zeros(arena, shape);
                    copy.copyFrom(variable.initial());
                    yield copy;
                }
            };
        }

        private List<Tensor> outputs(Node node) {
            List<Tensor> outputs = new ArrayList<>();
            outputs.add(tensors.get(node));
            for (Node reader : plan.schedule()) {
                if (reader.op() instanceof Op.FurtherResult extra && reader.input(0) == node) {
                    while (outputs.size() <= extra.index() + 1) {
                        outputs.add(null);
                    }
                    outputs.set(extra.index() + 1, tensors.get(reader));
                }
            }
            return outputs;
        }

        private Tensor writable(Node node) {
            if (!(node.op() instanceof Op.Input || node.op() instanceof Op.Variable)) {
                throw new IllegalArgumentException("only inputs and variables can be written, not " + node);
            }
            Tensor tensor = tensors.get(node);
            if (tensor == null) {
                throw new IllegalArgumentException("no result of this graph reads " + node);
            }
            return tensor;
        }

        @Override
        public void write(Node node, Tensor value) {
            writable(node).copyFrom(value);
        }

        @Override
        public void write(Node node, float... values) {
            Tensor target = writable(node);
            if (values.length != target.shape().size()) {
                throw new IllegalArgumentException(values.length + " values for " + node);
            }
            target.copyFrom(values);
        }

        @Override
        public void run() {
            kernels.forEach(kernel -> kernel.work().run());
        }

        @Override
        public void run(Profile profile) {
            for (Kernel kernel : kernels) {
                long start = System.nanoTime();
                kernel.work().run();
                profile.add(kernel.nodes(), System.nanoTime() - start);
            }
        }

        @Override
        public Tensor read(Node node) {
            if (!results.contains(node) && !(node.op() instanceof Op.Variable && tensors.containsKey(node))) {
                throw new IllegalArgumentException("not a result or variable of this graph: " + node);
            }
            return tensors.get(node).copy();
        }

        @Override
        public BufferPlan plan() {
            return plan;
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
