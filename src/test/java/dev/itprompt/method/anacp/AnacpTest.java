package dev.itprompt.method.anacp;

import dev.itprompt.method.FeatureGoldens;
import dev.itprompt.method.ridge.RandomFeatures;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class AnacpTest {

    private final FeatureGoldens goldens = new FeatureGoldens();
    private final JsonNode golden = goldens.part("anacp");

    private RandomFeatures layer(int number) {
        return new RandomFeatures(FeatureGoldens.matrix(golden.get("layers").get(number)), RandomFeatures::gelu);
    }

    /** The numbers that NumPy drew, one after the other. */
    private RandomGenerator noise(int task) {
        double[] drawn = FeatureGoldens.doubles(golden.get("noises").get(task));
        return new RandomGenerator() {
            private int next;

            @Override
            public long nextLong() {
                throw new IllegalStateException("normal numbers only");
            }

            @Override
            public double nextGaussian() {
                return drawn[next++];
            }
        };
    }

    @Test
    void equalsNumPy() {
        AnacpSettings settings = new AnacpSettings(9, 2, golden.get("ridge").asDouble(), golden.get("samples").asInt());
        int first = goldens.tasks()[0];
        Anacp anacp = new Anacp(settings, List.of(layer(0), layer(1)), layer(2), goldens.test()[0].length, seen -> noise(seen == first ? 0 : 1));
        int seen = 0;
        for (int task = 0; task < goldens.tasks().length; task++) {
            goldens.learn(anacp, task);
            seen += goldens.tasks()[task];
            FeatureGoldens.assertClose(golden.get("results").get(task), anacp.scores(goldens.test(), seen), "task " + task);
        }
    }
}
