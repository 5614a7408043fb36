package dev.itprompt.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.continual.AccuracyMatrix;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportTest {

    private static MethodResult result(String name, boolean complete, int... last) {
        AccuracyMatrix accuracy = new AccuracyMatrix(last.length);
        AccuracyMatrix inferred = new AccuracyMatrix(last.length);
        for (int j = 0; j < last.length; j++) {
            for (int t = j; t < last.length; t++) {
                if (complete || t == last.length - 1) {
                    accuracy.set(j, t, t == last.length - 1 ? last[j] : 100, 100);
                    inferred.set(j, t, 50, 100);
                }
            }
        }
        return new MethodResult(name, accuracy, complete ? inferred : null, null, new int[] {0, 1}, complete ? new int[] {0, 1} : new int[0], new double[0], Map.of(),
                Map.of("prompts", 12L), OptionalInt.of(1), new MethodResult.ZeroShot(20, 20, true), List.of(1.5), List.of(0.25));
    }

    private static final MethodResult GOOD = result("good", true, 90, 80);
    private static final MethodResult JOINT = result("joint <&>", false, 95, 85);

    @Test
    void metricsThatNeedTheWholeMatrixAreLeftOutWithoutIt() {
        assertEquals(85, GOOD.metrics().get("FAA"));
        assertEquals(10, GOOD.metrics().get("FFM"));
        assertEquals(50, GOOD.metrics().get("taskInferenceAccuracy"));
        assertEquals(1, GOOD.metrics().get("zeroShotRetention"));
        assertEquals(90, JOINT.metrics().get("FAA"));
        assertNull(JOINT.metrics().get("CAA"));
        assertNull(JOINT.metrics().get("taskInferenceAccuracy"));
    }

    @Test
    void comparisonHasALinePerMethodAndDashesForGaps() {
        List<String> lines = Report.comparison(List.of(GOOD, JOINT)).lines().toList();
        assertEquals(4, lines.size());
        assertEquals(List.of("good", "85.00", "92.50", "10.00", "-10.00", "85.00", "50.00", "1", "1.8"),
                List.of(lines.get(2).split(" +")));
        assertTrue(lines.get(3).contains(" - "), lines.get(3));
        for (String heading : lines.getFirst().split(" +")) {
            assertTrue(heading.equals("method") || Report.definitions().contains("  " + heading + " "), heading);
        }
    }

    @Test
    void matrixShowsPercentagesAndColorsOnlyIfAsked() {
        String plain = Report.matrix(JOINT, false);
        assertFalse(plain.contains("\u001b"));
        assertTrue(plain.contains("  95.00") && plain.contains("   ."), plain);
        assertTrue(Report.matrix(GOOD, true).contains("\u001b[30;48;5;"));
    }

    @Test
    void storedResultsComeBackTheSame() {
        for (MethodResult result : List.of(GOOD, JOINT)) {
            MethodResult back = ResultFiles.method(JsonMapper.shared().readTree(ResultFiles.method(result).toString()));
            assertEquals(result.metrics(), back.metrics());
            assertEquals(ResultFiles.method(result).toString(), ResultFiles.method(back).toString());
            assertEquals(result.seconds(), back.seconds());
        }
    }

    @Test
    void seedsAreSummarizedByMeanAndPopulationDeviation() {
        SeedSummary summary = new SeedSummary(List.of(3, 4), List.of(List.of(GOOD, JOINT), List.of(result("good", true, 80, 70), JOINT)));
        JsonNode json = JsonMapper.shared().readTree(summary.json(List.of("a", "b")));
        assertEquals(80, json.at("/methods/good/FAA/mean").asDouble());
        assertEquals(5, json.at("/methods/good/FAA/deviation").asDouble());
        assertTrue(json.at("/methods/joint <&>/CAA").isNull());
        assertTrue(summary.table().contains("80.00 ± 5.00"), summary.table());
    }

    @Test
    void heldOutAccuracyCountsRanksAndComparesBits() {
        HeldOutCheck.Scores scores = new HeldOutCheck.Scores(new float[] {3, 2, 1, 1, 1, 1, 0, 5, 5}, 3, new int[] {0, 1, 2});
        assertEquals(100 / 3.0, scores.accuracy(1), 1e-9);
        assertEquals(100, scores.accuracy(2), 1e-9);
        assertTrue(scores.identical(new HeldOutCheck.Scores(scores.logits().clone(), 3, scores.truth())));
        float[] changed = scores.logits().clone();
        changed[8] = Math.nextUp(changed[8]);
        assertFalse(scores.identical(new HeldOutCheck.Scores(changed, 3, scores.truth())));
        changed[8] = scores.logits()[8];
        changed[6] = -0f;
        assertFalse(scores.identical(new HeldOutCheck.Scores(changed, 3, scores.truth())));
    }
}
