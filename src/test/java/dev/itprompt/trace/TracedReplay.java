package dev.itprompt.trace;

import dev.itprompt.device.Device;
import dev.itprompt.graph.Gradients;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.method.hide.MappingNetwork;
import dev.itprompt.method.replay.ClassDistribution;
import dev.itprompt.method.replay.Gaussian;
import dev.itprompt.method.replay.Moments;
import dev.itprompt.method.replay.PseudoFeatures;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Schedule;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.trace.Trace.Recorded;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Statistics of classes, what is drawn from them, and the classifier that is trained again with it. */
final class TracedReplay {

    private static final double MOMENTUM = 0.9;

    private final Device device;
    private final Trace trace;
    private final Comparison comparison;
    private final boolean vq;
    private final String mode;
    private final List<ClassDistribution> classes = new ArrayList<>();

    TracedReplay(Device device, Trace trace, Comparison comparison) {
        this.device = device;
        this.trace = trace;
        this.comparison = comparison;
        this.vq = trace.provenance().has("replay");
        this.mode = vq ? "mc" : trace.provenance().path("mode").stringValue("");
    }

    /** Statistics of the next class, of which the trace has the same. */
    void addClass(int task, float[][] rows) {
        int c = classes.size();
        String path = "t" + task + "/stats/";
        List<float[][]> clusters = clusters(path, rows);
        ClassDistribution kept = switch (mode) {
            case "cov" -> ClassDistribution.covariance(rows);
            case "var" -> ClassDistribution.variance(rows);
            case "mc" -> ClassDistribution.centroids(rows, clusters);
            default -> throw new IllegalArgumentException("statistics '" + mode + "'");
        };
        classes.add(kept);
        comparison.checkFloats(path + "mean/" + c, kept.centroids().stream().flatMapToDouble(Arrays::stream).toArray());
        comparison.checkFloats(path + (vq ? "var/" : "cov/") + c, switch (mode) {
            case "cov" -> withRidge(Moments.covariance(rows));
            case "var" -> Arrays.stream(((Gaussian.Diagonal) kept.parts().getFirst()).deviation()).map(d -> d * d).toArray();
            default -> clusters.stream().map(cluster -> Moments.variance(cluster, cluster.length)).flatMapToDouble(Arrays::stream)
                    .toArray();
        });
    }

    private static double[] withRidge(double[][] covariance) {
        return IntStream.range(0, covariance.length * covariance.length)
                .mapToDouble(i -> covariance[i / covariance.length][i % covariance.length]
                        + (i / covariance.length == i % covariance.length ? 1e-4 : 0)).toArray();
    }

    /** The clusters that the published code found, which begin at random; all rows where it looked for none. */
    private List<float[][]> clusters(String path, float[][] rows) {
        if (!trace.has(path + "kmeans_labels")) {
            return List.<float[][]>of(rows);
        }
        double[] labels = trace.values(path + "kmeans_labels", classes.size() % World.CLASSES_OF_TASK);
        int count = trace.provenance().get("args").get("n_centroids").intValue();
        return IntStream.range(0, count).mapToObj(k -> IntStream.range(0, rows.length).filter(i -> labels[i] == k)
                .mapToObj(i -> rows[i]).toArray(float[][]::new)).toList();
    }

    /** What stands below a path, under our names. */
    Map<String, double[]> parameters(String path) {
        Map<String, double[]> values = new LinkedHashMap<>();
        for (String parameter : trace.below(path)) {
            if (isClassifier(parameter)) {
                values.put(ours(parameter), trace.values(path + parameter));
            }
        }
        return values;
    }

    private static boolean isClassifier(String parameter) {
        return parameter.startsWith("head.") || parameter.startsWith("last.") || parameter.startsWith("mlp.");
    }

    /** {@code mlp.net.1.0.weight} is {@code mapping.layers.1.weight}, {@code net.1.2} a norm of the same layer. */
    static String ours(String parameter) {
        return parameter.replaceFirst("^last\\.", "head.").replaceFirst("^mlp\\.", "mapping.")
                .replaceFirst("net\\.(\\d)\\.0\\.", "layers.$1.").replaceFirst("net\\.(\\d)\\.2\\.", "layers.$1.norm.");
    }

