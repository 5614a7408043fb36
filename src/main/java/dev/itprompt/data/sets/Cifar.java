package dev.itprompt.data.sets;

import dev.itprompt.data.DataException;
import dev.itprompt.data.DataFiles;
import dev.itprompt.data.PixelImages;
import dev.itprompt.pickle.PickleReader;
import dev.itprompt.pickle.PickleValue;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * CIFAR-10 and CIFAR-100: 32x32 colour images, in the version for Python (pickles, in which nothing is run) or the binary one. Labels
 * are the fine ones. Source: Krizhevsky 2009.
 *
 * @param facts      what is published
 * @param binaryTop  top folder of the binary version
 * @param train      pickles of training images with their MD5
 * @param test       pickle of test images with its MD5
 * @param meta       pickle of the names with its MD5
 * @param labelsKey  of the labels in a pickle
 * @param namesKey   of the names in the pickle of the names
 * @param binary     files of the binary version: those of training images, the one of test images, that of the names
 * @param labelBytes before the pixels of a binary record; the last one is the label
 */
record Cifar(DatasetFacts facts, String binaryTop, Map<String, String> train, Map.Entry<String, String> test,
             Map.Entry<String, String> meta, String labelsKey, String namesKey, List<List<String>> binary, int labelBytes)
        implements DatasetSpec {

    private static final int SIDE = 32;
    private static final int PIXELS = 3 * SIDE * SIDE;
    private static final String LICENCE = "none stated; cite Krizhevsky 2009";
    private static final String HOME = "https://www.cs.toronto.edu/~kriz/cifar.html";

    static final Cifar CIFAR_10 = new Cifar(new DatasetFacts("cifar-10", "CIFAR-10", 10, 50_000, 10_000, LICENCE, HOME,
            "cifar-10-batches-py", List.of(DatasetFacts.Download.md5("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
                    "c58f30108f718f92721af3b95e74349a"))), "cifar-10-batches-bin",
            ordered("data_batch_1", "c99cafc152244af753f735de768cd75f", "data_batch_2", "d4bba439e000b95fd0a9bffe97cbabec",
                    "data_batch_3", "54ebc095f3ab1f0389bbae665268c751", "data_batch_4", "634d18415352ddfa80567beed471001a",
                    "data_batch_5", "482c414d41f54cd18b22e5b47cb7c3cb"),
            Map.entry("test_batch", "40351d587109b95175f43aff81a1287e"), Map.entry("batches.meta", "5ff9c542aee3614f3951f8cda6e48888"),
            "labels", "label_names", List.of(List.of("data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
                    "data_batch_5.bin"), List.of("test_batch.bin"), List.of("batches.meta.txt")), 1);

    static final Cifar CIFAR_100 = new Cifar(new DatasetFacts("cifar-100", "CIFAR-100", 100, 50_000, 10_000, LICENCE, HOME,
            "cifar-100-python", List.of(DatasetFacts.Download.md5("https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
                    "eb9058c3a382ffc7106e4002c42a8d85"))), "cifar-100-binary",
            ordered("train", "16019d7e3df5f24257cddd939b257f8d"), Map.entry("test", "f0ef6b0ae62326f3e7ffdfab6717acfc"),
            Map.entry("meta", "7973b15100ade9c7d40fb424638fde48"), "fine_labels", "fine_label_names",
            List.of(List.of("train.bin"), List.of("test.bin"), List.of("fine_label_names.txt")), 2);

    private static Map<String, String> ordered(String... pairs) {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }

    @Override
    public Split open(DatasetFolder folder) {
        Path binaryFolder = folder.has(binaryTop) ? folder.root().resolve(binaryTop) : folder.root();
        boolean isBinary = !folder.has(train.keySet().iterator().next())
                && Files.exists(binaryFolder.resolve(binary.getFirst().getFirst()));
        return folder.checked(isBinary ? openBinary(folder, binaryFolder) : openPickles(folder));
    }

    // ---- binary -------------------------------------------------------------------------------------------------

    private Split openBinary(DatasetFolder folder, Path root) {
        Path list = root.resolve(binary.get(2).getFirst());
        List<String> names = DatasetFolder.lines(list).stream().map(DatasetFolder::text).toList();
        return new Split(records(root, binary.get(0), names), records(root, binary.get(1), names), "official, binary version");
    }

    private PixelImages records(Path root, List<String> files, List<String> names) {
        List<PixelImages.Run> runs = new ArrayList<>();
        List<int[]> labels = new ArrayList<>();
        int length = labelBytes + PIXELS;
        for (String name : files) {
            Path file = root.resolve(name);
            long size = DataFiles.size(file, "a file of " + facts.title());
            if (size == 0 || size % length != 0 || size / length > 10_000_000) {
                throw new DataException(file, "records of " + length + " bytes", size + " bytes", facts.again());
            }
            int count = (int) (size / length);
            runs.add(PixelImages.Run.of(file, labelBytes, length, count));
            labels.add(labels(file, count, length, names.size()));
        }
        return new PixelImages(SIDE, SIDE, PixelImages.Order.ROWS, runs, join(labels), names);
    }

    private int[] labels(Path file, int count, int length, int classes) {
        int[] labels = new int[count];
        byte[] buffer = new byte[length];
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 18)) {
            for (int i = 0; i < count; i++) {
                in.readNBytes(buffer, 0, length);
                labels[i] = checked(file, buffer[labelBytes - 1] & 0xff, i, classes);
            }
        } catch (IOException e) {
            throw DataFiles.unreadable(file, "a readable file", e);
        }
        return labels;
    }

    private static int checked(Path file, int label, int image, int classes) {
        if (label < 0 || label >= classes) {
            throw new DataException(file, "labels from 0 to " + (classes - 1), "label " + label + " of image " + image,
                    "check that it is the right file");
        }
        return label;
    }

    private static int[] join(List<int[]> parts) {
        return parts.stream().flatMapToInt(Arrays::stream).toArray();
    }

    // ---- pickles ------------------------------------------------------------------------------------------------

    private Split openPickles(DatasetFolder folder) {
        Path metaFile = folder.require(meta.getKey());
        folder.checkHash(metaFile, "MD5", meta.getValue());
        List<String> names = names(metaFile);
        return new Split(batches(folder, train, names), batches(folder, Map.of(test.getKey(), test.getValue()), names),
                "official, version for Python");
    }

    private List<String> names(Path file) {
        List<String> names = new ArrayList<>();
        withPickle(file, (dict, _) -> {
            for (PickleValue name : list(file, dict, namesKey)) {
                names.add(DatasetFolder.text(text(file, name)));
            }
        });
        return names;
    }

    private PixelImages batches(DatasetFolder folder, Map<String, String> files, List<String> names) {
        List<PixelImages.Run> runs = new ArrayList<>();
        List<int[]> labels = new ArrayList<>();
        files.forEach((name, md5) -> {
            Path file = folder.require(name);
            folder.checkHash(file, "MD5", md5);
            withPickle(file, (dict, content) -> {
                List<PickleValue> items = list(file, dict, labelsKey);
                int[] own = new int[items.size()];
                for (int i = 0; i < own.length; i++) {
                    own[i] = checked(file, number(file, items.get(i)), i, names.size());
                }
                labels.add(own);
                runs.add(run(file, content, value(file, dict, "data"), own.length));
            });
        });
        return new PixelImages(SIDE, SIDE, PixelImages.Order.ROWS, runs, join(labels), names);
    }

    /** Images out of a NumPy array: its bytes are a part of the file, or text that stands for bytes where Python 3 wrote it. */
    private static PixelImages.Run run(Path file, MemorySegment content, PickleValue array, int count) {
        List<PickleValue> state = array instanceof PickleValue.Call call && call.path().endsWith(".multiarray._reconstruct")
                && call.state instanceof PickleValue.Sequence parts ? parts.items : List.of();
        if (state.size() < 5 || !(state.get(2) instanceof PickleValue.Call dtype)
                || !(dtype.argument(0) instanceof PickleValue.Text || dtype.argument(0) instanceof PickleValue.Bytes)
                || !text(file, dtype.argument(0)).matches("[|<>=]?u1") || !(state.get(3) instanceof PickleValue.Bool(boolean columns))
                || columns) {
            throw bad(file, "'data' as a NumPy array of unsigned bytes, row by row", "something else");
        }
        if (!(state.get(1) instanceof PickleValue.Sequence shape) || shape.items.size() != 2
                || number(file, shape.items.get(0)) != count || number(file, shape.items.get(1)) != PIXELS) {
            throw bad(file, "'data' of " + count + " rows of " + PIXELS + " values, as many as labels", "another shape");
        }
        long bytes = (long) count * PIXELS;
        return switch (state.get(4)) {
            case PickleValue.Bytes data when data.data().byteSize() == bytes && data.data().isMapped() ->
                PixelImages.Run.of(file, data.data().address() - content.address(), PIXELS, count);
            case PickleValue.Call call when call.path().equals("_codecs.encode") && call.argument(0) instanceof PickleValue.Text latin
                    && latin.value().length() == bytes ->
                PixelImages.Run.of(file, latin.value().getBytes(StandardCharsets.ISO_8859_1), PIXELS, count);
            default -> throw bad(file, bytes + " bytes of 'data'", "another number of them");
        };
    }

    private interface Use {
        void with(PickleValue.Dict dict, MemorySegment content);
    }

    private static void withPickle(Path file, Use use) {
        try (FileChannel channel = FileChannel.open(file); Arena arena = Arena.ofConfined()) {
            MemorySegment content = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            PickleValue value = new PickleReader(0, content, (offset, expected, found) ->
                    bad(file, expected + " at offset " + offset, found)).read();
            if (!(value instanceof PickleValue.Dict dict)) {
                throw bad(file, "a pickled dictionary", "something else");
            }
            use.with(dict, content);
        } catch (IOException e) {
            throw DataFiles.unreadable(file, "a readable file", e);
        }
    }

    /** The value of a key, which Python 2 wrote as bytes. */
    private static PickleValue value(Path file, PickleValue.Dict dict, String key) {
        for (int i = dict.keys.size() - 1; i >= 0; i--) {
            PickleValue own = dict.keys.get(i);
            if ((own instanceof PickleValue.Text || own instanceof PickleValue.Bytes) && text(file, own).equals(key)) {
                return dict.values.get(i);
            }
        }
        throw bad(file, "an entry '" + key + "'", "none");
    }

    private static List<PickleValue> list(Path file, PickleValue.Dict dict, String key) {
        if (value(file, dict, key) instanceof PickleValue.Sequence list) {
            return list.items;
        }
        throw bad(file, "a list under '" + key + "'", "something else");
    }

    private static int number(Path file, PickleValue value) {
        if (value instanceof PickleValue.Int(BigInteger number) && number.bitLength() < 31) {
            return number.intValue();
        }
        throw bad(file, "a whole number", "something else");
    }

    private static String text(Path file, PickleValue value) {
        return switch (value) {
            case PickleValue.Text(String text) -> text;
            case PickleValue.Bytes bytes when bytes.data().byteSize() < 1000 -> new String(bytes.value(), StandardCharsets.ISO_8859_1);
            default -> throw bad(file, "a text", "something else");
        };
    }

    private static DataException bad(Path file, String expected, String found) {
        return new DataException(file, expected, found, "fetch it again");
    }
}
