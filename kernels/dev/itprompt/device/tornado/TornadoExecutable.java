package dev.itprompt.device.tornado;

import dev.itprompt.device.Executable;
import dev.itprompt.device.Fusion;
import dev.itprompt.device.Profile;
import dev.itprompt.graph.BufferPlan;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph on the device: a block of the heap for inputs, variables, intermediate results and scratch memory, and the launches
 * that make up one run. Intermediate results are NaN until they are computed for the first time.
 */
final class TornadoExecutable implements Executable, Lowering.Places {

    private final TornadoDevice device;
    private final BufferPlan plan;
    private final Set<Node> results;
    private final Map<Node, Integer> places = new HashMap<>();
    private final Map<Node, Map<Integer, Node>> extras = new HashMap<>();
    /** Of attentions that keep sums, and of their gradients. */
    private final Map<Node, Integer> sums = new HashMap<>();
    private final List<Tensor> constants = new ArrayList<>();
    private final IndexChecks checks;
    private final int block;
    private final List<Step> steps = new ArrayList<>();

    private boolean hasRun;
    private Recording recording;

    /**
     * All launches as the driver keeps them.
     *
     * @param generation of the heap that they are of
     */
    private record Recording(long launches, int generation) {}

    /** The launches of one node, or of one and another that is computed with it. */
    private record Step(List<Node> nodes, List<Engine.Prepared> launches) {}

    TornadoExecutable(TornadoDevice device, Graph graph, List<Node> results) {
        this.device = device;
        List<Node> schedule = BufferPlan.schedule(graph, results);
        Map<Node, Node> absorbed = Fusion.of(schedule, results);
        this.plan = BufferPlan.of(schedule, results, absorbed);
        this.results = new HashSet<>(results);
        this.checks = IndexChecks.of(plan.schedule());
        long frozen = 0;
        long resident = 0;
        long scratch = 0;
        for (Node node : plan.schedule()) {
            frozen += node.op() instanceof Op.Constant constant ? device.constantFloats(constant.value()) : 0;
            resident += isResident(node) ? HeapSpace.aligned(node.shape().size()) : 0;
            scratch = Math.max(scratch, Lowering.workspace(node, device.rung(), device.precision()));
        }
        long arena = HeapSpace.aligned(plan.arenaBytes() / Float.BYTES);
        Map<Node, Node> attentions = KeptSums.of(plan.schedule());
        long kept = attentions.values().stream().distinct().mapToLong(KeptSums::size).map(HeapSpace::aligned).sum();
        long computed = Math.max(1, arena + kept + scratch);
        device.reserve(frozen + HeapSpace.aligned(resident + computed));
        this.block = device.take(resident + computed);
        place(block, block + (int) resident, absorbed);
        keepSums(attentions, block + (int) (resident + arena));
        device.launch(Launch.items(Kernel.FILL, (int) computed, block + (int) resident, (int) computed).with(Float.NaN));
        Lowering lowering = new Lowering(this, device.rung(), device.precision(), block + (int) (resident + arena + kept));
        Map<Node, Node> absorbing = new HashMap<>();
        absorbed.forEach((first, last) -> absorbing.put(last, first));
        for (Node node : plan.schedule()) {
            Node first = absorbing.get(node);
            if (first != null) {
                steps.add(step(List.of(first, node), lowering.lower(first, node)));
            } else if (!absorbed.containsKey(node) && node.op().isWork()) {
                steps.add(step(List.of(node), lowering.lower(node)));
            }
        }
    }

    private Step step(List<Node> nodes, List<Launch> launches) {
        return new Step(nodes, launches.stream().map(device::prepare).toList());
    }

    /** Gives attentions a place for their sums, and tells it to the gradients that read them. */
    private void keepSums(Map<Node, Node> attentions, int begin) {
        int next = begin;
        for (Node node : plan.schedule()) {
            Node attention = attentions.get(node);
            if (attention != null) {
                if (!sums.containsKey(attention)) {
                    sums.put(attention, next);
                    next += (int) HeapSpace.aligned(KeptSums.size(attention));
                }
                sums.put(node, sums.get(attention));
            }
        }
    }

