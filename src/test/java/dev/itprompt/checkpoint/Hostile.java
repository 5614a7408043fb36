package dev.itprompt.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.itprompt.InputException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * What every reader owes whatever it is given: an inert value or a {@link CheckpointException} with file, offset and one line, in
 * time, having allocated no more than {@value #FIXED} bytes and {@value #PER_BYTE} for each byte of the file.
 */
final class Hostile {

    static final Path FILE = Path.of("hostile.bin");
    private static final long FIXED = 48 << 20;
    private static final long PER_BYTE = 96;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Hostile() {}

    static MappedFile mapped(byte[] bytes) {
        return new MappedFile(FILE, MemorySegment.ofArray(bytes));
    }

    /** Opens a file; empty if it is refused as it should be. */
    static Optional<Checkpoint> open(byte[] bytes) {
        return within(bytes.length, () -> Checkpoint.read(mapped(bytes)));
    }

    /** Does something with so many bytes, under the rule. */
    static <T> Optional<T> within(long bytes, Callable<T> work) {
        return assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            try {
                return Optional.of(work.call());
            } catch (CheckpointException e) {
                check(e);
                return Optional.empty();
            } finally {
                long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
                assertTrue(allocated <= FIXED + PER_BYTE * bytes, allocated + " bytes allocated for " + bytes);
            }
        });
    }

    static void check(CheckpointException e) {
        assertEquals(FILE, e.file());
        assertTrue(e.offset() >= 0, e::getMessage);
        oneLine(e);
    }

    static void oneLine(InputException e) {
        assertEquals(1, e.getMessage().lines().count(), e::getMessage);
        assertTrue(e.getMessage().replaceAll("/\\S+", "").length() <= 300, e::getMessage); // but for paths
    }

    /** Does with an opened checkpoint what inspecting and loading do; only the first tensors are read. */
    static void use(Checkpoint checkpoint) {
        checkpoint.tensors().values().stream().limit(60).forEach(tensor -> {
            try {
                tensor.load();
            } catch (CheckpointException e) {
                check(e);
            }
        });
        try {
            KeyMatch match = KeyMatch.of(checkpoint, null);
            ModelFacts.of(match, ModelSizes.of(match.tensors()), LoadOptions.NONE);
            match.tensors().load();
        } catch (InputException e) {
            oneLine(e);
        }
    }
}
