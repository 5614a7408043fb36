package dev.itprompt.experiment;

import dev.itprompt.AtomicFile;
import dev.itprompt.InputException;
import dev.itprompt.checkpoint.SafeTensors;
import dev.itprompt.checkpoint.StorageType;
import dev.itprompt.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The folder that one run writes. Every file but the log appears only when it is complete; {@code summary.json} is written
 * last, so a folder that has one is a finished run. What finished trainings left in {@code methods} is taken over when an
 * interrupted run is started again with the same configuration.
 */
public final class RunFolder {

    static final String SUMMARY = "summary.json";
    private static final String CONFIG = "config.yaml";
    private static final String LOG = "log.jsonl";
    private static final String METHODS = "methods";
    private static final JsonMapper LINE = JsonMapper.builder().build();

    private final Path folder;

    private RunFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Opens a folder for a run.
     *
     * @param config the effective configuration, with all else that a run's results depend on in comments
     * @param force  start over whatever is there
     * @throws InputException if it holds a finished run, or one with another configuration, and {@code force} is not given
     */
    public static RunFolder open(Path folder, String config, boolean force) {
        RunFolder run = new RunFolder(folder);
        try {
            if (Files.exists(folder) && !Files.isDirectory(folder)) {
                throw new InputException(folder + ": expected a folder for the run, found a file");
            }
            boolean finished = Files.exists(folder.resolve(SUMMARY));
            boolean other = Files.exists(folder.resolve(CONFIG)) && !Files.readString(folder.resolve(CONFIG)).equals(config);
            if (!force && (finished || other)) {
                String what = finished ? "finished run" : "run with another configuration, device or model";
                throw new InputException(folder + ": holds a " + what + "; use --force to replace it or --output for another folder");
            }
            Files.createDirectories(folder.resolve(METHODS));
            if (force) {
                run.clear();
            }
            run.write(CONFIG, config);
        } catch (IOException e) {
            throw new InputException(folder + ": cannot be written (" + e + ")", e);
        }
        return run;
    }

    private void clear() throws IOException {
        for (String name : List.of(SUMMARY, LOG, "metrics.json", "predictions.csv", "report.txt", "accuracy.svg")) {
            Files.deleteIfExists(folder.resolve(name));
        }
        try (Stream<Path> files = Files.list(folder.resolve(METHODS))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".json") || f.toString().endsWith(".safetensors")).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Where it is. */
    public Path path() {
        return folder;
    }

    /** Writes a file; it appears when it is complete. */
    public void write(String name, String text) {
        AtomicFile.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a line to the log. */
    public void log(String event, Map<String, ?> details) {
        ObjectNode line = LINE.createObjectNode();
        line.put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString()).put("event", event);
        details.forEach((key, value) -> line.set(key, LINE.valueToTree(value)));
        try {
            Files.writeString(folder.resolve(LOG), LINE.writeValueAsString(line) + "\n", StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Keeps what a training gave: its learned state first, then the results, which mark it as finished. */
    void saveTraining(String run, List<MethodResult> results, Map<String, Tensor> state) {
        SafeTensors.write(folder.resolve(METHODS).resolve(run + ".safetensors"), new LinkedHashMap<>(state),
                Map.of("format", "pt", "method", run), StorageType.FP32);
        ObjectNode node = ResultFiles.JSON.createObjectNode();
        results.forEach(result -> node.set(result.method(), ResultFiles.method(result)));
        write(METHODS + "/" + run + ".json", ResultFiles.JSON.writeValueAsString(node) + "\n");
    }

    /**
     * What a finished training gave; empty if it is not finished.
     *
     * @throws InputException if its file is damaged
     */
    Optional<List<MethodResult>> training(String run) {
        Path file = folder.resolve(METHODS).resolve(run + ".json");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode node = ResultFiles.JSON.readTree(Files.readString(file));
            return Optional.of(node.valueStream().map(ResultFiles::method).toList());
        } catch (IOException | JacksonException | IllegalArgumentException e) {
            throw new InputException(file + ": expected a training's results, found a damaged file; delete it to train again", e);
        }
    }
}
