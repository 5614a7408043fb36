package dev.itprompt.data.sets;

import dev.itprompt.data.ClassNames;
import dev.itprompt.data.DataException;
import dev.itprompt.data.DataFiles;
import dev.itprompt.data.ImageLoading;
import dev.itprompt.data.LabeledImages;
import dev.itprompt.data.StoredImage;
import dev.itprompt.data.StoredImages;
import dev.itprompt.data.TextLines;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The folder of a data set that is being opened: finds its files, and says in one line what is missing or not as published. */
public final class DatasetFolder {

    private final Path root;
    private final DatasetFacts facts;
    private final DatasetOptions options;

    private DatasetFolder(Path root, DatasetFacts facts, DatasetOptions options) {
        this.root = root;
        this.facts = facts;
        this.options = options;
    }

    /**
     * The folder, with or without the published archive's top folder.
     *
     * @throws DataException if there is no folder
     */
    static DatasetFolder of(DatasetFacts facts, DatasetOptions options) {
        Path path = options.path();
        if (!Files.isDirectory(path)) {
            throw new DataException(path, "the folder of " + (facts.title().isEmpty() ? facts.name() : facts.title()),
                    Files.exists(path) ? "a file" : "nothing", facts.source());
        }
        Path inside = facts.top().isEmpty() ? path : path.resolve(facts.top());
        return new DatasetFolder(Files.isDirectory(inside) ? inside : path, facts, options);
    }

    /** The data set's folder. */
    Path root() {
        return root;
    }

    DatasetFacts facts() {
        return facts;
    }

    DatasetOptions options() {
        return options;
    }

    /** The same folder for another data set that is a part of this one. */
    DatasetFolder part(DatasetSpec spec, String... names) {
        for (String name : names) {
            if (Files.isDirectory(root.resolve(name))) {
                return of(spec.facts(), options.at(root.resolve(name)));
            }
        }
        return of(spec.facts(), options.at(root));
    }

    /** Whether there is a file or folder. */
    boolean has(String name) {
        return Files.exists(root.resolve(name));
    }

    /**
     * A file or folder that must be there.
     *
     * @throws DataException if it is not; says where it comes from
     */
    Path require(String name) {
        Path file = root.resolve(name);
        if (!Files.exists(file)) {
            throw new DataException(file, "a file of " + facts.title(), "nothing", facts.again() + facts.layout());
        }
        return file;
    }

    /** The first of some names that is there; see {@link #require}. */
    Path requireAny(String... names) {
        return Stream.of(names).filter(this::has).findFirst().map(root::resolve).orElseGet(() -> require(names[0]));
    }

    /**
     * The lines of a text file that are not blank.
     *
     * @throws DataException if there is none
     */
    List<String> lines(String name) {
        return lines(require(name));
    }

    static List<String> lines(Path file) {
        List<String> lines = new ArrayList<>();
        TextLines.read(file, "a list", (number, text) -> {
            if (text.indexOf('\0') >= 0) {
                throw new DataException(file, "lines of text", "bytes of 0 in line " + number, "fetch the file again");
            }
            if (!text.isBlank()) {
                lines.add(text.strip());
            }
        });
        if (lines.isEmpty()) {
            throw new DataException(file, "a list", "an empty file", "fetch the file again");
        }
        return lines;
    }

    /** The sub-folders of a folder by name, without hidden ones. */
    static List<Path> folders(Path folder) {
        return list(folder, Files::isDirectory);
    }

    /** The files of a folder by name, without hidden ones. */
    static List<Path> files(Path folder) {
        return list(folder, Files::isRegularFile);
    }

