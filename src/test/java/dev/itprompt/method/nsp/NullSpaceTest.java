package dev.itprompt.method.nsp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.TaskImages;
import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.FeatureGoldens;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.Learner;
import dev.itprompt.model.Clip;
import dev.itprompt.model.TextTransformer;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Transformer;
import dev.itprompt.prompt.Pass;
import dev.itprompt.prompt.Tokens;
import dev.itprompt.prompt.Tower;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Projections against NumPy, and what is projected away against a computation by hand. */
class NullSpaceTest {

    private static final int IMAGES = 5;
    private static final int HEADS = 4;
    private static final int WIDTH = 32;
    private static final int LENGTH = 3;
    private static final VisionTransformer MODEL = new VisionTransformer(16, 8, WIDTH, 64, 2, HEADS, 0, Op.Activation.GELU, 1e-6f, true, false,
            VisionTransformer.Pooling.CLASS_TOKEN);
    private static final Tokens TOKENS = new Tokens(List.of(0, 1), LENGTH, WIDTH, 1);

    private final JsonNode golden = new FeatureGoldens().part("null-space");

    @Test
    void projectionsEqualNumPy() {
        double[][][] projections = new double[2][][];
        for (int i = 0; i < 2; i++) {
            projections[i] = NullSpace.projection(FeatureGoldens.rows(golden.get("grams").get(i)), golden.get("share").asDouble());
            FeatureGoldens.assertClose(golden.get("projections").get(i), projections[i], "projection " + i);
        }
        Tensor step = FeatureMatrix.of(Arrays.asList(FeatureGoldens.rows(golden.get("step"))));
        double[][] expected = FeatureGoldens.rows(golden.get("projected"));
        float[][] projected = FeatureMatrix.rows(NullSpace.between(projections[0], step, projections[1]));
        for (int i = 0; i < expected.length; i++) {
            for (int j = 0; j < expected[i].length; j++) {
                assertEquals(expected[i][j], projected[i][j], 1e-6, i + ", " + j);
            }
        }
    }

    @Test
    void theBendIsNumPys() {
        for (int i = 0; i < 2; i++) {
            assertEquals(golden.get("bends").get(i).asInt(), NullSpace.bend(FeatureGoldens.doubles(golden.get("curves").get(i))), "curve " + i);
        }
        assertEquals(0, NullSpace.bend(new double[] {3}));
        assertEquals(1, NullSpace.bend(new double[] {3, 1}));
        assertEquals(2, NullSpace.bend(new double[] {9, 8, 1, 0.5}));
    }

    private static TaskImages images() {
        return new TaskImages() {
            @Override
            public int size() {
                return IMAGES;
            }

            @Override
            public int label(int index) {
                return index % 2;
            }

            @Override
            public int identity(int index) {
                return index;
            }

            @Override
            public void load(int index, float[] target, int offset, RandomGenerator random) {
                RandomGenerator pixels = new RandomStreams(index).stream("pixels");
                for (int i = 0; i < 3 * 16 * 16; i++) {
                    target[offset + i] = (float) pixels.nextGaussian();
                }
            }
        };
    }

    /** Gram matrices of the first block from its queries, keys and tokens' keys, head by head; and in the second, a step that disturbs less. */
    @Test
    void oldDirectionsAreThoseOfQueriesAndAttention() {
        Clip clip = Clip.random(MODEL, TextTransformer.clip(1, 1, 1, 1, WIDTH), Optional.empty(), new RandomStreams(3).stream("weights"));
        Map<String, Tensor> values = TOKENS.beginTask(0, Map.of(), new RandomStreams(4).stream("tokens"));
        try (Device device = new ReferenceDevice(); Backbone backbone = new Backbone(device, clip, 4)) {
            OldDirections directions = new OldDirections(backbone, TOKENS, 1, 2);
            directions.taskDone(new Learner.Task(0, 0, 2, images()), values, Progress.NONE);
            double[][] expectedDirections = new double[WIDTH][WIDTH];
            double[][] expectedShares = new double[LENGTH][LENGTH];
            List<double[]> seen = new ArrayList<>();
            byHand(clip, device, values, expectedDirections, expectedShares, seen);
            assertSame(expectedDirections, directions.directions(0), 1e-5);
            assertSame(expectedShares, directions.shares(0), 1e-5);
            Tensor step = TOKENS.beginTask(0, Map.of(), new RandomStreams(5).stream("step")).get("tokens.0");
            Tensor projected = directions.project("tokens.0", step);
            double before = disturbance(seen, step);
            double after = disturbance(seen, projected);
            assertTrue(after < 0.7 * before, before + ", " + after);
        }
    }

