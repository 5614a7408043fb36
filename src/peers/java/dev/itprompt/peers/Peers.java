package dev.itprompt.peers;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import dev.itprompt.device.Executable;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.experiment.Benchmark;
import dev.itprompt.experiment.Workload;
import dev.itprompt.graph.Gradients;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Transformer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The CPU device against libtorch and ONNX Runtime: the same computations, in turn, in one process. */
@Command(name = "peers", mixinStandardHelpOptions = true,
        description = "Runs the same computations on the CPU device and on libtorch or ONNX Runtime in turn; prints ratios of medians.")
public final class Peers implements Callable<Integer> {

    private static final int CLASSES = 100;
    private static final int PREFIX = 8;
    private static final int PROMPTED = 5;

    @Option(names = "--threads", defaultValue = "1", description = "Threads of each; default: 1.")
    private int threads;

    @Option(names = "--repetitions", defaultValue = "5", description = "Timed runs of each; default: 5.")
    private int repetitions;

    @Option(names = "--warm-up", defaultValue = "6", description = "Seconds to run both before timing each computation; default: 6.")
    private double warmUp;

    @Option(names = "--train-batch", defaultValue = "32", description = "Images of a training step of ViT-B/16; default: 32.")
    private int trainBatch;

    @Option(names = "--only", description = "Only computations whose names begin so, such as op, embed, train or 'train tiny'.")
    private String only = "";
    private int compared;

    private final Random random = new Random(1);
    private CpuDevice device;
    private TorchPeer torch;

    /** @param args see {@code --help} */
    public static void main(String[] args) {
        System.exit(new CommandLine(new Peers()).execute(args));
    }

    @Override
    public Integer call() throws OrtException, IOException {
        try (CpuDevice opened = new CpuDevice(threads); TorchPeer started = new TorchPeer(threads)) {
            device = opened;
            torch = started;
            warmPeak();
            double peak = device.measurePeak();
            double rate = torch.matrixProductRate();
            System.out.printf(Locale.ROOT, "%s; %s; ONNX Runtime 1.22.0\n", device.description(), torch.version());
            String preloaded = System.getenv("LD_PRELOAD");
            System.out.printf(Locale.ROOT, "libtorch's matrix product: %.0f GFLOP/s = %.0f %% of this processor's multiply-add peak of %.0f "
                    + "(%s)\n", rate, 100 * rate / (peak * 1e-9), peak * 1e-9,
                    preloaded == null ? "stock MKL" : "with LD_PRELOAD=" + preloaded);
            System.out.printf(Locale.ROOT, "%-28s %-13s %11s %11s %7s   %s\n", "computation", "peer", "own ms", "peer's ms",
                    "ratio", "own/bound");
            ops(peak);
            transformer(Benchmark.Model.TINY, new int[] {128}, 128, false);
            transformer(Benchmark.Model.VIT_B16, new int[] {1, 8, 32}, trainBatch, true);
        }
        if (compared == 0) {
            System.err.println("peers: --only: no computation's name begins with '" + only
                    + "': expected op, embed or train, or the beginning of a printed name such as 'train tiny'");
            return 2;
        }
        return 0;
    }

    private void warmPeak() {
        for (int i = 0; i < 50; i++) {
            device.measurePeak();
        }
    }

    private void compare(Comparison comparison) {
        compared++;
        comparison.check();
        System.out.println(comparison.row(comparison.measure(repetitions, warmUp)));
    }

    private boolean skips(String name) {
        return !name.startsWith(only);
    }

    // ---- whole models -------------------------------------------------------------------------------------------

    private void transformer(Benchmark.Model model, int[] batches, int trainBatch, boolean onnx) throws OrtException, IOException {
        VisionTransformer vision = model.vision();
        Map<String, Tensor> weights = new LinkedHashMap<>();
        Workload.randomClip(vision).weights().forEach((name, weight) -> {
            if (name.startsWith("visual.")) {
                weights.put(name, weight);
            }
        });
        List<NDArray> theirs = TorchPeer.list("weights", names(vision.layers()).stream()
                .map(name -> torch.array(weights.get("visual." + name))).toList());
        for (int batch : batches) {
            embed(model, weights, theirs, batch, onnx);
        }
        train(model, weights, theirs, trainBatch);
    }

    /** The order that the scripts take weights in; see {@code peers.py}. */
    private static List<String> names(int layers) {
        List<String> names = new ArrayList<>(List.of("conv1.weight", "class_embedding", "positional_embedding", "ln_pre.weight",
                "ln_pre.bias"));
        for (int layer = 0; layer < layers; layer++) {
            for (String part : List.of("ln_1.weight", "ln_1.bias", "attn.in_proj_weight", "attn.in_proj_bias", "attn.out_proj.weight",
                    "attn.out_proj.bias", "ln_2.weight", "ln_2.bias", "mlp.c_fc.weight", "mlp.c_fc.bias", "mlp.c_proj.weight",
                    "mlp.c_proj.bias")) {
                names.add("transformer.resblocks." + layer + "." + part);
            }
        }
        names.addAll(List.of("ln_post.weight", "ln_post.bias", "proj"));
        return names;
    }

