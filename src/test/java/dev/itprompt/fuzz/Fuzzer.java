package dev.itprompt.fuzz;

import com.sun.management.ThreadMXBean;
import dev.itprompt.InputException;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Hands changed inputs to a {@link Target} and collects what it does wrong: it throws anything but an {@link InputException}, or one
 * whose message is not one short line without Java's own words, or takes too much time or memory.
 *
 * <p>Time is the processor time of the thread that reads, which no other load on the machine adds to. Memory is what all threads
 * allocate on the heap, and what more there is outside of it afterwards.
 */
final class Fuzzer {

    /**
     * What one input may take.
     *
     * @param time       of the processor
     * @param bytes      of memory, freed or not
     * @param characters of a message without the folders in it
     */
    record Limits(Duration time, long bytes, int characters) {
        static final Limits USUAL = new Limits(Duration.ofSeconds(2), 256 << 20, 300);
    }

    /**
     * What was found.
     *
     * @param inputs  that were tried
     * @param refused how many of them were refused
     * @param faults  one of each kind
     */
    record Report(int inputs, int refused, List<String> faults) {}

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final List<BufferPoolMXBean> BUFFERS = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct")).toList();
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\u0080-\\u009f\\u2028\\u2029\\u202a-\\u202e]");
    private static final Pattern CLASS = Pattern.compile("\\b[A-Z]\\w*(?:Exception|Error)\\b|\\b(?:java|javax|sun|tools|dev|org)\\.[a-z]+\\.\\w+");
    private static final int MOST_FAULTS = 8;
    private static final Duration WAIT = Duration.ofMinutes(5);

    private final Limits limits;
    private final long seed;
    private final List<String> folders;

    /**
     * @param seed    what all chance follows from
     * @param folders whose names are not counted in messages
     */
    Fuzzer(Limits limits, long seed, List<Path> folders) {
        this.limits = limits;
        this.seed = seed;
        this.folders = folders.stream().map(Path::toString).toList();
    }

    /** Tries so many inputs, fewer if there are many faults. */
    Report run(Target target, int inputs) throws InterruptedException {
        return new Trial(target, inputs).watched();
    }

    /** Everything about one target, in a thread of its own. */
    private final class Trial {

        private final Target target;
        private final int inputs;
        private final Mutator mutator;
        private final Map<String, String> faults = new LinkedHashMap<>();
        private final FutureTask<Report> task = new FutureTask<>(this::report);
        private final Thread thread = Thread.ofPlatform().daemon().unstarted(task);
        private int refused;
        private volatile byte[] input;
        private volatile int number;
        private volatile long begun;

        Trial(Target target, int inputs) {
            this.target = target;
            this.inputs = inputs;
            this.mutator = new Mutator(target.seeds(), target.words());
        }

        /** Runs it and looks now and then whether an input keeps it too long. */
        Report watched() throws InterruptedException {
            thread.setName("fuzz " + target.name());
            thread.start();
            long waited = System.nanoTime();
            int seen = 0;
            while (!thread.join(Duration.ofMillis(100))) {
                waited = seen == number ? waited : System.nanoTime();
                seen = number;
                boolean stuck = System.nanoTime() - waited > WAIT.toNanos();
                if (stuck || number > 0 && spent() > 10 * limits.time.toNanos()) {
                    String place = Arrays.stream(thread.getStackTrace()).limit(30).map(frame -> "\n    at " + frame).collect(Collectors.joining());
                    throw new AssertionError(fault("does not end" + place));
                }
            }
            try {
                return task.get();
            } catch (ExecutionException e) {
                throw new AssertionError(target.name() + ": " + e.getCause(), e.getCause());
            }
        }

        private long spent() {
            return THREADS.getThreadCpuTime(thread.threadId()) - begun;
        }

        private Report report() throws Exception {
            for (byte[] valid : target.seeds()) {
                target.reader().read(valid);
            }
            while (number < inputs && faults.size() < MOST_FAULTS) {
                input = mutator.next(new Random(Arrays.hashCode(new long[] {seed, target.name().hashCode(), number})));
                begun = THREADS.getCurrentThreadCpuTime();
                number++;
                tryInput();
            }
            return new Report(number, refused, List.copyOf(faults.values()));
        }

        private void tryInput() {
            long heap = THREADS.getTotalThreadAllocatedBytes();
            long outside = outside();
            try {
                target.reader().read(input);
            } catch (InputException e) {
                refused++;
                check(String.valueOf(e.getMessage()));
            } catch (Throwable e) {
                add("throws", e + Arrays.stream(e.getStackTrace()).limit(12).map(frame -> "\n    at " + frame).collect(Collectors.joining()));
            }
            long time = spent();
            long bytes = THREADS.getTotalThreadAllocatedBytes() - heap + Math.max(0, outside() - outside);
            if (time > limits.time.toNanos()) {
                add("takes", time / 1_000_000 + " ms");
            }
            if (bytes > limits.bytes) {
                add("takes", (bytes >> 20) + " MiB");
            }
        }

        private void check(String message) {
            String text = message;
            for (String folder : folders) {
                text = text.replace(folder, "");
            }
            Matcher named = CLASS.matcher(text);
            if (text.isBlank() || CONTROL.matcher(text).find()) {
                add("is refused with what is not one line of text:", shown(message));
            }
            if (text.length() > limits.characters) {
                add("is refused with " + text.length() + " characters:", shown(message));
            }
            if (text.contains("null") && !contains("null")) {
                add("is refused with null in the message:", shown(message));
            }
            if (named.find() && !contains(named.group())) {
                add("is refused with a class in the message:", shown(message));
            }
        }

        private boolean contains(String text) {
            return new String(input, StandardCharsets.ISO_8859_1).contains(text);
        }

        /** Keeps the first of each kind: of those that begin alike but for numbers and what is quoted. */
        private void add(String rule, String found) {
            String kind = (rule + found).replaceAll("'[^']*'?|\"[^\"]*\"?|[\\d./]+", "");
            faults.computeIfAbsent(kind.substring(0, Math.min(kind.length(), 100)), _ -> fault(rule + " " + found));
        }

        private String fault(String what) {
            return target.name() + ", seed " + seed + ", input " + number + " (" + saved() + "): " + what + "\n    input: "
                    + shown(new String(input, StandardCharsets.ISO_8859_1));
        }

        private Path saved() {
            try {
                return Files.write(Files.createTempFile("itprompt-fuzz-", ".bin"), input);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static long outside() {
        return BUFFERS.stream().mapToLong(BufferPoolMXBean::getTotalCapacity).sum();
    }

    private static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        for (char c : text.substring(0, Math.min(text.length(), 500)).toCharArray()) {
            shown.append(c == '\n' ? "\\n" : c < 32 || c > 126 ? String.format("\\u%04x", (int) c) : Character.toString(c));
        }
        return shown + (text.length() > 500 ? "... (" + text.length() + " characters)" : "");
    }
}
