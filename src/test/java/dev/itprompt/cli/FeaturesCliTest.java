package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.checkpoint.Checkpoint;
import dev.itprompt.cli.TinyProject.Outcome;
import dev.itprompt.data.sets.Datasets;
import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.features.ShardJob;
import dev.itprompt.features.ShardResult;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code itprompt features}. */
class FeaturesCliTest {

    @TempDir
    Path root;
    private TinyProject project;

    @BeforeEach
    void create() throws IOException {
        project = TinyProject.create(root);
        System.setProperty(ProjectFolder.PROPERTY, root.toString());
    }

    @AfterEach
    void forget() {
        System.clearProperty(ProjectFolder.PROPERTY);
    }

    private String[] arguments(Path output, int rows, String... more) {
        return Stream.concat(Stream.of("features", "--config", project.config().toString(), "--device", "reference", "--rows", Integer.toString(rows),
                "--output", output.toString()), Stream.of(more)).toArray(String[]::new);
    }

    private Path features(String name, String... more) {
        return features(name, 10, more);
    }

    private Path features(String name, int rows, String... more) {
        Path output = root.resolve(name);
        Outcome outcome = TinyProject.run(arguments(output, rows, more));
        assertEquals(0, outcome.exitCode(), outcome.err());
        return output;
    }

    private static List<JsonNode> manifest(Path folder) throws IOException {
        return Files.readAllLines(folder.resolve("manifest.jsonl")).stream().map(JsonMapper.shared()::readTree).toList();
    }

