package dev.itprompt.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsTest {

    @TempDir
    Path folder;

    @Test
    void floatsComeBackExactlyAndInOrder() {
        Path file = folder.resolve("a.safetensors");
        SafeTensors.write(file, tensors(), Map.of("format", "pt", "name", "größe \"x\""), StorageType.FP32);
        Checkpoint read = Checkpoint.open(file);
        assertEquals(List.of("weight", "bias", "scale"), List.copyOf(read.tensors().keySet()));
        assertEquals(Map.of("format", "pt", "name", "größe \"x\""), read.metadata());
        tensors().forEach((name, tensor) -> {
            Tensor loaded = read.tensor(name).load();
            assertEquals(tensor.shape(), loaded.shape(), name);
            assertArrayEquals(tensor.toArray(), loaded.toArray(), name);
            assertEquals(ElementType.F32, read.tensor(name).type());
        });
        assertEquals(0, read.tensor("weight").position() % 64, "data starts on a cache line");
        assertTrue(read.tensor("weight").load().data().isMapped(), "aligned float32 is a view");
        assertEquals(List.of(2L, 3L), read.tensor("weight").shape());
        assertEquals(24, read.tensor("weight").bytes());
        assertEquals(List.of(file), listing(), "no temporary file stays behind");
    }

    /** Some maps have another order in each process. */
    @Test
    void equalPairsAreEqualBytesInWhateverOrderTheyCome() throws IOException {
        Map<String, String> pairs = new LinkedHashMap<>();
        pairs.put("method", "lda");
        pairs.put("format", "pt");
        pairs.put("author", "x");
        SafeTensors.write(folder.resolve("a"), tensors(), pairs, StorageType.FP32);
        SafeTensors.write(folder.resolve("b"), tensors(), new TreeMap<>(pairs), StorageType.FP32);
        SafeTensors.write(folder.resolve("c"), tensors(), new TreeMap<>(pairs).descendingMap(), StorageType.FP32);
        assertEquals(-1, Files.mismatch(folder.resolve("a"), folder.resolve("b")));
        assertEquals(-1, Files.mismatch(folder.resolve("a"), folder.resolve("c")));
        assertEquals(List.of("author", "format", "method"), List.copyOf(Checkpoint.open(folder.resolve("a")).metadata().keySet()));
    }

    @Test
    void halfPrecisionRoundsToNearest() {
        Path file = folder.resolve("half.safetensors");
        SafeTensors.write(file, tensors(), Map.of(), StorageType.FP16);
        Checkpoint read = Checkpoint.open(file);
        float[] expected = tensors().get("weight").toArray();
        for (int i = 0; i < expected.length; i++) {
            expected[i] = Float.float16ToFloat(Float.floatToFloat16(expected[i]));
        }
        assertArrayEquals(expected, read.tensor("weight").load().toArray());
        assertTrue(read.metadata().isEmpty());
    }

    @Test
    void aValueTooLargeForHalfIsRefusedAndLeavesTheOldFile() throws IOException {
        Path file = folder.resolve("old.safetensors");
        SafeTensors.write(file, tensors(), Map.of(), StorageType.FP32);
        byte[] before = Files.readAllBytes(file);
        LinkedHashMap<String, Tensor> large = new LinkedHashMap<>(Map.of("w", Tensor.scalar(1e6f)));
        CheckpointException e = assertThrows(CheckpointException.class,
                () -> SafeTensors.write(file, large, Map.of(), StorageType.FP16));
        assertEquals("w", e.tensor());
        assertArrayEquals(before, Files.readAllBytes(file));
        assertEquals(List.of(file), listing());
    }

    @Test
    void everyElementTypeIsConverted() throws IOException {
        ByteBuffer data = buffer(64);
        data.put((byte) 1).put((byte) 200).put((byte) -3);
        data.putShort((short) -300).putShort((short) 65000).putShort((short) 0x3C00).putShort((short) 0x3FC0);
        data.putInt(-70000).putInt((int) 4_000_000_000L).putFloat(0.5f).putDouble(0.1).putLong(-5).putLong(-1);
        String[] types = {"BOOL", "U8", "I8", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "F64", "I64", "U64"};
        float[] expected = {1, 200, -3, -300, 65000, 1, 1.5f, -70000, 4e9f, 0.5f, 0.1f, -5, 0x1p64f};
        StringBuilder json = new StringBuilder("{");
        int offset = 0;
        for (String type : types) {
            int end = offset + ElementType.valueOf(type).bytes();
            json.append(offset == 0 ? "" : ",").append(tensorJson(type, type, "1", offset, end));
            offset = end;
        }
        byte[] bytes = new byte[offset];
        data.flip().get(bytes);
        Checkpoint read = Checkpoint.open(file(json + "}", bytes));
        for (int i = 0; i < types.length; i++) {
            assertEquals(expected[i], read.tensor(types[i]).load().get(0), types[i]);
        }
    }

    @Test
    void unalignedFloatsAreCopied() throws IOException {
        String json = "{" + tensorJson("b", "U8", "1", 0, 1) + "," + tensorJson("f", "F32", "2", 1, 9) + "}";
        byte[] data = buffer(9).put((byte) 7).putFloat(1.25f).putFloat(-2.5f).array();
        Checkpoint read = Checkpoint.open(file(json, data));
        assertArrayEquals(new float[] {1.25f, -2.5f}, read.tensor("f").load().toArray());
    }

    /** The length of the header is the first byte of the file: 60 is also how a web page begins. */
    @Test
    void aHeaderOfAnyLengthIsAHeader() throws IOException {
        for (int length = 52; length < 320; length++) {
            String json = "{" + tensorJson("f", "U8", "1", 0, 1) + "}";
            byte[] bytes = bytes(json + " ".repeat(Math.max(0, length - json.length())), new byte[1]);
            assertEquals(1, Checkpoint.open(write(bytes)).tensors().size(), "header of " + length + " bytes");
        }
    }

    @Test
    void emptyTensorsAreListedButNotLoaded() throws IOException {
        String json = "{" + tensorJson("e", "F32", "0,4", 0, 0) + "}";
        Checkpoint read = Checkpoint.open(file(json, new byte[0]));
        assertEquals(0, read.tensor("e").bytes());
        assertThrows(CheckpointException.class, () -> read.tensor("e").load());
    }

    @Test
    void aMissingFileAFolderAndAMissingTensorAreNamed() {
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(folder.resolve("no")));
        assertTrue(e.getMessage().contains("no file"), e.getMessage());
        assertNull(e.tensor());
        assertThrows(CheckpointException.class, () -> Checkpoint.open(folder));
        Path file = folder.resolve("a.safetensors");
        SafeTensors.write(file, tensors(), Map.of(), StorageType.FP32);
        Checkpoint read = Checkpoint.open(file);
        assertEquals("absent", assertThrows(CheckpointException.class, () -> read.tensor("absent").load()).tensor());
    }

    @Test
    void truncationAnywhereIsFound() throws IOException {
        Path file = folder.resolve("a.safetensors");
        SafeTensors.write(file, tensors(), Map.of(), StorageType.FP32);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            refused(java.util.Arrays.copyOf(whole, length), "cut to " + length);
        }
        refused(java.util.Arrays.copyOf(whole, whole.length + 1), "one byte too many");
    }

    @Test
    void lyingHeaderLengthsAreRefused() throws IOException {
        byte[] json = "{}".getBytes(StandardCharsets.UTF_8);
        for (long length : new long[] {0, 1, 3, Long.MIN_VALUE, -1, Long.MAX_VALUE, 100_000_001}) {
            byte[] bytes = buffer(10).putLong(length).put(json).array();
            CheckpointException e = refused(bytes, "header length " + Long.toUnsignedString(length));
            assertTrue(e.found().endsWith(Long.toUnsignedString(length)), e.getMessage());
        }
        Checkpoint empty = Checkpoint.open(file("{}", new byte[0]));
        assertTrue(empty.tensors().keySet().isEmpty());
    }

    @Test
    void lyingHeadersAreRefused() throws IOException {
        String[] headers = {
            "{" + tensorJson("a", "F32", "1", 0, 4) + "," + tensorJson("b", "F32", "1", 2, 6) + "}",
            "{" + tensorJson("a", "F32", "1", 0, 4) + "," + tensorJson("b", "F32", "1", 0, 4) + "}",
            "{" + tensorJson("a", "F32", "1", 4, 8) + "}",
            "{" + tensorJson("a", "F32", "1", 0, 4) + "}",
            "{" + tensorJson("a", "F32", "3", 0, 12) + "}",
            "{" + tensorJson("a", "F32", "3", 0, 8) + "}",
            "{" + tensorJson("a", "F32", "2", 8, 0) + "}",
            "{" + tensorJson("a", "F32", "2", -8, 0) + "}",
            "{" + tensorJson("a", "F32", "-2", 0, 8) + "}",
            "{" + tensorJson("a", "F32", "2.0", 0, 8) + "}",
            "{" + tensorJson("a", "F32", "4294967296,4294967296,2", 0, 8) + "}",
            "{" + tensorJson("a", "F32", "99999999999999999999", 0, 8) + "}",
            "{" + tensorJson("a", "Q4", "2", 0, 8) + "}",
            "{" + tensorJson("a", "F32", "2", 0, 8) + "," + tensorJson("a", "F32", "2", 0, 8) + "}",
            "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}",
            "{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}",
            "{\"a\":null}", "[]", "7", "{} {}", "{", "{\"__metadata__\":{\"x\":1}}", "{\"__metadata__\":[]}",
            "[".repeat(5000), "\u0000\u0000",
            "{" + tensorJson("a", "F32", "2", 0, 8) + "," + tensorJson("\\u0061", "F32", "0", 8, 8) + "}",
            "{" + tensorJson("a", "F32", "2", 0, 9223372036854775807L) + "}",
            "{" + tensorJson("a", "F32", "2", Long.MIN_VALUE, 8) + "}",
            "{" + tensorJson("a", "F32", "2305843009213693952,4,0", 0, 0) + "," + tensorJson("b", "F32", "2", 0, 8) + "}",
            "{" + tensorJson("a", "F32", "0,2305843009213693952,4", 0, 0) + "," + tensorJson("b", "F32", "2", 0, 8) + "}",
            "{" + tensorJson("a", "F32", "1,".repeat(64) + "2", 0, 8) + "}",
            "{" + tensorJson("a", "F32", "9".repeat(2000), 0, 8) + "}",
            "{" + tensorJson("x".repeat(1001), "F32", "2", 0, 8) + "}",
            "{" + tensorJson("x".repeat(100_000), "F32", "2", 0, 8) + "}",
            "{\"a\":{\"dtype\":\"" + "F".repeat(1 << 20) + "\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        };
        for (String header : headers) {
            refused(bytes(header, new byte[8]), header);
        }
        byte[] notUtf8 = bytes("{\"a\":1}", new byte[0]);
        notUtf8[10] = (byte) 0xff;
        refused(notUtf8, "not UTF-8");
    }

    @Test
    void randomDamageNeverEscapesAsAnythingElse() throws IOException {
        Path file = folder.resolve("a.safetensors");
        SafeTensors.write(file, tensors(), Map.of("k", "v"), StorageType.FP32);
        byte[] whole = Files.readAllBytes(file);
        int used = new String(whole, StandardCharsets.ISO_8859_1).indexOf("}}") + 2;
        int refused = 0;
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            byte[] damaged = whole.clone();
            for (int n = random.nextInt(1, 4); n > 0; n--) {
                damaged[random.nextInt(used)] = (byte) (random.nextBoolean() ? random.nextInt(256) : "0129[]{},\":"
                        .charAt(random.nextInt(11)));
            }
            try {
                Checkpoint read = Checkpoint.open(write(damaged));
                read.tensors().keySet().forEach(name -> read.tensor(name).load().toArray());
            } catch (CheckpointException e) {
                refused++;
                assertFalse(e.getMessage().contains("\n"), "seed " + seed);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + " threw " + e, e);
            }
        }
        assertTrue(refused > 250, "only " + refused + " of 500 damaged files were refused");
    }

    /** The file is sparse: its data takes no room on the disk, and looking at it would show. */
    @Test
    void openingALargeFileTakesOnlyTheMemoryOfItsHeader() throws IOException {
        int tensors = 300;
        long each = 2 << 20;
        StringBuilder json = new StringBuilder();
        for (int i = 0; i < tensors; i++) {
            json.append(i == 0 ? "{" : ",").append(tensorJson("blocks." + i + ".weight", "F32", String.valueOf(each / 4), i * each, (i + 1) * each));
        }
        Path file = write(bytes(json + "}", new byte[0]));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(1), channel.size() + tensors * each - 1);
        }
        Checkpoint.open(file); // so that classes are not loaded while it is measured
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        Checkpoint checkpoint = Checkpoint.open(file);
        assertEquals(tensors, checkpoint.tensors().size());
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 8 << 20, allocated + " bytes for a file of " + checkpoint.bytes());
        assertEquals(0, checkpoint.tensor("blocks.299.weight").load().get(each / 4 - 1));
    }

    private static LinkedHashMap<String, Tensor> tensors() {
        LinkedHashMap<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("weight", Tensor.of(Shape.of(2, 3), 1f, -2.5f, 3.1415927f, 0f, 1e-3f, 100.25f));
        tensors.put("bias", Tensor.of(Shape.of(1), 7f));
        tensors.put("scale", Tensor.scalar(2.6592f));
        return tensors;
    }

    private static String tensorJson(String name, String dtype, String shape, long begin, long end) {
        return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":[" + shape + "],\"data_offsets\":[" + begin + "," + end
                + "]}";
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] bytes(String header, byte[] data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return buffer(8 + json.length + data.length).putLong(json.length).put(json).put(data).array();
    }

    private Path file(String header, byte[] data) throws IOException {
        return write(bytes(header, data));
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("made.safetensors"), bytes);
    }

    private CheckpointException refused(byte[] bytes, String what) throws IOException {
        Path file = write(bytes);
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(file), what);
        assertEquals(file, e.file());
        assertTrue(e.offset() >= 0, e::getMessage);
        Hostile.oneLine(e);
        return e;
    }

    private List<Path> listing() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
