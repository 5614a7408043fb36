package dev.itprompt.data.sets;

import dev.itprompt.RandomStreams;
import dev.itprompt.data.ClassFolders;
import dev.itprompt.data.DataException;
import dev.itprompt.data.LabeledImages;
import dev.itprompt.data.StoredImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Sets that lie in one folder a class, split or not. */
final class Trees {

    private static final List<String> TRAIN = List.of("train", "Train", "training");
    private static final List<String> TEST = List.of("test", "Test", "val", "valid", "validation");

    private Trees() { }

    /** The names of sub-folders that hold training and test images; null if the folder is no such pair. */
    private static String[] halves(Path root) {
        String train = TRAIN.stream().filter(name -> Files.isDirectory(root.resolve(name))).findFirst().orElse(null);
        String test = TEST.stream().filter(name -> Files.isDirectory(root.resolve(name))).findFirst().orElse(null);
        return train == null || test == null ? null : new String[] {train, test};
    }

    /** Whether a folder has sub-folders for training and for test images. */
    static boolean isSplit(Path root) {
        return halves(root) != null;
    }

    /**
     * Trees of training and test images, {@code train} and {@code test} (or {@code val}), each with a folder a class.
     *
     * @throws DataException if the classes differ
     */
    static Split split(DatasetFolder folder) {
        String[] names = halves(folder.root());
        return pair(folder, folder.root().resolve(names[0]), folder.root().resolve(names[1]), "trees '" + names[0] + "' and '" + names[1] + "'");
    }

    static Split pair(DatasetFolder folder, Path trainRoot, Path testRoot, String origin) {
        StoredImages train = ClassFolders.read(trainRoot, folder.options().train());
        StoredImages test = ClassFolders.read(testRoot, folder.options().test());
        if (!train.classNames().equals(test.classNames())) {
            List<String> odd = new ArrayList<>(train.classNames());
            odd.removeAll(test.classNames());
            List<String> other = new ArrayList<>(test.classNames());
            other.removeAll(train.classNames());
            odd.addAll(other);
            throw new DataException(testRoot, "the same classes as in " + trainRoot, odd.stream().limit(5).toList() + " in only one of "
                    + "them", "add or remove the folders");
        }
        return new Split(train, test, origin);
    }

    /**
     * One tree, of which a share of each class is for testing, drawn by a seed: at least one image and at most all but one. Which they are
     * depends on the class's name and not on what other classes there are, so that one may be added without a trained image becoming a test.
     */
    static Split drawn(DatasetFolder folder, Path root) {
        return drawn(folder, ClassFolders.read(root, folder.options().train()), ClassFolders.read(root, folder.options().test()));
    }

    /** As the other; the two sets have the same images. */
    static Split drawn(DatasetFolder folder, StoredImages train, StoredImages test) {
        Path root = folder.root();
        DatasetOptions options = folder.options();
        List<Integer> forTraining = new ArrayList<>();
        List<Integer> forTest = new ArrayList<>();
        for (int c = 0; c < train.classNames().size(); c++) {
            int[] all = train.indicesOf(c);
            if (all.length < 2) {
                throw new DataException(root, "at least two images of each class, to learn from and to test on",
                        all.length + " of '" + train.classNames().get(c) + "'", "add images or remove the class");
            }
            shuffle(all, new RandomStreams(options.splitSeed()).stream("dataset.split " + train.classNames().get(c)));
            int tests = (int) Math.clamp(Math.round(options.testShare() * all.length), 1, all.length - 1);
            IntStream.of(all).limit(tests).forEach(forTest::add);
            IntStream.of(all).skip(tests).forEach(forTraining::add);
        }
        return new Split(select(train, forTraining), select(test, forTest), String.format(Locale.ROOT,
                "%.0f %% of each class for testing, drawn with seed %d", 100 * options.testShare(), options.splitSeed()));
    }

    static StoredImages select(StoredImages images, List<Integer> indices) {
        List<Integer> sorted = new ArrayList<>(indices);
        Collections.sort(sorted);
        return images.select(sorted.stream().mapToInt(Integer::intValue).toArray());
    }

    static void shuffle(int[] values, RandomGenerator random) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
    }

    /** The same images with other names of classes. */
    static Split named(Split split, List<String> names) {
        return new Split(renamed(split.train(), names), renamed(split.test(), names), split.origin(), split.groups(), split.domains());
    }

    private static LabeledImages renamed(LabeledImages images, List<String> names) {
        return images instanceof StoredImages stored ? stored.named(names) : images;
    }
}
