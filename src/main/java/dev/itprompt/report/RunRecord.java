package dev.itprompt.report;

import dev.itprompt.InputException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One run's results as its files tell them; see {@link RunReader}.
 *
 * @param folder     where it is
 * @param name       of the experiment
 * @param seed       of the run
 * @param tasks      names of the classes of each task
 * @param trainImages number of training images of each task
 * @param images     test images, task by task
 * @param methods    in the order of the run
 * @param settings   the whole configuration, a value by the full key
 * @param facts      what the configuration only names, such as hashes of model and images
 * @param heldOut    zero-shot classification of the held-out images, if there were any
 */
public record RunRecord(Path folder, String name, long seed, List<List<String>> tasks, List<Integer> trainImages, List<TestImage> images,
                        List<MethodRecord> methods, Map<String, String> settings, Map<String, String> facts, Optional<HeldOut> heldOut) {

    /**
     * Zero-shot accuracy of the frozen model.
     *
     * @param images how many
     * @param labels how many
     * @param top1   in percent
     * @param top5   in percent
     */
    public record HeldOut(long images, long labels, double top1, double top5) {}

    /** Names of all classes, in class order. */
    public List<String> classes() {
        return tasks.stream().flatMap(List::stream).toList();
    }

    /**
     * A method by its name.
     *
     * @throws InputException if the run has none of that name
     */
    public MethodRecord method(String method) {
        return find(method).orElseThrow(() -> new InputException(folder + ": expected one of " + methods.stream().map(MethodRecord::name).toList()
                + ", found no method " + method));
    }

    /** A method by its name, if the run has it. */
    public Optional<MethodRecord> find(String method) {
        return methods.stream().filter(m -> m.name().equals(method)).findFirst();
    }

    /**
     * The same with these methods alone.
     *
     * @throws InputException if the run lacks one
     */
    public RunRecord of(List<String> names) {
        return new RunRecord(folder, name, seed, tasks, trainImages, images, names.stream().map(this::method).toList(), settings, facts, heldOut);
    }
}