    private static boolean isResident(Node node) {
        return node.op() instanceof Op.Input || node.op() instanceof Op.Variable;
    }

    private void place(int sources, int arena, Map<Node, Node> absorbed) {
        int next = sources;
        for (Node node : plan.schedule()) {
            if (node.op() instanceof Op.Source source) {
                places.put(node, place(node, source, next));
                next += isResident(node) ? (int) HeapSpace.aligned(node.shape().size()) : 0;
            } else if (node.op().isAlias()) {
                places.put(node, places.get(node.input(0)));
            } else {
                places.put(node, arena + (int) (plan.offset(plan.isPlanned(node) ? node : absorbed.get(node)) / Float.BYTES));
            }
            if (node.op() instanceof Op.FurtherResult extra) {
                extras.computeIfAbsent(node.input(0), _ -> new HashMap<>()).put(extra.index(), node);
            }
        }
    }

    /** @param next where the next source lies that is this graph's own */
    private int place(Node node, Op.Source source, int next) {
        return switch (source) {
            case Op.Constant constant -> {
                checks.check(node, constant.value());
                constants.add(constant.value());
                yield device.constant(constant.value());
            }
            case Op.Input _ -> next;
            case Op.Variable variable -> {
                device.upload(variable.initial(), next);
                yield next;
            }
        };
    }

    @Override
    public int of(Node node) {
        return places.get(node);
    }

    @Override
    public int extra(Node node, int index) {
        Node reader = extras.getOrDefault(node, Map.of()).get(index);
        return reader == null ? -1 : places.get(reader);
    }

    @Override
    public int sums(Node node) {
        return sums.getOrDefault(node, -1);
    }

    @Override
    public void write(Node node, Tensor value) {
        if (!isResident(node)) {
            throw new IllegalArgumentException("only inputs and variables can be written, not " + node);
        }
        if (!places.containsKey(node)) {
            throw new IllegalArgumentException("no result of this graph reads " + node);
        }
        if (value.shape().size() != node.shape().size()) {
            throw new IllegalArgumentException(value.shape().size() + " values for " + node);
        }
        checks.check(node, value);
        device.upload(value, places.get(node));
    }

    @Override
    public void write(Node node, float... values) {
        if (values.length != node.shape().size()) {
            throw new IllegalArgumentException(values.length + " values for " + node);
        }
        write(node, Tensor.of(node.shape(), values));
    }

    @Override
    public void run() {
        if (hasRun && device.records()) {
            replay();
        } else {
            steps.forEach(this::run);
            hasRun = true; // and all kernels are compiled
        }
    }

    private void replay() {
        if (recording == null || recording.generation() != device.generation()) {
            forget();
            recording = new Recording(device.record(() -> steps.forEach(this::run)), device.generation());
        }
        device.replay(recording.launches());
    }

    private void forget() {
        if (recording != null) {
            device.forget(recording.launches());
            recording = null;
        }
    }

    private void run(Step step) {
        try {
            step.launches().forEach(device::launch);
        } catch (TornadoException e) {
            throw new TornadoException(step.nodes().getFirst() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void run(Profile profile) {
        for (Step step : steps) {
            long start = System.nanoTime();
            run(step);
            device.await();
            profile.add(step.nodes(), System.nanoTime() - start);
        }
    }

    @Override
    public int launches() {
        return steps.stream().mapToInt(step -> step.launches().size()).sum();
    }

    @Override
    public Tensor read(Node node) {
        if (!results.contains(node) && !(node.op() instanceof Op.Variable && places.containsKey(node))) {
            throw new IllegalArgumentException("not a result or variable of this graph: " + node);
        }
        Tensor value = Tensor.zeros(node.shape());
        device.download(places.get(node), value);
        return value;
    }

    @Override
    public BufferPlan plan() {
        return plan;
    }

    @Override
    public void close() {
        forget();
        steps.forEach(step -> step.launches().forEach(device::release));
        device.release(block, constants);
    }
}
