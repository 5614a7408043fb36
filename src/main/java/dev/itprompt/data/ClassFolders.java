package dev.itprompt.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Images in one directory a class: {@code root/<class>/<any name>.png}. Classes and files are taken in the order of their
 * names; underscores in a directory's name are blanks in the class name, see also {@link ClassNames}. Transparent images are laid
 * over white.
 */
public final class ClassFolders {

    private static final List<String> ENDINGS = List.of("png", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "tif", "tiff", "webp");
    private static final Unread.Kind HIDDEN = new Unread.Kind("hidden file", "");
    private static final Unread.Kind BESIDE = new Unread.Kind("file", "beside the folders of the classes");
    private static final Unread.Kind INSIDE = new Unread.Kind("folder", "inside those of the classes");
    private static final Unread.Kind OTHER = new Unread.Kind("file", "of another kind");

    private ClassFolders() { }

    /**
     * Finds the images below a folder; they are decoded when they are asked for. Warns of all that is not read: files of other kinds, folders inside those of the classes,
     * files beside them, hidden ones.
     *
     * @throws DataException if there is no such folder, it has no class directory with an image in it, a class directory has no
     *                       image, or two stand for the same class
     */
    public static StoredImages read(Path root, ImageLoading loading) {
        List<String> classNames = new ArrayList<>();
        List<StoredImage> files = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        Unread unread = new Unread(root);
        Map<String, Path> directories = new HashMap<>();
        for (Path directory : entries(root)) {
            if (isHidden(directory)) {
                unread.add(HIDDEN, directory);
            } else if (!Files.isDirectory(directory)) {
                unread.add(BESIDE, directory);
            } else {
                String name = className(directory);
                Path other = directories.put(name, directory);
                if (other != null) {
                    throw new DataException(root, "one folder for each class", "'" + other.getFileName() + "' and '"
                            + directory.getFileName() + "', which are both '" + name + "'", "rename one or put them together");
                }
                for (Path file : images(directory, unread)) {
                    labels.add(classNames.size());
                    files.add(StoredImage.of(file, root.relativize(file).toString().replace('\\', '/')));
                }
                classNames.add(name);
            }
        }
        if (files.isEmpty()) {
            throw new DataException(root, "one directory of images for each class", "no directory",
                    "put each image into a directory named like its class");
        }
        unread.report(loading.warnings());
        return new StoredImages(files, labels.stream().mapToInt(Integer::intValue).toArray(), classNames, loading);
    }

    private static List<Path> images(Path directory, Unread unread) {
        List<Path> images = new ArrayList<>();
        Unread here = new Unread(directory);
        for (Path entry : entries(directory)) {
            Unread.Kind kind = isHidden(entry) ? HIDDEN : Files.isDirectory(entry) ? INSIDE : isImage(entry) ? null : OTHER;
            if (kind == null) {
                images.add(entry);
            } else {
                unread.add(kind, entry);
                here.add(kind, entry);
            }
        }
        if (images.isEmpty()) {
            String found = here.toString();
            throw new DataException(directory, "images of a class (" + String.join(", ", ENDINGS) + ")",
                    found.isEmpty() ? "none" : "only " + found, "add images or remove the directory");
        }
        return images;
    }

    /**
     * The image files in a folder and in all folders below it, by their names' endings, in the order of their paths.
     *
     * @throws DataException if there are none
     */
    public static List<Path> imagesBelow(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new DataException(folder, "a folder", Files.exists(folder) ? "a file" : "nothing", "check the path");
        }
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> images = files.filter(file -> Files.isRegularFile(file) && isImage(file) && !isHidden(file)).sorted().toList();
            if (images.isEmpty()) {
                throw new DataException(folder, "images (" + String.join(", ", ENDINGS) + ")", "none", "check the path");
            }
            return images;
        } catch (IOException e) {
            throw DataFiles.unreadable(folder, "a readable folder", e);
        }
    }

    private static String className(Path directory) {
        if (directory.getFileName().toString().indexOf('\uFFFD') >= 0) {
            throw new DataException(directory, "a name in the encoding of the locale, " + System.getProperty("sun.jnu.encoding"),
                    "other bytes", "rename the directory, or set LC_ALL to a locale with UTF-8");
        }
        String name = ClassNames.clean(directory.getFileName().toString().replace('_', ' '));
        if (name.isEmpty()) {
            throw new DataException(directory, "a folder named like its class", "a name of blanks only", "rename it");
        }
        return name;
    }

    private static boolean isHidden(Path entry) {
        return entry.getFileName().toString().startsWith(".");
    }

    /** What a folder holds, in the order of the names. */
    private static List<Path> entries(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new DataException(folder, "a folder", Files.exists(folder) ? "a file" : "nothing", "check the path");
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted(Comparator.comparing(entry -> entry.getFileName().toString())).toList();
        } catch (IOException e) {
            throw DataFiles.unreadable(folder, "a readable folder", e);
        }
    }

    /** Whether a file's name ends like an image's. */
    static boolean isImage(Path file) {
        String name = file.getFileName().toString();
        return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }
}
