package dev.itprompt.report;

import dev.itprompt.InputException;
import dev.itprompt.JsonText;
import dev.itprompt.WriteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Runs of one experiment with different seeds, or a single one.
 *
 * @param runs at least one, with different seeds and the same number of tasks
 */
public record RunSet(List<RunRecord> runs) {

    private static final String SUMMARY = "summary.json";

    /** Checks that the runs belong together. */
    public RunSet {
        runs = List.copyOf(runs);
        RunRecord first = runs.getFirst();
        for (RunRecord run : runs) {
            if (run.tasks().size() != first.tasks().size()) {
                throw new InputException(run.folder() + ": expected a run with " + first.tasks().size() + " tasks as in " + first.folder()
                        + ", found " + run.tasks().size() + "; itprompt compare shows what differs");
            }
        }
        if (runs.stream().map(RunRecord::seed).distinct().count() < runs.size()) {
            throw new InputException("expected runs with different seeds, found seeds " + runs.stream().map(run -> Long.toString(run.seed()))
                    .collect(Collectors.joining(", ")) + "; itprompt compare shows what differs");
        }
    }

    /**
     * Reads runs.
     *
     * @param folders of runs, or one that {@code train --seeds} wrote its summary into
     * @throws InputException if there is something else, or a run is damaged
     */
    public static RunSet read(List<Path> folders) {
        return new RunSet(folders.stream().flatMap(folder -> runs(folder).stream()).map(RunReader::read).toList());
    }

    private static List<Path> runs(Path folder) {
        if (RunReader.isRun(folder)) {
            return List.of(folder);
        }
        Path summary = folder.resolve(SUMMARY);
        if (!Files.isRegularFile(summary)) {
            throw new InputException(folder + ": expected the folder of a finished run or of train --seeds, found no " + RunReader.METRICS);
        }
        try {
            JsonNode root = JsonText.MAPPER.readTree(Files.readAllBytes(summary));
            List<Path> runs = new ArrayList<>();
            for (JsonNode seed : root.required("seeds")) {
                JsonNode named = root.path("runs").path(runs.size());
                runs.add(folder.resolve(named.isMissingNode() ? "seed-" + seed.asLong() : named.asString()).normalize());
            }
            return runs;
        } catch (IOException e) {
            throw new InputException(summary + ": cannot be read (" + WriteException.reason(e) + ")", e);
        } catch (JacksonException | IllegalArgumentException e) {
            throw new InputException(summary + ": expected a summary over seeds, found something else", e);
        }
    }

    /** Whether there are several seeds. */
    public boolean isSeveral() {
        return runs.size() > 1;
    }

    /** Methods that every run has, in the order of the first. */
    public List<String> methods() {
        return runs.getFirst().methods().stream().map(MethodRecord::name).filter(name -> runs.stream().allMatch(run -> run.find(name).isPresent()))
                .toList();
    }

    /** What a method achieved in each run. */
    public List<MethodRecord> of(String method) {
        return runs.stream().map(run -> run.method(method)).toList();
    }
}
