package dev.itprompt.experiment;

import dev.itprompt.AtomicFile;
import dev.itprompt.Excerpt;
import dev.itprompt.FolderLock;
import dev.itprompt.InputException;
import dev.itprompt.WriteException;
import dev.itprompt.checkpoint.Checkpoint;
import dev.itprompt.config.Chosen;
import dev.itprompt.method.Method;
import dev.itprompt.report.Manifest;
import dev.itprompt.report.ReportFiles;
import dev.itprompt.report.TensorBoard;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.StateFile;
import dev.itprompt.train.Stateful;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The folder that one run writes, locked until it is closed. Every file but the log appears only when it is complete; {@code
 * summary.json} is written last and names the methods that are finished. What finished trainings left in {@code methods} is taken
 * over when a run is started again with the same configuration, which may ask for further methods.
 */
public final class RunFolder implements AutoCloseable {

    static final String SUMMARY = "summary.json";
    private static final String CONFIG = "config.yaml";
    private static final String LOG = "log.jsonl";
    private static final String METHODS = "methods";
    private static final String RESULTS = ".json";
    private static final String STATE = ".safetensors";
    private static final String CHECKPOINT = ".checkpoint" + STATE;
    private static final String CLASSES = "classes";
    private static final JsonMapper LINE = JsonMapper.builder().build();

    private final Path folder;
    private final FolderLock lock;
    private final Duration interval;

    /** What a run may find in its folder. */
    public enum Existing {
        /** The same run. */
        SAME,
        /** The same run, begun with whatever arithmetic; both are then recorded. */
        SAME_BUT_ARITHMETIC,
        /** Anything: it is replaced. */
        REPLACED
    }

    private RunFolder(Path folder, FolderLock lock, Duration interval) {
        this.folder = folder;
        this.lock = lock;
        this.interval = interval;
    }

    /**
     * Opens a folder for a run.
     *
     * @param config   what the run's results depend on
     * @param methods  that the run is to compare
     * @param existing what may be there
     * @param interval longest time of work that is lost when the run dies
     * @throws InputException if the folder cannot be written or another run is going on there, or if it holds results of another
     *                        configuration, of other images or of further methods and may not
     */
    public static RunFolder open(Path folder, RunConfig config, Chosen<Method<?>> methods, Existing existing, Duration interval) {
        try {
            if (Files.exists(folder) && !Files.isDirectory(folder)) {
                throw new InputException(folder + ": expected a folder for the run, found a file");
            }
            Files.createDirectories(folder.resolve(METHODS));
            RunFolder run = new RunFolder(folder, FolderLock.of(folder), interval);
            try {
                AtomicFile.deleteLeftovers(folder.resolve(METHODS));
                if (existing == Existing.REPLACED) {
                    run.clear();
                    run.write(CONFIG, config.text());
                } else {
                    run.write(CONFIG, run.goOn(config, methods, existing == Existing.SAME_BUT_ARITHMETIC).text());
                }
                return run;
            } catch (IOException | RuntimeException e) {
                run.close();
                throw e;
            }
        } catch (IOException e) {
            throw new InputException(Excerpt.of(folder) + ": cannot be written (" + WriteException.reason(e) + ")", e);
        }
    }

