package dev.itprompt.device.cpu;

import java.lang.foreign.Arena;

/**
 * Scratch memory of a device: one piece per worker and one shared piece, all large enough for the hungriest kernel bound so
 * far. Kernels run one after the other, so they share it. Contents do not survive a kernel.
 */
final class Workspace implements AutoCloseable {

    private static final long ALIGNMENT = 64;

    private final int workers;
    private Arena arena = Arena.ofShared();
    private long eachBytes;
    private long sharedBytes;
    private long each;
    private long shared;

    Workspace(int workers) {
        this.workers = workers;
    }

    /** Makes sure that every worker's piece and the shared piece have at least so many bytes. Moves them. */
    void reserve(long bytesEach, long bytesShared) {
        if (bytesEach <= eachBytes && bytesShared <= sharedBytes) {
            return;
        }
        // An odd number of cache lines, so that workers' pieces do not map to the same cache sets.
        eachBytes = Math.max(eachBytes, (bytesEach / ALIGNMENT + 1 | 1) * ALIGNMENT);
        sharedBytes = Math.max(sharedBytes, (bytesShared / ALIGNMENT + 1) * ALIGNMENT);
        arena.close();
        arena = Arena.ofShared();
        each = arena.allocate(eachBytes * workers, ALIGNMENT).address();
        shared = arena.allocate(sharedBytes, ALIGNMENT).address();
    }

    /** Address of one worker's piece. */
    long of(int worker) {
        return each + worker * eachBytes;
    }

    /** Address of the piece that all workers see. */
    long shared() {
        return shared;
    }

    @Override
    public void close() {
        arena.close();
    }
}
