package dev.itprompt.experiment;

import dev.itprompt.config.Configuration;
import dev.itprompt.device.Device;
import dev.itprompt.method.Passes;
import dev.itprompt.method.itprompt.ItPromptSettings;
import dev.itprompt.model.VisionTransformer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How long a device takes for an image of the image tower, measured for a moment on random images with random weights.
 *
 * @param embedding seconds for an image forward
 * @param training  seconds for an image forward and backward to IT-Prompt's prompts
 */
public record TowerSpeed(Range embedding, Range training) {

    /**
     * Seconds.
     *
     * @param least of all repetitions
     * @param most  of all repetitions
     */
    public record Range(double least, double most) {

        /** Both together. */
        public Range plus(Range others) {
            return new Range(least + others.least, most + others.most);
        }

        private Range times(long count) {
            return new Range(count * least, count * most);
        }
    }

    private static final int BATCH = 16;
    private static final long STEADY = 2_000_000_000L;
    private static final long LONGEST_WARM_UP = 60_000_000_000L;

    /**
     * Measures a tower.
     *
     * @param seconds for each of both kinds of pass once kernels are compiled, at least three repetitions
     */
    public static TowerSpeed measure(Device device, VisionTransformer tower, double seconds) {
        ItPromptSettings settings = Configuration.of(ItPromptSettings.class).build().settings();
        try (Workload workload = new Workload(device, Workload.randomClip(tower), settings, BATCH)) {
            Range embedding = measure(workload::embed, seconds);
            Range both = measure(workload::train, seconds); // embeds the queries first
            return new TowerSpeed(embedding, new Range(Math.max(0, both.least - embedding.least), Math.max(0, both.most - embedding.most)));
        }
    }

    private static Range measure(Runnable batch, double seconds) {
        warm(batch);
        List<Double> times = new ArrayList<>();
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (times.size() < 3 || System.nanoTime() < end) {
            times.add(time(batch) / BATCH);
        }
        return new Range(Collections.min(times), Collections.max(times));
    }

    /** Until kernels are compiled: nothing has become a tenth quicker for some time. */
    private static void warm(Runnable batch) {
        double best = Double.POSITIVE_INFINITY;
        long start = System.nanoTime();
        long improved = start;
        while (System.nanoTime() - improved < STEADY && System.nanoTime() - start < LONGEST_WARM_UP) {
            double time = time(batch);
            if (time < 0.9 * best) {
                best = time;
                improved = System.nanoTime();
            }
        }
    }

    private static double time(Runnable batch) {
        long start = System.nanoTime();
        batch.run();
        return (System.nanoTime() - start) / 1e9;
    }

    /** Seconds for passes, at the quickest repetition and at the slowest. */
    public Range of(Passes passes) {
        return embedding.times(passes.embedded()).plus(training.times(passes.trained()));
    }
}
