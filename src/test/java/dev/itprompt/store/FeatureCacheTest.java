package dev.itprompt.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.Fingerprint;
import dev.itprompt.data.ImageKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code -Ditprompt.kills=50} kills more often, and {@code -Ditprompt.killSeed=N} at other moments. */
class FeatureCacheTest {

    private static final FeatureSubject SUBJECT = new FeatureSubject(Map.of("checkpoint", "sha256 12"));
    private static final int WIDTH = 12;
    private static final long ROOM = 1 << 26;
    private static final int KILLS = Integer.getInteger("itprompt.kills", 5);
    private static final long SEED = Long.getLong("itprompt.killSeed", 1);

    /** A writer that is killed writes this long at most. */
    private static final int LONGEST_MILLIS = 300;

    @TempDir
    Path root;
    private Path folder;
    private final List<String> warnings = new ArrayList<>();

    @BeforeEach
    void choose() {
        folder = root.resolve("features");
    }

    private FeatureRows open(long bytes) {
        FeatureRows rows = new FeatureCache(folder, bytes, warnings::add).of(SUBJECT);
        rows.refresh();
        return rows;
    }

    private static ImageKey key(int image) {
        return ImageKey.of(new Fingerprint().add(image));
    }

    /** What the feature of an image has to be. */
    private static float[] row(int image) {
        SplittableRandom random = new SplittableRandom(image);
        float[] row = new float[WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            row[i] = (float) random.nextGaussian();
        }
        return row;
    }

    private static void add(FeatureRows rows, int from, int to) {
        IntStream.range(from, to).forEach(i -> rows.add(key(i), row(i)));
        rows.flush();
    }

