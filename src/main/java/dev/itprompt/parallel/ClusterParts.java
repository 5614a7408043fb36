package dev.itprompt.parallel;

import dev.itprompt.cluster.Cluster;
import dev.itprompt.graph.BufferPlan;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.StoredGraph;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.PartGradients;
import dev.itprompt.train.TrainingStep;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Parts of a batch computed by the processes of a cluster: one list of jobs a step, which carries the values that all parts have in common;
 * gradients come back in the order of the parts. The graph goes to each process once.
 */
final class ClusterParts implements PartGradients {

    private final Cluster cluster;
    private final Opening opening;
    private final StepTimes times;
    private final TrainingStep step;
    private final String name = UUID.randomUUID().toString();
    private final Cluster.Shared<SharedStep> shared;
    private final Map<Integer, float[]> written = new HashMap<>();
    private final Map<Integer, double[]> exact = new HashMap<>();

    ClusterParts(Cluster cluster, Opening opening, StepTimes times, TrainingStep step, Map<String, Tensor> frozen) {
        this.cluster = cluster;
        this.opening = opening;
        this.times = times;
        this.step = step;
        this.shared = cluster.share(new SharedStep(StoredGraph.of(step.graph(), frozen), step.gradientResults().stream().mapToInt(Node::id).toArray()));
    }

    @Override
    public void write(Node node, float... values) {
        exact.remove(node.id());
        written.put(node.id(), values.clone());
    }

    @Override
    public void writeExact(Node node, double[] values) {
        written.remove(node.id());
        exact.put(node.id(), values.clone());
    }

    @Override
    public void run(int parts, IntFunction<Part> part, Consumer<List<float[]>> taker) {
        long begin = System.nanoTime();
        List<PartJob> jobs = IntStream.range(0, parts).mapToObj(part).map(own -> new PartJob(byNumber(own.inputs()), byNumber(own.images()))).toList();
        List<PartJob.Result> results = cluster.map(jobs, new PartWork(opening, name, shared, written, exact));
        times.add((System.nanoTime() - begin) / 1e9, results.stream().mapToDouble(PartJob.Result::seconds).max().orElse(0));
        results.forEach(result -> taker.accept(List.of(result.values())));
    }

    private static <T> Map<Integer, T> byNumber(Map<Node, T> values) {
        Map<Integer, T> result = new HashMap<>();
        values.forEach((node, value) -> result.put(node.id(), value));
        return result;
    }

    @Override
    public boolean loadsImages() {
        return true;
    }

    @Override
    public Tensor read(Node node) {
        throw new IllegalArgumentException(node + " is neither trained nor read of each part");
    }

    @Override
    public BufferPlan plan() {
        return BufferPlan.of(step.graph(), step.gradientResults());
    }

    @Override
    public void close() {
        shared.close();
    }
}
