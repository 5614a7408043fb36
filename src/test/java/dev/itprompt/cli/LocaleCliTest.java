package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.itprompt.cli.TinyProject.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same files and the same answers whatever language, digits, line ends and encoding a machine has. */
class LocaleCliTest {

    /** Other digits than ASCII's, a dotted I, a comma in numbers. */
    private static final List<String> LOCALES = List.of("ar-EG", "tr-TR", "de-DE");

    private final Locale before = Locale.getDefault();

    @TempDir
    private Path root;
    private TinyProject project;

    @BeforeEach
    void createProject() throws IOException {
        project = TinyProject.create(root);
        Locale.setDefault(Locale.ENGLISH);
    }

    @AfterEach
    void restoreLocale() {
        Locale.setDefault(before);
    }

    /** Words of each command that is tried; OUT stands for a folder. */
    private List<List<String>> commands() {
        String picture = root.resolve("heldout/0.png").toString();
        String model = project.model().toString();
        return List.of(
                List.of("train", "--config", project.config().toString(), "--device", "reference", "--matrices", "--progress", "plain", "--set",
                        "methods=it-prompt,ncm", "--output", "OUT/run"),
                List.of("train", "--config", project.config().toString(), "--plan", "--output", "OUT/plan"),
                List.of("train", "--config", project.config().toString(), "--device", "reference", "--set", "methods=ncm", "--seeds", "0,1",
                        "--output", "OUT/seeds"),
                List.of("classify", "--device", "REFERENCE", "--checkpoint", model, "--labels", "cat,dog", "--fit", "PAD", picture),
                List.of("classify", "--device", "reference", "--checkpoint", model, "--labels", "cat,dog", "--json", picture),
                List.of("embed", "--device", "reference", "--checkpoint", model, "--text", "cat", "DOG", "--output", "OUT/rows.json"),
                List.of("convert", model, "--output", "OUT/copy"),
                List.of("inspect", model), List.of("inspect", "--json", model), List.of("inspect", "OUT/run"),
                List.of("inspect", "OUT/run/methods/it-prompt.safetensors"),
                List.of("config"), List.of("config", "--pretrain"), List.of("config", project.config().toString(), "--yaml"),
                List.of("config", project.config().toString(), "--set", "methods.it-prompt.inference.epochs=1000000"),
                List.of("config", "--set", "DATASET.KIND=IDX"), List.of("train", "--config", "x", "--device", "tıny"),
                List.of("bench", "--help"), List.of("kernels", "verify", "--op", "Softmax", "--progress", "off"));
    }

    private String answers(Path out) {
        StringBuilder all = new StringBuilder();
        for (List<String> command : commands()) {
            String[] words = command.stream().map(word -> word.replace("OUT", out.toString())).toArray(String[]::new);
            Outcome outcome = TinyProject.run(words);
            all.append(String.join(" ", command)).append(": ").append(outcome.exitCode()).append('\n').append(outcome.out())
                    .append(outcome.err());
        }
        return withoutTimes(all.toString().replace(out.toString(), "OUT"));
    }

    /** Text without what depends on the time: seconds in tables, in JSON and in progress. */
    private static String withoutTimes(String text) {
        return text.replaceAll("seconds [0-9.E-]+(?: ± [0-9.E-]+)?", "TIME")
                .replaceAll("(?m)^((?:it-prompt|ncm) .*?) +[0-9.]+(?: ± [0-9.]+)?$", "$1 TIME")
                .replaceAll("\"\\w*[sS]econds\" : (?:\\[[^]]*\\]|\\{[^}]*\\}|[^,\\n}]+)", "TIME")
                .replaceAll("(?m)^.*/s\\)?$|^.*left.*$", "TIME").replaceAll("-{9,}", "---");
    }

