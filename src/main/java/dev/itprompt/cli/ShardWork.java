package dev.itprompt.cli;

import dev.itprompt.Warnings;
import dev.itprompt.cluster.Cluster;
import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.features.Extractor;
import dev.itprompt.features.ShardJob;
import dev.itprompt.features.ShardResult;

/**
 * Computes shards of features in a process of a cluster, which keeps model and compiled passes for the jobs that follow. Which images
 * cannot be read is among the results.
 *
 * @param device  its full name
 * @param threads of the cpu device, and that decode images
 */
record ShardWork(String device, int threads) implements Cluster.Work<ShardJob, ShardResult> {

    /** What shards of a configuration are computed with; stays until the process ends. */
    private record Opened(ShardWork by, String configuration, Extractor extractor) {}

    private static Opened opened;

    @Override
    public ShardResult of(ShardJob job) {
        synchronized (ShardWork.class) { // one job at a time: the device is one thread's
            if (opened == null || !opened.by.equals(this) || !opened.configuration.equals(job.configuration())) {
                opened = new Opened(this, job.configuration(), Extractor.open(job.settings(), ProjectFolder.find(), DeviceOptions.open(device, threads),
                        threads, Warnings.once(_ -> {})));
            }
            return job.run(opened.extractor);
        }
    }
}
