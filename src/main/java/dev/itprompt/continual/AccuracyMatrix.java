package dev.itprompt.continual;

import dev.itprompt.train.State;
import dev.itprompt.train.Stateful;
import java.util.Arrays;

/**
 * How many test images of task {@code j} are right after task {@code t} has been learned, and how many there are:
 * the matrix A of the continual-learning literature with its sample counts. Entries with {@code j > t}, tasks not yet
 * learned, are optional, and so are those with {@code t =} {@value #BEFORE}, before any task.
 *
 * <p>Not safe for use by several threads.
 */
public final class AccuracyMatrix implements Stateful {

    /** In the place of a task: nothing has been learned yet. */
    public static final int BEFORE = -1;

    private final long[][] correct;
    private final long[][] total;

    /** @param tasks T, at least 1 */
    public AccuracyMatrix(int tasks) {
        if (tasks < 1) {
            throw new IllegalArgumentException("an accuracy matrix needs at least 1 task, got " + tasks);
        }
        correct = new long[tasks][tasks + 1];
        total = new long[tasks][tasks + 1];
    }

    /**
     * The same entries in a matrix of more tasks.
     *
     * @param tasks at least as many as there are
     */
    public AccuracyMatrix extended(int tasks) {
        AccuracyMatrix extended = new AccuracyMatrix(tasks);
        for (int j = 0; j < tasks(); j++) {
            System.arraycopy(correct[j], 0, extended.correct[j], 0, correct[j].length);
            System.arraycopy(total[j], 0, extended.total[j], 0, total[j].length);
        }
        return extended;
    }

    /** T, the number of tasks. */
    public int tasks() {
        return total.length;
    }

    /**
     * Sets one entry.
     *
     * @param task    j, whose test images were classified
     * @param after   t, the last task learned before, or {@link #BEFORE}
     * @param correct how many were right
     * @param total   how many there were, at least 1
     */
    public void set(int task, int after, long correct, long total) {
        if (total < 1 || correct < 0 || correct > total) {
            throw new IllegalArgumentException("accuracy of task " + task + " after task " + after + ": " + correct + " of "
                    + total);
        }
        this.correct[task][after + 1] = correct;
        this.total[task][after + 1] = total;
    }

    /** Whether an entry has been set. */
    public boolean has(int task, int after) {
        return total[task][after + 1] > 0;
    }

    /** Right answers on task {@code j} after task {@code t}. */
    public long correct(int task, int after) {
        return correct[task][after + 1];
    }

    /** Test images of task {@code j} classified after task {@code t}; 0 if the entry has not been set. */
    public long total(int task, int after) {
        return total[task][after + 1];
    }

    /**
     * Accuracy in percent on task {@code j} after task {@code t}.
     *
     * @throws IllegalStateException if it has not been set
     */
    public double accuracy(int task, int after) {
        if (!has(task, after)) {
            throw new IllegalStateException("no accuracy of task " + task + " after task " + after);
        }
        return 100.0 * correct(task, after) / total(task, after);
    }

    @Override
    public void visit(State state) {
        visit(state, "correct", correct);
        visit(state, "total", total);
    }

    private static void visit(State state, String name, long[][] counts) {
        long[] flat = state.numbers(name, Arrays.stream(counts).flatMapToLong(Arrays::stream).toArray());
        for (int j = 0; j < counts.length; j++) {
            System.arraycopy(flat, j * counts[j].length, counts[j], 0, counts[j].length);
        }
    }
}
