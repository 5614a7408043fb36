package dev.itprompt.method.ranpac;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.itprompt.method.FeatureGoldens;
import dev.itprompt.method.ridge.RandomFeatures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class RandomProjectionTest {

    private final FeatureGoldens goldens = new FeatureGoldens();

    /** With fewer random features than images in a task, and with more, where the ridge is chosen by the dual problem. */
    @ParameterizedTest
    @ValueSource(strings = {"ranpac", "ranpac-dual"})
    void equalsNumPy(String name) {
        JsonNode golden = goldens.part(name);
        RandomProjection ranpac = new RandomProjection(new RanpacSettings(golden.get("layer").get(0).size(), 0),
                new RandomFeatures(FeatureGoldens.matrix(golden.get("layer")), RandomFeatures::relu));
        int seen = 0;
        for (int task = 0; task < goldens.tasks().length; task++) {
            goldens.learn(ranpac, task);
            seen += goldens.tasks()[task];
            JsonNode result = golden.get("results").get(task);
            assertEquals(result.get("ridge").asDouble(), ranpac.ridge(), name + " task " + task);
            FeatureGoldens.assertClose(result.get("scores"), ranpac.scores(goldens.test(), seen), name + " task " + task);
        }
    }

    /** Eigenvectors of products of columns against singular vectors of the columns themselves. */
    @Test
    void truncationEqualsNumPy() {
        JsonNode golden = goldens.part("loranpac");
        LoranpacSettings settings = new LoranpacSettings(40, golden.get("rank").asInt(), golden.get("kept").asDouble(), 0);
        TruncatedProjection loranpac = new TruncatedProjection(settings,
                new RandomFeatures(FeatureGoldens.matrix(golden.get("layer")), RandomFeatures::relu));
        int seen = 0;
        for (int task = 0; task < goldens.tasks().length; task++) {
            goldens.learn(loranpac, task);
            seen += goldens.tasks()[task];
            FeatureGoldens.assertClose(golden.get("results").get(task), loranpac.scores(goldens.test(), seen), "task " + task);
        }
    }
}
