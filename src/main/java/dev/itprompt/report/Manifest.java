package dev.itprompt.report;

import dev.itprompt.AtomicFile;
import dev.itprompt.Fingerprint;
import dev.itprompt.InputException;
import dev.itprompt.JsonText;
import dev.itprompt.Program;
import dev.itprompt.WriteException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code manifest.json}: what a run was, by hashes, and where and when it ran. A run that was interrupted and went on has a session for
 * each time it was started; one that was stopped or killed has no end. Times, host and memory stand nowhere else but in the log and in the timings
 * of {@code metrics.json}.
 */
public final class Manifest {

    /** The file's name. */
    public static final String NAME = "manifest.json";
    private static final String SESSIONS = "sessions";
    private static final String ENVIRONMENT = "environment";
    private static final String PEAK = "VmHWM:";
    private static final String NOT_KNOWN = "not known";

    private final Path file;
    private final ObjectNode root;
    private final ObjectNode session;
    private final EnergyMeter energy = EnergyMeter.begin();

    private Manifest(Path file, ObjectNode root, ObjectNode session) {
        this.file = file;
        this.root = root;
        this.session = session;
    }

    /**
     * What a run's results depend on.
     *
     * @param configuration as YAML
     * @param facts         what it only names, such as hashes of model and images
     * @param classOrder    numbers of the classes in the order they are learned
     * @param tasks         names of the classes of each task
     */
    public record Subject(String configuration, Map<String, String> facts, List<Integer> classOrder, List<List<String>> tasks) {

        private String splitHash() {
            Fingerprint fingerprint = new Fingerprint().add(classOrder.size());
            classOrder.forEach(fingerprint::add);
            fingerprint.add(tasks.size());
            tasks.forEach(task -> {
                fingerprint.add(task.size());
                task.forEach(fingerprint::add);
            });
            return fingerprint.hex();
        }
    }

    /**
     * Begins a session and writes it down; earlier sessions of the same subject are kept.
     *
     * @param folder of the run
     * @param device that computes, as it describes itself
     */
    public static Manifest begin(Path folder, Subject subject, String device) {
        Path file = folder.resolve(NAME);
        ObjectNode root = JsonText.MAPPER.createObjectNode();
        root.put("configurationSha256", new Fingerprint().add(subject.configuration()).hex()).put("splitSha256", subject.splitHash());
        ObjectNode facts = root.putObject("facts");
        subject.facts().forEach(facts::put);
        ArrayNode sessions = root.putArray(SESSIONS);
        earlier(file, root).forEach(sessions::add);
        ObjectNode session = sessions.addObject().put("started", now());
        session.putNull("ended").putNull("peakMemoryBytes").putNull("energyJoules");
        ObjectNode environment = session.putObject(ENVIRONMENT);
        environment(device).forEach(environment::put);
        Manifest manifest = new Manifest(file, root, session);
        manifest.write();
        return manifest;
    }

    /** Sessions of the same run that the file names; a file that is damaged or of another run names none. */
    private static List<JsonNode> earlier(Path file, ObjectNode root) {
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        try {
            JsonNode before = JsonText.MAPPER.readTree(Files.readAllBytes(file));
            boolean same = List.of("configurationSha256", "splitSha256", "facts").stream().allMatch(key -> root.get(key).equals(before.get(key)));
            return same ? before.path(SESSIONS).valueStream().toList() : List.of();
        } catch (IOException | JacksonException _) {
            return List.of();
        }
    }

    private static Map<String, String> environment(String device) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("program", "itprompt " + Program.version());
        environment.put("commit", Program.commit());
        environment.put("device", device);
        environment.put("java", System.getProperty("java.vm.name") + " " + Runtime.version() + ", " + System.getProperty("java.vendor"));
        environment.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version") + ", " + System.getProperty("os.arch"));
        environment.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        return environment;
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
    }

    /** Writes down that the session ended well, and the most memory the process has had and the energy of the processors where the system tells it. */
    public void end() {
        session.put("ended", now());
        peakMemory().ifPresent(bytes -> session.put("peakMemoryBytes", bytes));
        energy.joules().ifPresent(joules -> session.put("energyJoules", Math.round(joules)));
        energy.close();
        write();
    }

    /** Linux tells the largest resident set of a process, in KiB. */
    private static Optional<Long> peakMemory() {
        Path status = Path.of("/proc/self/status");
        try {
            return Files.isReadable(status) ? Files.readAllLines(status).stream().filter(line -> line.startsWith(PEAK))
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10).findFirst() : Optional.empty();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    /** The most memory that the last session of a run has had; empty if its manifest does not say. */
    static OptionalLong peakMemory(Path folder) {
        String bytes = read(folder).getOrDefault("peakMemoryBytes", NOT_KNOWN);
        return bytes.equals(NOT_KNOWN) ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(bytes));
    }

    private void write() {
        AtomicFile.write(file, (JsonText.MAPPER.writeValueAsString(root) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * What a run's manifest says, by dotted keys such as {@code environment.java}, times and memory of the last session included; empty
     * for a run of a version that wrote none.
     *
     * @throws InputException if it is damaged
     */
    static Map<String, String> read(Path folder) {
        Path file = folder.resolve(NAME);
        if (!Files.isRegularFile(file)) {
            return Map.of();
        }
        Map<String, String> values = new LinkedHashMap<>();
        try {
            JsonNode root = JsonText.MAPPER.readTree(Files.readAllBytes(file));
            values.put("configurationSha256", root.required("configurationSha256").asString());
            values.put("splitSha256", root.required("splitSha256").asString());
            JsonNode sessions = root.required(SESSIONS);
            values.put(SESSIONS, Integer.toString(sessions.size()));
            values.put("started", sessions.get(0).required("started").asString());
            JsonNode last = sessions.get(sessions.size() - 1);
            for (String key : List.of("ended", "peakMemoryBytes")) {
                values.put(key, last.required(key).isNull() ? NOT_KNOWN : last.required(key).asString());
            }
            values.put("energyJoules", last.path("energyJoules").isNumber() ? last.get("energyJoules").asString() : NOT_KNOWN);
            last.required(ENVIRONMENT).forEachEntry((key, value) -> values.put(ENVIRONMENT + "." + key, value.asString()));
            return values;
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read (" + WriteException.reason(e) + ")", e);
        } catch (JacksonException | IllegalArgumentException | NullPointerException e) {
            throw new InputException(file + ": expected a run's manifest, found a damaged file; delete it", e);
        }
    }
}
