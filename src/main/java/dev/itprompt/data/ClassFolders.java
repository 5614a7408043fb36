package dev.itprompt.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Images in one directory a class: {@code root/<class>/<any name>.png}. Classes and files are taken in the order of their
 * names; underscores in a directory's name are blanks in the class name. Transparent images are laid over white.
 */
public final class ClassFolders implements LabeledImages {

    private static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff");

    private final Path root;
    private final List<String> classNames;
    private final List<Path> files;
    private final int[] labels;
    private final List<RgbImage> images;

    private ClassFolders(Path root, List<String> classNames, List<Path> files, int[] labels, List<RgbImage> images) {
        this.root = root;
        this.classNames = classNames;
        this.files = files;
        this.labels = labels;
        this.images = images;
    }

    /**
     * Reads all images below a folder.
     *
     * @throws DataException if there is no such folder, it has no class directory with an image in it, a class directory is
     *                       empty, or a file is no image
     */
    public static ClassFolders read(Path root, ImageLoading loading) {
        List<String> classNames = new ArrayList<>();
        List<Path> files = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (Path directory : sorted(root).stream().filter(Files::isDirectory).toList()) {
            List<Path> found = sorted(directory).stream().filter(ClassFolders::isImage).toList();
            if (found.isEmpty()) {
                throw new DataException(directory, "images of a class", "none", "add images or remove the directory");
            }
            if (directory.getFileName().toString().indexOf('\uFFFD') >= 0) {
                throw new DataException(directory, "a name in the encoding of the locale, " + System.getProperty("sun.jnu.encoding"),
                        "other bytes", "rename the directory, or set LC_ALL to a locale with UTF-8");
            }
            found.forEach(_ -> labels.add(classNames.size()));
            files.addAll(found);
            classNames.add(directory.getFileName().toString().replace('_', ' '));
        }
        if (files.isEmpty()) {
            throw new DataException(root, "one directory of images for each class", "no directory",
                    "put each image into a directory named like its class");
        }
        List<RgbImage> images = loading.decode(files).stream().map(image -> image.over(255, 255, 255)).toList();
        return new ClassFolders(root, List.copyOf(classNames), files, labels.stream().mapToInt(Integer::intValue).toArray(),
                images);
    }

    /** What a folder holds, without hidden files, in the order of the names. */
    static List<Path> sorted(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new DataException(folder, "a folder", Files.exists(folder) ? "a file" : "nothing", "check the path");
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> !entry.getFileName().toString().startsWith("."))
                    .sorted((a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString())).toList();
        } catch (IOException e) {
            throw new DataException(folder, "a readable folder", e.toString(), "check its permissions", e);
        }
    }

    /** Whether a file's name ends like an image's. */
    static boolean isImage(Path file) {
        String name = file.getFileName().toString();
        return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public RgbImage image(int index) {
        return images.get(index);
    }

    /** The file below the root, with forward slashes. */
    @Override
    public String source(int index) {
        return root.relativize(files.get(index)).toString().replace('\\', '/');
    }
}
