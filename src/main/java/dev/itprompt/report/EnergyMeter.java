package dev.itprompt.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * Energy that the processors' packages take while something is done, by the counters of Linux' power capping (RAPL): that of the whole machine, whoever
 * uses it, without graphics cards. A counter begins at 0 again after some minutes under load, so that it is looked at now and then.
 */
final class EnergyMeter implements AutoCloseable {

    private static final Path COUNTERS = Path.of("/sys/class/powercap");
    private static final Duration PAUSE = Duration.ofSeconds(20);

    private final List<Counter> counters;
    private final Thread watch;
    private boolean lost;

    /** A package's counter, in microjoules. */
    private static final class Counter {

        private final Path file;
        private final long range;
        private long last;
        private long sum;

        Counter(Path folder) throws IOException {
            file = folder.resolve("energy_uj");
            range = number(folder.resolve("max_energy_range_uj"));
            last = number(file);
        }

        void look() throws IOException {
            long now = number(file);
            sum += now >= last ? now - last : now - last + range;
            last = now;
        }

        private static long number(Path file) throws IOException {
            return Long.parseLong(Files.readString(file).strip());
        }
    }

    private EnergyMeter(List<Counter> counters) {
        this.counters = counters;
        this.watch = counters.isEmpty() ? null : Thread.ofPlatform().daemon().name("energy").start(this::watch);
    }

    /** Begins to count what this machine's counters tell, if it has some that may be read. */
    static EnergyMeter begin() {
        return begin(COUNTERS);
    }

    /** As {@link #begin()}, with the folder of the counters: those whose {@code name} is {@code package-N}. */
    static EnergyMeter begin(Path folder) {
        List<Counter> counters = new ArrayList<>();
        try (Stream<Path> zones = Files.isDirectory(folder) ? Files.list(folder) : Stream.of()) {
            for (Path zone : zones.sorted().toList()) {
                if (Files.isReadable(zone.resolve("energy_uj")) && Files.readString(zone.resolve("name")).startsWith("package-")) {
                    counters.add(new Counter(zone));
                }
            }
        } catch (IOException | NumberFormatException _) {
            counters.clear();
        }
        return new EnergyMeter(counters);
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(PAUSE);
                look();
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    private synchronized void look() {
        try {
            for (Counter counter : counters) {
                counter.look();
            }
        } catch (IOException | NumberFormatException _) {
            lost = true;
        }
    }

    /** Joules since the beginning; empty if the system does not tell. */
    synchronized OptionalDouble joules() {
        look();
        return counters.isEmpty() || lost ? OptionalDouble.empty() : OptionalDouble.of(counters.stream().mapToLong(counter -> counter.sum).sum() / 1e6);
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.interrupt();
        }
    }
}
