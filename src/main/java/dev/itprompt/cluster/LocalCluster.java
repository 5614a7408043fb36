package dev.itprompt.cluster;

import java.util.List;

/** This process, which does one job after the other. */
public final class LocalCluster implements Cluster {

    @Override
    public <J, R> List<R> map(List<J> jobs, Work<J, R> work) {
        return jobs.stream().map(work::of).toList();
    }

    @Override
    public int width() {
        return 1;
    }

    @Override
    public void close() {
        // nothing is open
    }
}
