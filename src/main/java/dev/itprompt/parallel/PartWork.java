package dev.itprompt.parallel;

import dev.itprompt.cluster.Cluster;
import java.util.Map;

/**
 * Computes parts of one step: a pure function of what it and the job hold.
 *
 * @param opening how a process comes to model, images and device
 * @param name    of the training; no other has it
 * @param step    of the training
 * @param written values of inputs and variables that are the same for all parts, by the numbers of their nodes
 * @param exact   likewise, with all digits
 */
record PartWork(Opening opening, String name, Cluster.Shared<SharedStep> step, Map<Integer, float[]> written, Map<Integer, double[]> exact)
        implements Cluster.Work<PartJob, PartJob.Result> {

    @Override
    public PartJob.Result of(PartJob job) {
        return PartProcess.run(this, job);
    }
}