    /** The squared change of scores relative to the step's own size. */
    private static double disturbance(List<double[]> seen, Tensor step) {
        double change = 0;
        double size = 0;
        for (int p = 0; p < LENGTH; p++) {
            for (double[] direction : seen) {
                double dot = 0;
                for (int j = 0; j < WIDTH; j++) {
                    dot += direction[j] * step.get(p * WIDTH + j);
                }
                change += dot * dot;
            }
        }
        for (int i = 0; i < step.shape().size(); i++) {
            size += step.get(i) * step.get(i);
        }
        return change / size;
    }

    private static void assertSame(double[][] expected, double[][] actual, double tolerance) {
        double largest = Arrays.stream(expected).flatMapToDouble(Arrays::stream).map(Math::abs).max().orElseThrow();
        assertTrue(largest > 0);
        for (int i = 0; i < expected.length; i++) {
            assertArrayEquals(expected[i], actual[i], tolerance * largest, "row " + i);
        }
    }

    private static void byHand(Clip clip, Device device, Map<String, Tensor> values, double[][] directions, double[][] shares, List<double[]> seen) {
        Graph g = new Graph();
        Node pixels = g.input("images", Shape.of(IMAGES, 3, 16, 16));
        Tower tower = new Tower(MODEL, Parameters.frozen(g, clip.weights()));
        Transformer.Prefix prefix = TOKENS.enter(new Pass(tower, pixels, Parameters.frozen(g, values), null, null, 0, false)).prefixes().get(0);
        Node qkv = MODEL.blocks().projections(tower.weights().in("visual").in("transformer"), 0, MODEL.embed(tower.weights(), pixels));
        float[] loaded = new float[IMAGES * 3 * 16 * 16];
        for (int i = 0; i < IMAGES; i++) {
            images().load(i, loaded, i * 3 * 16 * 16, null);
        }
        try (Executable executable = device.compile(g, List.of(qkv, prefix.keys()))) {
            executable.write(pixels, loaded);
            executable.run();
            Tensor projections = executable.read(qkv);
            Tensor keys = executable.read(prefix.keys());
            Tensor weight = clip.weights().get("visual.transformer.resblocks.0.attn.in_proj_weight");
            int n = MODEL.tokens();
            int columns = WIDTH / HEADS;
            double each = 1.0 / (IMAGES * n * HEADS);
            for (int row = 0; row < IMAGES * n; row++) {
                for (int head = 0; head < HEADS; head++) {
                    double[] query = part(projections, row * 3 * WIDTH + head * columns, columns);
                    double[] direction = new double[WIDTH];
                    for (int k = 0; k < columns; k++) {
                        for (int j = 0; j < WIDTH; j++) {
                            direction[j] += query[k] * weight.get((WIDTH + head * columns + k) * WIDTH + j);
                        }
                    }
                    seen.add(direction);
                    double[] scores = new double[LENGTH + n];
                    for (int p = 0; p < LENGTH; p++) {
                        scores[p] = dot(query, part(keys, p * WIDTH + head * columns, columns)) / Math.sqrt(columns);
                    }
                    for (int other = 0; other < n; other++) {
                        scores[LENGTH + other] = dot(query, part(projections, (row / n * n + other) * 3 * WIDTH + WIDTH + head * columns, columns))
                                / Math.sqrt(columns);
                    }
                    double[] attention = FeatureMatrix.softmax(scores);
                    addOuter(directions, direction, WIDTH, each);
                    addOuter(shares, attention, LENGTH, each);
                }
            }
        }
    }

    private static double[] part(Tensor tensor, int from, int count) {
        double[] part = new double[count];
        Arrays.setAll(part, i -> tensor.get(from + i));
        return part;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void addOuter(double[][] target, double[] x, int size, double factor) {
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                target[i][j] += factor * x[i] * x[j];
            }
        }
    }
}
