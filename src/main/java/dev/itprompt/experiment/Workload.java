package dev.itprompt.experiment;

import dev.itprompt.RandomStreams;
import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.device.Profile;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Work;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.Prompt;
import dev.itprompt.method.itprompt.ItPromptSettings;
import dev.itprompt.method.itprompt.PromptStep;
import dev.itprompt.model.Clip;
import dev.itprompt.model.TextTransformer;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.nn.Parameters;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The work of IT-Prompt on random images with a random model, for measuring: embedding a batch, and one training step, which is the
 * embedding (the queries) and then forward and backward through the prompted model to prompts, key and classifier.
 */
public final class Workload implements AutoCloseable {

    private static final int CLASSES = 100;
    private static final int CLASSES_PER_TASK = 10;
    private static final RandomStreams STREAMS = new RandomStreams(0);

    private final int batch;
    private final long plannedBytes;
    private final Executable embedding;
    private final Node embeddingImages;
    private final Node features;
    private final PromptStep step;
    private final Executable training;
    private final Tensor images;

    /**
     * Compiles both.
     *
     * @param clip     the model; its weights are random
     * @param settings loss terms and their weights; length and layers of the prompt
     * @param batch    images per run
     */
    public Workload(Device device, Clip clip, ItPromptSettings settings, int batch) {
        this.batch = batch;
        int side = clip.vision().imageSize();
        int width = clip.vision().features();
        Graph g = new Graph();
        embeddingImages = g.input("images", Shape.of(batch, 3, side, side));
        features = clip.vision().apply(Parameters.frozen(g, clip.weights()), embeddingImages, Map.of());
        embedding = device.compile(g, List.of(features));
        List<Integer> layers = settings.prefix().layersOf(clip.vision().layers());
        Prompt prompt = Prompt.random(layers, settings.prefix().length(), clip.vision().width(), STREAMS.stream("prompt"));
        FeatureClassifier head = new FeatureClassifier(device, width, CLASSES, STREAMS.stream("head"));
        PromptStep.Spec spec = new PromptStep.Spec(batch, 0, CLASSES_PER_TASK, 0, List.of(), normal("texts", CLASSES, width), true);
        step = PromptStep.of(clip, settings.tuning(), spec, prompt, normal("key", 1, width), head);
        training = device.compile(step.training().graph(), step.training().results());
        MemoryPlan queries = device.plan(g, List.of(features));
        plannedBytes = device.plan(step.training().graph(), step.training().results()).totalBytes() + queries.buffers().arenaBytes()
                + queries.buffers().inputBytes();
        images = normal("images", batch, 3, side * side);
        feed();
    }

    /** A CLIP of this image tower with random weights, whose text tower is as small as can be. */
    public static Clip randomClip(VisionTransformer vision) {
        return Clip.random(vision, TextTransformer.clip(1, 1, 1, 1, vision.features()), Optional.empty(), STREAMS.stream("weights"));
    }

    private static Tensor normal(String what, int... dims) {
        RandomGenerator random = STREAMS.stream(what);
        Tensor tensor = Tensor.zeros(Shape.of(dims));
        for (int i = 0; i < tensor.shape().size(); i++) {
            tensor.set(i, (float) (random.nextGaussian() / Math.sqrt(tensor.shape().last())));
        }
        return tensor;
    }

    private void feed() {
        embedding.write(embeddingImages, images);
        training.write(step.step().images(), images);
        training.write(step.ownShare(), 1);
        training.write(step.training().optimizer().step(), 1);
        step.training().optimizer().groups().forEach(group -> training.write(group.rates(), 1e-4f, 0, 1));
    }

    /** Images per run. */
    public int batch() {
        return batch;
    }

    /** Embeds the batch and reads the features. */
    public void embed() {
        embedding.run();
        embedding.read(features);
    }

    /** As {@link #embed()}, kernel by kernel. */
    public void embed(Profile profile) {
        embedding.run(profile);
    }

    /** Does one training step and reads the loss; the images come from memory, as each step's own would. */
    public void train() {
        embedding.write(embeddingImages, images);
        training.write(step.step().images(), images);
        embedding.run();
        training.write(step.step().queries(), embedding.read(features));
        training.run();
        training.read(step.training().loss());
    }

    /** As {@link #train()}, kernel by kernel, with the images that are there. */
    public void train(Profile profile) {
        embedding.run(profile);
        training.write(step.step().queries(), embedding.read(features));
        training.run(profile);
    }

    /** Launches of one training step; see {@link Executable#launches}. */
    public int trainLaunches() {
        return embedding.launches() + training.launches();
    }

    /** What {@link #embed} has to do. */
    public Work embedWork() {
        return Work.of(embedding.plan().schedule());
    }

    /** What {@link #train} has to do. */
    public Work trainWork() {
        return embedWork().plus(Work.of(training.plan().schedule()));
    }

    /** Memory of both together, as planned before it was allocated; they share the model. */
    public long plannedBytes() {
        return plannedBytes;
    }

    @Override
    public void close() {
        embedding.close();
        training.close();
    }
}
