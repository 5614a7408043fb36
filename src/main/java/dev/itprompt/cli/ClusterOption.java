package dev.itprompt.cli;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.cluster.Cluster;
import dev.itprompt.cluster.ClusterProvider;
import dev.itprompt.cluster.LocalCluster;
import java.util.Optional;
import java.util.ServiceLoader;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The option that has jobs done by a cluster. */
final class ClusterOption {

    @Option(names = "--on", paramLabel = "MASTER",
            description = "Have the jobs (of train: the parts of each step) done by the Spark cluster with this master, such as spark://host:7077, which sees the same files; SPARK_HOME names "
                    + "Spark's folder, --threads says how many processors a job takes.")
    private String master;

    /** Whether there is one to do the jobs. */
    boolean isGiven() {
        return master != null;
    }

    /** Whether a cluster is to do the jobs that only another process can join; see {@link #submit}. */
    boolean isElsewhere() {
        return isGiven() && provider().isEmpty();
    }

    /**
     * Starts this command again in a process that can join the cluster, and waits for its end.
     *
     * @return its exit code
     * @throws InputException if there is no such cluster, or something is missing here
     */
    int submit(CommandSpec spec, DeviceOptions device) {
        if (!SparkSubmit.takes(master)) {
            throw new InputException("--on: expected spark://host:port, k8s://https://host:port, yarn or local-cluster[processes,processors,MB], found "
                    + Excerpt.of(master, 80));
        }
        requireThreads(device);
        return SparkSubmit.here(master, device.threads()).run(spec.root().commandLine().getParseResult().originalArgs());
    }

    /**
     * The cluster that this process can join; without the option this process itself.
     *
     * @throws InputException if it cannot be reached, or does not compute the same bits everywhere
     */
    Cluster join(DeviceOptions device) {
        if (!isGiven()) {
            return new LocalCluster();
        }
        requireThreads(device);
        return provider().orElseThrow().open(master, device.threads());
    }

    private Optional<ClusterProvider> provider() {
        return ServiceLoader.load(ClusterProvider.class).stream().map(ServiceLoader.Provider::get).filter(provider -> provider.takes(master)).findFirst();
    }

    private static void requireThreads(DeviceOptions device) {
        if (!device.threadsAreGiven()) {
            throw new InputException("--on: needs --threads N as well, the processors of a machine that a job takes");
        }
    }
}
