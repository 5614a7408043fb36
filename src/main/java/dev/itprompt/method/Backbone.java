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
import dev.itprompt.prompt.Entered;
import dev.itprompt.prompt.Pass;
import dev.itprompt.prompt.PoolUse;
import dev.itprompt.prompt.Tower;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.PartsPlace;
import dev.itprompt.train.Stage;
import dev.itprompt.train.Trainer;
import dev.itprompt.train.TrainingStep;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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

    /**
     * Embeddings of images.
     *
     * @param features [n, E], not normalised
     * @param tasks    of the entries that the prompts chose; empty where entries are not tasks'
     * @param pools    how the images used those, by name
     */
    public record Embedded(Tensor features, int[] tasks, Map<String, PoolUse> pools) {}

    /** A compiled image pass; what is not asked for is null. */
    private record ImagePass(Executable executable, Node images, Map<String, Node> values, Node queries, Node chosen, Node result,
                             Node tasks, Map<String, Entered.Use> pools) {}

    /**
     * Passes of a key are the same.
     *
     * @param kind of the prompts; null without any
     * @param told whether entries are chosen outside of the graph
     */
    private record PassKey(Object kind, boolean told, int rows) {}

    /** Most compiled passes that are kept: each holds buffers of its own. */
    private static final int MOST_PASSES = 6;
    /** What is left of a set, if it is less than half a batch, goes in runs of this part of a batch. */
    private static final int PART = 8;

    private final Device device;
    private final PretrainedModel model;
    private final int batch;
    private final PartsPlace place;
    private final Map<PassKey, ImagePass> passes;

    /**
     * @param batch images or texts embedded in one run
     */
    public Backbone(Device device, PretrainedModel model, int batch) {
        this(device, model, batch, PartsPlace.HERE, new LinkedHashMap<>(MOST_PASSES, 0.75f, true));
    }

    private Backbone(Device device, PretrainedModel model, int batch, PartsPlace place, Map<PassKey, ImagePass> passes) {
        this.device = device;
        this.model = model;
        this.batch = batch;
        this.place = place;
        this.passes = passes;
    }

    /** The same, with the parts of training steps computed elsewhere; to be closed once. */
    public Backbone trainedAt(PartsPlace parts) {
        return new Backbone(device, model, batch, parts, passes);
    }

    /** Compiles a training step on images through the model. */
    public Trainer trainer(TrainingStep step, Stage stage) {
        return new Trainer(device, place, model.weights(), step, stage);
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
        return embed(images, which, prompt == null || prompt.isEmpty() ? null : prompt.entering(), chance).features();
    }

    /**
     * Embeds images with any prompts.
     *
     * @param which   indices into {@code images}, at least one
     * @param prompts what enters, with the rows that these images need; null for the prompt-free embedding
     * @param chance  of the augmentation
     * @throws DivergenceException if a number is not finite
     */
    public Embedded embed(Images images, int[] which, Entering prompts, Chance chance) {
        Tensor result = Tensor.zeros(Shape.of(which.length, features()));
        int[] tasks = new int[which.length];
        boolean inferred = false;
        Map<String, PoolUse> pools = new LinkedHashMap<>();
        float[] pixels = {};
        for (int from = 0, count; from < which.length; from += count) {
            int rows = rows(which.length - from, prompts);
            count = Math.min(rows, which.length - from);
            ImagePass pass = pass(prompts, rows);
            pixels = pixels.length == rows * pixels() ? pixels : new float[rows * pixels()];
            load(images, which, from, count, pixels, chance);
            pass.executable().write(pass.images(), pixels);
            if (prompts != null) {
                write(pass, prompts.part(from, count), rows);
            }
            pass.executable().run();
            result.slice(from, count).copyFrom(pass.executable().read(pass.result()).slice(0, count));
            inferred = pass.tasks() != null;
            if (inferred) {
                Tensor chosen = pass.executable().read(pass.tasks());
                for (int i = 0; i < count; i++) {
                    tasks[from + i] = (int) chosen.get(chosen.shape().size() == rows ? i : 0);
                }
            }
            for (Map.Entry<String, Entered.Use> pool : pass.pools().entrySet()) {
                pools.merge(pool.getKey(), pool.getValue().of(pass.executable().read(pool.getValue().node()), count), PoolUse::plus);
            }
        }
        requireFinite(images, which, result, prompts != null);
        return new Embedded(result, inferred ? tasks : new int[0], pools);
    }

    /** Rows of the pass for the next of some images: no more than there are where images of a batch look at each other. */
    private int rows(int left, Entering prompts) {
        if (prompts != null && prompts.prompting().mixesBatch()) {
            return Math.min(batch, left);
        }
        return 2 * left > batch ? batch : Math.ceilDiv(batch, PART);
    }

    private void load(Images images, int[] which, int from, int count, float[] target, Chance chance) {
        IntStream.range(0, count).parallel().forEach(i ->
                images.load(which[from + i], target, i * pixels(), chance.at(from + i)));
    }

    private static void requireFinite(Images images, int[] which, Tensor features, boolean prompted) {
        for (int i = 0; i < which.length; i++) {
            try {
                DivergenceException.requireFinite("features", features.slice(i, 1).toArray(), prompted
                        ? "the prompt has diverged, lower the method's rate" : "check the checkpoint and how images are normalised");
            } catch (DivergenceException e) {
                throw e.in("image " + images.source(which[i]));
            }
        }
    }

    private ImagePass pass(Entering prompts, int rows) {
        PassKey key = prompts == null ? new PassKey(null, false, rows)
                : new PassKey(prompts.prompting().kind(prompts.values()), prompts.chosen() != null, rows);
        ImagePass pass = passes.get(key);
        if (pass == null) {
            if (passes.size() == MOST_PASSES) {
                passes.remove(passes.keySet().iterator().next()).executable().close();
            }
            pass = compile(prompts, rows);
            passes.put(key, pass);
        }
        return pass;
    }

    private static void write(ImagePass pass, Entering prompts, int rows) {
        prompts.values().forEach((name, value) -> {
            if (pass.values().containsKey(name)) {
                pass.executable().write(pass.values().get(name), value);
            }
        });
        if (pass.queries() != null) {
            float[] queries = new float[pass.queries().shape().size()];
            for (int i = 0; i < prompts.queries().length; i++) {
                System.arraycopy(prompts.queries()[i], 0, queries, i * prompts.queries()[i].length, prompts.queries()[i].length);
            }
            pass.executable().write(pass.queries(), queries);
        }
        if (pass.chosen() != null) {
            float[] chosen = new float[rows];
            for (int i = 0; i < prompts.chosen().length; i++) {
                chosen[i] = prompts.chosen()[i];
            }
            pass.executable().write(pass.chosen(), chosen);
        }
    }

    private ImagePass compile(Entering prompts, int rows) {
        Graph g = new Graph();
        int side = model.vision().imageSize();
        Node images = g.input("images", Shape.of(rows, 3, side, side));
        Tower tower = new Tower(model.vision(), Parameters.frozen(g, model.weights()));
        if (prompts == null) {
            Node result = tower.features(images);
            return new ImagePass(device.compile(g, List.of(result)), images, Map.of(), null, null, result, null, Map.of());
        }
        Parameters values = Parameters.trainable(g, prompts.values());
        Node queries = prompts.prompting().needsQueries(false) ? g.input("queries", Shape.of(rows, features())) : null;
        Node chosen = prompts.chosen() == null ? null : g.input("chosen", Shape.of(rows));
        Pass pass = new Pass(tower, images, values, queries, chosen, prompts.task(), false);
        Entered entered = prompts.prompting().enter(pass);
        Node result = entered.features(pass);
        Node tasks = entered.tasks();
        List<Node> results = new ArrayList<>(List.of(result));
        if (tasks != null) {
            results.add(tasks);
        }
        entered.pools().values().forEach(use -> results.add(use.node()));
        return new ImagePass(device.compile(g, results), images, values.nodes(), queries, chosen, result, tasks, entered.pools());
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
