package dev.itprompt.report;

import dev.itprompt.AtomicFile;
import dev.itprompt.InputException;
import dev.itprompt.WriteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Curves for TensorBoard: a folder {@value #FOLDER} with one for each method (and seed, where there are several), which TensorBoard shows as
 * a run. Its scalars are {@code accuracy/average} and {@code accuracy/task 1} … after each task, {@code task inference/average}, the
 * summary's metrics after the last task, and {@code loss/…} and {@code rate/…} of each stage of the training by its step.
 */
public final class TensorBoard {

    /** Below the folder of a run. */
    public static final String FOLDER = "tensorboard";
    /** TensorBoard takes what has the middle part in its name. */
    private static final String FILE = "events.out.tfevents.0.itprompt";

    private TensorBoard() {}

    /**
     * Writes the curves of runs; the same runs give the same bytes.
     *
     * @param folder where to, which exists
     * @return the folder to start TensorBoard with
     */
    public static Path write(RunSet set, Path folder) {
        Path root = folder.resolve(FOLDER);
        for (RunRecord run : set.runs()) {
            Path of = set.isSeveral() ? root.resolve("seed-" + run.seed()) : root;
            scalars(run).forEach((name, scalars) -> {
                Path file = of.resolve(name).resolve(FILE);
                try {
                    Files.createDirectories(file.getParent());
                } catch (IOException e) {
                    throw new WriteException(file, e);
                }
                AtomicFile.write(file, EventFile.of(scalars));
            });
        }
        return root;
    }

    /**
     * Deletes what a folder has of them.
     *
     * @throws InputException if it cannot be deleted
     */
    public static void delete(Path folder) {
        Path root = folder.resolve(FOLDER);
        if (!Files.isDirectory(root)) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new InputException(root + ": cannot be deleted (" + WriteException.reason(e) + ")", e);
        }
    }

    /** The points of each method, in the order of the methods; trainings that are no method of the run by their own names. */
    static Map<String, List<EventFile.Scalar>> scalars(RunRecord run) {
        RunLog log = RunLog.read(run.folder());
        Map<String, List<EventFile.Scalar>> scalars = new LinkedHashMap<>();
        log.curves().forEach((training, steps) -> steps.forEach(step -> {
            List<EventFile.Scalar> of = scalars.computeIfAbsent(training, _ -> new ArrayList<>());
            of.add(new EventFile.Scalar("loss/" + step.stage(), step.number(), step.seconds(), step.loss()));
            of.add(new EventFile.Scalar("rate/" + step.stage(), step.number(), step.seconds(), step.rate()));
        }));
        for (MethodRecord method : run.methods()) {
            List<EventFile.Scalar> of = scalars.computeIfAbsent(method.name(), _ -> new ArrayList<>());
            Curve.of(run, method).forEach(curve -> curve.points().forEach((task, value) ->
                    of.add(new EventFile.Scalar(curve.name(), task + 1L, log.tested(method.name(), task), value))));
        }
        return scalars;
    }
}
