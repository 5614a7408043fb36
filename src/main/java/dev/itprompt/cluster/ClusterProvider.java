package dev.itprompt.cluster;

import dev.itprompt.InputException;

/** A kind of cluster that is only there in some processes; found as a service ({@link java.util.ServiceLoader}). */
public interface ClusterProvider {

    /** Whether an address such as {@code spark://host:7077} is that of a cluster of this kind. */
    boolean takes(String address);

    /**
     * Joins a cluster.
     *
     * @param threads processors that a job takes; one job at a time runs in each process
     * @throws InputException if it cannot be reached, or its machines do not compute the same bits
     */
    Cluster open(String address, int threads);
}
