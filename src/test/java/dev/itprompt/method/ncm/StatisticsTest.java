package dev.itprompt.method.ncm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.itprompt.RandomStreams;
import dev.itprompt.method.Clusters;
import dev.itprompt.method.FeatureMatrix;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Clusters and C-NCM on features whose distribution is known. */
class StatisticsTest {

    private static final long SEED = 11;
    private final RandomStreams streams = new RandomStreams(SEED);

    @Test
    void clustersPartitionTheRows() {
        float[][] rows = new float[60][];
        RandomGenerator random = streams.stream("clusters");
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new float[] {10 * (i % 3) + (float) random.nextGaussian(), (float) random.nextGaussian()};
        }
        List<float[][]> clusters = Clusters.of(rows, 3, streams.stream("kmeans"));
        assertEquals(3, clusters.size());
        Set<float[]> all = new HashSet<>();
        for (float[][] cluster : clusters) {
            assertEquals(20, cluster.length, "three groups far apart");
            all.addAll(List.of(cluster));
        }
        assertEquals(60, all.size());
        assertEquals(1, Clusters.of(new float[][] {{1}, {1}, {1}}, 1, random).size());
    }

    @Test
    void powerTransformKeepsSignsAndLength() {
        float[] transformed = new Cncm(new CncmSettings(1, 0.5, false, 0)).transform(new float[] {-4, 0, 1});
        double length = Math.sqrt(4 + 1);
        assertArrayEquals(new float[] {(float) (-2 / length), 0, (float) (1 / length)}, transformed, 1e-6f);
    }

    @Test
    void nearestClusterDecidesAndNewClassesChangeNothing() {
        for (double temperature : new double[] {0, 0.1}) {
            Cncm cncm = new Cncm(new CncmSettings(2, 1, false, temperature));
            cncm.addClass(new float[][] {{1, 0}, {0.99f, 0.01f}, {-1, 0}, {-0.99f, 0.01f}}, streams.stream("a"));
            double[] before = cncm.scores(new float[] {-1, 0.1f});
            cncm.addClass(new float[][] {{0, 1}, {0.01f, 0.99f}}, streams.stream("b"));
            double[] after = cncm.scores(new float[] {-1, 0.1f});
            assertEquals(before[0], after[0], "an old class's score");
            assertEquals(0, FeatureMatrix.argmax(after, 2), "a class of two opposite clusters");
            assertEquals(1, FeatureMatrix.argmax(cncm.scores(new float[] {0.1f, 1}), 2));
        }
    }
}