    /** Files by name, without those of which nothing but times can be told apart. */
    private static Map<String, String> files(Path folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(path).toString();
                String content = Files.readString(path, StandardCharsets.ISO_8859_1);
                if (name.endsWith(".safetensors")) { // the order of the header's texts is no matter of the locale
                    content = content.replaceFirst("\"__metadata__\":\\{[^}]*\\}", "TEXTS");
                } else if (!name.matches(".*\\.(gz|xlsx|png)")) {
                    assertFalse(content.contains("\r"), name + " has carriage returns");
                    assertTrue(Files.readString(path).chars().noneMatch(c -> c > 127 && Character.isDigit(c)), name + " has other digits");
                    content = withoutTimes(content).replaceAll("(?s)\"timings\".*", "TIME");
                }
                files.put(name, name.matches(".*/(log\\.jsonl|manifest\\.json)") ? "" : content);
            }
        }
        return files;
    }

    @Test
    void answersAndFilesAreTheSameInEveryLanguage() throws IOException {
        Path out = Files.createDirectories(root.resolve("out"));
        String expected = answers(out);
        Map<String, String> expectedFiles = files(out);
        assertTrue(expectedFiles.keySet().containsAll(List.of("run/accuracy.svg", "run/report.txt", "run/methods/it-prompt.safetensors",
                "seeds/summary.json", "rows.json", "copy/config.json")), expectedFiles.keySet().toString());
        Files.move(out, root.resolve("english"));
        for (String tag : LOCALES) {
            Locale.setDefault(Locale.forLanguageTag(tag));
            Files.createDirectories(out);
            assertSameLines(expected, answers(out), tag);
            assertEquals(expectedFiles, files(out), tag);
            Files.move(out, root.resolve(tag));
        }
    }

    private static void assertSameLines(String expected, String actual, String message) {
        List<String> lines = expected.lines().toList();
        List<String> others = actual.lines().toList();
        for (int i = 0; i < Math.min(lines.size(), others.size()); i++) {
            assertEquals(lines.get(i), others.get(i), message + ", line " + i);
        }
        assertEquals(expected, actual, message);
    }

    /** A process of its own with the digits, line ends and the encoding of another machine. */
    private Outcome process(Map<String, String> environment, List<String> options, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "dev.itprompt.cli.Main"));
        command.addAll(List.of(words));
        Path output = root.resolve("output.txt");
        Path errors = root.resolve("errors.txt");
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(errors.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(300, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("still running: " + command);
        }
        String err = Files.readString(errors).replaceFirst("^WARNING: Using incubator modules: jdk.incubator.vector\\R", "");
        return new Outcome(process.exitValue(), Files.readString(output), err);
    }

    private static final List<String> OPTIONS = List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    @Test
    void filesAreTheSameOnAPlatformWithOtherLineEnds() throws Exception {
        String[] words = {"train", "--config", project.config().toString(), "--device", "reference", "--set", "methods=it-prompt,ncm", "--output",
            root.resolve("out/run").toString()};
        assertEquals(0, TinyProject.run(words).exitCode());
        Map<String, String> expected = files(root.resolve("out"));
        Files.move(root.resolve("out"), root.resolve("english"));
        List<String> options = new ArrayList<>(OPTIONS);
        options.addAll(List.of("-Dline.separator=\r\n", "-Duser.language=ar", "-Duser.country=EG"));
        Outcome outcome = process(Map.of(), options, words);
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertEquals(expected, files(root.resolve("out")));
    }

    @Test
    void wordsThatTheLocaleCannotReadAreRefused() throws Exception {
        Outcome outcome = process(Map.of("LC_ALL", "POSIX"), OPTIONS, "classify", "--labels", "犬,dog", "x.png");
        if (System.getProperty("os.name").equals("Linux")) { // elsewhere words are read as UTF-8, or there is no such locale
            assertEquals(2, outcome.exitCode(), outcome.out() + outcome.err());
            assertEquals("itprompt: '\uFFFD\uFFFD\uFFFD,dog': expected text in the encoding of the locale, ANSI_X3.4-1968, found other bytes; set LC_ALL to a "
                    + "locale with UTF-8, such as C.UTF-8\n", outcome.err());
        }
    }

    /** Class folders whose names Java cannot read would all be called the same, as the text guide sees them too. */
    @Test
    void classFoldersThatTheLocaleCannotReadAreRefused() throws Exception {
        assumeTrue(System.getProperty("os.name").equals("Linux") && System.getProperty("sun.jnu.encoding").equals("UTF-8"),
                "names of other bytes are for Linux, the others for a UTF-8 locale");
        for (String folder : List.of("train", "test")) {
            for (String name : List.of("cat", "犬")) {
                project.writePicture(Files.createDirectories(root.resolve(folder).resolve(name)).resolve("0.png"), 0);
            }
        }
        Path config = Files.writeString(root.resolve("folders.yaml"), """
                dataset: {kind: image-folder, path: %s, testPath: %s}
                checkpoint: %s
                scenario: {split: 2x1}
                methods: [ncm]
                heldOut: {path: ''}
                """.formatted(root.resolve("train"), root.resolve("test"), project.model()));
        String[] words = {"train", "--config", config.toString(), "--device", "reference", "--output", root.resolve("run").toString()};
        Outcome readable = TinyProject.run(words);
        assertEquals(0, readable.exitCode(), readable.err());
        assertTrue(Files.readString(root.resolve("run/predictions.csv")).contains("犬"));
        words[words.length - 1] = root.resolve("other").toString();
        Outcome ascii = process(Map.of("LC_ALL", "POSIX"), OPTIONS, words);
        assertEquals(2, ascii.exitCode(), ascii.out());
        assertTrue(ascii.err().lines().count() == 1 && ascii.err().contains("expected a name in the encoding of the locale, ANSI_X3.4-1968"),
                ascii.err());
        Process renamed = new ProcessBuilder("sh", "-c", "mv \"$0/cat\" \"$0/$(printf 'caf\\351')\"", root.resolve("train").toString()).start();
        assertEquals(0, renamed.waitFor());
        Outcome latin = TinyProject.run(words);
        assertEquals(2, latin.exitCode(), latin.out());
        assertTrue(latin.err().contains("expected a name in the encoding of the locale, UTF-8, found other bytes"), latin.err());
    }

    @Test
    void aJvmWithoutTheLaunchersOptionsIsRefusedInOneLine() throws Exception {
        assertEquals(0, process(Map.of(), List.of(), "--help").exitCode(), "help needs none");
        Outcome outcome = process(Map.of(), List.of(), "methods");
        assertEquals(2, outcome.exitCode());
        assertEquals("itprompt: java was started without --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED; start with "
                + "./itprompt, or give java these options\n", outcome.err());
    }
}
