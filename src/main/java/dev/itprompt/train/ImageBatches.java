package dev.itprompt.train;

import dev.itprompt.data.TaskImages;
import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ForkJoinPool;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The batches of a training in their order, decoded and augmented by several threads some batches ahead of the device. What a batch
 * holds depends on its number alone: each image of each step has random numbers of its own.
 */
public final class ImageBatches {

    /** Batches that are made while one is computed with. */
    private static final int AHEAD = 2;
    /** As many threads as there are processors: the device leaves them some while it computes, and all while it waits. */
    private static final ForkJoinPool LOADERS = new ForkJoinPool(Runtime.getRuntime().availableProcessors());

    /** Random numbers of an augmentation. */
    @FunctionalInterface
    public interface Chance extends Serializable {

        /** None: the test transform. */
        Chance NONE = (_, _) -> null;

        /**
         * @param step     from 0
         * @param position in the batch, from 0
         * @return a source of its own; null for the test transform
         */
        RandomGenerator at(long step, int position);
    }

    /**
     * What a step sees, until the next one's batch is asked for.
     *
     * @param chosen indices of the images
     * @param pixels [B, 3, S, S], one after the other
     * @param labels of the images
     */
    public record Batch(int[] chosen, float[] pixels, float[] labels) {}

    private final TaskImages images;
    private final int pixels;
    private final long steps;
    private final LongFunction<int[]> chosen;
    private final Chance chance;
    private final Map<Long, CompletableFuture<Batch>> coming = new HashMap<>();
    /** Pixels of batches that are done with: memory for those that come. */
    private final Queue<float[]> free = new ConcurrentLinkedQueue<>();
    private Batch handedOut;
    private long waited;

    /**
     * @param images to choose from
     * @param pixels numbers of one image, 3·S·S
     * @param steps  how many batches there are
     * @param chosen indices of a step's images
     * @param chance random numbers of the augmentation
     */
    public ImageBatches(TaskImages images, int pixels, long steps, LongFunction<int[]> chosen, Chance chance) {
        this.images = images;
        this.pixels = pixels;
        this.steps = steps;
        this.chosen = chosen;
        this.chance = chance;
    }

    /**
     * The batch of a step; those that follow are begun.
     *
     * @throws RuntimeException what kept an image from being read
     */
    public Batch get(long step) {
        if (handedOut != null) {
            free.add(handedOut.pixels());
        }
        for (long next = step; next <= Math.min(step + AHEAD, steps - 1); next++) {
            if (!coming.containsKey(next)) {
                long number = next;
                int[] which = chosen.apply(number);
                coming.put(number, CompletableFuture.supplyAsync(() -> load(number, which), LOADERS));
            }
        }
        long start = System.nanoTime();
        try {
            handedOut = coming.remove(step).join();
            return handedOut;
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        } finally {
            waited += System.nanoTime() - start;
        }
    }

    /** Nanoseconds that {@link #get} has waited for images until now. */
    public long waited() {
        return waited;
    }

    /** The batch of a step without its pixels. */
    Batch without(long step) {
        int[] which = chosen.apply(step);
        return new Batch(which, new float[0], labels(which));
    }

    /**
     * Which images a part of a step's batch has.
     *
     * @param part  its number, from 0
     * @param parts of equal size
     */
    PartImages part(long step, int part, int parts) {
        int[] which = chosen.apply(step);
        int size = which.length / parts;
        int[] identities = Arrays.stream(which, part * size, (part + 1) * size).map(images::identity).toArray();
        return new PartImages(identities, step, part * size, chance);
    }

    private Batch load(long step, int[] which) {
        float[] last = free.poll();
        float[] values = last != null && last.length == which.length * pixels ? last : new float[which.length * pixels];
        IntStream.range(0, which.length).parallel().forEach(i -> images.load(which[i], values, i * pixels, chance.at(step, i)));
        return new Batch(which, values, labels(which));
    }

    private float[] labels(int[] which) {
        float[] labels = new float[which.length];
        for (int i = 0; i < which.length; i++) {
            labels[i] = images.label(which[i]);
        }
        return labels;
    }
}
