package dev.itprompt.spark;

import dev.itprompt.cluster.Cluster;
import dev.itprompt.cluster.ClusterProvider;

/** Finds Spark's clusters by the addresses of their masters. */
public final class SparkProvider implements ClusterProvider {

    @Override
    public boolean takes(String address) {
        return address.matches("spark://.+|k8s://.+|yarn|local-cluster\\[\\d+,\\d+,\\d+]");
    }

    @Override
    public Cluster open(String address, int threads) {
        return SparkCluster.open(address, threads);
    }
}
