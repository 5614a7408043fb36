package dev.itprompt.method;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.itprompt.linear.Matrix;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Features of classes that come in tasks, and what NumPy made of them; see src/test/python/feature_goldens.py. */
public final class FeatureGoldens {

    private static final double TOLERANCE = 1e-6;

    private final JsonNode all;

    public FeatureGoldens() {
        try (InputStream in = FeatureGoldens.class.getResourceAsStream("features.json")) {
            all = JsonMapper.shared().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One part of the file. */
    public JsonNode part(String name) {
        return all.get(name);
    }

    /** Classes of each task. */
    public int[] tasks() {
        return Arrays.stream(doubles(all.get("tasks"))).mapToInt(x -> (int) x).toArray();
    }

    /** Rows of one class. */
    public float[][] features(int label) {
        return floats(all.get("features").get(label));
    }

    /** Rows that are in no class. */
    public float[][] test() {
        return floats(all.get("test"));
    }

    public static double[] doubles(JsonNode node) {
        double[] values = new double[node.size()];
        Arrays.setAll(values, i -> node.get(i).asDouble());
        return values;
    }

    public static double[][] rows(JsonNode node) {
        double[][] rows = new double[node.size()][];
        Arrays.setAll(rows, i -> doubles(node.get(i)));
        return rows;
    }

    public static float[][] floats(JsonNode node) {
        double[][] rows = rows(node);
        float[][] floats = new float[rows.length][rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows[i].length; j++) {
                floats[i][j] = (float) rows[i][j];
            }
        }
        return floats;
    }

    public static Matrix matrix(JsonNode node) {
        double[][] rows = rows(node);
        Matrix matrix = new Matrix(rows.length, rows[0].length);
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows[i].length; j++) {
                matrix.set(i, j, rows[i][j]);
            }
        }
        return matrix;
    }

    /** Learns the next task. */
    public void learn(FrozenFeatures.Classifier classifier, int task) {
        int first = Arrays.stream(tasks()).limit(task).sum();
        for (int c = first; c < first + tasks()[task]; c++) {
            classifier.addClass(features(c));
        }
        classifier.taskDone();
    }

    /** Compares with a tolerance relative to the largest number expected. */
    public static void assertClose(JsonNode expected, double[][] actual, String what) {
        double[][] wanted = rows(expected);
        assertEquals(wanted.length, actual.length, what);
        double largest = Arrays.stream(wanted).flatMapToDouble(Arrays::stream).map(Math::abs).max().orElse(0);
        for (int i = 0; i < wanted.length; i++) {
            assertEquals(wanted[i].length, actual[i].length, what);
            for (int j = 0; j < wanted[i].length; j++) {
                assertEquals(wanted[i][j], actual[i][j], TOLERANCE * largest, what + " [" + i + "][" + j + "]");
            }
        }
    }
}
