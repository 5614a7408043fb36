package dev.itprompt.continual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class MetricTest {

    private static final double TOLERANCE = 5e-5;

    @Test
    void theVectorOfThreeTasks() {
        AccuracyMatrix a = matrix(new long[][] {{90, 80, 70}, {-1, 85, 75}, {-1, -1, 88}});
        assertEquals(90, Metrics.averageAccuracy(a, 0), TOLERANCE);
        assertEquals(82.5, Metrics.averageAccuracy(a, 1), TOLERANCE);
        assertEquals(77.6667, Metrics.averageAccuracy(a, 2), TOLERANCE);
        assertEquals(77.6667, Metric.FAA.of(a), TOLERANCE);
        assertEquals(83.3889, Metric.CAA.of(a), TOLERANCE);
        assertEquals(15, Metric.FFM.of(a), TOLERANCE);
        assertEquals(-15, Metric.BWT.of(a), TOLERANCE);
        assertEquals(77.6667, Metric.LAST_MICRO.of(a), TOLERANCE);
    }

    @Test
    void microWeighsTasksByTheirImagesAndFaaDoesNot() {
        AccuracyMatrix a = new AccuracyMatrix(2);
        a.set(0, 0, 10, 10);
        a.set(0, 1, 5, 10);
        a.set(1, 1, 90, 90);
        assertEquals(75, Metric.FAA.of(a), 1e-12);
        assertEquals(95, Metric.LAST_MICRO.of(a), 1e-12);
        assertEquals(100, Metrics.taskInferenceAccuracy(a, 0), 1e-12);
    }

    @Test
    void forgettingTakesTheBestEarlierAccuracyAndMayBeNegative() {
        AccuracyMatrix better = matrix(new long[][] {{50, 80, 60}, {-1, 40, 70}, {-1, -1, 10}});
        assertEquals((80 - 60 + 40 - 70) / 2.0, Metric.FFM.of(better), 1e-12);
        assertEquals((60 - 50 + 70 - 40) / 2.0, Metric.BWT.of(better), 1e-12);
    }

    @Test
    void entriesOfTasksNotYetLearnedDoNotCount() {
        AccuracyMatrix a = matrix(new long[][] {{90, 80, 70}, {99, 85, 75}, {99, 99, 88}});
        assertEquals(15, Metric.FFM.of(a), TOLERANCE);
        assertEquals(83.3889, Metric.CAA.of(a), TOLERANCE);
    }

    @Test
    void oneTaskForgetsNothing() {
        AccuracyMatrix a = matrix(new long[][] {{42}});
        assertEquals(0, Metric.FFM.of(a));
        assertEquals(0, Metric.BWT.of(a));
        assertEquals(42, Metric.FAA.of(a), 1e-12);
    }

    @Test
    void missingAndImpossibleEntriesAreErrors() {
        AccuracyMatrix a = new AccuracyMatrix(2);
        a.set(0, 0, 1, 2);
        assertFalse(a.has(0, 1));
        for (Metric metric : Metric.values()) {
            assertThrows(IllegalStateException.class, () -> metric.of(a), metric.key());
            assertFalse(metric.definition().isBlank());
        }
        assertThrows(IllegalArgumentException.class, () -> a.set(0, 1, 3, 2));
        assertThrows(IllegalArgumentException.class, () -> a.set(0, 1, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new AccuracyMatrix(0));
    }

    @Test
    void retentionIsExactlyOneWhenNothingChanged() {
        assertEquals(1.0, Metrics.zeroShotRetention(1 / 3.0, 1 / 3.0));
        assertEquals(1.0, Metrics.zeroShotRetention(0, 0));
        assertEquals(0.5, Metrics.zeroShotRetention(80, 40));
    }

    @Test
    void spreadUsesThePopulationDeviation() {
        assertEquals(new Spread(5, 2, 8), Spread.of(2, 4, 4, 4, 5, 5, 7, 9));
        assertEquals(new Spread(3, 0, 1), Spread.of(3));
        assertThrows(IllegalArgumentException.class, Spread::of);
    }

    private static AccuracyMatrix matrix(long[][] percent) {
        AccuracyMatrix a = new AccuracyMatrix(percent.length);
        for (int task = 0; task < percent.length; task++) {
            for (int after = 0; after < percent.length; after++) {
                if (percent[task][after] >= 0) {
                    a.set(task, after, percent[task][after], 100);
                }
            }
        }
        return a;
    }
}