    private void embed(Benchmark.Model model, Map<String, Tensor> weights, List<NDArray> theirs, int batch,
            boolean onnx) throws OrtException, IOException {
        String name = "embed " + model + " batch " + batch;
        if (skips(name)) {
            return;
        }
        VisionTransformer vision = model.vision();
        Tensor images = normal(batch, 3, vision.imageSize(), vision.imageSize());
        Graph g = new Graph();
        Node input = g.input("images", images.shape());
        Node features = vision.apply(Parameters.frozen(g, weights), input, Map.of());
        try (Executable own = device.compile(g, List.of(features)); Model script = torch.script("embed-" + vision.pooling())) {
            own.write(input, images);
            List<NDArray> arguments = new ArrayList<>(List.of(torch.array(images)));
            arguments.addAll(theirs);
            compare(new Comparison(name, "libtorch", expect(own, features, () -> torch.run(script, arguments, true)), own::run,
                    () -> torch.run(script, arguments, false), Double.NaN));
            if (onnx) {
                Map<String, Tensor> plain = new LinkedHashMap<>();
                weights.forEach((key, weight) -> plain.put(key.substring("visual.".length()), weight));
                try (OnnxPeer runtime = new OnnxPeer("embed-" + model + ".onnx", plain, threads);
                        OnnxTensor theirImages = runtime.tensor(images)) {
                    Callable<float[]> run = () -> runtime.embed(theirImages);
                    compare(new Comparison(name, "ONNX Runtime", expect(own, features, run), own::run, () -> get(run), Double.NaN));
                }
            }
        }
    }

    /** The queries' forward pass, then forward and backward to prompts in five blocks and the classifier. */
    private void train(Benchmark.Model model, Map<String, Tensor> weights, List<NDArray> theirs, int batch) {
        String name = "train " + model + " batch " + batch;
        if (skips(name)) {
            return;
        }
        VisionTransformer vision = model.vision();
        Tensor images = normal(batch, 3, vision.imageSize(), vision.imageSize());
        Tensor labels = Tensor.zeros(Shape.of(batch));
        for (int i = 0; i < batch; i++) {
            labels.set(i, random.nextInt(CLASSES));
        }
        Tensor head = normal(CLASSES, vision.features());
        List<Tensor> prefixes = new ArrayList<>();
        for (int i = 0; i < 2 * Math.min(PROMPTED, vision.layers()); i++) {
            prefixes.add(normal(PREFIX, vision.width()));
        }

        Graph q = new Graph();
        Node queryImages = q.input("images", images.shape());
        Node queries = vision.apply(Parameters.frozen(q, weights), queryImages, Map.of());
        Graph g = new Graph();
        Node input = g.input("images", images.shape());
        Node target = g.input("labels", labels.shape());
        Node classifier = g.variable("head", head);
        List<Node> trained = new ArrayList<>();
        prefixes.forEach(prefix -> trained.add(g.variable("prefix" + trained.size(), prefix)));
        Map<Integer, Transformer.Prefix> byLayer = new LinkedHashMap<>();
        for (int i = 0; i < trained.size(); i += 2) {
            byLayer.put(i / 2, new Transformer.Prefix(trained.get(i), trained.get(i + 1)));
        }
        trained.add(classifier);
        Node loss = g.crossEntropy(g.linear(vision.apply(Parameters.frozen(g, weights), input, byLayer), classifier, null), target);
        List<Node> results = new ArrayList<>(List.of(loss));
        results.addAll(Gradients.of(g, loss, trained));

        try (Executable query = device.compile(q, List.of(queries)); Executable step = device.compile(g, results);
                Model script = torch.script("step-" + vision.pooling())) {
            query.write(queryImages, images);
            step.write(input, images);
            step.write(target, labels);
            List<NDArray> theirTrained = TorchPeer.list("prefixes", prefixes.stream().map(torch::trained).toList());
            NDArray theirHead = torch.trained(head);
            List<NDArray> arguments = new ArrayList<>(List.of(torch.array(images), torch.whole(labels)));
            arguments.addAll(theirs);
            arguments.addAll(theirTrained);
            arguments.add(theirHead);
            Runnable own = () -> {
                query.run();
                step.run();
            };
            own.run();
            torch.train(script, arguments);
            List<NDArray> gradients = new ArrayList<>(theirTrained);
            gradients.add(theirHead);
            for (int i = 0; i < gradients.size(); i++) { // before libtorch adds up further ones
                float[] mine = step.read(results.get(i + 1)).toArray();
                float[] other = gradients.get(i).getGradient().toFloatArray();
                new Comparison(name + ", gradient " + i, "libtorch", expectation(() -> mine, () -> other), null, null, 0).check();
            }
            compare(new Comparison(name, "libtorch", expect(step, loss, () -> new float[] {torch.train(script, arguments)}), own,
                    () -> torch.train(script, arguments), Double.NaN));
        }
    }

