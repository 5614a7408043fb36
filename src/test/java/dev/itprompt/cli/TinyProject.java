package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.RandomStreams;
import dev.itprompt.checkpoint.ModelFolder;
import dev.itprompt.checkpoint.StorageType;
import dev.itprompt.data.Preprocess;
import dev.itprompt.model.Clip;
import dev.itprompt.model.TextTransformer;
import dev.itprompt.model.Tokenizer;
import dev.itprompt.model.VisionTransformer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import picocli.CommandLine;

/**
 * A folder with all that a run needs, as small as it can be: a random model for 8x8 images, four classes of such images, two
 * captioned ones, and a configuration that names them by absolute paths and keeps
 * nothing for other runs.
 */
public record TinyProject(Path root) {

    static final int SIDE = 8;
    static final int CLASSES = 4;

    /** What a command answered. */
    public record Outcome(int exitCode, String out, String err) {
    }

    public static TinyProject create(Path root) throws IOException {
        TinyProject project = new TinyProject(root);
        project.writeModel();
        project.writeImages("train", 6);
        project.writeImages("t10k", 3);
        Path heldOut = Files.createDirectories(root.resolve("heldout"));
        for (int i = 0; i < 2; i++) {
            project.writePicture(heldOut.resolve(i + ".png"), i);
        }
        Files.writeString(heldOut.resolve("metadata.jsonl"), """
                {"file_name": "0.png", "text": "red cat"}
                {"file_name": "1.png", "text": "blue dog"}
                """);
        Files.writeString(project.config(), """
                name: tiny
                dataset: {kind: idx, path: %s, classNames: [cat, dog, hen, "emu, large"]}
                checkpoint: %s
                scenario: {split: 2x2}
                heldOut: {path: %s}
                encodeBatch: 6
                featureCache: 0
                methods:
                  run: [it-prompt, it-prompt-cncm, zero-shot, ncm, lda, shared-prompt, joint]
                  it-prompt:
                    length: 2
                    layers: [0]
                    batch: 4
                    epochs: 1
                    inference: {epochs: 1, augment: false}
                    replay: {statistics: variance, epochs: 1, samples: 4}
                    cncm: {clusters: 2}
                  shared-prompt: {length: 2, layers: [0], batch: 4, epochs: 1}
                  joint: {length: 2, layers: [0], batch: 4, epochs: 1}
                """.formatted(root, project.model(), heldOut));
        return project;
    }

    public Path config() {
        return root.resolve("tiny.yaml");
    }

    public Path model() {
        return root.resolve("model");
    }

    Path output() {
        return root.resolve("out");
    }

    private void writeModel() throws IOException {
        Path merges = root.resolve("merges.txt.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(merges))) {
            out.write("#version: test\nc a\nca t</w>\n".getBytes(StandardCharsets.UTF_8));
        }
        Tokenizer tokenizer = Tokenizer.load(merges, 24);
        Clip clip = Clip.random(VisionTransformer.clip(SIDE, 4, 64, 2, 16),
                TextTransformer.clip(24, tokenizer.vocabularySize(), 64, 1, 16), Optional.of(tokenizer),
                new RandomStreams(1).stream("weights"));
        ModelFolder.save(clip, model(), Preprocess.clip(SIDE), Optional.of(merges), StorageType.FP32, Map.of());
    }

    private void writeImages(String name, int perClass) throws IOException {
        int count = perClass * CLASSES;
        RandomGenerator random = new RandomStreams(2).stream(name);
        ByteArrayOutputStream pixels = new ByteArrayOutputStream();
        ByteArrayOutputStream labels = new ByteArrayOutputStream();
        header(pixels, 0x803, count, SIDE, SIDE);
        header(labels, 0x801, count);
        for (int i = 0; i < count; i++) {
            int label = i % CLASSES;
            labels.write(label);
            for (int p = 0; p < SIDE * SIDE; p++) {
                boolean inside = p % SIDE < SIDE / 2 == (label % 2 == 0) && p / SIDE < SIDE / 2 == label < 2;
                pixels.write((inside ? 180 : 20) + random.nextInt(60));
            }
        }
        Files.write(root.resolve(name + "-images-idx3-ubyte"), pixels.toByteArray());
        Files.write(root.resolve(name + "-labels-idx1-ubyte"), labels.toByteArray());
    }

    private static void header(ByteArrayOutputStream out, int... numbers) throws IOException {
        DataOutputStream data = new DataOutputStream(out);
        for (int number : numbers) {
            data.writeInt(number);
        }
    }

    void writePicture(Path file, int kind) throws IOException {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_ARGB);
        for (int p = 0; p < SIDE * SIDE; p++) {
            image.setRGB(p % SIDE, p / SIDE, p % 3 == 0 ? 0 : kind == 0 ? 0xffff2010 : 0xff1020ff);
        }
        ImageIO.write(image, "png", file.toFile());
    }

    /** Runs a command line in this process. */
    public static Outcome run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return new Outcome(command.execute(arguments), out.toString(), err.toString());
    }

    /** Starts a command line in a process of its own, which writes everything it says to a file. */
    static Process start(Path said, String... arguments) throws IOException {
        return start(said, List.of(), arguments);
    }

    /** As the other, through another command, such as one that sets limits. */
    static Process start(Path said, List<String> before, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--add-modules", "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-cp",
                System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    }

    /** The exit code of a process that has to end by itself. */
    static int exitCode(Process process) throws InterruptedException {
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the process still runs after 120 s");
        }
        return process.exitValue();
    }

    /** Waits until a process has made a file. */
    static void await(Process process, Path file) throws InterruptedException {
        for (int i = 0; i < 12_000 && process.isAlive() && !Files.exists(file); i++) {
            Thread.sleep(10);
        }
        assertTrue(Files.exists(file), "no " + file + " from a process that " + (process.isAlive() ? "still runs" : "has ended"));
    }

    /** The words of {@link #train}. */
    String[] trainArguments(String... more) {
        return Stream.concat(Stream.of("train", "--config", config().toString(), "--device", "reference"), Stream.of(more))
                .toArray(String[]::new);
    }

    /** Runs {@code train} on the scalar device with this project's configuration. */
    public Outcome train(String... more) {
        return run(trainArguments(more));
    }
}
