package dev.itprompt.method;

import dev.itprompt.DivergenceException;
import dev.itprompt.Progress;
import dev.itprompt.data.Images;
import dev.itprompt.train.StopRequest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
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
        float[][] rows = embed(images, missing, null, stage, progress).features();
        for (int i = 0; i < missing.length; i++) {
            plain.put(images.identity(missing[i]), rows[i]);
        }
        return IntStream.range(0, images.size()).mapToObj(i -> plain.get(images.identity(i))).toArray(float[][]::new);
    }

    /** z(x; P) of every image under the test transform, [size][E]; not kept. */
    public float[][] prompted(Images images, Prompt prompt, String stage, Progress progress) {
        return prompted(images, entering(prompt), stage, progress).features();
    }

    /** What embeds an image list with any prompts, or with none where they are null: see {@link Backbone#embed}; not kept. */
    public Prompted prompted(Images images, Entering prompts, String stage, Progress progress) {
        return embed(images, IntStream.range(0, images.size()).toArray(), prompts, stage, progress);
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
        float[][] rows = embed(images, missing, entering(prompt), "", Progress.NONE).features();
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

    private static Entering entering(Prompt prompt) {
        return prompt.isEmpty() ? null : prompt.entering();
    }

    /** @param prompts with the rows that these images need; null for none */
    private Prompted embed(Images images, int[] which, Entering prompts, String stage, Progress progress) {
        float[][] rows = new float[which.length][];
        int[] tasks = new int[which.length];
        boolean inferred = false;
        for (int from = 0; from < rows.length; from += block) {
            StopRequest.check();
            int count = Math.min(block, rows.length - from);
            Backbone.Embedded part = part(images, Arrays.copyOfRange(which, from, from + count), prompts == null ? null : prompts.part(from, count), stage);
            System.arraycopy(FeatureMatrix.rows(part.features()), 0, rows, from, count);
            inferred = part.tasks().length > 0;
            System.arraycopy(part.tasks(), 0, tasks, from, part.tasks().length);
            progress.report(stage, from + count, rows.length, "");
        }
        return new Prompted(rows, inferred ? tasks : new int[0]);
    }

    private Backbone.Embedded part(Images images, int[] which, Entering prompts, String stage) {
        try {
            return backbone.embed(images, which, prompts, Backbone.Chance.NONE);
        } catch (DivergenceException e) {
            throw stage.isEmpty() ? e : e.in(stage);
        }
    }
}
