package dev.itprompt;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Tries whether results can be written, so that it is known before the work that gives them. Leaves nothing behind. */
public final class Writable {

    /** Less free space than this is none: a run's smallest files take more. */
    private static final long LEAST_SPACE = 1 << 20;

    private Writable() {}

    /**
     * Checks that files can be written into a folder, or that the folder can be made.
     *
     * @param option how the folder was given, for messages
     * @throws InputException if a file is in the way, or the place is read-only or full
     */
    public static void requireFolder(String option, Path folder) {
        Path place = folder.toAbsolutePath().normalize();
        while (!Files.exists(place, LinkOption.NOFOLLOW_LINKS) && place.getParent() != null) {
            place = place.getParent();
        }
        if (!Files.isDirectory(place)) {
            String found = Files.exists(place) ? "a file" : "a broken link";
            throw new InputException(option + ": expected a folder for the results, found " + found + " at " + Excerpt.of(place)
                    + "; choose another folder");
        }
        requireSpace(option, folder, place.resolve(".itprompt"));
    }

    /**
     * Checks that a file can be made or replaced.
     *
     * @param option how the file was given, for messages
     * @throws InputException if its folder is missing, something that is no file is in the way, or the place is read-only or full
     */
    public static void requireFile(String option, Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        if (Files.exists(absolute) && !Files.isRegularFile(absolute)) {
            String found = Files.isDirectory(absolute) ? "a folder" : "no plain file";
            throw new InputException(option + ": expected a file to write, found " + found + " at " + Excerpt.of(file)
                    + "; choose another name");
        }
        Path folder = absolute.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new InputException(option + ": expected a file in a folder that exists, found no folder " + folder
                    + "; create it first");
        }
        requireSpace(option, file, absolute);
    }

    /** Makes and deletes a file beside another, as {@link AtomicFile} will. */
    private static void requireSpace(String option, Path wanted, Path file) {
        try {
            Files.delete(AtomicFile.create(file));
            FileStore store = Files.getFileStore(file.getParent());
            if (store.getTotalSpace() > 0 && store.getUsableSpace() < LEAST_SPACE) { // a total of 0: the system does not tell
                throw new IOException("no space left, " + store.getUsableSpace() + " bytes");
            }
        } catch (IOException e) {
            throw new InputException(option + ": " + Excerpt.of(wanted) + " cannot be written (" + WriteException.reason(e)
                    + "); choose another place", e);
        }
    }
}
