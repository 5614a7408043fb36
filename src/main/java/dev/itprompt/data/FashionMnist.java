package dev.itprompt.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Fashion-MNIST: 60,000 training and 10,000 test images of 28x28 gray pixels in 10 classes, as its four original IDX files,
 * gzipped or not. Source: Xiao, Rasul and Vollgraf 2017; MIT licence.
 */
public final class FashionMnist {

    /** The classes by label, worded for a text encoder. */
    public static final List<String> CLASS_NAMES = List.of("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt",
            "sneaker", "bag", "ankle boot");

    /** Where Debian's package {@code dataset-fashion-mnist} puts the files. */
    public static final Path DEBIAN = Path.of("/usr/share/datasets/fashion-mnist");

    private static final List<String> FILES = List.of("train-images-idx3-ubyte", "train-labels-idx1-ubyte",
            "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");

    private FashionMnist() { }

    /**
     * The folder with the four files: {@code fashion-mnist} among the data sets, else Debian's.
     *
     * @param datasets the folder of data sets
     * @throws DataException if neither has all four; names both places
     */
    public static Path locate(Path datasets) {
        return locate(datasets, DEBIAN);
    }

    static Path locate(Path datasets, Path system) {
        Path own = datasets.resolve("fashion-mnist");
        return Stream.of(own, system).filter(folder -> FILES.stream().allMatch(name -> Files.exists(file(folder, name))))
                .findFirst().orElseThrow(() -> new DataException(own, "Fashion-MNIST's four files " + String.join(", ", FILES)
                        + " (gzipped or not)", "them neither there nor in " + system,
                        "put the files there or install the Debian package dataset-fashion-mnist"));
    }

    /**
     * The 60,000 training images.
     *
     * @param folder with the files, see {@link #locate}
     * @throws DataException if a file is missing or bad
     */
    public static LabeledImages train(Path folder) {
        return IdxImages.read(file(folder, FILES.get(0)), file(folder, FILES.get(1)), CLASS_NAMES);
    }

    /** The 10,000 test images; see {@link #train}. */
    public static LabeledImages test(Path folder) {
        return IdxImages.read(file(folder, FILES.get(2)), file(folder, FILES.get(3)), CLASS_NAMES);
    }

    private static Path file(Path folder, String name) {
        Path plain = folder.resolve(name);
        return Files.exists(plain) ? plain : folder.resolve(name + ".gz");
    }
}
