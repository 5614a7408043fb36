package dev.itprompt.experiment;

import com.sun.management.OperatingSystemMXBean;
import dev.itprompt.InputException;
import dev.itprompt.RandomStreams;
import dev.itprompt.Warnings;
import dev.itprompt.continual.ScenarioImages;
import dev.itprompt.data.ClassFolders;
import dev.itprompt.data.ImageCache;
import dev.itprompt.data.ImageLoading;
import dev.itprompt.data.ImageResize;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.StoredImages;
import dev.itprompt.data.Transforms;
import dev.itprompt.train.ImageBatches;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Measures how fast the images of a folder become batches of a training: read, decoded, cropped at random, mirrored and normalised as for
 * CLIP, without a device that computes with them.
 */
public final class LoadingBenchmark {

    private static final int BATCH = 64;
    private static final double LEAST_AREA = 0.05;

    /**
     * What was measured.
     *
     * @param images           loaded
     * @param seconds          wall time
     * @param processorSeconds of all threads of the process together
     */
    public record Rate(long images, double seconds, double processorSeconds) {

        /** Images per second of wall time. */
        public double perSecond() {
            return images / seconds;
        }
    }

    /**
     * Both ways of loading.
     *
     * @param decoded every image decoded each time
     * @param cached  decoded images read from a cache on disk
     */
    public record Rates(Rate decoded, Rate cached) {}

    private final Path folder;
    private final int side;
    private final int passes;

    /**
     * @param folder one folder per class
     * @param side   S: pixels of the square
     * @param passes measured, at least 1; one more is made before
     */
    public LoadingBenchmark(Path folder, int side, int passes) {
        if (side < 1 || side > Preprocess.MAX_SIDE || passes < 1) {
            throw new InputException("bench: expected a side of 1 to " + Preprocess.MAX_SIDE + " and at least 1 repetition, found " + side + " and " + passes);
        }
        this.folder = folder;
        this.side = side;
        this.passes = passes;
    }

    /** Measures; the cache is removed afterwards. */
    public Rates run() {
        try {
            Path cache = Files.createTempDirectory("itprompt-bench");
            try {
                Rate decoded = measure(ClassFolders.read(folder, ImageLoading.asStored(1, Warnings.NONE)));
                StoredImages images = ClassFolders.read(folder, new ImageLoading(Runtime.getRuntime().availableProcessors(), 0, Warnings.NONE,
                        new ImageCache(cache, Long.MAX_VALUE)));
                images.prepare();
                return new Rates(decoded, measure(images));
            } finally {
                try (Stream<Path> files = Files.walk(cache)) {
                    files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Rate measure(StoredImages images) {
        Preprocess preprocess = Preprocess.clip(side);
        ScenarioImages task = ScenarioImages.all(images, new Transforms(preprocess, LEAST_AREA, ImageResize.Filter.BICUBIC, true, 0, 0));
        load(task, 1);
        long processor = processorNanoseconds();
        long start = System.nanoTime();
        long count = load(task, passes);
        return new Rate(count, (System.nanoTime() - start) / 1e9, (processorNanoseconds() - processor) / 1e9);
    }

    private long load(ScenarioImages task, int times) {
        int perPass = Math.ceilDiv(task.size(), BATCH);
        RandomStreams streams = new RandomStreams(0);
        ImageBatches batches = new ImageBatches(task, 3 * side * side, (long) times * perPass, step -> {
            int from = (int) (step % perPass) * BATCH;
            return IntStream.range(from, Math.min(task.size(), from + BATCH)).toArray();
        }, (step, position) -> streams.stream("bench.augment", step, position));
        long count = 0;
        for (long step = 0; step < (long) times * perPass; step++) {
            count += batches.get(step).labels().length;
        }
        return count;
    }

    private static long processorNanoseconds() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }
}
