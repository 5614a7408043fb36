package dev.itprompt;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps others from writing into a folder. The system takes the lock back when its process ends, however that happens; the empty
 * file {@code .lock} stays and means nothing by itself.
 */
public final class FolderLock implements AutoCloseable {

    private static final String NAME = ".lock";
    /** Folders locked by this process: the system's locks are those of a process, and opening the file again would end one. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Path folder;
    private final FileChannel channel;

    private FolderLock(Path folder, FileChannel channel) {
        this.folder = folder;
        this.channel = channel;
    }

    /**
     * Locks a folder that exists and deletes temporary files that killed writers left there.
     *
     * @throws InputException if someone else has locked it, or it cannot be locked
     */
    public static FolderLock of(Path folder) {
        try {
            Path real = folder.toRealPath();
            if (!OWN.add(real)) {
                throw busy(folder);
            }
            FileChannel channel = null;
            try {
                channel = FileChannel.open(real.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock();
                if (lock == null) {
                    throw busy(folder);
                }
                AtomicFile.deleteLeftovers(real);
                return new FolderLock(real, channel);
            } catch (IOException | RuntimeException e) {
                OWN.remove(real);
                if (channel != null) {
                    channel.close();
                }
                throw e;
            }
        } catch (IOException e) {
            throw new InputException(Excerpt.of(folder) + ": cannot be locked against other writers (" + WriteException.reason(e)
                    + "); choose another folder", e);
        }
    }

    /**
     * Whether someone else has locked a folder that exists. Who tries to lock it at this very moment may be refused.
     *
     * @throws InputException if it cannot be told
     */
    public static boolean isHeld(Path folder) {
        try {
            Path real = folder.toRealPath();
            if (OWN.contains(real) || !Files.exists(real.resolve(NAME))) {
                return OWN.contains(real); // opening the file would end a lock of this process
            }
            try (FileChannel channel = FileChannel.open(real.resolve(NAME), StandardOpenOption.WRITE); FileLock lock = channel.tryLock()) {
                return lock == null;
            }
        } catch (IOException e) {
            throw new InputException(Excerpt.of(folder) + ": cannot be tried for a lock (" + WriteException.reason(e) + ")", e);
        }
    }

    private static InputException busy(Path folder) {
        return new InputException(folder + ": another run is going on in this folder; wait for its end or choose another folder");
    }

    /** Gives the folder free. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new WriteException(folder.resolve(NAME), e);
        } finally {
            OWN.remove(folder);
        }
    }
}
