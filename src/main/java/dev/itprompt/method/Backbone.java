package dev.itprompt.method;

import dev.itprompt.DivergenceException;
import dev.itprompt.InputException;
import dev.itprompt.data.Images;
import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.model.Clip;
import dev.itprompt.model.PretrainedModel;
import dev.itprompt.model.Tokenizer;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Transformer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The frozen model on a device: image embeddings with and without a prompt and, with CLIP, text embeddings, in batches of fixed
 * size, small numbers of images in smaller ones. Nothing here ever changes a weight. Used by one thread.
 */
public final class Backbone implements AutoCloseable {

    /** Random numbers of an augmentation. */
    @FunctionalInterface
    public interface Chance {

        /** None: the test transform. */
        Chance NONE = _ -> null;

        /**
         * @param position among the images asked for, from 0
         * @return a source of its own; null for the test transform
         */
        RandomGenerator at(int position);
    }

    /** A compiled image pass; the prefix variables are null without a prompt. */
    private record ImagePass(Executable executable, Node images, List<Node> keys, List<Node> values, Node result) {}

    private record PassKey(List<Integer> layers, int length, int rows) {}

    /** What is left of a set, if it is less than half a batch, goes in runs of this part of a batch. */
    private static final int PART = 8;

    private final Device device;
    private final PretrainedModel model;
    private final int batch;
    private final Map<PassKey, ImagePass> passes = new HashMap<>();

    /**
     * @param batch images or texts embedded in one run
     */
    public Backbone(Device device, PretrainedModel model, int batch) {
        this.device = device;
        this.model = model;
        this.batch = batch;
    }

    public Device device() {
        return device;
    }

    public PretrainedModel model() {
        return model;
    }

    /** Whether texts can be embedded: it takes a CLIP with its tokenizer. */
    public boolean knowsTexts() {
        return model instanceof Clip clip && clip.tokenizer().isPresent();
    }

    /**
     * The model as a CLIP.
     *
     * @throws InputException if it knows no texts
     */
    public Clip clip() {
        if (model instanceof Clip clip) {
            return clip;
        }
        throw new InputException("checkpoint: expected a CLIP, found a vision transformer without a text side; texts cannot be embedded");
    }

    /** E: columns of an embedding. */
    public int features() {
        return model.vision().features();
    }

    /** Numbers of one preprocessed image, 3·S·S. */
    public int pixels() {
        int side = model.vision().imageSize();
        return 3 * side * side;
    }

    /**
     * Embeds images.
     *
     * @param which  indices into {@code images}, at least one
     * @param prompt prefixes, or null for the prompt-free embedding u(x)
     * @param chance of the augmentation
     * @return [which.length, E], not normalised
     * @throws DivergenceException if a number is not finite
     */
    public Tensor images(Images images, int[] which, Prompt prompt, Chance chance) {
        Tensor result = Tensor.zeros(Shape.of(which.length, features()));
        float[] pixels = {};
        for (int from = 0, count; from < which.length; from += count) {
            int rows = 2 * (which.length - from) > batch ? batch : Math.ceilDiv(batch, PART);
            count = Math.min(rows, which.length - from);
            ImagePass pass = pass(prompt == null || prompt.isEmpty() ? null : prompt, rows);
            pixels = pixels.length == rows * pixels() ? pixels : new float[rows * pixels()];
            load(images, which, from, count, pixels, chance);
            pass.executable().write(pass.images(), pixels);
            pass.executable().run();
            result.slice(from, count).copyFrom(pass.executable().read(pass.result()).slice(0, count));
        }
        requireFinite(images, which, result, prompt);
        return result;
    }

    private void load(Images images, int[] which, int from, int count, float[] target, Chance chance) {
        IntStream.range(0, count).parallel().forEach(i ->
                images.load(which[from + i], target, i * pixels(), chance.at(from + i)));
    }

    private static void requireFinite(Images images, int[] which, Tensor features, Prompt prompt) {
        for (int i = 0; i < which.length; i++) {
            try {
                DivergenceException.requireFinite("features", features.slice(i, 1).toArray(), prompt == null || prompt.isEmpty()
                        ? "check the checkpoint and how images are normalised" : "the prompt has diverged, lower the method's rate");
            } catch (DivergenceException e) {
                throw e.in("image " + images.source(which[i]));
            }
        }
    }

