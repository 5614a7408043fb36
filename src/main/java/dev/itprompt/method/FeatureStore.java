package dev.itprompt.method;

import dev.itprompt.DivergenceException;
import dev.itprompt.Progress;
import dev.itprompt.data.Images;
import dev.itprompt.train.StopRequest;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Features that never change, computed once: prompt-free features of images (shared by all learners of a run) and features of
 * (image, finished prompt) pairs. Images are told apart by {@link Images#identity}.
 */
public final class FeatureStore {

    private record PromptedKey(Object owner, int prompt, int image) {}

    private final Backbone backbone;
    private final int block;
    private final Map<Integer, float[]> plain = new HashMap<>();
    private final Map<PromptedKey, float[]> prompted = new HashMap<>();

    /**
     * @param block images embedded between two reports of progress
     */
    public FeatureStore(Backbone backbone, int block) {
        this.backbone = backbone;
        this.block = block;
    }

    /** u(x) of every image under the test transform, [size][E]. */
    public float[][] plain(Images images, String stage, Progress progress) {
        int[] missing = IntStream.range(0, images.size()).filter(i -> !plain.containsKey(images.identity(i))).toArray();
        float[][] rows = embed(images, missing, null, stage, progress);
        for (int i = 0; i < missing.length; i++) {
            plain.put(images.identity(missing[i]), rows[i]);
        }
        return IntStream.range(0, images.size()).mapToObj(i -> plain.get(images.identity(i))).toArray(float[][]::new);
    }

    /** z(x; P) of every image under the test transform, [size][E]; not kept. */
    public float[][] prompted(Images images, Prompt prompt, String stage, Progress progress) {
        return embed(images, IntStream.range(0, images.size()).toArray(), prompt, stage, progress);
    }

    /** What embeds an image list with any prompts: see {@link Backbone#embed}; not kept. */
    public Prompted prompted(Images images, Entering prompts, String stage, Progress progress) {
        float[][] rows = new float[images.size()][];
        int[] tasks = new int[images.size()];
        boolean inferred = false;
        for (int from = 0; from < rows.length; from += block) {
            StopRequest.check();
            int start = from;
            int count = Math.min(block, rows.length - from);
            Backbone.Embedded part = in(stage, () -> backbone.embed(images, IntStream.range(start, start + count).toArray(),
                    prompts.part(start, count), Backbone.Chance.NONE));
            System.arraycopy(FeatureMatrix.rows(part.features()), 0, rows, from, count);
            inferred = part.tasks().length > 0;
            System.arraycopy(part.tasks(), 0, tasks, from, part.tasks().length);
            progress.report(stage, from + count, rows.length, "");
        }
        return new Prompted(rows, inferred ? tasks : new int[0]);
    }

    /**
     * Features with prompts.
     *
     * @param features [images][E]
     * @param tasks    of the entries that images chose; empty where entries are not tasks'
     */
    public record Prompted(float[][] features, int[] tasks) {}

    /**
     * z(x; P) of some images, kept for the next time.
     *
     * @param owner  whose prompt it is
     * @param number of the prompt among its owner's, which must not change any more
     */
    float[][] prompted(Images images, int[] which, Prompt prompt, Object owner, int number) {
        int[] missing = IntStream.of(which)
                .filter(i -> !prompted.containsKey(new PromptedKey(owner, number, images.identity(i)))).toArray();
        float[][] rows = embed(images, missing, prompt, "", Progress.NONE);
        for (int i = 0; i < missing.length; i++) {
            prompted.put(new PromptedKey(owner, number, images.identity(missing[i])), rows[i]);
        }
        return IntStream.of(which).mapToObj(i -> prompted.get(new PromptedKey(owner, number, images.identity(i))))
                .toArray(float[][]::new);
    }

    /** Drops everything that was kept. */
    public void clear() {
        plain.clear();
        prompted.clear();
    }

    /** Drops what was kept for an owner. */
    void forget(Object owner) {
        prompted.keySet().removeIf(key -> key.owner() == owner);
    }

    private float[][] embed(Images images, int[] which, Prompt prompt, String stage, Progress progress) {
        float[][] rows = new float[which.length][];
        for (int from = 0; from < which.length; from += block) {
            StopRequest.check();
            int end = Math.min(which.length, from + block);
            float[][] part = part(images, IntStream.range(from, end).map(i -> which[i]).toArray(), prompt, stage);
            System.arraycopy(part, 0, rows, from, part.length);
            progress.report(stage, end, which.length, "");
        }
        return rows;
    }

    private float[][] part(Images images, int[] which, Prompt prompt, String stage) {
        return FeatureMatrix.rows(in(stage, () -> backbone.images(images, which, prompt, Backbone.Chance.NONE)));
    }

    private static <T> T in(String stage, Supplier<T> work) {
        try {
            return work.get();
        } catch (DivergenceException e) {
            throw stage.isEmpty() ? e : e.in(stage);
        }
    }
}