    private static void assertHas(FeatureRows rows, int from, int to) {
        IntStream.range(from, to).forEach(i -> assertArrayEquals(row(i), rows.find(key(i)), "image " + i));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private Map<String, String> contents() throws IOException {
        Map<String, String> contents = new LinkedHashMap<>();
        for (Path file : files()) {
            contents.put(file.getFileName().toString(), new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
        }
        return contents;
    }

    private List<Path> damaged() throws IOException {
        return FeatureCache.shards(folder).files().stream().filter(file -> !FeatureCache.isWhole(file)).toList();
    }

    @Test
    void whatIsAddedIsFoundByWhoComesLater() throws IOException {
        FeatureRows first = open(ROOM);
        assertNull(first.find(key(0)));
        first.add(key(0), row(0));
        assertHas(first, 0, 1);
        assertTrue(Files.notExists(folder), "not written yet");
        add(first, 1, 10);
        assertHas(first, 0, 10);
        add(first, 10, 25);
        FeatureRows second = open(ROOM);
        assertHas(second, 0, 25);
        assertNull(second.find(key(25)));
        assertNull(second.find(null));
        FeatureRows other = new FeatureCache(folder, ROOM, warnings::add).of(new FeatureSubject(Map.of("checkpoint", "sha256 13")));
        other.refresh();
        assertNull(other.find(key(0)), "computed with another model");
        add(other, 5, 7);
        add(first, 25, 26);
        assertNull(second.find(key(25)));
        second.refresh();
        assertHas(second, 25, 26);
        assertNull(first.with("a").find(key(0)), "without a prompt");
        add(first.with("a"), 0, 4);
        add(first.with("b"), 2, 5);
        FeatureRows prompted = second.with("b");
        prompted.refresh();
        assertHas(prompted, 2, 5);
        assertNull(prompted.find(key(0)), "with another prompt");
        assertEquals(List.of(new FeatureCache.Contents(SUBJECT.facts(), false, 3, 26, 0), new FeatureCache.Contents(SUBJECT.facts(), true, 2, 7, 0),
                new FeatureCache.Contents(Map.of("checkpoint", "sha256 13"), false, 1, 2, 0)),
                FeatureCache.contents(folder).stream().map(all -> new FeatureCache.Contents(all.facts(), all.prompted(), all.files(), all.images(), 0))
                        .sorted((a, b) -> b.files() - a.files()).toList());
        assertEquals(List.of(), damaged());
        assertEquals(List.of(), warnings);
    }

    @Test
    void sameFeaturesAreTheSameFile() throws IOException {
        add(open(ROOM), 0, 10);
        Map<String, String> once = contents();
        add(open(ROOM), 0, 10);
        assertEquals(once, contents());
    }

    /** Wherever a byte is changed or the file ends, no wrong feature comes out, and what is missing is made again. */
    @Test
    void damageIsFound() throws IOException {
        add(open(ROOM), 0, 10);
        Path file = files().getFirst();
        byte[] whole = Files.readAllBytes(file);
        SplittableRandom random = new SplittableRandom(3);
        for (int trial = 0; trial < 200; trial++) {
            byte[] damaged = whole.clone();
            int at = random.nextInt(whole.length);
            if (trial % 4 == 0) {
                damaged = Arrays.copyOf(whole, at);
            } else {
                damaged[at] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(file, damaged);
            FeatureRows rows = open(ROOM);
            boolean content = true;
            for (int i = 0; i < 10; i++) {
                float[] found = rows.find(key(i));
                if (found != null) {
                    assertArrayEquals(row(i), found, "trial " + trial + ", byte " + at);
                }
                content &= found != null;
            }
            if (!content) {
                add(rows, 0, 10);
                assertHas(open(ROOM), 0, 10);
            }
        }
        assertTrue(warnings.stream().anyMatch(line -> line.contains("found damage in " + file.getFileName() + ", which is deleted")), warnings::toString);
    }

    @Test
    void damagedFilesAreNamed() throws IOException {
        add(open(ROOM), 0, 10);
        Path good = files().getFirst();
        add(open(ROOM), 10, 20);
        Path bad = files().stream().filter(file -> !file.equals(good)).findFirst().orElseThrow();
        byte[] bytes = Files.readAllBytes(bad);
        bytes[bytes.length - 1]++;
        Files.write(bad, bytes);
        assertEquals(List.of(bad), damaged());
    }

    @Test
    void whatWasUsedLeastRecentlyGoesFirst() throws IOException {
        add(open(ROOM), 0, 100);
        long one = Files.size(files().getFirst());
        Files.setLastModifiedTime(files().getFirst(), FileTime.fromMillis(1_000_000));
        Path first = files().getFirst();
        add(open(ROOM), 100, 200);
        Path second = files().stream().filter(file -> !file.equals(first)).findFirst().orElseThrow();
        Files.setLastModifiedTime(second, FileTime.fromMillis(2_000_000));
        long room = 3 * one;
        assertHas(open(room), 0, 1); // which makes the second the one that was used least recently
        add(open(room), 200, 300);
        assertTrue(Files.exists(first) && Files.notExists(second) && files().size() == 2, files()::toString);
        FeatureRows all = open(room);
        assertHas(all, 0, 100);
        assertHas(all, 200, 300);
        add(all, 300, 400); // both are in use: there is no room
        assertNull(open(room).find(key(300)));
        assertEquals(2, files().size());
    }

    @Test
    void whatIsNotWhatIsComputedGoes() throws IOException {
        add(open(ROOM), 0, 10);
        FeatureRows rows = open(ROOM);
        assertTrue(!rows.isProven() && rows.has(key(1)));
        rows.disprove();
        assertTrue(rows.isProven() && !rows.has(key(1)) && files().isEmpty());
        assertEquals(1, warnings.size(), warnings::toString);
    }

    /** A folder that cannot be made is said once; there is nothing to be found then. */
    @Test
    void aFolderThatCannotBeWrittenIsSaid() throws IOException {
        Files.writeString(folder, "a file");
        FeatureRows rows = open(ROOM);
        add(rows, 0, 3);
        add(rows, 3, 6);
        assertHas(rows, 0, 6); // from memory
        rows.release();
        assertNull(rows.find(key(0)));
        assertEquals(1, warnings.size(), warnings::toString);
        assertTrue(warnings.getFirst().startsWith("featureCache: " + folder + " cannot be written ("), warnings.getFirst());
    }

    /** Adds what is missing of some features, a few in a file, and ends. */
    static final class Writer {

        static final int IMAGES = 1_000;
        private static final int STEP = 20;

        public static void main(String[] arguments) {
            FeatureRows rows = new FeatureCache(Path.of(arguments[0]), ROOM, System.err::println).of(SUBJECT);
            for (int from = 0; from < IMAGES; from += STEP) {
                rows.refresh();
                IntStream.range(from, from + STEP).filter(i -> rows.find(key(i)) == null).forEach(i -> rows.add(key(i), row(i)));
                rows.flush();
            }
        }
    }

    private Process writer() throws IOException {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData", "-cp", System.getProperty("java.class.path"), Writer.class.getName(), folder.toString())
                .redirectErrorStream(true).redirectOutput(root.resolve("said").toFile()).start();
    }

    /** Whoever is killed leaves whole files only, and who comes next completes them; two at once find and write the same. */
    @Test
    void killedWritersLeaveWholeFiles() throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom(SEED);
        int killed = 0;
        for (int trial = 0; killed < KILLS; trial++) {
            Process process = writer();
            while (process.isAlive() && !Files.exists(folder)) {
                Thread.sleep(1);
            }
            if (!process.waitFor(random.nextInt(LONGEST_MILLIS), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
                killed++;
            }
            assertEquals(List.of(), damaged(), "after " + killed + " kills, seed " + SEED);
            for (Path file : files()) {
                if (random.nextInt(3) > 0) {
                    Files.delete(file);
                }
            }
        }
        Process one = writer();
        Process two = writer();
        assertEquals(0, one.waitFor());
        assertEquals(0, two.waitFor());
        assertEquals(List.of(), damaged());
        assertHas(open(ROOM), 0, Writer.IMAGES);
        assertEquals("", Files.readString(root.resolve("said")));
    }
}