    // ---- single ops ---------------------------------------------------------------------------------------------

    private void ops(double peak) {
        int rows = 8 * 197;
        Tensor gain = normal(768);
        Tensor bias = normal(768);
        Tensor one = Tensor.zeros(Shape.of(1));
        op("op layer norm", 0, normal(rows, 768), gain, bias, (g, x) -> g.layerNorm(x, g.constant(gain), g.constant(bias), 1e-5f));
        op("op gelu", 1, normal(rows, 3072), one, one, (g, x) -> g.activate(x, Op.Activation.GELU));
        op("op softmax", 2, normal(rows * 12, 197), one, one, Graph::softmax);
        attention(peak);
    }

    /** Describes an op on one input. */
    private interface Description {
        Node of(Graph g, Node x);
    }

    private void op(String name, int kind, Tensor x, Tensor a, Tensor b, Description description) {
        if (skips(name)) {
            return;
        }
        Graph g = new Graph();
        Node input = g.input("x", x.shape());
        Node y = description.of(g, input);
        try (Executable own = device.compile(g, List.of(y)); Model script = torch.script("ops")) {
            own.write(input, x);
            List<NDArray> all = List.of(torch.whole(Tensor.of(Shape.of(1), kind)), torch.array(x), torch.array(a), torch.array(b));
            compare(new Comparison(name, "libtorch", expect(own, y, () -> torch.run(script, all, true)), own::run,
                    () -> torch.run(script, all, false), copySeconds(x.shape().bytes())));
        }
    }

    /** Heads of libtorch's operands lie apart; here all lie side by side, as the projections leave them. */
    private void attention(double peak) {
        String name = "op attention";
        if (skips(name)) {
            return;
        }
        int batch = 8;
        int tokens = 197;
        int heads = 12;
        Tensor qkv = normal(batch, tokens, 3 * 768);
        List<NDArray> theirs = new ArrayList<>();
        for (int part = 0; part < 3; part++) {
            theirs.add(torch.array(headsApart(qkv, part * 768, heads)));
        }
        Graph g = new Graph();
        Node input = g.input("qkv", qkv.shape());
        Node y = g.attention(input, heads, false);
        try (Executable own = device.compile(g, List.of(y)); Model script = torch.script("ops")) {
            own.write(input, qkv);
            List<NDArray> all = new ArrayList<>(List.of(torch.whole(Tensor.of(Shape.of(1), 3))));
            all.addAll(theirs);
            Comparison.Expectation expects = expectation(() -> {
                own.run();
                return headsApart(own.read(y), 0, heads).toArray();
            }, () -> torch.run(script, all, true));
            compare(new Comparison(name, "libtorch", expects, own::run, () -> torch.run(script, all, false),
                    4.0 * batch * heads * tokens * tokens * 64 / peak));
        }
    }

    /** Columns of x [B, N, W] from {@code first} on, 64 for each head, as [B, heads, N, 64]. */
    private static Tensor headsApart(Tensor x, int first, int heads) {
        int tokens = x.shape().dim(1);
        Tensor apart = Tensor.zeros(Shape.of(x.shape().dim(0), heads, tokens, 64));
        for (int i = 0; i < apart.shape().size(); i++) {
            int row = i / 64 % tokens + tokens * (i / (64 * tokens * heads));
            apart.set(i, x.get(row * x.shape().last() + first + i / (64 * tokens) % heads * 64 + i % 64));
        }
        return apart;
    }

    /** Seconds to copy so many bytes where they lie in the same cache: what an op that reads and writes as much takes at least. */
    private static double copySeconds(long bytes) {
        float[] from = new float[(int) (bytes / 4)];
        float[] to = new float[from.length];
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < 200; i++) {
            long start = System.nanoTime();
            System.arraycopy(from, 0, to, 0, from.length);
            least = Math.min(least, (System.nanoTime() - start) * 1e-9);
        }
        return least;
    }

    // ---- values -------------------------------------------------------------------------------------------------

    private Comparison.Expectation expect(Executable own, Node result, Callable<float[]> other) {
        return expectation(() -> {
            own.run();
            return own.read(result).toArray();
        }, other);
    }

    private static Comparison.Expectation expectation(Callable<float[]> own, Callable<float[]> other) {
        return new Comparison.Expectation() {
            @Override
            public float[] own() {
                return get(own);
            }

            @Override
            public float[] other() {
                return get(other);
            }
        };
    }

    private static float[] get(Callable<float[]> values) {
        try {
            return values.call();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private Tensor normal(int... dims) {
        Tensor tensor = Tensor.zeros(Shape.of(dims));
        for (int i = 0; i < tensor.shape().size(); i++) {
            tensor.set(i, (float) random.nextGaussian());
        }
        return tensor;
    }
}
