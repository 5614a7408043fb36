package dev.itprompt.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.fuzz.Fuzzer.Limits;
import dev.itprompt.fuzz.Fuzzer.Report;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Valid inputs of every kind, changed at random: each is taken or refused with one short line, in little time and memory.
 *
 * <p>{@code -Ditprompt.fuzz.seed=N} tries other inputs, {@code -Ditprompt.fuzz.rounds=N} so many times as many, and
 * {@code -Ditprompt.fuzz.target=TEXT} only the kinds whose names contain a text. A fault is reported with its seed and the file in
 * which the input is kept; it comes again with the same seed, at least as many rounds and its kind. For a long run of about ten
 * minutes:
 * <pre>./mvnw test -Dtest=FuzzTest -Ditprompt.fuzz.seed=7 -Ditprompt.fuzz.rounds=30</pre>
 */
class FuzzTest {

    private static final long SEED = Long.getLong("itprompt.fuzz.seed", 1);
    private static final int ROUNDS = Integer.getInteger("itprompt.fuzz.rounds", 1);
    private static final String ONLY = System.getProperty("itprompt.fuzz.target", "");

    @TempDir(factory = SameFolder.class)
    static Path folder;

    /** Its name stands in some inputs, so that it must be the same for the same seed to give the same inputs. */
    static final class SameFolder implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) throws IOException {
            Path folder = Path.of("target/fuzz").toAbsolutePath();
            if (Files.exists(folder)) {
                Targets.delete(folder); // a run that was killed left it
            }
            return Files.createDirectories(folder);
        }
    }

    @TestFactory
    Stream<DynamicTest> targets() throws IOException {
        return Targets.of(folder).stream().filter(target -> target.name().contains(ONLY))
                .map(target -> DynamicTest.dynamicTest(target.name(), () -> check(target)));
    }

    private static void check(Target target) throws InterruptedException {
        Fuzzer fuzzer = new Fuzzer(Limits.USUAL, SEED, List.of(folder, ProjectFolder.find().root()));
        Report report = fuzzer.run(target, Math.multiplyExact(ROUNDS, target.inputs()));
        if (ROUNDS > 1) {
            System.out.println(target.name() + ", seed " + SEED + ": " + report.inputs() + " inputs, " + report.refused() + " refused");
        }
        assertTrue(report.faults().isEmpty(), () -> String.join("\n\n", report.faults()));
        assertTrue(report.refused() > 0 || report.inputs() < 100, target.name() + ", seed " + SEED + ": none of " + report.inputs() + " inputs is refused");
    }

    /** The test's own test: every fault is seen, and inputs that are taken or refused as they should be are none. */
    @Test
    void faultsAreSeen() throws InterruptedException {
        assertFault("throws java.lang.IllegalStateException: no", () -> {
            throw new IllegalStateException("no");
        });
        assertFault("throws java.lang.StackOverflowError", FuzzTest::endless);
        assertFault("not one line", () -> {
            throw saying("two\nlines");
        });
        assertFault("not one line", () -> {
            throw saying(" ");
        });
        assertFault("with 301 characters", () -> {
            throw saying("x".repeat(301));
        });
        assertFault("null in the message", () -> {
            throw new InputException("expected a number, found null");
        });
        assertFault("a class in the message", () -> {
            throw new InputException("cannot be read (java.io.EOFException)");
        });
        assertFault("takes 9 MiB", () -> assertEquals(9 << 20, new byte[9 << 20].length));
        assertFault("takes", () -> {
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            long until = threads.getCurrentThreadCpuTime() + 100_000_000;
            while (threads.getCurrentThreadCpuTime() < until) {
                Thread.onSpinWait();
            }
        });
        assertEquals(List.of(), run(() -> {
            throw new InputException(folder.resolve("x".repeat(40)) + ": expected text, found numbers");
        }).faults());
        assertEquals(List.of(), run(() -> { }).faults());
    }

    /** An error whose message is taken as it is. */
    private static InputException saying(String message) {
        return new InputException(message) {
            @Override
            public String getMessage() {
                return message;
            }
        };
    }

    private static int endless() {
        return endless() + 1;
    }

    private static void assertFault(String expected, Runnable reader) throws InterruptedException {
        Report report = run(reader);
        assertEquals(1, report.faults().size(), report::toString);
        assertTrue(report.faults().getFirst().contains(expected), report::toString);
    }

    private static Report run(Runnable reader) throws InterruptedException {
        byte[] valid = {'a'};
        Target target = new Target("own", 5, List.of(valid), List.of(), input -> {
            if (!Arrays.equals(input, valid)) {
                reader.run();
            }
        });
        return new Fuzzer(new Limits(Duration.ofMillis(50), 8 << 20, 300), 1, List.of(folder)).run(target, target.inputs());
    }
}
