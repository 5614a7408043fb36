package dev.itprompt.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;

/**
 * Heap that may be taken at a time for reading files. What a file needs is compared with it before anything is allocated; the
 * threads that read share it, and one that asks for more than the others leave waits for them.
 */
final class MemoryBudget {

    /** Half of the heap; the other half is for what is kept. */
    static final MemoryBudget HEAP = new MemoryBudget(Runtime.getRuntime().maxMemory() / 2);

    private static final String REMEDY = "give Java a larger heap (-Xmx) or make it smaller";
    private static final int UNIT = 1 << 16;

    private final long bytes;
    private final int units;
    private final Semaphore free;

    /** @param bytes that may be taken at a time */
    MemoryBudget(long bytes) {
        this.bytes = bytes;
        this.units = (int) Math.min(Integer.MAX_VALUE, bytes / UNIT);
        this.free = new Semaphore(units, true);
    }

    /** Work on a file. */
    @FunctionalInterface
    interface Work<T> {
        /** @throws IOException if the file is not as it should be */
        T run() throws IOException;
    }

    /**
     * Refuses what is too large.
     *
     * @param needed bytes
     * @param what   the message calls it, such as {@code an image of 4000x3000 pixels}
     * @throws DataException if it is more than may be taken
     */
    void require(long needed, Path file, String what) {
        if (needed > bytes) {
            throw new DataException(file, "what can be read in " + (bytes >> 20) + " MiB (half of the heap)",
                    what + ", which takes " + ((needed >> 20) + 1) + " MiB", REMEDY);
        }
    }

    /**
     * Does what takes memory.
     *
     * @param needed the most bytes that it takes
     * @param what   as {@link #require}
     * @throws DataException if that is more than may be taken, or memory runs out although nothing else is read
     */
    <T> T with(long needed, Path file, String what, Work<T> work) throws IOException {
        require(needed, file, what);
        try {
            return holding((int) (needed / UNIT), work);
        } catch (OutOfMemoryError first) {
            try {
                return holding(units, work); // alone, so that it is this file's fault if it fails again
            } catch (OutOfMemoryError again) {
                throw new DataException(file, "what can be read in the memory that is left", what + ", which takes more", REMEDY,
                        again);
            }
        }
    }

    private <T> T holding(int share, Work<T> work) throws IOException {
        free.acquireUninterruptibly(share);
        try {
            return work.run();
        } finally {
            free.release(share);
        }
    }
}
