package dev.itprompt.train;

import java.util.Arrays;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;

/**
 * The indices of each step's batch: passes over all images in random order, whole batches only. Used by one thread.
 */
public final class Orders implements LongFunction<int[]> {

    private final int images;
    private final int batch;
    private final LongFunction<RandomGenerator> random;
    private int[] order;
    private long shuffled = -1;

    /**
     * @param images how many there are, at least one batch
     * @param random source of a pass's order, by its number from 0
     */
    public Orders(int images, int batch, LongFunction<RandomGenerator> random) {
        this.images = images;
        this.batch = batch;
        this.random = random;
    }

    /** Images of a step. */
    public int batch() {
        return batch;
    }

    /** Steps of one pass. */
    public int perPass() {
        return images / batch;
    }

    /** The pass that a step belongs to, from 0. */
    public long pass(long step) {
        return step / perPass();
    }

    @Override
    public int[] apply(long step) {
        if (pass(step) != shuffled) {
            shuffled = pass(step);
            order = permutation(images, random.apply(shuffled));
        }
        int from = (int) (step % perPass()) * batch;
        return Arrays.copyOfRange(order, from, from + batch);
    }

    /** A random permutation of {@code 0 … count−1}. */
    public static int[] permutation(int count, RandomGenerator random) {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
