package dev.itprompt.spark;

import dev.itprompt.cluster.Cluster;
import dev.itprompt.cluster.ClusterProvider;
import java.io.Serializable;
import java.util.List;

/** One cluster for the commands of all tests: the start of its processes takes longer than what they do. */
public final class SharedCluster implements ClusterProvider {

    /** What commands are given for {@code --on}. */
    static final String ADDRESS = "the-tests'-own";

    private static Cluster shared;

    static void open(String master) {
        shared = SparkCluster.open(master, 1);
    }

    static void closeForAll() {
        shared.close();
    }

    @Override
    public boolean takes(String address) {
        return address.equals(ADDRESS);
    }

    @Override
    public Cluster open(String address, int threads) {
        return new Cluster() {
            @Override
            public <J, R> List<R> map(List<J> jobs, Work<J, R> work) {
                return shared.map(jobs, work);
            }

            @Override
            public <T extends Serializable> Shared<T> share(T value) {
                return shared.share(value);
            }

            @Override
            public int width() {
                return shared.width();
            }

            @Override
            public void close() {
                // others go on with it
            }
        };
    }
}
