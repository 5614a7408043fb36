package dev.itprompt.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MemoryBudgetTest {

    private static final int MEBIBYTE = 1 << 20;
    private static final Path FILE = Path.of("photo.tif");

    private final MemoryBudget budget = new MemoryBudget(64 * MEBIBYTE);

    @Test
    void whatIsTooLargeIsNotBegun() {
        DataException e = assertThrows(DataException.class, () -> budget.with(65L * MEBIBYTE, FILE, "an image of 9x9 pixels", () -> {
            throw new AssertionError("begun");
        }));
        assertEquals("photo.tif: expected what can be read in 64 MiB (half of the heap), found an image of 9x9 pixels, which takes "
                + "66 MiB; give Java a larger heap (-Xmx) or make it smaller", e.getMessage());
    }

    @Test
    void threadsShareIt() throws Exception {
        AtomicInteger at = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
            MemoryBudget.Work<Integer> work = () -> {
                most.accumulateAndGet(at.incrementAndGet(), Math::max);
                Thread.yield();
                return at.decrementAndGet();
            };
            List<? extends Future<?>> all = IntStream.range(0, 40)
                    .mapToObj(_ -> pool.submit(() -> budget.with(30 * MEBIBYTE, FILE, "it", work))).toList();
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertTrue(most.get() <= 2, most + " at a time");
    }

    @Test
    void whatRunsOutOfMemoryIsTriedAgainAlone() throws IOException {
        AtomicInteger tries = new AtomicInteger();
        assertEquals(2, budget.with(1, FILE, "it", () -> {
            if (tries.incrementAndGet() == 1) {
                throw new OutOfMemoryError("because of others");
            }
            return tries.get();
        }));
        DataException e = assertThrows(DataException.class, () -> budget.with(1, FILE, "an image of 9x9 pixels", () -> {
            throw new OutOfMemoryError();
        }));
        assertTrue(e.getMessage().startsWith("photo.tif: expected what can be read in the memory that is left, found an image of "
                + "9x9 pixels"), e.getMessage());
        assertFalse(e.getMessage().contains("null"));
        assertEquals(3, budget.with(64 * MEBIBYTE, FILE, "all of it, which was given back", () -> 3));
    }
}
