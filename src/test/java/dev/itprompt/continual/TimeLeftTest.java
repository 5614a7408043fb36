package dev.itprompt.continual;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TimeLeftTest {

    /** Ten tasks of ten classes, 5,000 training and 1,000 test images each. */
    private static final List<TimeLeft.Work> TASKS = IntStream.range(0, 10).mapToObj(t -> new TimeLeft.Work(5000, 1000, 10 * (t + 1))).toList();

    private static List<Double> list(double... values) {
        return DoubleStream.of(values).boxed().toList();
    }

    private static TimeLeft of(List<TimeLeft.Work> tasks, List<Double> learn, List<Double> test) {
        return TimeLeft.of(tasks, learn, test).orElseThrow();
    }

    @Test
    void nothingIsKnownBeforeTheFirstTask() {
        assertTrue(TimeLeft.of(TASKS, List.of(), List.of()).isEmpty());
    }

    /** Nine more tasks of 10 s each, or of 20, 30, ... 100 s; tests of 1 s, or of 2 to 10 s. */
    @Test
    void oneTaskOrTwoGiveARange() {
        assertEquals(new TimeLeft(9 * 11, 540 + 54), of(TASKS, list(10), list(1)));
    }

    @Test
    void costsThatGrowInALineAreContinued() {
        TimeLeft left = of(TASKS, list(12, 14, 16), list(3, 4, 5));
        assertEquals(18 + 20 + 22 + 24 + 26 + 28 + 30 + 6 + 7 + 8 + 9 + 10 + 11 + 12, left.least(), 1e-9);
        assertEquals(left.least(), left.most());
    }

    /** Costs that fell by chance are taken to stay; those that seem to rise from below zero rise from zero. */
    @Test
    void slopesStayBetweenNoneAndProportional() {
        assertEquals(7 * 15 + 7 * 2, of(TASKS, list(20, 15, 10), list(3, 2, 1)).most(), 1e-9);
        assertEquals(12 * (4 + 5 + 6 + 7 + 8 + 9 + 10) / 2.0, of(TASKS, list(0, 0, 36), list(0, 0, 0)).least(), 1e-9);
    }

    /** A first task of half of all classes does not count as much as five others do. */
    @Test
    void tasksOfOtherSizesCountByTheirImages() {
        List<TimeLeft.Work> tasks = List.of(new TimeLeft.Work(25_000, 5000, 50), new TimeLeft.Work(5000, 1000, 60),
                new TimeLeft.Work(5000, 1000, 70));
        TimeLeft left = of(tasks.subList(0, 2), list(100), list(5));
        assertEquals(20 + 5, left.least(), 1e-9);
        assertEquals(20 * 1.2 + 6, left.most(), 1e-9);
        assertEquals(20 + 5.5, of(tasks, list(100, 20), list(5, 6)).least(), 1e-9);
    }

    @Test
    void nothingIsLeftInTheEnd() {
        assertEquals(new TimeLeft(0, 0), of(TASKS.subList(0, 2), list(1, 2), list(1, 1)));
    }

    /**
     * Timings of a whole run of ten times ten classes (60,000 pictures of CIFAR-100's size, bundled model) on a machine that others used as
     * well: the first two ranges hold what the rest took, and from the fourth task on the estimate was right to within half of it.
     */
    @Test
    void recordedTimings() {
        double[] learn = {15.4, 33.4, 48.7, 44.5, 69.1, 58.9, 79.8, 83.1, 37.4, 70.5};
        double[] test = {1.7, 2.8, 2.8, 5.1, 3.9, 6.0, 7.0, 10.3, 5.4, 17.1};
        for (int done = 1; done < 8; done++) {
            TimeLeft left = of(TASKS, list(learn).subList(0, done), list(test).subList(0, done));
            double truth = DoubleStream.of(learn).skip(done).sum() + DoubleStream.of(test).skip(done).sum();
            boolean right = done < 3 ? left.least() < truth && truth < left.most() : left.most() < (done == 3 ? 2 : 1.5) * truth && left.least() > truth / 1.5;
            assertTrue(right, done + " tasks: " + left + ", truth " + truth);
        }
    }
}
