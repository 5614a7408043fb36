package dev.itprompt.method.rapf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.config.Configuration;
import dev.itprompt.device.Executable;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.graph.Gradients;
import dev.itprompt.graph.Node;
import dev.itprompt.method.FeatureGoldens;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The parts of RAPF against NumPy. */
class RapfTest {

    private final FeatureGoldens goldens = new FeatureGoldens();
    private final JsonNode golden = goldens.part("rapf");

    private Tensor tensor(String name) {
        return FeatureMatrix.of(Arrays.asList(FeatureGoldens.rows(golden.get(name))));
    }

    private static double[][] rows(Tensor tensor) {
        float[][] rows = FeatureMatrix.rows(tensor);
        return Arrays.stream(rows).map(row -> {
            double[] wide = new double[row.length];
            Arrays.setAll(wide, i -> row[i]);
            return wide;
        }).toArray(double[][]::new);
    }

    @Test
    void pairsAreThoseOfNearTexts() {
        List<HardPairs.Pair> expected = new ArrayList<>();
        golden.get("pairs").forEach(pair -> expected.add(new HardPairs.Pair(pair.get(0).asInt(), 3 + pair.get(1).asInt())));
        float[][] texts = FeatureGoldens.floats(golden.get("texts"));
        assertEquals(expected, HardPairs.of(texts, 3, 5, golden.get("threshold").asDouble()));
        assertEquals(3, expected.size());
        assertEquals(List.of(), HardPairs.of(texts, 0, 3, 10), "a first task has no old classes");
        assertEquals(6, HardPairs.of(texts, 3, 5, 10).size());
    }

    @Test
    void covariancesEqualNumPy() {
        FeatureGoldens.assertClose(golden.get("covariance"), Rapf.covariance(goldens.features(0), false), "covariance");
        FeatureGoldens.assertClose(golden.get("shrunk"), Rapf.covariance(goldens.features(0), true), "shrunk");
    }

    @Test
    void theStepHasNumPysLossAndGradient() {
        int edges = golden.get("edges").size();
        MapStep step = MapStep.of(tensor("old"), tensor("texts"), 7, 0.1, new MapStep.Sizes(golden.get("rows").size(), edges));
        List<Node> results = new ArrayList<>(step.training().terms().values());
        Node gradient = Gradients.of(step.training().graph(), step.training().loss(), List.copyOf(step.training().trained().values())).getFirst();
        results.add(gradient);
        try (Executable executable = new ReferenceDevice().compile(step.training().graph(), results)) {
            executable.write(step.rows(), tensor("rows"));
            executable.write(step.labels(), floats("labels"));
            executable.write(step.edges(), tensor("edges"));
            executable.write(step.own(), floats("own"));
            executable.write(step.other(), floats("other"));
            executable.run();
            assertEquals(golden.at("/loss/0").asDouble(), executable.read(results.get(0)).get(0), 1e-6);
            assertEquals(golden.at("/loss/1").asDouble(), executable.read(results.get(1)).get(0), 1e-6);
            double[][] expected = FeatureGoldens.rows(golden.get("gradient"));
            double[][] found = rows(executable.read(gradient));
            for (int i = 0; i < expected.length; i++) {
                for (int j = 0; j < expected.length; j++) {
                    assertEquals(expected[i][j], found[i][j], 1e-5, i + ", " + j);
                }
            }
        }
    }

    private float[] floats(String name) {
        double[] values = FeatureGoldens.doubles(golden.get(name));
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    @Test
    void mixingEqualsNumPy() {
        FeatureGoldens.assertClose(golden.get("mixed"), rows(MapMixing.mix(tensor("old"), tensor("new"), 0.6)), "mixed");
    }

    /** With the whole share the new map is taken, and without a change there is nothing to mix. */
    @Test
    void mixingHasItsLimits() {
        FeatureGoldens.assertClose(golden.get("new"), rows(MapMixing.mix(tensor("old"), tensor("new"), 1)), "whole share");
        FeatureGoldens.assertClose(golden.get("old"), rows(MapMixing.mix(tensor("old"), tensor("old"), 0.6)), "no change");
    }

    @ParameterizedTest
    @CsvSource({"0, 1e-3", "3, 1e-3", "4, 1e-4", "9, 1e-4", "10, 1e-5", "14, 1e-5"})
    void theRateFallsAtMilestones(long pass, double rate) {
        assertEquals(rate, Configuration.of(RapfSettings.class).build().settings().rateOf(pass), 1e-12);
    }

    @Test
    void milestonesBeginAtOne() {
        Exception refused = assertThrows(RuntimeException.class, () -> Configuration.of(RapfSettings.class).set("test", "milestones=[0]").build().settings());
        assertTrue(refused.getMessage().contains("milestones: expected passes of at least 1, found [0]"), refused.getMessage());
    }
}
