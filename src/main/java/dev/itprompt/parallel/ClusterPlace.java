package dev.itprompt.parallel;

import dev.itprompt.cluster.Cluster;
import dev.itprompt.device.Device;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.PartGradients;
import dev.itprompt.train.PartsPlace;
import dev.itprompt.train.TrainingStep;
import java.util.Map;

/**
 * The processes of a cluster, which compute the parts of batches.
 *
 * @param opening how each comes to model, images and device
 * @param times   hears of each step
 */
public record ClusterPlace(Cluster cluster, Opening opening, StepTimes times) implements PartsPlace {

    @Override
    public PartGradients open(Device device, TrainingStep step, Map<String, Tensor> frozen) {
        return new ClusterParts(cluster, opening, times, step, frozen);
    }
}
