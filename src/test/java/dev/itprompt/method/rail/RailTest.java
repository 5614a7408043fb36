package dev.itprompt.method.rail;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.itprompt.method.FeatureGoldens;
import dev.itprompt.method.ridge.RandomFeatures;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RailTest {

    private final FeatureGoldens goldens = new FeatureGoldens();
    private final JsonNode golden = goldens.part("rail");

    private Rail rail(double fusion, float[][] texts) {
        return new Rail(new RailSettings(40, 0.1, fusion), new RandomFeatures(FeatureGoldens.matrix(golden.get("layer")), RandomFeatures::relu),
                texts, 5);
    }

    /** Sums give what renewing the inverse image by image gives, for classes learned and for all. */
    @Test
    void equalsNumPy() {
        Rail fused = rail(0.8, FeatureGoldens.floats(golden.get("texts")));
        Rail alone = rail(1, null);
        int seen = 0;
        for (int task = 0; task < goldens.tasks().length; task++) {
            goldens.learn(fused, task);
            goldens.learn(alone, task);
            seen += goldens.tasks()[task];
            JsonNode result = golden.get("results").get(task);
            FeatureGoldens.assertClose(result.get("regression"), alone.scores(goldens.test(), seen), "regression of task " + task);
            FeatureGoldens.assertClose(result.get("scores"), fused.scores(goldens.test(), seen), "fused, task " + task);
            FeatureGoldens.assertClose(result.get("ahead"), fused.scores(goldens.test(), fused.knownAhead()), "ahead, task " + task);
        }
        assertEquals(6, fused.knownAhead());
        assertEquals(0, alone.knownAhead());
    }

    /** Before anything is learned, and with no share of the regression, answers are zero-shot probabilities. */
    @Test
    void zeroShotIsWhatIsLeft() {
        float[][] texts = FeatureGoldens.floats(golden.get("texts"));
        double[][] before = rail(0.8, texts).scores(goldens.test(), 6);
        Rail none = rail(0, texts);
        goldens.learn(none, 0);
        double[][] after = none.scores(goldens.test(), 6);
        for (int i = 0; i < before.length; i++) {
            double sum = 0;
            for (int c = 0; c < 6; c++) {
                assertEquals(before[i][c], after[i][c], 1e-12);
                sum += before[i][c];
            }
            assertEquals(1, sum, 1e-12);
        }
    }
}
