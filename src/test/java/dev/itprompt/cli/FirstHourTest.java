package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.JsonText;
import dev.itprompt.RandomStreams;
import dev.itprompt.cli.TinyProject.Outcome;
import dev.itprompt.experiment.ProjectFolder;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.ParseResult;

/**
 * {@code docs/first-hour.md}, followed from its first line to its last in a temporary folder: folders in its listings are filled with drawn
 * pictures, its configuration is written, its commands are run in their order, and what it names is looked for.
 */
class FirstHourTest {

    private static final Path PAGE = Path.of("docs", "first-hour.md");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w+)\\n(.*?)^```$");
    private static final Pattern FILE = Pattern.compile("`([\\w/-]+\\.(?:html|xlsx|csv|tex|md|svg|png|yaml)|output/[\\w/-]+)`");
    private static final String PROGRAM = "./itprompt ";
    private static final int PICTURES = 6;
    private static final int SIDE = 40;

    @TempDir
    private static Path root;
    private static String page;
    /** What each command answered, in the page's order. */
    private static final Map<String, Outcome> OUTCOMES = new LinkedHashMap<>();
    /** Those that run until they are stopped. */
    private static final List<ParseResult> PARSED = new ArrayList<>();

    @BeforeAll
    static void follow() throws IOException {
        page = Files.readString(PAGE);
        System.setProperty(ProjectFolder.PROPERTY, root.toString());
        for (MatchResult block : BLOCK.matcher(page).results().toList()) {
            switch (block.group(1)) {
                case "text" -> draw(block.group(2).lines().map(String::strip).toList());
                case "yaml" -> Files.writeString(root.resolve("animals.yaml"), block.group(2));
                case "sh" -> block.group(2).lines().filter(line -> line.startsWith(PROGRAM)).forEach(FirstHourTest::call);
                default -> throw new AssertionError("a block of " + block.group(1));
            }
        }
    }

    @AfterAll
    static void forget() {
        System.clearProperty(ProjectFolder.PROPERTY);
    }

    private static void call(String line) {
        String[] words = Stream.of(line.substring(PROGRAM.length()).split(" +")).map(FirstHourTest::here).toArray(String[]::new);
        if (words[0].equals("serve")) {
            PARSED.add(Main.commandLine().parseArgs(words));
        } else {
            OUTCOMES.put(line, TinyProject.run(words));
        }
    }

    /** The page's paths are those of the current folder, which a test cannot change. */
    private static String here(String word) {
        return word.matches("(animals|output)([./].*)?") ? root.resolve(word).toString() : word;
    }

    /** Fills the classes of a listing that are not there yet: each a figure of its own on noise. */
    private static void draw(List<String> listing) throws IOException {
        for (String name : listing.subList(1, listing.size())) {
            Path folder = root.resolve(listing.getFirst()).resolve(name);
            for (int i = 0; i < PICTURES && !Files.exists(folder.resolve(PICTURES - 1 + ".png")); i++) {
                RandomGenerator random = new RandomStreams(6).stream(name, i);
                BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
                for (int p = 0; p < SIDE * SIDE; p++) {
                    image.setRGB(p % SIDE, p / SIDE, 0x010101 * random.nextInt(120));
                }
                Graphics2D pen = image.createGraphics();
                int kind = name.charAt(0) % 4;
                pen.setColor(Color.getHSBColor(name.charAt(0) / 26f, 0.9f, 1));
                pen.fillRoundRect(4 + random.nextInt(8), 4 + random.nextInt(8), 10 + 6 * kind, 28 - 6 * kind, 12 * (kind % 2), 12 * (kind % 2));
                pen.dispose();
                ImageIO.write(image, "png", Files.createDirectories(folder).resolve(i + ".png").toFile());
            }
        }
    }

    private static Outcome outcome(String begin) {
        return OUTCOMES.entrySet().stream().filter(entry -> entry.getKey().startsWith(PROGRAM + begin)).findFirst().orElseThrow().getValue();
    }

    @Test
    void everyCommandEndsAsThePageSays() {
        OUTCOMES.forEach((line, outcome) -> {
            assertFalse(outcome.err().contains("itprompt: "), line + ": " + outcome.err());
            int expected = line.contains(" compare ") && outcome.out().contains("the results differ\n") ? Main.EXIT_FAILURE : 0;
            assertEquals(expected, outcome.exitCode(), line);
        });
        List<String> commands = OUTCOMES.keySet().stream().map(line -> line.split(" ")[1]).distinct().toList();
        assertEquals(List.of("datasets", "methods", "config", "train", "predict", "compare"), commands);
        assertEquals(List.of("serve"), PARSED.stream().map(parsed -> parsed.subcommand().commandSpec().name()).toList());
        assertEquals(List.of(), page.lines().filter(line -> !line.startsWith(PROGRAM) && line.contains("itprompt ")).toList(), "outside blocks");
    }

    /** Files and folders in backquotes are where the page has them, or beside the report. */
    @Test
    void everyFileThatThePageNamesIsThere() {
        List<String> names = FILE.matcher(page).results().map(found -> found.group(1)).distinct().toList();
        assertTrue(names.containsAll(List.of("animals.html", "animals.yaml", "output/animals-0/report.html", "results.xlsx", "predictions.csv",
                "animals.csv", "output/animals-continued-0")), names.toString());
        for (String name : names) {
            assertTrue(Files.exists(root.resolve(name)) || Files.exists(root.resolve("output/animals-0").resolve(name)), name);
        }
        Pattern.compile("\\]\\(([^)]+)\\)").matcher(page).results()
                .forEach(link -> assertTrue(Files.exists(PAGE.resolveSibling(link.group(1))), link.group(1)));
    }

    @Test
    void theConfigurationHasEightLines() throws IOException {
        assertEquals(8, Files.readAllLines(root.resolve("animals.yaml")).size());
    }

    @Test
    void everyColumnOfTheTableIsExplained() {
        List<String> lines = outcome("train --config animals.yaml --output").out().lines().toList();
        int head = lines.indexOf(lines.stream().filter(line -> line.startsWith("method ")).findFirst().orElseThrow());
        List<String> columns = List.of(lines.get(head).split(" +"));
        List<String> explained = Pattern.compile("(?m)^\\| `(\\w+)` \\|").matcher(page).results().map(found -> found.group(1)).toList();
        assertEquals(columns.subList(1, columns.size()), explained);
        assertEquals(List.of("it-prompt", "ncm", "lda"), lines.subList(head + 2, head + 5).stream().map(line -> line.split(" ")[0]).toList());
    }

    @Test
    void picturesAreCountedAndClassified() throws IOException {
        assertTrue(outcome("datasets check").out().contains("4 classes, 20 training and 4 test images"), outcome("datasets check").out());
        assertEquals(2 * PICTURES, outcome("predict").out().lines().count(), "a line for the picture and one for its class");
        assertEquals(1 + 2 * 4 * PICTURES, Files.readAllLines(root.resolve("animals.csv")).size());
    }

    @Test
    void furtherClassesAreAThirdTask() throws IOException {
        Path metrics = root.resolve("output/animals-continued-0/metrics.json");
        assertEquals("[[\"bee\",\"cat\"],[\"cow\",\"dog\"],[\"ant\",\"fox\"]]",
                JsonText.MAPPER.readTree(Files.readString(metrics)).at("/scenario/tasks").toString());
    }

    @Test
    void compareNamesTheSettingThatDiffers() {
        String said = outcome("compare").out();
        assertTrue(said.lines().anyMatch(line -> line.startsWith("methods.it-prompt.epochs ") && line.endsWith("20")), said);
    }
}
