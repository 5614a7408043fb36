package dev.itprompt.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.RandomStreams;
import dev.itprompt.checkpoint.LoadOptions;
import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.checkpoint.ModelReader;
import dev.itprompt.device.Device;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.experiment.Embedding;
import dev.itprompt.experiment.ZeroShot;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.tools.DocumentationTool;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as a library: {@code docs/library.md} compiled and run, and what its entry gives beside what the commands give. */
class LibraryTest {

    private static final Path MODEL = Path.of("models", "tiny-clip");
    private static final List<String> CLASSES = List.of("cat", "dog", "cow", "hen");
    private static final int PICTURES = 5;
    private static final int SIDE = 32;

    @TempDir
    private static Path root;

    /** Each class a figure of its own colour on noise. */
    @BeforeAll
    static void draw() throws IOException {
        for (int c = 0; c < CLASSES.size(); c++) {
            for (int i = 0; i < PICTURES; i++) {
                RandomGenerator random = new RandomStreams(3).stream("picture", c, i);
                BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
                for (int p = 0; p < SIDE * SIDE; p++) {
                    image.setRGB(p % SIDE, p / SIDE, 0x010101 * random.nextInt(80));
                }
                Graphics2D pen = image.createGraphics();
                pen.setColor(Color.getHSBColor(c / 4f, 0.9f, 1));
                pen.fillRoundRect(3 + random.nextInt(6), 3 + random.nextInt(6), 8 + 5 * c, 24 - 5 * c, 10 * (c % 2), 10 * (c % 2));
                pen.dispose();
                ImageIO.write(image, "png", Files.createDirectories(root.resolve("animals").resolve(CLASSES.get(c))).resolve(i + ".png").toFile());
            }
        }
    }

    private static List<Path> files(String name) {
        return Stream.of(0, 1, 2, 3, 4).map(i -> root.resolve("animals").resolve(name).resolve(i + ".png")).toList();
    }

    private static Map<String, List<Path>> task(String... names) {
        return Stream.of(names).collect(Collectors.toMap(name -> name, LibraryTest::files));
    }

    private static List<Path> all() {
        return CLASSES.stream().flatMap(name -> files(name).stream()).toList();
    }

