package dev.itprompt.report;

import dev.itprompt.continual.AccuracyMatrix;
import dev.itprompt.prompt.PoolUse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What one method achieved in a run.
 *
 * @param name       of the method
 * @param accuracy   right classes
 * @param initial    accuracy on each task in percent before anything was learned; empty if it was not measured
 * @param inferred   right task inferences, if it infers tasks
 * @param told       right classes where the task of each test image is told, if the results say so
 * @param answers    to each test image after the last task
 * @param pools      how test images used its prompt pools after the last task, by name; none if it has none, or the results do not say
 * @param trainable  trainable numbers by part
 * @param zeroShot   the held-out check, if there was one
 * @param cost       what it took
 */
public record MethodRecord(String name, AccuracyMatrix accuracy, List<Double> initial, Optional<AccuracyMatrix> inferred,
                           Optional<AccuracyMatrix> told, Answers answers, Map<String, PoolUse> pools, Map<String, Long> trainable,
                           Optional<ZeroShot> zeroShot, Cost cost) {

    /**
     * Zero-shot accuracy on the held-out images in percent.
     *
     * @param before        the first task
     * @param after         the last task
     * @param identicalBits whether all logits were the same to the last bit
     */
    public record ZeroShot(double before, double after, boolean identicalBits) {}

    /**
     * What a method took; methods of one training each show all of it.
     *
     * @param queryPasses  forward passes of a test image before the one whose features are classified; empty if the results do not say
     * @param learnSeconds for each task
     * @param testSeconds  for the test after each task
     * @param stateBytes   size of the file with all that was learned; empty if it is not beside the results
     */
    public record Cost(OptionalInt queryPasses, List<Double> learnSeconds, List<Double> testSeconds, OptionalLong stateBytes) {}

    /** Whether all accuracies with {@code j <= t} are known; a jointly trained method has only those after the last task. */
    public boolean isComplete() {
        for (int t = 0; t < accuracy.tasks(); t++) {
            if (!hasColumn(t)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the accuracies on all tasks {@code j <= t} after task {@code t} are known. */
    public boolean hasColumn(int t) {
        for (int j = 0; j <= t; j++) {
            if (!accuracy.has(j, t)) {
                return false;
            }
        }
        return true;
    }
}