    private static List<Path> list(Path folder, Predicate<Path> which) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> !entry.getFileName().toString().startsWith(".")).filter(which)
                    .sorted(Comparator.comparing(entry -> entry.getFileName().toString())).toList();
        } catch (IOException e) {
            throw DataFiles.unreadable(folder, "a readable folder", e);
        }
    }

    /**
     * A file that a list names, below a folder.
     *
     * @throws DataException if it would lie outside
     */
    static Path inside(Path folder, String name, Path list) {
        try {
            Path file = folder.resolve(name).normalize();
            if (file.startsWith(folder.normalize()) && !Path.of(name).isAbsolute()) {
                return file;
            }
        } catch (InvalidPathException _) {
            // as if it lay outside
        }
        throw new DataException(list, "names of files inside " + folder, name, "correct the list");
    }

    /** Says so, unless other counts are accepted. */
    void checkCount(String what, int expected, int found) {
        checkCount(root, what, expected, found);
    }

    void checkCount(Path at, String what, int expected, int found) {
        if (options.check() && expected != 0 && expected != found) {
            throw new DataException(at, String.format(Locale.ROOT, "%,d %s, as published", expected, what),
                    String.format(Locale.ROOT, "%,d", found), "fetch it again, or set dataset.check=false if it is a part or a variant of "
                    + facts.title());
        }
    }

    /**
     * Compares the number of classes and images with the published ones.
     *
     * @throws DataException if they differ, or there are no images to learn from or to test on, whatever is accepted
     */
    Split checked(Split split) {
        if (split.train().size() == 0 || split.test().size() == 0) {
            throw new DataException(root, "images to learn from and to test on", split.train().size() + " and " + split.test().size(),
                    "fetch the data set again");
        }
        checkCount("classes", facts.classes(), split.train().classNames().size());
        checkCount("training images", facts.train(), split.train().size());
        checkCount("test images", facts.test(), split.test().size());
        return split;
    }

    /**
     * Compares a file's hash with the published one.
     *
     * @throws DataException if it differs, unless other hashes are accepted
     */
    void checkHash(Path file, String algorithm, String hash) {
        if (options.check()) {
            String found = hash(file, algorithm);
            if (!found.equals(hash)) {
                throw new DataException(file, "the published file with " + algorithm + " " + hash, found,
                        facts.again() + ", or set dataset.check=false if it is meant to be another");
            }
        }
    }

    static String hash(Path file, String algorithm) {
        MessageDigest digest = DataFiles.digest(algorithm);
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw DataFiles.unreadable(file, "a readable file", e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** A class name for a text encoder out of a folder's or a list's: underscores are blanks. */
    static String text(String name) {
        return ClassNames.clean(name.replace('_', ' '));
    }

    /** Images of a split that is being put together. */
    final class Listing {

        private final List<StoredImage> images = new ArrayList<>();
        private final List<Integer> labels = new ArrayList<>();

        /** Adds a file below the root. */
        void add(Path file, int label) {
            images.add(StoredImage.of(file, (file.startsWith(root) ? root.relativize(file) : file).toString().replace('\\', '/')));
            labels.add(label);
        }

        /** Adds an image wherever it is. */
        void add(StoredImage image, int label) {
            images.add(image);
            labels.add(label);
        }

        int size() {
            return images.size();
        }

        StoredImages train(List<String> classNames) {
            return of(classNames, options.train());
        }

        StoredImages test(List<String> classNames) {
            return of(classNames, options.test());
        }

        private StoredImages of(List<String> classNames, ImageLoading loading) {
            for (int i = 0; i < labels.size(); i++) {
                if (labels.get(i) < 0 || labels.get(i) >= classNames.size()) {
                    throw new DataException(root, "labels from 0 to " + (classNames.size() - 1), "label " + labels.get(i) + " of "
                            + images.get(i).source(), "check that the lists belong to the images");
                }
            }
            return new StoredImages(images, labels.stream().mapToInt(Integer::intValue).toArray(), classNames, loading);
        }
    }

    /** An empty listing. */
    Listing listing() {
        return new Listing();
    }

    /**
     * A whole number in a list.
     *
     * @throws DataException if it is none
     */
    static int number(Path list, String text) {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            throw new DataException(list, "a whole number", "'" + text + "'", "fetch the file again", e);
        }
    }

    /**
     * Sees that files that lists name are there, without opening them.
     *
     * @throws DataException for the first that is missing
     */
    static void requireFiles(LabeledImages... parts) {
        for (LabeledImages part : parts) {
            if (part instanceof StoredImages stored) {
                stored.files().stream().filter(file -> !Files.isRegularFile(file)).findFirst().ifPresent(file -> {
                    throw new DataException(file, "an image that the data set's list names", "no file", "fetch the data set again");
                });
            }
        }
    }

    /** All indices of some images. */
    static IntStream all(LabeledImages images) {
        return IntStream.range(0, images.size());
    }
}
