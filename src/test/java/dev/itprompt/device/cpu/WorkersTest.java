package dev.itprompt.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {

    private static final long LARGE = 1 << 20;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void everyItemIsDoneOnce(int threads) {
        try (Workers workers = new Workers(threads)) {
            for (int count : new int[] {1, 2, 3, 4, 7, 1000}) {
                AtomicIntegerArray done = new AtomicIntegerArray(count);
                workers.split(count, LARGE, (_, from, to) -> {
                    for (int i = from; i < to; i++) {
                        done.incrementAndGet(i);
                    }
                });
                int[] seen = new int[count];
                Arrays.setAll(seen, done::get);
                int[] once = new int[count];
                Arrays.fill(once, 1);
                assertArrayEquals(once, seen);
            }
        }
    }

    @Test
    void smallWorkStaysWithTheCaller() {
        try (Workers workers = new Workers(3)) {
            Thread caller = Thread.currentThread();
            workers.split(100, 10, (worker, from, to) -> {
                assertEquals(caller, Thread.currentThread());
                assertEquals(0, worker);
                assertEquals(0, from);
                assertEquals(100, to);
            });
        }
    }

    @Test
    void failuresOfAnyMemberReachTheCallerAndTheTeamGoesOn() {
        try (Workers workers = new Workers(3)) {
            for (int failing = 0; failing < 3; failing++) {
                int bad = failing;
                Exception failure = assertThrows(IllegalStateException.class, () -> workers.split(3, LARGE, (_, from, _) -> {
                    if (from == bad) {
                        throw new IllegalStateException("item " + from);
                    }
                }));
                assertEquals("item " + bad, failure.getMessage());
                AtomicInteger sum = new AtomicInteger();
                workers.split(3, LARGE, (_, from, to) -> sum.addAndGet(to - from));
                assertEquals(3, sum.get());
            }
        }
    }

    @Test
    void parkedMembersWakeUp() throws InterruptedException {
        try (Workers workers = new Workers(4)) {
            for (int repetition = 0; repetition < 5; repetition++) {
                Thread.sleep(5);
                AtomicInteger sum = new AtomicInteger();
                workers.split(4, LARGE, (_, from, to) -> sum.addAndGet(to - from));
                assertEquals(4, sum.get());
            }
        }
    }
}
