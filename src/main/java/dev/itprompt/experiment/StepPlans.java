package dev.itprompt.experiment;

import dev.itprompt.InputException;
import dev.itprompt.config.Chosen;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.method.Method;
import dev.itprompt.method.Run;
import dev.itprompt.method.Training;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Memory that methods need, as planned before anything is run.
 *
 * @param steps     of the largest training step, by training; those that train nothing in the model are missing
 * @param heap      bytes of Java's heap that each training keeps at most beside the model and the features of images
 * @param embedding of a batch of images, which all methods need
 * @param features  prompt-free features of all images, which all methods share
 */
public record StepPlans(Map<String, MemoryPlan> steps, Map<String, Long> heap, MemoryPlan embedding, Features features,
                        Decoded decoded) {

    /**
     * What a run keeps of its images.
     *
     * @param images number of images
     * @param bytes  of all their features
     * @param mapped whether they are in files of the feature cache that are mapped into memory, or in Java's heap
     */
    public record Features(int images, long bytes, boolean mapped) {}

    /**
     * Decoded images that are kept on disk.
     *
     * @param bytes of all of them, about; 0 if there is nothing to decode or to keep
     * @param most  bytes that are kept
     */
    public record Decoded(long bytes, long most) {}

    /** Of an array and its place in a table of features by image. */
    private static final int BYTES_OF_ROW = 80;
    /** Of an image's key, and of what says in which file its features are. */
    private static final int BYTES_OF_KEY = 160;
    /** Of the heap, for all else. */
    private static final long BASE_BYTES = 64L << 20;

    /**
     * Makes the plans.
     *
     * @param last     the last task
     * @param features of all images
     */
    static StepPlans of(Run run, List<Training> trainings, Method.LastTask last, Features features, Decoded decoded) {
        Map<String, MemoryPlan> steps = new LinkedHashMap<>();
        trainings.forEach(training -> training.largestStep(run, last).ifPresent(plan -> steps.put(training.name(), plan)));
        Map<String, Long> heap = new LinkedHashMap<>();
        trainings.forEach(training -> heap.put(training.name(), training.hostBytes(run)));
        return new StepPlans(steps, heap, run.backbone().plan(), features, decoded);
    }

    /**
     * Refuses what Java's heap has no room for, before anything is run.
     *
     * @param kept of images
     * @param most bytes that the heap may have
     * @throws InputException if a training needs more; says what to set
     */
    static void requireHeap(Run run, List<Training> trainings, Features kept, long most) {
        long features = kept.mapped() ? (long) kept.images() * BYTES_OF_KEY : kept.bytes() + (long) kept.images() * BYTES_OF_ROW;
        for (Training training : trainings) {
            long needed = training.hostBytes(run) + features + BASE_BYTES;
            if (needed > most) {
                String less = training.forFewerHostBytes();
                throw new InputException(String.format(Locale.ROOT, "%s: expected a heap of at least %,d MiB for what it keeps of %,d classes and the features "
                        + "of %,d images, found %,d MiB; %sgive Java more (ITPROMPT_JAVA_OPTS=-Xmx%dm)", training.name(), (needed >> 20) + 1,
                        run.classes().size(), kept.images(), most >> 20, less.isEmpty() || training.hostBytes(run) < needed / 2 ? "" : "set " + less + ", or ",
                        (needed >> 20) + 1));
            }
        }
    }

    /**
     * The same methods, with blocks computed again in the backward pass of those whose training step needs more memory otherwise.
     *
     * @param bytes that the process may need for a step
     * @param last  the last task
     * @throws InputException if that does not help
     */
    static Chosen<Method<?>> within(long bytes, Run run, Chosen<Method<?>> methods, Method.LastTask last) {
        Chosen<Method<?>> less = methods;
        for (Training training : Training.of(methods)) {
            if (needed(run, training, last) > bytes) {
                Training again = training.recomputing();
                requireWithin(bytes, run, again, last);
                less = less.with(again.name(), again.settings());
            }
        }
        return less;
    }

    private static void requireWithin(long bytes, Run run, Training training, Method.LastTask last) {
        long needed = needed(run, training, last);
        if (needed > bytes) {
            String name = training.name();
            boolean trains = training.largestStep(run, last).isPresent();
            boolean sums = !trains && training.hostBytes(run) > 0;
            throw new InputException(String.format(Locale.ROOT, "--memory: expected at least %,d MiB for %s, found %,d MiB; set %s",
                    (needed >> 20) + 1, trains ? "a training step of " + name : sums ? "embedding images and the sums of " + name
                    : "embedding images", bytes >> 20,
                    trains ? "a smaller " + Method.key(name, "batch") : sums ? training.forFewerHostBytes() : "a smaller encodeBatch"));
        }
    }

    /** Bytes of its largest step, of what it keeps beside the model, and of Java. */
    private static long needed(Run run, Training training, Method.LastTask last) {
        return training.largestStep(run, last).orElseGet(run.backbone()::plan).totalBytes() + training.hostBytes(run)
                + MemoryPlan.JAVA_BYTES;
    }

    /** The largest step by kind of buffer, then each method's in a line. */
    public String describe() {
        String largest = null;
        for (Map.Entry<String, MemoryPlan> step : steps.entrySet()) {
            if (largest == null || step.getValue().totalBytes() > steps.get(largest).totalBytes()) {
                largest = step.getKey();
            }
        }
        StringBuilder text = new StringBuilder(largest == null ? "memory of embedding a batch of images:\n" + embedding.describe()
                : "memory of the largest training step, one of " + largest + " in the last task:\n" + steps.get(largest).describe());
        text.append("by method, without Java:\n");
        int width = Math.max(11, heap.keySet().stream().mapToInt(String::length).max().orElse(0));
        heap.forEach((name, kept) -> line(text, width, name, steps.getOrDefault(name, embedding).totalBytes() + kept, (steps.containsKey(name)
                ? "a training step" : kept == 0 ? "embedding a batch; nothing is trained in the model" : "embedding a batch")
                + (kept == 0 ? "" : String.format(Locale.ROOT, ", and %,d bytes kept in Java's heap", kept))));
        text.append(String.format(Locale.ROOT, "beside it, features of %,d images: %,d bytes %s\n", features.images(), features.bytes(),
                features.mapped() ? "of files mapped into memory (featureCache)" : "in Java's heap"));
        if (decoded.bytes() > 0) {
            text.append(String.format(Locale.ROOT, "on disk, decoded images: about %,d bytes%s (image.cache)\n", decoded.bytes(),
                    decoded.bytes() > decoded.most() ? String.format(Locale.ROOT, ", of which %,d are kept", decoded.most()) : ""));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, int width, String name, long bytes, String what) {
        text.append(String.format(Locale.ROOT, "%-" + width + "s %,17d bytes  %s\n", name, bytes, what));
    }
}