    /** All files by their names, but for the lock. */
    private static Map<String, String> files(Path folder) throws IOException {
        Map<String, String> all = new LinkedHashMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(file -> !file.getFileName().toString().equals(".lock")).sorted().toList()) {
                all.put(file.getFileName().toString(), new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return all;
    }

    @Test
    void shardsAndManifestAreTheSameBytesHoweverTheyAreMade() throws IOException {
        Path once = features("once");
        List<JsonNode> lines = manifest(once);
        assertEquals(List.of(10, 10, 4, 10, 2), lines.stream().map(line -> line.path("rows").asInt()).toList());
        assertEquals(List.of(0, 10, 20, 0, 10), lines.stream().map(line -> line.path("first").asInt()).toList());
        Checkpoint shard = Checkpoint.open(once.resolve("features-00002.safetensors"));
        assertEquals(List.of(4L, 16L), shard.tensor("features").shape());
        assertArrayEquals(new long[] {0, 1, 2, 3}, shard.tensor("labels").longs());
        assertEquals("[\"20\",\"21\",\"22\",\"23\"]", shard.tensor("names").text());
        assertEquals(files(once), files(features("with-cache", "--cache-size", "1GB")));
        assertEquals(files(once), files(features("found-in-cache", "--cache-size", "1GB")));
        Path parts = features("parts", "--shard", "1/2");
        assertEquals(List.of("features-00001.safetensors", "features-00003.safetensors", "manifest-1-of-2.jsonl"), List.copyOf(files(parts).keySet()));
        Outcome early = TinyProject.run("features", "merge", parts.toString());
        assertEquals(2, early.exitCode());
        assertTrue(early.err().contains("expected all of 5 shards, found that 3 are missing or damaged (0, 2, 4)"), early.err());
        features("parts", "--shard", "0/2");
        assertEquals(0, TinyProject.run("features", "merge", parts.toString()).exitCode());
        assertEquals(files(once), files(parts));
    }

    /** What {@code train} computes is what {@code features} writes: either finds what the other has kept. */
    @Test
    void trainFindsWhatFeaturesKept() throws IOException {
        features("first", "--cache-size", "1GB");
        Path run = root.resolve("run");
        assertEquals(0, project.train("--output", run.toString(), "--set", "methods=lda", "--cache-size", "1GB").exitCode());
        assertTrue(Files.readString(run.resolve("log.jsonl")).contains("\"computed\":0,\"found\":36"));
    }

    @Test
    void itGoesOnWhereItWas() throws IOException, InterruptedException {
        Path once = features("once");
        Map<String, String> expected = files(once);
        Files.delete(once.resolve("features-00001.safetensors"));
        byte[] bytes = Files.readAllBytes(once.resolve("features-00003.safetensors"));
        bytes[bytes.length - 1]++;
        Files.write(once.resolve("features-00003.safetensors"), bytes);
        Outcome again = TinyProject.run(arguments(once, 10));
        assertTrue(again.out().contains("2 shards computed in ") && again.out().contains(", 3 were there\n"), again.out());
        assertEquals(expected, files(once));
        Path killed = root.resolve("killed");
        SplittableRandom random = new SplittableRandom(1);
        for (int kills = 0; kills < 2; kills++) {
            Process process = TinyProject.start(root.resolve("said"), arguments(killed, 1));
            TinyProject.await(process, killed.resolve("features-0000" + kills + ".safetensors"));
            process.waitFor(random.nextInt(50), TimeUnit.MILLISECONDS);
            process.destroyForcibly().waitFor();
        }
        assertEquals(files(features("undisturbed", 1)), files(features("killed", 1)));
    }

    @Test
    void featuresOfAnotherModelOrCutAreNotMixed() throws IOException {
        Path once = features("once");
        Outcome cut = TinyProject.run(arguments(once, 20));
        assertEquals(2, cut.exitCode());
        assertTrue(cut.err().contains("holds features that differ in their number of shards (5, now 3); choose another folder"), cut.err());
        Outcome prepared = TinyProject.run(arguments(once, 10, "--set", "image.fit=squash", "--set", "image.normalization=half"));
        assertEquals(2, prepared.exitCode());
        assertTrue(prepared.err().contains("differ in their preprocessing"), prepared.err());
        for (String[] wrong : new String[][] {{"features", "--output", once.toString()}, {"features", "--config", project.config().toString()},
            arguments(once, 10, "--shard", "2/2"), arguments(once, 0), {"features", "merge", root.toString()}}) {
            Outcome refused = TinyProject.run(wrong);
            assertEquals(2, refused.exitCode(), refused.out());
            assertEquals(1, refused.err().lines().count(), refused.err());
        }
    }

    private byte[] picture(int seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        BufferedImage image = new BufferedImage(11, 9, BufferedImage.TYPE_INT_RGB);
        for (int p = 0; p < 99; p++) {
            image.setRGB(p % 11, p / 11, random.nextInt(1 << 24));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }

    private static void add(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    /** Rows are what {@code embed} gives for the same pictures; a damaged picture is named and has no row. */
    @Test
    void tarFilesWithDamagedImages() throws IOException {
        for (String name : List.of("b", "a")) {
            try (TarArchiveOutputStream tar = new TarArchiveOutputStream(Files.newOutputStream(root.resolve(name + ".tar")))) {
                for (int i = 0; i < 5; i++) {
                    add(tar, name + i + ".png", i == 3 ? new byte[] {1, 2, 3} : picture(i));
                    if (i % 2 == 0) {
                        add(tar, name + i + ".cls", Integer.toString(i + 7).getBytes(StandardCharsets.UTF_8));
                    }
                }
            }
        }
        Path output = root.resolve("features");
        String[] words = {"features", "--tar", root.resolve("b.tar").toString(), root.resolve("a.tar").toString(), "--checkpoint",
            project.model().toString(), "--device", "reference", "--cache-size", "0", "--output", output.toString()};
        Outcome outcome = TinyProject.run(words);
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertTrue(outcome.out().contains("8 rows in 2 files, 2 images cannot be read\n  a.tar/a3.png: expected an image"), outcome.out());
        JsonNode first = manifest(output).getFirst();
        assertEquals("a.tar, " + Files.size(root.resolve("a.tar")) + " bytes", first.path("source").asString());
        assertEquals("a.tar/a3.png", first.path("failed").get(0).path("image").asString());
        assertFalse(first.toString().contains(root.toString()), "the same wherever it is made");
        Checkpoint shard = Checkpoint.open(output.resolve("features-00000.safetensors"));
        assertTrue(TinyProject.run("inspect", output.resolve("features-00000.safetensors").toString()).out().contains("features of images, written by itprompt features"));
        assertArrayEquals(new long[] {7, -1, 9, 11}, shard.tensor("labels").longs());
        Path file = Files.write(root.resolve("picture.png"), picture(2));
        Path rows = root.resolve("rows.json");
        assertEquals(0, TinyProject.run("embed", "--checkpoint", project.model().toString(), "--image", file.toString(), "--output", rows.toString(),
                "--device", "reference").exitCode());
        JsonNode expected = JsonMapper.shared().readTree(Files.readString(rows)).get(0).path("embedding");
        float[] actual = shard.tensor("features").load().slice(2, 1).toArray();
        for (int i = 0; i < actual.length; i++) {
            assertEquals(expected.get(i).floatValue(), actual[i], "column " + i);
        }
    }

    /** A Parquet file is a source like a tar file; the row that is no image is named. */
    @Test
    void parquetFiles() throws IOException {
        Path file = root.resolve("train.parquet");
        Files.copy(Datasets.class.getResourceAsStream("parquet/hf/data/train-00000-of-00002.parquet"), file);
        Path wrong = root.resolve("wrong.parquet");
        Files.copy(Datasets.class.getResourceAsStream("parquet/wrong/not-an-image/train.parquet"), wrong);
        Path output = root.resolve("features");
        Outcome outcome = TinyProject.run("features", "--parquet", file.toString(), wrong.toString(), "--checkpoint", project.model().toString(),
                "--device", "reference", "--cache-size", "0", "--output", output.toString());
        assertEquals(0, outcome.exitCode(), outcome.err());
        assertTrue(outcome.out().contains("7 rows in 2 files, 1 images cannot be read\n  wrong.parquet/1: expected an image"), outcome.out());
        Checkpoint shard = Checkpoint.open(output.resolve("features-00000.safetensors"));
        assertArrayEquals(new long[] {0, 1, 2, 0, 1}, shard.tensor("labels").longs());
        assertEquals("", outcome.err().lines().filter(line -> line.contains("SIMD")).findFirst().orElse(""));
        assertTrue(Files.isDirectory(root.resolve("output/cache/encoded")));
    }

    /** A job and its result can be sent to another process. */
    @Test
    void jobsAndResultsAreSerializable() throws IOException, ClassNotFoundException {
        ShardJob job = new ShardJob("name: x\n", "train", 3, 9, 1, 4, "/out", "12ab");
        ShardResult result = new ShardResult(1, 4, job.file(), "train", 3, 5, List.of(new ShardResult.Failure("a", "b")), "34", new LinkedHashMap<>(Map.of("c", "d")), 1.5);
        for (Object object : List.of(job, result)) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(object);
            }
            assertEquals(object, new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject());
        }
    }
}