    private void clear() throws IOException {
        for (String name : List.of(SUMMARY, LOG, "metrics.json", "predictions.csv", "report.txt", Manifest.NAME)) {
            Files.deleteIfExists(folder.resolve(name));
        }
        for (String name : ReportFiles.names()) {
            Files.deleteIfExists(folder.resolve(name));
        }
        TensorBoard.delete(folder);
        try (Stream<Path> files = Files.list(folder.resolve(METHODS))) {
            for (Path file : files.filter(f -> f.toString().endsWith(RESULTS) || f.toString().contains(STATE)).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Checks that what is there may go on; returns what is to be recorded. */
    private RunConfig goOn(RunConfig config, Chosen<Method<?>> methods, boolean anyArithmetic) throws IOException {
        Path file = folder.resolve(CONFIG);
        RunConfig recorded = config;
        String difference = trainings().isEmpty() && !Files.exists(folder.resolve(SUMMARY)) ? "" : "without " + CONFIG;
        if (Files.exists(file)) {
            RunConfig before = RunConfig.parse(text(file));
            recorded = anyArithmetic ? config.afterArithmeticOf(before) : config;
            difference = (anyArithmetic ? before.withArithmeticOf(config) : before).difference(config);
        }
        if (!difference.isEmpty()) {
            throw new InputException(folder + ": holds a run " + difference
                    + "; use --force to replace it or --output for another folder");
        }
        requireKept(methods);
        return recorded;
    }

    /** Results that a run does not ask for would stay beside its own. */
    private void requireKept(Chosen<Method<?>> methods) throws IOException {
        List<String> asked = methods.names();
        List<String> runs = methods.entries().stream().map(Chosen.Entry::name).toList();
        List<String> left = Stream.concat(summarized(folder).stream().filter(method -> !asked.contains(method)),
                trainings().stream().filter(run -> !runs.contains(run))).distinct().sorted().toList();
        if (!left.isEmpty()) {
            throw new InputException(folder + ": holds results of " + String.join(", ", left) + " as well; name them in methods, use"
                    + " --force to replace the run or --output for another folder");
        }
    }

    /**
     * Whether the run in a folder has come to its end with all of these methods; nobody is kept from going on with it.
     *
     * @throws InputException if its summary is damaged
     */
    public static boolean isFinished(Path folder, List<String> methods) {
        try {
            return summarized(folder).containsAll(methods);
        } catch (IOException e) {
            throw new InputException(folder.resolve(SUMMARY) + ": cannot be read (" + WriteException.reason(e) + ")", e);
        }
    }

    /** Methods that the summary has. */
    private static List<String> summarized(Path folder) throws IOException {
        Path file = folder.resolve(SUMMARY);
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            return List.copyOf(ResultFiles.JSON.readTree(text(file)).required("methods").propertyNames());
        } catch (JacksonException | IllegalArgumentException e) {
            throw new InputException(file + ": expected a summary, found a damaged file; delete it to have it written again", e);
        }
    }

    /** A file's text; bytes that are none become replacement characters. */
    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    /** Trainings that are finished. */
    private List<String> trainings() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(METHODS))) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(RESULTS))
                    .map(name -> name.substring(0, name.length() - RESULTS.length())).sorted().toList();
        }
    }

    /**
     * The configuration of the run that a folder holds, and what it only names.
     *
     * @throws InputException if there is none
     */
    public static RunConfig config(Path folder) {
        Path file = folder.resolve(CONFIG);
        try {
            return RunConfig.parse(text(file));
        } catch (IOException e) {
            throw new InputException(Excerpt.of(folder) + ": expected the folder of a run, found no " + CONFIG + " in it", e);
        }
    }

    /** The file of a run's configuration. */
    public static Path configFile(Path folder) {
        return folder.resolve(CONFIG);
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
    void log(String event, Consumer<ObjectNode> details) {
        ObjectNode line = LINE.createObjectNode();
        line.put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString()).put("event", event);
        details.accept(line);
        Path file = folder.resolve(LOG);
        try {
            Files.writeString(file, LINE.writeValueAsString(line) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new WriteException(file, e);
        }
    }

    /** Keeps what a training gave: its learned state first, then the results with the state's hash, which mark it as finished. */
    void saveTraining(String run, List<String> classes, List<MethodResult> results, Stateful state) {
        Path file = stateFile(folder, run);
        StateFile.save(file, state, header(run, classes));
        ObjectNode node = ResultFiles.JSON.createObjectNode().put("stateSha256", Checkpoint.open(file).sha256());
        ObjectNode methods = node.putObject("methods");
        results.forEach(result -> methods.set(result.method(), ResultFiles.method(result)));
        write(METHODS + "/" + run + RESULTS, ResultFiles.JSON.writeValueAsString(node) + "\n");
    }

    private static Map<String, String> header(String run, List<String> classes) {
        Map<String, String> header = new LinkedHashMap<>();
        header.put("method", run);
        header.put(CLASSES, LINE.writeValueAsString(classes));
        return header;
    }

    /** Where the checkpoints of a training that has not finished are. */
    Checkpoints checkpoints(String run) {
        return Checkpoints.in(file(folder, run, CHECKPOINT), interval, Map.of("training", run));
    }

    private static Path file(Path folder, String run, String ending) {
        return folder.resolve(METHODS).resolve(run + ending);
    }

    /**
     * What a finished training gave; empty if it is not finished.
     *
     * @throws InputException if its results are damaged, or what it learned is missing or damaged
     */
    Optional<List<MethodResult>> training(String run) {
        return training(folder, run);
    }

    /** What a finished training of the run in a folder gave; see the other method. */
    static Optional<List<MethodResult>> training(Path folder, String run) {
        Path file = file(folder, run, RESULTS);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode node = ResultFiles.JSON.readTree(text(file));
            List<MethodResult> results = node.required("methods").valueStream().map(ResultFiles::method).toList();
            requireState(file, stateFile(folder, run), node.required("stateSha256").asString());
            return Optional.of(results);
        } catch (IOException | JacksonException | IllegalArgumentException | NullPointerException e) {
            throw damaged(file, e);
        }
    }

    /** Results of a training that cannot be what it gave. */
    InputException damaged(String run) {
        return damaged(file(folder, run, RESULTS), null);
    }

    private static InputException damaged(Path file, Exception cause) {
        return new InputException(file + ": expected a training's results, found a damaged file; delete it to train again", cause);
    }

    /** Trainings of the run in a folder that are finished, by name. */
    static List<String> finishedTrainings(Path folder) {
        Path methods = folder.resolve(METHODS);
        if (!Files.isDirectory(methods)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(methods)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(RESULTS))
                    .map(name -> name.substring(0, name.length() - RESULTS.length())).sorted().toList();
        } catch (IOException e) {
            throw new InputException(methods + ": cannot be read (" + WriteException.reason(e) + ")", e);
        }
    }

    /** What a finished training of the run in a folder has learned. */
    static Path stateFile(Path folder, String training) {
        return file(folder, training, STATE);
    }

    /**
     * Names of the classes that a training has learned, in class order.
     *
     * @throws InputException if its state does not say
     */
    static List<String> classes(Path state) {
        try {
            return ResultFiles.JSON.readTree(StateFile.metadata(state).getOrDefault(CLASSES, "")).valueStream().map(JsonNode::asString).toList();
        } catch (JacksonException e) {
            throw new InputException(state + ": expected what a training of this version learned, with the names of its classes", e);
        }
    }

    private static void requireState(Path results, Path state, String hash) {
        boolean there = Files.isRegularFile(state);
        if (!there || !Checkpoint.open(state).sha256().equals(hash)) {
            String found = there ? "another or a damaged file" : "no file";
            throw new InputException(state + ": expected what the training learned, found " + found + "; delete " + results
                    + " to train again");
        }
    }

    /**
     * The results of a run that is finished, in the order of the methods; empty if there is something left to do.
     *
     * @throws InputException as {@link #training}
     */
    public Optional<List<MethodResult>> finished(Chosen<Method<?>> methods) {
        if (!isFinished(folder, methods.names())) {
            return Optional.empty();
        }
        List<Optional<MethodResult>> results = methods.names().stream().map(name -> training(methods.of(name).name()).flatMap(answers ->
                answers.stream().filter(answer -> answer.method().equals(name)).findFirst())).toList();
        return results.stream().allMatch(Optional::isPresent) ? Optional.of(results.stream().map(Optional::get).toList())
                : Optional.empty();
    }

    /** Gives the folder free for others. */
    @Override
    public void close() {
        lock.close();
    }
}