    @Test
    void theExampleOfThePageCompilesAndRuns() throws Exception {
        MatchResult block = Pattern.compile("(?ms)^```java\\n(.*?)^```$").matcher(Files.readString(Path.of("docs", "library.md"))).results()
                .findFirst().orElseThrow();
        Path source = Files.writeString(root.resolve("Animals.java"), block.group(1));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            List<String> options = List.of("-d", root.toString(), "-Xlint:all", "-Werror", "--release", "25", "-proc:none");
            assertTrue(compiler.getTask(said, files, null, options, null, files.getJavaFileObjects(source)).call(), said.toString());
        }
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try (URLClassLoader loader = new URLClassLoader(new URL[] {root.toUri().toURL()}, LibraryTest.class.getClassLoader())) {
            Method main = loader.loadClass("Animals").getMethod("main", String[].class);
            main.invoke(null, (Object) new String[] {MODEL.toString(), root.resolve("animals").toString()});
        } finally {
            System.setOut(before);
        }
        List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
        assertTrue(lines.getFirst().startsWith("by texts: Prediction[image="), lines.getFirst());
        assertEquals("[10, 256] and [2, 256]", lines.get(1));
        List<Double> losses = lines.stream().filter(line -> line.startsWith("loss ")).map(line -> Double.valueOf(line.substring(5))).toList();
        assertEquals(50, losses.size());
        assertEquals(Math.log(2), losses.getFirst(), 1e-6, "two classes and no weights yet");
        assertTrue(losses.getLast() < 0.1, "loss " + losses.getLast());
        List<String> answers = lines.subList(52, lines.size());
        assertEquals(10, answers.size());
        assertTrue(answers.stream().allMatch(line -> line.matches("[0-4]\\.png (cat|dog|cow|hen)")), answers.toString());
    }

    /** Javadoc of what stays, with every check on. */
    @Test
    void everythingOfTheEntryIsDocumented() throws IOException {
        DocumentationTool tool = ToolProvider.getSystemDocumentationTool();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = tool.getStandardFileManager(null, null, StandardCharsets.UTF_8);
                Stream<Path> sources = Files.list(Path.of("src", "main", "java", "dev", "itprompt", "api"))) {
            files.setLocationFromPaths(DocumentationTool.Location.DOCUMENTATION_OUTPUT, List.of(Files.createDirectories(root.resolve("javadoc"))));
            files.setLocationFromPaths(StandardLocation.CLASS_PATH,
                    Stream.of(System.getProperty("java.class.path").split(File.pathSeparator)).map(Path::of).toList());
            assertTrue(tool.getTask(said, files, null, null, List.of("-Xdoclint:all", "-Werror", "-quiet"),
                    files.getJavaFileObjectsFromPaths(sources.sorted().toList())).call(), said.toString());
        }
    }

    /** Images one at a time and all at once, and the same as the commands. */
    @Test
    void embeddingsAndAnswersAreThoseOfTheCommands() {
        try (Device cpu = new CpuDevice(2); FrozenModel clip = FrozenModel.read(MODEL, cpu)) {
            LoadedModel loaded = ModelReader.read(MODEL, LoadOptions.NONE);
            float[] expected = Embedding.images(cpu, loaded, loaded.preprocess(), all()).rows().toArray();
            assertArrayEquals(expected, clip.embedImages(all()).toArray(), 1e-6f);
            assertArrayEquals(Arrays.copyOf(expected, 256), clip.embedImages(all().subList(0, 1)).toArray(), 1e-6f);
            List<String> texts = List.of("a cat", "a dog");
            assertArrayEquals(Embedding.texts(cpu, loaded, texts).rows().toArray(), clip.embedTexts(texts).toArray(), 1e-6f);
            List<ZeroShot.Answer> answers = ZeroShot.classify(cpu, loaded, new ZeroShot.Request(CLASSES, "a photo of {}", loaded.preprocess()), all());
            List<Prediction> predictions = clip.classify(all(), CLASSES, "a photo of {}");
            for (int i = 0; i < answers.size(); i++) {
                assertEquals(answers.get(i).image(), predictions.get(i).image());
                assertEquals(answers.get(i).ranked().getFirst().label(), predictions.get(i).label());
                assertEquals(answers.get(i).ranked().getFirst().probability(), predictions.get(i).ranked().getFirst().probability(), 1e-6);
            }
        }
    }

    @Test
    void aLearnerLearnsTaskByTaskAndItsStateIsWhole() {
        try (Device cpu = new CpuDevice(2); FrozenModel clip = FrozenModel.read(MODEL, cpu)) {
            Path state = root.resolve("learned.safetensors");
            List<Prediction> later;
            try (ContinualLearner learner = clip.learner("lda", CLASSES)) {
                learner.learn(task("dog", "cat"));
                assertEquals(List.of("cat", "dog"), learner.learned());
                learner.save(state);
                learner.learn(task("cow", "hen"));
                later = learner.classify(all());
            }
            long right = later.stream().filter(p -> p.image().getParent().endsWith(p.label())).count();
            assertTrue(right >= 18, right + " of 20 right");
            later.forEach(p -> assertEquals(1, p.ranked().stream().mapToDouble(Prediction.Score::probability).sum(), 1e-9));
            try (ContinualLearner other = clip.learner("lda", CLASSES)) {
                other.load(state);
                assertEquals(List.of("cat", "dog"), other.learned());
                assertTrue(other.classify(all()).stream().allMatch(p -> p.ranked().size() == 2));
                other.learn(task("cow", "hen"));
                assertEquals(later, other.classify(all()), "goes on as the other did");
            }
            try (ContinualLearner other = clip.learner("ncm", CLASSES)) {
                refused(() -> other.load(state), "expected what ncm has learned of [cat, dog, cow, hen], found lda");
            }
        }
    }

    @Test
    void whatDoesNotFitIsRefusedInALine() {
        try (Device cpu = new CpuDevice(1); FrozenModel clip = FrozenModel.read(MODEL, cpu)) {
            refused(() -> clip.learner("lad", CLASSES), "did you mean 'lda'");
            refused(() -> clip.learner("lda", List.of("cat", "cat")), "expected two or more different ones");
            refused(() -> clip.learner("it-prompt-oracle", CLASSES), "is told the true task");
            refused(() -> clip.learner("it-prompt", CLASSES, "methods.it-prompt.epoch=2"), "epochs");
            refused(() -> clip.embedImages(List.of()), "expected at least one file");
            refused(() -> clip.embedImages(List.of(root.resolve("none.png"))), "none.png");
            try (ContinualLearner learner = clip.learner("lda", CLASSES)) {
                refused(() -> learner.classify(all()), "expected a task that was learned");
                refused(() -> learner.learn(task("cow", "hen")), "expected images of the next classes, [cat, dog], found those of");
                refused(() -> learner.learn(Map.of("cat", List.of())), "class 'cat', found none");
                learner.learn(task(CLASSES.toArray(String[]::new)));
                refused(() -> learner.learn(task("cat")), "all are learned");
            }
            try (ContinualLearner joint = clip.learner("joint", CLASSES)) {
                refused(() -> joint.learn(task("cat", "dog")), "[cat, dog, cow, hen]");
            }
        }
    }

    private static void refused(Runnable call, String part) {
        InputException refused = assertThrows(InputException.class, call::run);
        List<String> lines = new ArrayList<>(refused.getMessage().lines().toList());
        assertEquals(1, lines.size(), refused.getMessage());
        assertTrue(refused.getMessage().contains(part), refused.getMessage());
    }
}
