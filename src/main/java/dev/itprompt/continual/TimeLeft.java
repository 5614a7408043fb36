package dev.itprompt.continual;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How long the rest of a training will take, by what its finished tasks took. Learning an image takes longer the more classes have been seen
 * (replay draws pseudo-features of all of them), and the test after a task is on the images of all tasks so far; both are taken to be a constant
 * and a part that grows in proportion, fitted by least squares. One or two finished tasks do not say which of the two it was (the
 * program itself is faster after its first minute), so that the answer is a range from one extreme to the other.
 *
 * @param least seconds
 * @param most  seconds, at least as many
 */
public record TimeLeft(double least, double most) {

    /**
     * What is known of each task, in their order.
     *
     * @param train number of its training images
     * @param test  number of its test images
     * @param seen  number of classes seen once it is learned
     */
    public record Work(int train, int test, int seen) {}

    /** Finished tasks that a line is fitted to. */
    private static final int ENOUGH = 3;
    /** Nothing is left. */
    private static final TimeLeft NOTHING = new TimeLeft(0, 0);

    /**
     * Counted from the end of the last finished task.
     *
     * @param tasks          all of them
     * @param learnSeconds   of the finished ones
     * @param predictSeconds of the test after each of them
     * @return empty before the first task is finished
     */
    public static Optional<TimeLeft> of(List<Work> tasks, List<Double> learnSeconds, List<Double> predictSeconds) {
        int done = Math.min(learnSeconds.size(), predictSeconds.size());
        if (done == 0) {
            return Optional.empty();
        }
        double[] classes = tasks.stream().mapToDouble(Work::seen).toArray();
        double[] tested = new double[tasks.size()];
        for (int t = 0; t < tested.length; t++) {
            tested[t] = (t == 0 ? 0 : tested[t - 1]) + tasks.get(t).test();
        }
        double[] perImage = IntStream.range(0, done).mapToDouble(t -> learnSeconds.get(t) / Math.max(1, tasks.get(t).train())).toArray();
        double[] test = predictSeconds.stream().limit(done).mapToDouble(Double::doubleValue).toArray();
        TimeLeft sum = NOTHING;
        for (int t = done; t < tasks.size(); t++) {
            sum = sum.plus(at(classes, perImage, classes[t]), tasks.get(t).train()).plus(at(tested, test, tested[t]), 1);
        }
        return Optional.of(sum);
    }

    private TimeLeft plus(TimeLeft more, double times) {
        return new TimeLeft(least + times * more.least, most + times * more.most);
    }

    /** The value at a place of the line through the first points that neither falls nor was below zero at zero. */
    private static TimeLeft at(double[] x, double[] y, double place) {
        double meanX = IntStream.range(0, y.length).mapToDouble(i -> x[i]).average().orElseThrow();
        double meanY = IntStream.range(0, y.length).mapToDouble(i -> y[i]).average().orElseThrow();
        double steepest = meanX > 0 ? meanY / meanX : 0;
        double spread = IntStream.range(0, y.length).mapToDouble(i -> (x[i] - meanX) * (x[i] - meanX)).sum();
        if (y.length < ENOUGH || spread == 0) {
            return new TimeLeft(meanY, meanY + steepest * (place - meanX));
        }
        double slope = IntStream.range(0, y.length).mapToDouble(i -> (x[i] - meanX) * (y[i] - meanY)).sum() / spread;
        double value = meanY + Math.clamp(slope, 0, steepest) * (place - meanX);
        return new TimeLeft(value, value);
    }
}
