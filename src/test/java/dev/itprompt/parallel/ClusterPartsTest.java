package dev.itprompt.parallel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.cluster.Cluster;
import dev.itprompt.cluster.LocalCluster;
import dev.itprompt.data.TaskImages;
import dev.itprompt.device.Device;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.Augmentation;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.ImageBatches;
import dev.itprompt.train.Orders;
import dev.itprompt.train.PartsPlace;
import dev.itprompt.train.Stage;
import dev.itprompt.train.Trainer;
import dev.itprompt.train.TrainingStep;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Parts of batches computed from what other processes get: graph, weights' names, values and images' identities, all as bytes. */
class ClusterPartsTest {

    private static final RandomStreams STREAMS = new RandomStreams(7);
    private static final int PIXELS = 12;
    private static final int IMAGES = 40;
    private static final int BATCH = 16;
    private static final int CLASSES = 3;
    private static final int STEPS = 9;

    /** The weights of the frozen model. */
    private static final Map<String, Tensor> MODEL = Map.of("first.weight", random("model", 8, PIXELS));

    private static Tensor random(String name, int rows, int columns) {
        RandomGenerator random = STREAMS.stream(name);
        Tensor tensor = Tensor.zeros(Shape.of(rows, columns));
        for (int i = 0; i < rows * columns; i++) {
            tensor.set(i, (float) (0.5 * random.nextGaussian()));
        }
        return tensor;
    }

    /** Images numbered from some identity on; what is seen of one depends on its identity and on chance. */
    private record Numbered(int first) implements TaskImages {
        @Override
        public int size() {
            return IMAGES;
        }

        @Override
        public int label(int index) {
            return identity(index) % CLASSES;
        }

        @Override
        public int identity(int index) {
            return first + index;
        }

        @Override
        public void load(int index, float[] target, int offset, RandomGenerator random) {
            for (int i = 0; i < PIXELS; i++) {
                target[offset + i] = (float) (Math.sin(identity(index) + i) + (random == null ? 0 : random.nextDouble()));
            }
        }
    }

    /** A process that has the same model, in tensors of its own, and all images. */
    private record Other(boolean exact) implements Opening {
        @Override
        public Opened open() {
            return new Opened(device(exact), Map.of("first.weight", MODEL.get("first.weight").copy()), new Numbered(0), PIXELS);
        }
    }

    private static Device device(boolean exact) {
        return exact ? new ReferenceDevice() : new CpuDevice(1);
    }

    /** Everything passes through bytes; the jobs are done in any order, some of them twice. */
    private static final class Bytes implements Cluster {

        private final LocalCluster here = new LocalCluster();
        private int calls;

        @Override
        public <J, R> List<R> map(List<J> jobs, Work<J, R> work) {
            calls++;
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < jobs.size(); i++) {
                order.add(i);
            }
            order.add(0);
            Collections.shuffle(order, new java.util.Random(calls));
            List<R> results = new ArrayList<>(Collections.nCopies(jobs.size(), null));
            order.forEach(i -> results.set(i, copy(copy(work).of(copy(jobs.get(i))))));
            return results;
        }

        @Override
        public <T extends Serializable> Shared<T> share(T value) {
            return here.share(copy(value));
        }

        @Override
        public int width() {
            return 1;
        }

        @Override
        public void close() {
            here.close();
        }
    }

    @SuppressWarnings("unchecked")
    private static <T> T copy(T value) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(value);
            }
            return (T) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
        } catch (IOException | ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What is trained after some steps, one number after the other. */
    private static float[] train(PartsPlace place, boolean exact, int parts, ImageBatches.Chance chance) {
        Graph g = new Graph();
        Node images = g.input("images", Shape.of(BATCH / parts, PIXELS));
        Node labels = g.input("labels", Shape.of(BATCH / parts));
        Node share = g.input("share", Shape.SCALAR);
        Node hidden = g.normalize(g.matMulTransposed(images, g.constant(MODEL.get("first.weight"))));
        Node moved = g.multiply(g.add(hidden, g.constant(random("constant", 1, 8).reshape(Shape.of(8)))), share);
        Node head = g.variable("head", random("head", CLASSES, 8));
        Node loss = g.crossEntropy(g.matMulTransposed(moved, head), labels);
        TrainingStep step = new TrainingStep(g, loss, Map.of(), Map.of("head", head),
                Optimizer.of(g, loss, Optimizer.Rule.AdamW.DEFAULT, List.of(List.of(head))), parts);
        ImageBatches batches = new ImageBatches(new Numbered(100), PIXELS, STEPS, new Orders(IMAGES, BATCH, pass -> STREAMS.stream("order", pass)), chance);
        try (Device device = device(exact); Trainer trainer = new Trainer(device, place, MODEL, step, new Stage("net", "the rate"))) {
            trainer.executable().write(share, 2f);
            return trainer.run(new Trainer.Course(STEPS, (executable, number) -> executable.write(labels,
                    trainer.writeImages(images, batches, number).labels()), (_, _) -> Trainer.Rates.of(0.05)), Checkpoints.NONE, Progress.NONE)
                    .get("head").toArray();
        }
    }

    @Test
    void theSameBitsAsHere() {
        for (boolean exact : new boolean[] {false, true}) {
            for (int parts : new int[] {2, 4, 16}) {
                for (ImageBatches.Chance chance : List.of(ImageBatches.Chance.NONE, new Augmentation(STREAMS, "augment", 1))) {
                    StepTimes times = new StepTimes();
                    try (Bytes cluster = new Bytes()) {
                        float[] expected = train(PartsPlace.HERE, exact, parts, chance);
                        float[] actual = train(new ClusterPlace(cluster, new Other(exact), times), exact, parts, chance);
                        assertArrayEquals(expected, actual, parts + " parts, " + chance + (exact ? ", in double precision" : ""));
                        assertEquals(STEPS, cluster.calls, "one list of jobs a step");
                        assertEquals(STEPS, times.size());
                        assertTrue(times.describe().startsWith("9 steps by a cluster: "), times.describe());
                    }
                }
            }
        }
    }

    /** Chance and order matter to what is compared above. */
    @Test
    void chanceIsSeen() {
        float[] without = train(PartsPlace.HERE, true, 2, ImageBatches.Chance.NONE);
        float[] with = train(PartsPlace.HERE, true, 2, new Augmentation(STREAMS, "augment", 1));
        assertTrue(Math.abs(without[0] - with[0]) > 1e-3, without[0] + " and " + with[0]);
    }
}