    private ImagePass pass(Prompt prompt, int rows) {
        PassKey key = prompt == null ? new PassKey(List.of(), 0, rows)
                : new PassKey(prompt.layers(), prompt.keys().get(0).shape().dim(0), rows);
        ImagePass pass = passes.computeIfAbsent(key, _ -> compile(prompt, rows));
        if (prompt != null) {
            for (int i = 0; i < prompt.layers().size(); i++) {
                pass.executable().write(pass.keys().get(i), prompt.keys().get(i));
                pass.executable().write(pass.values().get(i), prompt.values().get(i));
            }
        }
        return pass;
    }

    private ImagePass compile(Prompt prompt, int rows) {
        Graph g = new Graph();
        int side = model.vision().imageSize();
        Node images = g.input("images", Shape.of(rows, 3, side, side));
        List<Node> keys = new ArrayList<>();
        List<Node> values = new ArrayList<>();
        Map<Integer, Transformer.Prefix> prefixes = new HashMap<>();
        if (prompt != null) {
            for (int i = 0; i < prompt.layers().size(); i++) {
                keys.add(g.input("prompt.keys", prompt.keys().get(i).shape()));
                values.add(g.input("prompt.values", prompt.values().get(i).shape()));
                prefixes.put(prompt.layers().get(i), new Transformer.Prefix(keys.get(i), values.get(i)));
            }
        }
        Node result = model.vision().apply(Parameters.frozen(g, model.weights()), images, prefixes);
        return new ImagePass(device.compile(g, List.of(result)), images, keys, values, result);
    }

    /** Memory of embedding a whole batch of images without a prompt, as planned before it is run. */
    public MemoryPlan plan() {
        Graph g = new Graph();
        int side = model.vision().imageSize();
        Node images = g.input("images", Shape.of(batch, 3, side, side));
        return device.plan(g, List.of(model.vision().apply(Parameters.frozen(g, model.weights()), images, Map.of())));
    }

    /**
     * Embeds texts.
     *
     * @param texts     at least one; a text that does not fit the context is refused
     * @param normalize whether rows get Euclidean length 1
     * @return [texts.size(), E]
     * @throws InputException      if the model knows no texts or its tokenizer is missing
     * @throws DivergenceException if a number is not finite
     */
    public Tensor texts(List<String> texts, boolean normalize) {
        Clip clip = clip();
        Tokenizer tokenizer = tokenizer();
        int context = clip.text().context();
        int rows = Math.min(batch, texts.size());
        Graph g = new Graph();
        Node tokens = g.input("tokens", Shape.of(rows, context));
        Node ends = g.input("ends", Shape.of(rows));
        Node embedded = clip.text().apply(Parameters.frozen(g, model.weights()), tokens, ends);
        Node result = normalize ? g.normalize(embedded) : embedded;
        Tensor embeddings = Tensor.zeros(Shape.of(texts.size(), clip.text().embedding()));
        try (Executable executable = device.compile(g, List.of(result))) {
            for (int from = 0; from < texts.size(); from += rows) {
                int count = Math.min(rows, texts.size() - from);
                float[] ids = new float[rows * context];
                float[] positions = new float[rows];
                for (int i = 0; i < count; i++) {
                    int[] sequence = tokenizer.tokens(texts.get(from + i));
                    for (int j = 0; j < context; j++) {
                        ids[i * context + j] = sequence[j];
                    }
                    positions[i] = endOf(sequence);
                }
                executable.write(tokens, ids);
                executable.write(ends, positions);
                executable.run();
                embeddings.slice(from, count).copyFrom(executable.read(result).slice(0, count));
            }
        }
        DivergenceException.requireFinite("text embeddings", embeddings.toArray(), "check the checkpoint");
        return embeddings;
    }

    /** Position of the largest id, the first of equals: the end-of-text token. */
    private static int endOf(int[] sequence) {
        int best = 0;
        for (int i = 1; i < sequence.length; i++) {
            if (sequence[i] > sequence[best]) {
                best = i;
            }
        }
        return best;
    }

    /**
     * Normalised embeddings of texts for class names: each name in place of {@code {}} in the template, special tokens in names
     * made harmless.
     */
    public Tensor classTexts(List<String> names, String template) {
        Tokenizer tokenizer = tokenizer();
        return texts(names.stream().map(name -> template.replace("{}", tokenizer.escape(name))).toList(), true);
    }

    /**
     * The model's tokenizer.
     *
     * @throws InputException if the model knows no texts or its tokenizer is missing
     */
    public Tokenizer tokenizer() {
        return clip().tokenizer().orElseThrow(() -> new InputException("checkpoint: expected the merges of its tokenizer beside it, "
                + "found none; name the file (--merges, or load.merges in a configuration)"));
    }

    @Override
    public void close() {
        passes.values().forEach(pass -> pass.executable().close());
    }
}
