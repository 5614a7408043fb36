package dev.itprompt.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Work that is broken off at any step and begun again ends as if it had never been broken off, and does no step twice but the last. */
class CheckpointsTest {

    private static final long SEED = 5;

    @TempDir
    private Path folder;

    /** Breaks work off. */
    private static final class Killed extends RuntimeException {}

    /** Two tasks of three stages: a number is set, a loop of seven steps adds to it, two inner stages change it. */
    private static final class Work implements Stateful {

        private final List<String> done = new ArrayList<>();
        private final int killAt;
        private int clock;
        private double[] known = {1};
        private int tasks;

        Work(int killAt) {
            this.killAt = killAt;
        }

        @Override
        public void visit(State state) {
            known = state.doubles("known", known);
            tasks = state.integer("tasks", tasks);
        }

        private void step(String what) {
            if (clock++ == killAt) {
                throw new Killed();
            }
            done.add(what);
        }

        void run(Checkpoints at) {
            at.restore(this);
            for (int t = 0; t < 2; t++) {
                int task = t;
                at.stage(() -> task(task, at));
            }
        }

        private void task(int task, Checkpoints at) {
            at.stage(() -> {
                step("set " + task);
                known = new double[] {known[0] * 3 + task};
            });
            at.stage(() -> loop(task, at));
            at.stage(() -> {
                for (int i = 0; i < 2; i++) {
                    int inner = i;
                    at.stage(() -> {
                        step("inner " + task + " " + inner);
                        known = new double[] {known[0] * 1.5 - inner};
                    });
                }
            });
            at.stage(() -> tasks = task + 1);
        }

        private void loop(int task, Checkpoints at) {
            double[] sum = {known[0]};
            int[] step = {0};
            at.loop(state -> {
                sum[0] = state.doubles("sum", sum)[0];
                step[0] = state.integer("step", step[0]);
            });
            while (step[0] < 7) {
                step("loop " + task + " " + step[0]);
                sum[0] = sum[0] * 1.1 + step[0];
                step[0]++;
                at.tick();
            }
            known = sum;
        }
    }

    private Checkpoints at(String name, long interval, long[] clock) {
        return Checkpoints.in(folder.resolve(name), Duration.ofNanos(interval), Map.of("of", "test"), () -> clock[0]++);
    }

    @Test
    void workGoesOnWhereItWasBrokenOff() {
        Work undisturbed = new Work(-1);
        undisturbed.run(Checkpoints.NONE);
        int steps = undisturbed.done.size();
        for (int kill = 0; kill < steps; kill++) {
            Work first = new Work(kill);
            String name = "every-" + kill;
            assertThrows(Killed.class, () -> first.run(at(name, 0, new long[1])));
            Work second = new Work(-1);
            second.run(at(name, 0, new long[1]));
            assertEquals(undisturbed.known[0], second.known[0], "broken off before step " + kill);
            assertEquals(2, second.tasks);
            List<String> all = new ArrayList<>(first.done);
            all.addAll(second.done);
            assertEquals(undisturbed.done, all, "saved after each step, none is done twice; broken off before step " + kill);
        }
    }

    @Test
    void atMostTheIntervalIsDoneAgain() {
        Work undisturbed = new Work(-1);
        undisturbed.run(Checkpoints.NONE);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
        for (int trial = 0; trial < 50; trial++) {
            String name = "random-" + trial;
            long interval = 1 + random.nextInt(6);
            Work last = null;
            int total = 0;
            for (int attempt = 0; attempt < 200; attempt++) {
                Work work = new Work(1 + random.nextInt(12));
                last = work;
                try {
                    work.run(at(name, interval, new long[1]));
                    total += work.done.size();
                    break;
                } catch (Killed e) {
                    total += work.done.size();
                }
            }
            assertEquals(undisturbed.known[0], last.known[0], "trial " + trial + ", seed " + SEED);
            assertTrue(total >= undisturbed.done.size());
        }
    }

    @Test
    void finishedWorkLeavesNoFiles() {
        Checkpoints at = at("gone", 0, new long[1]);
        new Work(-1).run(at);
        assertTrue(Files.exists(folder.resolve("gone")));
        at.delete();
        assertFalse(Files.exists(folder.resolve("gone")));
        assertFalse(Files.exists(folder.resolve("gone.loop")));
    }

    @Test
    void damagedFilesAreRefusedInOneLine() throws Exception {
        Checkpoints at = at("bad", 0, new long[1]);
        new Work(-1).run(at);
        Path file = folder.resolve("bad");
        byte[] bytes = Files.readAllBytes(file);
        for (int length : new int[] {0, 7, 40, bytes.length - 1}) {
            Files.write(file, java.util.Arrays.copyOf(bytes, length));
            InputException refused = assertThrows(InputException.class, () -> new Work(-1).run(at("bad", 0, new long[1])));
            assertEquals(1, refused.getMessage().lines().count(), refused.getMessage());
            assertTrue(refused.getMessage().contains("bad"), refused.getMessage());
        }
    }
}
