package dev.itprompt.method;

import dev.itprompt.DivergenceException;
import dev.itprompt.Progress;
import dev.itprompt.data.ImageKey;
import dev.itprompt.data.Images;
import dev.itprompt.prompt.PoolUse;
import dev.itprompt.store.FeatureRows;
import dev.itprompt.train.StopRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Features that never change, computed once: prompt-free features of images (shared by all learners of a run, and on disk by all runs) and
 * features of (image, finished prompt) pairs. Images are told apart by {@link Images#identity} in a run, and by {@link Images#key} on disk.
 */
public final class FeatureStore {

    /** Features found on disk that are compared with what the model computes before any is believed. */
    private static final int COMPARED = 8;

    private record PromptedKey(Object owner, int prompt, int image) {}

    /**
     * How prompt-free features were come by.
     *
     * @param computed images that were embedded
     * @param found    images whose features were on disk
     * @param seconds  that both took
     */
    public record Tally(int computed, int found, double seconds) {}

    private final Backbone backbone;
    private final int block;
    private final FeatureRows disk;
    private final Map<Integer, ImageKey> keys = new HashMap<>();
    private final Map<Integer, float[]> plain = new HashMap<>();
    private final Map<PromptedKey, float[]> prompted = new HashMap<>();
    private int computed;
    private int found;
    private long nanos;

    /**
     * @param block images embedded between two reports of progress
     * @param disk  prompt-free features of other runs; those that are not there are added
     */
    public FeatureStore(Backbone backbone, int block, FeatureRows disk) {
        this.backbone = backbone;
        this.block = block;
        this.disk = disk;
    }

    /** u(x) of every image under the test transform, [size][E]. */
    public float[][] plain(Images images, String stage, Progress progress) {
        try {
            return part(images, stage, progress);
        } finally {
            disk.flush();
        }
    }

    /** As {@link #plain}, of a part of a larger set: what is computed may get to the disk with what follows. */
    public float[][] part(Images images, String stage, Progress progress) {
        long start = System.nanoTime();
        look(images);
        float[][] rows = rows(images);
        int[] missing = IntStream.range(0, rows.length).filter(i -> rows[i] == null).toArray();
        embed(images, missing, null, stage, progress, (i, row) -> {
            rows[i] = row;
            disk.add(keys.get(images.identity(i)), row);
        }, new LinkedHashMap<>());
        for (int i : missing) {
            if (!disk.has(keys.get(images.identity(i)))) {
                plain.put(images.identity(i), rows[i]);
            }
        }
        computed += missing.length;
        nanos += System.nanoTime() - start;
        return rows;
    }

    /** Finds out which of the images' features are on disk. */
    private void look(Images images) {
        int[] further = IntStream.range(0, images.size())
                .filter(i -> !plain.containsKey(images.identity(i)) && !keys.containsKey(images.identity(i))).toArray();
        if (disk.isOff() || further.length == 0) {
            return;
        }
        disk.refresh();
        ImageKey[] theirs = IntStream.of(further).parallel().mapToObj(images::key).toArray(ImageKey[]::new);
        for (int i = 0; i < further.length; i++) {
            keys.put(images.identity(further[i]), theirs[i]);
        }
        if (!disk.isProven()) {
            compare(images, IntStream.of(further).filter(i -> disk.has(keys.get(images.identity(i)))).limit(COMPARED).toArray());
        }
        found += (int) IntStream.of(further).filter(i -> disk.has(keys.get(images.identity(i)))).count();
    }

    /** Compares features that were found on disk with what the model computes. */
    private void compare(Images images, int[] which) {
        if (which.length == 0) {
            return;
        }
        float[][] rows = FeatureMatrix.rows(backbone.embed(images, which, null, Backbone.Chance.NONE).features());
        boolean same = IntStream.range(0, rows.length).allMatch(i -> {
            float[] row = disk.find(keys.get(images.identity(which[i])));
            return row == null || Arrays.equals(rows[i], row);
        });
        if (same) {
            disk.prove();
        } else {
            disk.disprove();
        }
    }

    /** What is known already; null where nothing is. */
    private float[][] rows(Images images) {
        return IntStream.range(0, images.size()).mapToObj(i -> {
            float[] row = plain.get(images.identity(i));
            return row == null ? disk.find(keys.get(images.identity(i))) : row;
        }).toArray(float[][]::new);
    }

    /** How the prompt-free features were come by so far. */
    public Tally tally() {
        return new Tally(computed, found, nanos / 1e9);
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
     * @param pools    how the images used those, by name
     */
    public record Prompted(float[][] features, int[] tasks, Map<String, PoolUse> pools) {}

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

    /** Drops everything that was kept in memory. */
    public void clear() {
        keys.clear();
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

    /** Takes the feature of an image. */
    private interface Taker {
        void take(int index, float[] row);
    }

    /** @param prompts with the rows that these images need; null for none */
    private Prompted embed(Images images, int[] which, Entering prompts, String stage, Progress progress) {
        List<float[]> rows = new ArrayList<>();
        Map<String, PoolUse> pools = new LinkedHashMap<>();
        int[] tasks = embed(images, which, prompts, stage, progress, (_, row) -> rows.add(row), pools);
        return new Prompted(rows.toArray(float[][]::new), tasks, pools);
    }

    /**
     * As the other, one row after the other; returns the tasks of the entries that the images chose.
     *
     * @param pools to which the images' use is added
     */
    private int[] embed(Images images, int[] which, Entering prompts, String stage, Progress progress, Taker taker, Map<String, PoolUse> pools) {
        int[] tasks = new int[which.length];
        boolean inferred = false;
        for (int from = 0; from < which.length; from += block) {
            StopRequest.check();
            int count = Math.min(block, which.length - from);
            Backbone.Embedded part = part(images, Arrays.copyOfRange(which, from, from + count), prompts == null ? null : prompts.part(from, count), stage);
            float[][] rows = FeatureMatrix.rows(part.features());
            for (int i = 0; i < count; i++) {
                taker.take(which[from + i], rows[i]);
            }
            inferred = part.tasks().length > 0;
            System.arraycopy(part.tasks(), 0, tasks, from, part.tasks().length);
            part.pools().forEach((name, use) -> pools.merge(name, use, PoolUse::plus));
            progress.report(stage, from + count, which.length, "");
        }
        return inferred ? tasks : new int[0];
    }

    private Backbone.Embedded part(Images images, int[] which, Entering prompts, String stage) {
        try {
            return backbone.embed(images, which, prompts, Backbone.Chance.NONE);
        } catch (DivergenceException e) {
            throw stage.isEmpty() ? e : e.in(stage);
        }
    }
}