    /** Values as tensors, in the shapes of the trace. */
    Map<String, Tensor> tensors(String path) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String parameter : trace.below(path)) {
            if (isClassifier(parameter)) {
                Recorded recorded = trace.get(path + parameter);
                tensors.put(ours(parameter), Tensor.of(Shape.of(recorded.shape()), Machine.floats(recorded.values())));
            }
        }
        return tensors;
    }

    static Node logits(Parameters parameters, Node features, boolean mapped) {
        Node mapping = mapped ? new MappingNetwork(World.WIDTH, List.of(2)).apply(parameters.in("mapping"), features) : features;
        return parameters.graph().linear(mapping, parameters.get("head.weight", World.CLASSES, World.WIDTH),
                parameters.get("head.bias", World.CLASSES));
    }

    /** The replay after the second task, from the classifier that its training left. */
    void run() {
        if (trace.has("t1/replay/eps")) {
            checkSamples();
        }
        int size = trace.get("t1/replay/x").shape()[1];
        int updates = trace.get("t1/replay/x").shape()[0];
        Map<String, double[]> start = parameters("t1/step20/param/");
        Graph g = new Graph();
        Node x = g.input("features", Shape.of(size, World.WIDTH));
        Node y = g.input("labels", Shape.of(size));
        Parameters parameters = Parameters.trainable(g, tensors("t1/step20/param/"));
        Node logits = logits(parameters, x, start.containsKey("mapping.norm.weight"));
        Node loss = g.crossEntropy(logits, y);
        List<Node> variables = List.copyOf(parameters.nodes().values());
        List<Node> gradients = Gradients.of(g, loss, variables);
        Optimizer.Rule rule = vq ? Optimizer.Rule.AdamW.DEFAULT : new Optimizer.Rule.Sgd(MOMENTUM);
        Optimizer optimizer = Optimizer.of(g, loss, rule, List.of(variables));
        List<Node> results = new ArrayList<>(optimizer.results(loss));
        results.addAll(gradients);
        try (Machine machine = new Machine(device, g, results)) {
            parameters.nodes().forEach((name, node) -> machine.write(node, start.get(name)));
            for (int n = 0; n < updates; n++) {
                double rate = rate(n, updates);
                comparison.checkPart("t1/replay/lr", n, rate);
                machine.write(x, trace.values("t1/replay/x", n));
                machine.write(y, trace.values("t1/replay/y", n));
                machine.write(optimizer.groups().getFirst().rates(), rate, decay(), Double.POSITIVE_INFINITY);
                if (optimizer.step() != null) {
                    machine.write(optimizer.step(), n + 1);
                }
                machine.run();
                comparison.checkPart("t1/replay/loss", n, machine.read(loss));
                if (n == 0) {
                    check("t1/replay/step1/grad/", machine, names(parameters, gradients));
                }
                check("t1/replay/step" + (n + 1) + "/param/", machine, parameters.nodes());
            }
            check("t1/replay/after/", machine, parameters.nodes());
        }
    }

    private static Map<String, Node> names(Parameters parameters, List<Node> gradients) {
        Map<String, Node> named = new LinkedHashMap<>();
        for (String name : parameters.nodes().keySet()) {
            named.put(name, gradients.get(named.size()));
        }
        return named;
    }

    private void check(String path, Machine machine, Map<String, Node> nodes) {
        for (String parameter : trace.below(path)) {
            comparison.check(path + parameter, machine.read(nodes.get(ours(parameter))));
        }
    }

    private double rate(int n, int updates) {
        JsonNode settings = trace.provenance().get(vq ? "replay" : "args");
        double rate = settings.get("ca_lr").doubleValue();
        int epochs = settings.get("crct_epochs").intValue();
        return vq ? Schedule.vqReplay(n, updates, rate) : rate * Schedule.cosine(n / (updates / epochs), epochs);
    }

    /** Of VQ-Prompt; HiDe-Prompt's is given twice, and the first default of 0 wins. */
    private double decay() {
        return vq ? trace.provenance().get("replay").get("ca_weight_decay").doubleValue() : 0;
    }

    /** Every mini-batch, drawn with the normal numbers and shuffled as they were. */
    private void checkSamples() {
        RandomGenerator normals = new Normals(trace.values("t1/replay/eps"));
        int epochs = trace.get("t1/replay/perm").shape()[0];
        int size = trace.get("t1/replay/x").shape()[1];
        int batches = trace.get("t1/replay/x").shape()[0] / epochs;
        double[] features = new double[trace.values("t1/replay/x").length];
        double[] labels = new double[trace.values("t1/replay/y").length];
        int next = 0;
        for (int epoch = 0; epoch < epochs; epoch++) {
            PseudoFeatures drawn = PseudoFeatures.draw(classes, trace.get("t1/replay/eps").shape()[1], null, normals);
            int[] order = Arrays.stream(trace.values("t1/replay/perm", epoch)).mapToInt(i -> (int) i).toArray();
            for (int b = 0; b < batches; b++) {
                PseudoFeatures.Batch batch = drawn.batch(order, b, size);
                for (int i = 0; i < size; i++, next++) {
                    labels[next] = batch.labels()[i];
                    for (int j = 0; j < World.WIDTH; j++) {
                        features[next * World.WIDTH + j] = batch.rows()[i][j];
                    }
                }
            }
        }
        comparison.checkFloats("t1/replay/x", features);
        comparison.checkFloats("t1/replay/y", labels);
    }

    /** Normal numbers that were recorded, one after another. */
    private static final class Normals implements RandomGenerator {

        private final double[] values;
        private int next;

        Normals(double[] values) {
            this.values = values;
        }

        @Override
        public double nextGaussian() {
            return values[next++];
        }

        @Override
        public long nextLong() {
            throw new AssertionError("only normal numbers are drawn");
        }
    }
}
