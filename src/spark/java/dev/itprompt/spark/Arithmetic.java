package dev.itprompt.spark;

import dev.itprompt.device.cpu.CpuDevice;
import java.io.Serializable;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.SparkEnv;

/**
 * What the bits of results depend on in a process.
 *
 * @param host  where it runs
 * @param facts lanes and fused multiply-adds, Java, architecture
 */
record Arithmetic(String host, String facts) implements Serializable {

    /** Asked for once a process. */
    private static final class Here {
        private static final Arithmetic VALUE = ask();
    }

    /** Of this process; asked, not assumed: a JVM lowers what it was told where the processor has less. */
    static Arithmetic here() {
        return Here.VALUE;
    }

    private static Arithmetic ask() {
        try (CpuDevice device = new CpuDevice(1)) {
            return new Arithmetic(SparkEnv.get().blockManager().blockManagerId().host(), device.arithmetic() + "; Java " + Runtime.version()
                    + "; " + System.getProperty("os.arch"));
        }
    }

    /** Whether results of both are the same bits. */
    boolean isLike(Arithmetic other) {
        return facts.equals(other.facts);
    }

    /** In a line which machines compute in what way, and what to do; empty if all do it in the same way. */
    static Optional<String> difference(Collection<Arithmetic> all) {
        Map<String, TreeSet<String>> hosts = new TreeMap<>();
        all.forEach(one -> hosts.computeIfAbsent(one.facts, _ -> new TreeSet<>()).add(one.host));
        return hosts.size() < 2 ? Optional.empty() : Optional.of("--on: expected processes that compute the same bits, found " + hosts.entrySet().stream()
                .map(entry -> entry.getKey() + " on " + String.join(", ", entry.getValue())).collect(Collectors.joining(" and "))
                + "; give all the same Java, and -XX:UseAVX=2 in spark.executor.extraJavaOptions, or take machines of one kind");
    }
}
