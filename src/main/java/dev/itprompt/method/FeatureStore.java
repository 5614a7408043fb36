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
 * Features that never change, computed once: prompt-free features of images, which all learners of a run share, and features with prompts
 * that are finished. Both are on disk for all runs; what is not is kept in memory, with prompts for each image that of the prompt it had last.
 * Images are told apart by {@link Images#identity} in a run, and by {@link Images#key} on disk.
 */
public final class FeatureStore {

    /** Features found on disk that are compared with what the model computes before any is believed. */
    private static final int COMPARED = 8;
    /** Part of the memory for features that were found on disk: one method after the other asks for the same. */
    private static final int SHARE = 16;

    /** The feature of an image with the prompt that it had last. */
    private record Latest(String prompt, float[] row) {}

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
    /** Prompt-free features that are not on disk, and as many of those that are as there is room for. */
    private final Map<Integer, float[]> plain = new HashMap<>();
    /** With finished prompts, by {@link Entering#name}. */
    private final Map<String, FeatureRows> prompted = new HashMap<>();
    private final Map<Integer, Latest> latest = new HashMap<>();
    private int computed;
    private int found;
    private long nanos;

    /**
     * @param block images embedded between two reports of progress
     * @param disk  features of other runs; those that are not there are added
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
            disk.add(key(images, i), row);
        }, new LinkedHashMap<>());
        for (int i : missing) {
            if (!disk.has(key(images, i))) {
                plain.put(images.identity(i), rows[i]);
            }
        }
        computed += missing.length;
        nanos += System.nanoTime() - start;
        return rows;
    }

    /** Finds out which of the images' features are on disk. */
    private void look(Images images) {
        int[] further = IntStream.range(0, images.size()).filter(i -> !keys.containsKey(images.identity(i))).toArray();
        if (disk.isOff() || further.length == 0) {
            return;
        }
        disk.refresh();
        ImageKey[] theirs = IntStream.of(further).parallel().mapToObj(images::key).toArray(ImageKey[]::new);
        for (int i = 0; i < further.length; i++) {
            keys.put(images.identity(further[i]), theirs[i]);
        }
        compare(disk, images, further, null);
        found += (int) IntStream.of(further).filter(i -> disk.has(key(images, i))).count();
    }

    /**
     * Compares a few features that were found on disk with what the model computes, unless that has been done.
     *
     * @param prompts with what these images need; null for none
     */
    private void compare(FeatureRows known, Images images, int[] which, Entering prompts) {
        int[] found = known.isProven() ? new int[0]
                : IntStream.range(0, which.length).filter(i -> known.has(key(images, which[i]))).limit(COMPARED).toArray();
        if (found.length == 0) {
            return;
        }
        int[] compared = IntStream.of(found).map(i -> which[i]).toArray();
        float[][] rows = FeatureMatrix.rows(backbone.embed(images, compared, prompts == null ? null : prompts.of(found), Backbone.Chance.NONE).features());
        boolean same = IntStream.range(0, rows.length).allMatch(i -> {
            float[] row = known.find(key(images, compared[i]));
            return row == null || Arrays.equals(rows[i], row);
        });
        if (same) {
            known.prove();
        } else {
            known.disprove();
        }
    }

    /** Of an image whose features were looked for; null while nothing is kept on disk. */
    private ImageKey key(Images images, int index) {
        return keys.get(images.identity(index));
    }

    /** What is known already; null where nothing is. */
    private float[][] rows(Images images) {
        long most = Runtime.getRuntime().maxMemory() / SHARE / (Float.BYTES * backbone.features());
        return IntStream.range(0, images.size()).mapToObj(i -> {
            float[] row = plain.get(images.identity(i));
            if (row == null) {
                row = disk.find(key(images, i));
                if (row != null && plain.size() < most) {
                    plain.put(images.identity(i), row);
                }
            }
            return row;
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
     * z(x; P) of some images whose prompts are finished, [which.length][E]; computed once.
     *
     * @param which   indices into {@code images}
     * @param prompts with what these images need
     * @param names   {@link Entering#name} of the prompt of each of them, which tells it from all others
     */
    public float[][] finished(Images images, int[] which, Entering prompts, String[] names) {
        look(images);
        Arrays.stream(names).distinct().forEach(name -> look(images, which, prompts, names, name));
        FeatureRows[] known = Arrays.stream(names).map(prompted::get).toArray(FeatureRows[]::new);
        float[][] rows = new float[which.length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = row(known[i], names[i], images.identity(which[i]));
        }
        int[] missing = IntStream.range(0, rows.length).filter(i -> rows[i] == null).toArray();
        float[][] further = embed(images, IntStream.of(missing).map(i -> which[i]).toArray(), prompts.of(missing), "", Progress.NONE).features();
        for (int j = 0; j < missing.length; j++) {
            int i = missing[j];
            rows[i] = further[j];
            known[i].add(key(images, which[i]), rows[i]);
            if (!known[i].has(key(images, which[i]))) {
                latest.put(images.identity(which[i]), new Latest(names[i], rows[i]));
            }
        }
        return rows;
    }

    /** Looks for features with a prompt on disk, unless some are known to be right. */
    private void look(Images images, int[] which, Entering prompts, String[] names, String name) {
        FeatureRows known = prompted.computeIfAbsent(name, disk::with);
        if (!known.isProven()) {
            known.refresh();
            if (known.isEmpty()) {
                known.prove();
            }
            int[] own = IntStream.range(0, names.length).filter(i -> names[i].equals(name)).toArray();
            compare(known, images, IntStream.of(own).map(i -> which[i]).toArray(), prompts.of(own));
        }
    }

    private float[] row(FeatureRows known, String prompt, int image) {
        Latest last = latest.get(image);
        return last != null && last.prompt().equals(prompt) ? last.row() : known.find(keys.get(image));
    }

    /** Drops everything that was kept in memory. */
    public void clear() {
        keys.clear();
        plain.clear();
        forgetPrompts();
    }

    /** Drops from memory what was kept of features with prompts; on disk there is all of it. */
    public void forgetPrompts() {
        prompted.values().forEach(FeatureRows::flush);
        prompted.clear();
        latest.clear();
    }

    private static Entering entering(Prompt prompt) {
        return prompt.isEmpty() ? null : prompt.entering();
    }

    /** Takes the feature of an image. */
    private interface Taker {
        void take(int index, float[] row);
    }

    /** @param prompts with what these images need; null for none */
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
