package dev.itprompt.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.DivergenceException;
import dev.itprompt.RandomStreams;
import dev.itprompt.method.ItPromptSettings.CncmSettings;
import dev.itprompt.method.ItPromptSettings.ReplayOptimizer;
import dev.itprompt.method.ItPromptSettings.ReplaySettings;
import dev.itprompt.method.ItPromptSettings.ReplayStart;
import dev.itprompt.method.ItPromptSettings.ReplaySteps;
import dev.itprompt.method.ItPromptSettings.Statistics;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Class statistics, clusters and C-NCM on features whose distribution is known. */
class StatisticsTest {

    private static final long SEED = 11;
    private final RandomStreams streams = new RandomStreams(SEED);

    private static ReplaySettings replay(Statistics statistics) {
        return new ReplaySettings(statistics, 4, ReplayStart.TRAINED, new ReplaySteps(1, 1, 1, 0, 0, 0), 0.1, ReplayOptimizer.SGD);
    }

    /** Correlated rows: x0 of deviation 2, x1 = x0/2 + noise of 0.5, x2 constant 3. */
    private float[][] rows(int count) {
        RandomGenerator random = streams.stream("rows");
        float[][] rows = new float[count][];
        for (int i = 0; i < count; i++) {
            double a = 2 * random.nextGaussian() + 1;
            rows[i] = new float[] {(float) a, (float) (a / 2 + 0.5 * random.nextGaussian()), 3};
        }
        return rows;
    }

    /** Columns of the factor of a covariance like that of the rows. */
    private static float[][] common() {
        return new float[][] {{2, 1, 0}, {0, 0.5f, 0}, {0, 0, 0}};
    }

    /** Rows on a line, so long that the ridge is lost in rounding. */
    @Test
    void aCovarianceThatCannotBeFactoredIsSaid() {
        float[][] rows = {{1e15f, 1e15f, 1e15f}, {-1e15f, -1e15f, -1e15f}, {3e14f, 3e14f, 3e14f}};
        DivergenceException e = assertThrows(DivergenceException.class,
                () -> ClassStatistics.of(rows, replay(Statistics.COVARIANCE), streams.stream("fit")));
        assertTrue(e.getMessage().endsWith("set the method's replay.statistics=variance"), e.getMessage());
        assertEquals(3, ClassStatistics.of(rows, replay(Statistics.VARIANCE), streams.stream("fit")).mean().length);
    }

    @ParameterizedTest
    @EnumSource(Statistics.class)
    void samplesHaveTheMomentsOfTheClass(Statistics statistics) {
        float[][] rows = rows(4000);
        ClassStatistics fitted = ClassStatistics.of(rows, replay(statistics), streams.stream("fit"));
        float[][] samples = fitted.sample(20_000, common(), streams.stream("sample"));
        assertArrayEquals(FeatureMatrix.mean(rows), fitted.mean(), 1e-9, "seed " + SEED);
        double[] mean = FeatureMatrix.mean(samples);
        double[][] scatter = FeatureMatrix.scatter(samples, mean);
        double var0 = scatter[0][0] / samples.length;
        double covariance = scatter[0][1] / samples.length;
        // Clusters count equally whatever their size, so outlying ones widen the mixture.
        double tolerance = statistics == Statistics.CENTROIDS ? 2.5 : 0.25;
        assertEquals(1, mean[0], statistics == Statistics.CENTROIDS ? 0.8 : 0.1, "mean of x0, seed " + SEED);
        assertEquals(4, var0, tolerance, "variance of x0, seed " + SEED);
        assertEquals(3, mean[2], 1e-2);
        switch (statistics) {
            case SHRUNK, COVARIANCE -> assertEquals(2, covariance, 0.15, "covariance, seed " + SEED);
            case VARIANCE -> assertEquals(0, covariance, 0.1, "a diagonal model has no covariance, seed " + SEED);
            case CENTROIDS -> assertTrue(covariance > 1, "clusters keep most of the covariance, got " + covariance);
        }
    }

    @ParameterizedTest
    @EnumSource(Statistics.class)
    void aSingleImageIsEnough(Statistics statistics) {
        ClassStatistics fitted = ClassStatistics.of(new float[][] {{1, 2, 3}}, replay(statistics), streams.stream("one"));
        for (float[] sample : fitted.sample(50, new float[3][3], streams.stream("sample"))) {
            assertArrayEquals(new float[] {1, 2, 3}, sample, 0.06f, "the ridge of 1e-4 is all the spread");
        }
    }

    @Test
    void fewImagesBorrowTheCovarianceOfAllClasses() {
        float[][] rows = {{0, 0, 0}, {2, 0, 0}, {0, 2, 0}};
        ClassStatistics fitted = ClassStatistics.of(rows, replay(Statistics.SHRUNK), streams.stream("few"));
        float[][] common = {{0, 0, 0}, {0, 0, 0}, {0, 0, 4}};
        float[][] samples = fitted.sample(40_000, common, streams.stream("sample"));
        double[][] scatter = FeatureMatrix.scatter(samples, FeatureMatrix.mean(samples));
        // Three images of width 3: a fifth of the covariance is the class's own, which has a variance of 4/3 along the first two columns.
        assertEquals(0.2 * 4 / 3, scatter[0][0] / samples.length, 0.03, "seed " + SEED);
        assertEquals(0.2 * -2.0 / 3, scatter[0][1] / samples.length, 0.03, "seed " + SEED);
        assertEquals(0.8 * 16, scatter[2][2] / samples.length, 0.3, "seed " + SEED);
    }

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
