package dev.itprompt.trace;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Op;
import dev.itprompt.model.TimmNames;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.nn.Parameters;
import dev.itprompt.prompt.Tower;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.trace.Trace.Recorded;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** The small frozen transformer and the images that all traces of a folder were made with. */
final class World {

    static final int WIDTH = 32;
    static final int CLASSES = 6;
    static final int CLASSES_OF_TASK = 3;
    static final int BATCH = 6;
    /** Test images of a task. */
    static final int TEST_BATCH = 12;
    static final int UPDATES = 20;
    static final int UPDATES_OF_EPOCH = 4;
    static final int PIXELS = 3 * 16 * 16;
    static final VisionTransformer MODEL = new VisionTransformer(16, 8, WIDTH, 4 * WIDTH, 6, 4, 0, Op.Activation.GELU, 1e-6f, true,
            false, VisionTransformer.Pooling.CLASS_TOKEN);

    private final Map<String, Tensor> weights = new TreeMap<>();
    final Trace data;

    World(Path folder) {
        data = Trace.open(folder, "world-data", null);
        Trace backbone = Trace.open(folder, "world-backbone", null);
        for (String name : backbone.below("")) {
            Recorded tensor = backbone.get(name);
            Shape shape = switch (name) {
                case "cls_token" -> Shape.of(WIDTH);
                case "pos_embed" -> Shape.of(MODEL.tokens(), WIDTH);
                default -> Shape.of(tensor.shape());
            };
            weights.put(TimmNames.openAi(name), Tensor.of(shape, Machine.floats(tensor.values())));
        }
    }

    /** The position embedding of a token, 0 for the class token. */
    double[] position(int token) {
        double[] position = new double[WIDTH];
        Arrays.setAll(position, i -> weights.get("visual.positional_embedding").get((long) token * WIDTH + i));
        return position;
    }

    Tower tower(Graph graph) {
        return new Tower(MODEL, Parameters.frozen(graph, weights));
    }

    /** The rows of training images that an update sees. */
    int[] batch(int task, int update) {
        double[] rows = data.values("batches", task);
        return Arrays.stream(rows, update * BATCH, (update + 1) * BATCH).mapToInt(row -> (int) row).toArray();
    }

    double[] pixels(String set, int... rows) {
        double[] pixels = new double[rows.length * PIXELS];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(data.values(set + "/images"), rows[i] * PIXELS, pixels, i * PIXELS, PIXELS);
        }
        return pixels;
    }

    double[] labels(String set, int... rows) {
        return Arrays.stream(rows).mapToDouble(row -> data.values(set + "/labels")[row]).toArray();
    }

    /** Rows of the training images of a class. */
    int[] rowsOf(int c) {
        double[] labels = data.values("train/labels");
        return IntStream.range(0, labels.length).filter(i -> labels[i] == c).toArray();
    }

    /** Prompt-free features of a class's training images. */
    float[][] features(int c) {
        double[] all = data.values("train/features");
        return Arrays.stream(rowsOf(c)).mapToObj(row -> Machine.floats(Arrays.copyOfRange(all, row * WIDTH, (row + 1) * WIDTH)))
                .toArray(float[][]::new);
    }

    /** Rows of the test images of a task. */
    static int[] testRows(int task) {
        int[] rows = new int[TEST_BATCH];
        Arrays.setAll(rows, i -> task * TEST_BATCH + i);
        return rows;
    }

    /** A mask to be added to logits that leaves some classes. */
    static Tensor mask(int first, int end) {
        Tensor mask = Tensor.zeros(Shape.of(CLASSES));
        for (int c = 0; c < CLASSES; c++) {
            mask.set(c, c >= first && c < end ? 0 : Float.NEGATIVE_INFINITY);
        }
        return mask;
    }
}
