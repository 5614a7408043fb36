package dev.itprompt.cluster;

import java.io.Serializable;
import java.util.List;

/** This process, which does one job after the other. */
public final class LocalCluster implements Cluster {

    @Override
    public <J, R> List<R> map(List<J> jobs, Work<J, R> work) {
        return jobs.stream().map(work::of).toList();
    }

    /** A value of this process. */
    private record Here<T>(T value) implements Shared<T> {
        @Override
        public void close() {
            // nothing is kept elsewhere
        }
    }

    @Override
    public <T extends Serializable> Shared<T> share(T value) {
        return new Here<>(value);
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
