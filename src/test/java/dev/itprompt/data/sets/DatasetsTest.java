package dev.itprompt.data.sets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.itprompt.InputException;
import dev.itprompt.RandomStreams;
import dev.itprompt.Warnings;
import dev.itprompt.data.DataException;
import dev.itprompt.data.DataFiles;
import dev.itprompt.data.LabeledImages;
import dev.itprompt.data.RgbImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every data set in its true layout, against what Python found in the same files. */
class DatasetsTest {

    @TempDir
    static Path layouts;

    @TempDir
    Path folder;

    @BeforeAll
    static void unpack() throws IOException {
        Layouts.unpack(layouts, "");
    }

    private static Split open(String layout, Path at) {
        return Datasets.open(Layouts.kind(layout), Layouts.options(at, Warnings.NONE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cifar-100", "cifar-10", "cifar-100-bin", "cifar-10-bin", "imagenet-r", "imagenet-r-lists", "imagenet-a", "cub-200",
        "cub-200-trees", "tiny-imagenet", "five-datasets", "svhn", "mnist", "stanford-cars", "fgvc-aircraft", "food-101", "oxford-pets",
        "flowers-102", "dtd", "sun397", "domainnet", "core50", "listing", "webdataset", "objectnet", "eurosat", "caltech-101",
        "image-folder"})
    void labelsSplitsNamesAndPixelsAreWhatPythonReads(String layout) {
        JsonNode expected = JsonMapper.shared().readTree(layouts.resolve(layout + ".json").toFile());
        Split split = open(layout, layouts.resolve(layout));
        check(expected, split);
        Path[] inside = Stream.of(layouts.resolve(layout).toFile().listFiles()).map(java.io.File::toPath).toArray(Path[]::new);
        if (inside.length == 1 && Files.isDirectory(inside[0]) && !layout.equals("image-folder")) {
            check(expected, open(layout, inside[0]));
        }
    }

    private static void check(JsonNode expected, Split split) {
        if (!expected.get("classNames").isNull()) {
            List<String> names = new ArrayList<>();
            expected.get("classNames").forEach(name -> names.add(name.asString()));
            assertEquals(names, split.train().classNames());
        }
        assertEquals(split.train().classNames(), split.test().classNames());
        half(expected, "train", split.train());
        half(expected, "test", split.test());
        assertFalse(split.origin().isEmpty());
    }

    private static void half(JsonNode expected, String half, LabeledImages images) {
        if (expected.has(half)) {
            List<String> pairs = new ArrayList<>();
            expected.get(half).forEach(pair -> pairs.add(pair.get(0).asString() + " " + pair.get(1).asInt()));
            List<String> found = new ArrayList<>(IntStream.range(0, images.size()).mapToObj(i -> images.source(i) + " " + images.label(i))
                    .toList());
            Collections.sort(pairs);
            Collections.sort(found);
            assertEquals(pairs, found);
            for (int i = 0; i < images.size(); i++) {
                JsonNode hash = expected.get("pixels").get(images.source(i));
                if (hash != null && !(images.source(i).startsWith("0") || images.source(i).contains("/0"))) {
                    assertEquals(hash.asString(), hash(images.image(i)), images.source(i));
                }
            }
        } else {
            JsonNode pixels = expected.get(half + "Pixels");
            assertEquals(pixels.get("labels").size(), images.size());
            for (int i = 0; i < images.size(); i++) {
                assertEquals(pixels.get("labels").get(i).asInt(), images.label(i), "image " + i);
            }
            for (int i = 0; i < pixels.get("hashes").size(); i++) {
                assertEquals(pixels.get("hashes").get(i).asString(), hash(images.image(i)), "image " + i);
            }
        }
    }

    private static String hash(RgbImage image) {
        return DataFiles.sha256(ByteBuffer.allocate(8 + image.rgb().length).putInt(image.width()).putInt(image.height()).put(image.rgb())
                .array());
    }

    /** Layouts at true counts, which {@code dataset_layouts.py full FOLDER SET...} writes; named by the property itprompt.layouts. */
    @Test
    void fullLayoutsAreWhatPythonReads() {
        String folder = System.getProperty("itprompt.layouts");
        assumeTrue(folder != null, "no full layouts named by -Ditprompt.layouts");
        for (java.io.File file : Path.of(folder).toFile().listFiles(file -> file.getName().endsWith(".json"))) {
            String name = file.getName().replace(".json", "");
            DatasetOptions options = DatasetOptions.of(Path.of(folder, name), Layouts.loading(Warnings.NONE));
            check(JsonMapper.shared().readTree(file), Datasets.open(name, name.startsWith("cifar") ? options.unchecked() : options));
        }
    }

    @Test
    void everySetIsTestedOrHasNoLayoutOfItsOwn() {
        Set<String> layoutless = Set.of("notmnist", "fashion-mnist", "mtil-1", "mtil-2", "x-tail", "idx", "parquet");
        Set<String> tested = new TreeSet<>(layoutless);
        for (java.io.File file : layouts.toFile().listFiles(file -> file.getName().endsWith(".json"))) {
            tested.add(Layouts.kind(file.getName().replace(".json", "")));
        }
        assertEquals(new TreeSet<>(Datasets.names()), tested);
        assertThrows(InputException.class, () -> Datasets.of("cifar"));
    }

    @Test
    void otherCountsAndHashesAreRefusedUnlessAccepted() {
        for (String[] wrong : new String[][] {
            {"cifar-100", "cifar-100-python/meta: expected the published file with MD5 7973b15100ade9c7d40fb424638fde48, found "},
            {"cifar-100-bin", "expected 50,000 training images, as published, found 101; fetch it again, or set dataset.check=false"},
            {"imagenet-r", "expected 24,000 training images, as published, found 400"},
            {"cub-200", "expected 200 classes, as published, found 5"},
            {"flowers-102", "imagelabels.mat: expected the published file with MD5 e0620be6f572b9609742df49c70aed4d, found "},
            {"svhn", "train_32x32.mat: expected the published file with MD5 e26dedcc434d2e4c54c9b2d4a06d8373"}}) {
            DatasetOptions options = DatasetOptions.of(layouts.resolve(wrong[0]), Layouts.loading(Warnings.NONE));
            DataException e = assertThrows(DataException.class, () -> Datasets.open(Layouts.kind(wrong[0]), options));
            assertTrue(e.getMessage().contains(wrong[1]), e.getMessage());
            assertFalse(e.getMessage().contains("\n"));
        }
    }

    /** Every file that is no picture is taken away, cut short and filled with zeros in turn: always one line that names a file. */
    @ParameterizedTest
    @ValueSource(strings = {"cifar-100", "cifar-10", "cifar-100-bin", "imagenet-r-lists", "cub-200", "tiny-imagenet", "five-datasets", "svhn",
        "mnist", "stanford-cars", "fgvc-aircraft", "food-101", "oxford-pets", "flowers-102", "dtd", "sun397", "domainnet", "listing",
        "webdataset"})
    void damagedAndMissingFilesAreNamed(String layout) throws IOException {
        Layouts.unpack(folder, layout + "/");
        Path root = folder.resolve(layout);
        List<Path> files;
        try (Stream<Path> all = Files.walk(root)) {
            files = all.filter(Files::isRegularFile).filter(file -> !file.toString().matches(".*\\.(jpg|JPEG|png|json)")
                    && !file.toString().contains("boxes")).toList();
        }
        assertFalse(files.isEmpty());
        List<String> accepted = new ArrayList<>();
        for (Path file : files) {
            byte[] bytes = Files.readAllBytes(file);
            for (int damage = 0; damage < 4; damage++) {
                switch (damage) {
                    case 0 -> Files.delete(file);
                    case 1 -> Files.write(file, new byte[0]);
                    case 2 -> Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
                    default -> Files.write(file, new byte[bytes.length]);
                }
                try {
                    Split split = open(layout, root);
                    split.train().image(split.train().size() - 1);
                    accepted.add(root.relativize(file) + " " + damage);
                } catch (DataException e) {
                    assertFalse(e.getMessage().contains("\n"), e.getMessage());
                    assertTrue(e.getMessage().contains(root.toString()), e.getMessage());
                }
            }
            Files.write(file, bytes);
        }
        open(layout, root);
        // a list cut between two lines is a shorter list: only counts can tell, and they are checked where they are published
        accepted.removeIf(line -> line.matches("(.*\\.(txt|csv|yaml|bin)|.*-ubyte.*) 2"));
        // names are optional in words.txt, a SUN397 without lists is drawn, Food-101 has its lists twice, DTD's val is not asked for
        accepted.removeIf(line -> line.matches(".*words.txt .|.*(ing_01.txt|meta/t\\w+.txt|train-00000\\d.tar) 0|.*val1.txt ."));
        // zeros are good pixels and the label 0
        accepted.removeIf(line -> line.matches(".*\\.bin 3"));
        assertEquals(List.of(), accepted, layout);
    }

    /** Bytes changed at random in pickles and MATLAB files: a data set or one line that names the file, never anything else. */
    @ParameterizedTest
    @ValueSource(strings = {"cifar-10/cifar-10-batches-py/data_batch_2", "cifar-100/cifar-100-python/train", "svhn/train_32x32.mat",
        "svhn/test_32x32.mat", "stanford-cars/stanford_cars/cars_test_annos_withlabels.mat", "stanford-cars/stanford_cars/devkit/cars_meta.mat",
        "flowers-102/flowers-102/setid.mat"})
    void changedBytesDoNoHarm(String name) throws IOException {
        String layout = name.substring(0, name.indexOf('/'));
        Layouts.unpack(folder, layout + "/");
        Path file = folder.resolve(name);
        byte[] bytes = Files.readAllBytes(file);
        Random random = new Random(7);
        for (int i = 0; i < 60; i++) {
            byte[] changed = bytes.clone();
            for (int k = 0; k <= i % 4; k++) {
                changed[i % 2 == 0 ? random.nextInt(Math.min(400, bytes.length)) : random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            Files.write(file, changed);
            try {
                open(layout, folder.resolve(layout)).train().image(0);
            } catch (DataException e) {
                assertTrue(e.getMessage().contains(folder.toString()) && !e.getMessage().contains("\n"), "seed 7, change " + i + ": "
                        + e.getMessage());
            }
        }
    }

    @Test
    void listsCannotNameFilesOutside() throws IOException {
        Layouts.unpack(folder, "listing/");
        Path list = folder.resolve("listing/images.csv");
        for (String name : new String[] {"../secret.png", "/etc/passwd", "pictures/../../x.png"}) {
            Files.writeString(list, "path,label,split\n" + name + ",a,train\n");
            DataException e = assertThrows(DataException.class, () -> open("listing", folder.resolve("listing")));
            assertTrue(e.getMessage().contains("inside"), e.getMessage());
        }
    }

    @Test
    void groupsAndDomains() {
        assertEquals(List.of(10, 10, 10, 10, 10), open("five-datasets", layouts.resolve("five-datasets")).groups());
        assertEquals(List.of(3, 1), open("listing", layouts.resolve("listing")).groups());
        Split.Domains styles = open("domainnet", layouts.resolve("domainnet")).domains();
        assertEquals(List.of("clipart", "infograph", "painting", "quickdraw", "real", "sketch"), styles.names());
        assertEquals(List.of(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5), IntStream.of(styles.test()).boxed().toList());
        Split core = open("core50", layouts.resolve("core50"));
        assertEquals(8, core.domains().names().size());
        assertEquals(Set.of(-1), new HashSet<>(IntStream.of(core.domains().test()).boxed().toList()));
        assertEquals("scissors 3", core.train().classNames().get(12));
    }

    @Test
    void aFewImagesAClassAreDrawnBySeed() {
        Split whole = open("cifar-100", layouts.resolve("cifar-100"));
        Split one = whole.few(1, new RandomStreams(3));
        assertEquals(100, one.train().size());
        assertEquals(100, one.test().size());
        assertEquals(one.hash(), whole.few(1, new RandomStreams(3)).hash());
        assertNotEquals(one.train().fingerprint(), whole.few(1, new RandomStreams(4)).train().fingerprint());
        Split domains = open("core50", layouts.resolve("core50")).few(1, new RandomStreams(3));
        assertEquals(400, domains.train().size(), "of each class in each domain");
        assertEquals(400, domains.first(1, 1).train().size());
        assertEquals(50, domains.first(1, 1).test().size());
        assertEquals(whole, whole.few(0, new RandomStreams(3)));
    }

    @Test
    void aTreeIsSplitBySeedWithinEachClass() throws IOException {
        for (int c = 0; c < 3; c++) {
            Files.createDirectories(folder.resolve("tree/c" + c));
            for (int i = 0; i < 10 * (c + 1); i++) {
                Files.write(folder.resolve("tree/c" + c + "/" + i + ".png"), new byte[1]);
            }
        }
        Split split = open("image-folder", folder.resolve("tree"));
        for (int c = 0; c < 3; c++) {
            assertEquals(2 * (c + 1), split.test().indicesOf(c).length);
            assertEquals(8 * (c + 1), split.train().indicesOf(c).length);
        }
        assertEquals(split.hash(), open("image-folder", folder.resolve("tree")).hash());
        DatasetOptions options = Layouts.options(folder.resolve("tree"), Warnings.NONE);
        Split other = Datasets.open("image-folder", new DatasetOptions(options.path(), null, List.of(), null, true, 0.5, 1, options.unpacked(),
                options.train(), options.test()));
        assertEquals(30, other.test().size());
        Set<String> sources = new HashSet<>();
        for (LabeledImages part : List.of(other.train(), other.test())) {
            IntStream.range(0, part.size()).forEach(i -> assertTrue(sources.add(part.source(i))));
        }
        assertEquals(60, sources.size());
    }

    /** A class that is added, before or between those that were there, makes no image of theirs a test image that was not one. */
    @Test
    void aClassThatIsAddedLeavesTheDrawOfOthersAsItWas() throws IOException {
        Path tree = folder.resolve("growing");
        for (String name : List.of("cat", "emu")) {
            images(tree.resolve(name), 10);
        }
        Split before = open("image-folder", tree);
        for (String name : List.of("ant", "dog", "fox")) {
            images(tree.resolve(name), 10);
        }
        Split after = open("image-folder", tree);
        for (String name : List.of("cat", "emu")) {
            assertEquals(tests(before, name), tests(after, name), name);
            assertEquals(2, tests(after, name).size());
        }
        assertTrue(List.of("ant", "cat", "dog", "emu", "fox").stream().map(name -> numbers(tests(after, name))).distinct().count() > 1,
                "each class has a draw of its own");
    }

    private static void images(Path classFolder, int count) throws IOException {
        Files.createDirectories(classFolder);
        for (int i = 0; i < count; i++) {
            Files.write(classFolder.resolve(i + ".png"), new byte[1]);
        }
    }

    private static List<String> tests(Split split, String name) {
        return IntStream.of(split.test().indicesOf(split.test().classNames().indexOf(name))).mapToObj(split.test()::source).toList();
    }

    private static List<String> numbers(List<String> sources) {
        return sources.stream().map(source -> source.replaceAll("^.*/", "")).toList();
    }
}
