package dev.itprompt.method.gaussian;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.itprompt.method.FeatureGoldens;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.replay.Moments;
import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.linear.RealVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class LowRankGaussiansTest {

    private final FeatureGoldens goldens = new FeatureGoldens();

    @ParameterizedTest
    @ValueSource(strings = {"gaussian", "gaussian-shared"})
    void equalsNumPy(String name) {
        JsonNode golden = goldens.part(name);
        LowRankGaussians gaussians = new LowRankGaussians(
                new GaussianSettings(golden.get("rank").asInt(), golden.get("own").asDouble()), goldens.test()[0].length);
        int seen = 0;
        for (int task = 0; task < goldens.tasks().length; task++) {
            goldens.learn(gaussians, task);
            seen += goldens.tasks()[task];
            FeatureGoldens.assertClose(golden.get("results").get(task), gaussians.scores(goldens.test(), seen), name + " task " + task);
        }
    }

    /**
     * With all directions kept the class's covariance is whole, whether they come from few images or from many: against the
     * density itself.
     */
    @ParameterizedTest
    @ValueSource(ints = {4, 12})
    void allDirectionsAreTheCovariance(int images) {
        float[][] rows = Arrays.copyOf(goldens.features(0), images);
        GaussianSettings settings = new GaussianSettings(6, 0.5);
        LowRankGaussians gaussians = new LowRankGaussians(settings, 6);
        gaussians.addClass(rows);
        gaussians.taskDone();
        double[] mean = FeatureMatrix.mean(rows);
        RealMatrix shared = new Array2DRowRealMatrix(gaussians.shared()).scalarMultiply(0.5);
        RealMatrix whole = shared.add(new Array2DRowRealMatrix(Moments.covariance(rows)).scalarMultiply(0.5));
        double size = Math.log(new LUDecomposition(whole).getDeterminant() / new LUDecomposition(shared).getDeterminant());
        for (float[] x : goldens.test()) {
            RealVector apart = new ArrayRealVector(6);
            for (int i = 0; i < 6; i++) {
                apart.setEntry(i, x[i] - mean[i]);
            }
            double expected = -(apart.dotProduct(new LUDecomposition(whole).getSolver().solve(apart)) + size) / 2;
            assertEquals(expected, gaussians.scores(x, 1)[0], 1e-9 * Math.abs(expected), images + " images");
        }
    }

    /** Without different images in any class the shared covariance is the identity: scores are half squared distances. */
    @Test
    void oneImageAClass() {
        LowRankGaussians gaussians = new LowRankGaussians(new GaussianSettings(8, 0), 2);
        gaussians.addClass(new float[][] {{1, 0}});
        gaussians.addClass(new float[][] {{0, 3}, {0, 3}});
        gaussians.taskDone();
        assertArrayEquals(new double[] {-2.5, -2.5}, gaussians.scores(new float[] {2, 2}, 2), 1e-5);
    }
}
