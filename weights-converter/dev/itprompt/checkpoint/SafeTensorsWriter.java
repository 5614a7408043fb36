package dev.itprompt.checkpoint;

import dev.itprompt.AtomicFile;
import dev.itprompt.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes a safetensors file under a temporary name and renames it when it is complete. */
final class SafeTensorsWriter {

    /** The data starts at a multiple of this many bytes, so that mapped float32 tensors start on a cache line. */
    private static final int DATA_ALIGNMENT = 64;
    private static final int BUFFER_BYTES = 1 << 20;

    /** What is written for one name. */
    private record Entry(String name, ElementType type, int[] shape, Body body) {

        long bytes() {
            return IntStream.of(shape).asLongStream().reduce(type.bytes(), (a, b) -> a * b);
        }
    }

    /** Writes the elements of an entry one after the other. */
    @FunctionalInterface
    private interface Body {
        void write(Out out) throws IOException;
    }

    private SafeTensorsWriter() { }

    static void write(Path file, LinkedHashMap<String, Tensor> tensors, Map<String, String> metadata, StorageType storage) {
        write(file, tensors.entrySet().stream().map(tensor -> weights(file, tensor.getKey(), tensor.getValue(), storage)).toList(),
                metadata);
    }

    static void writeValues(Path file, LinkedHashMap<String, StoredValues> values, Map<String, String> metadata) {
        // Wider elements come first, so that each entry begins at a multiple of its elements' bytes.
        List<Entry> entries = values.entrySet().stream().map(value -> entry(file, value.getKey(), value.getValue())).toList();
        write(file, Stream.of(8, 4, 1).flatMap(bytes -> entries.stream().filter(entry -> entry.type.bytes() == bytes)).toList(),
                metadata);
    }

    private static Entry entry(Path file, String name, StoredValues values) {
        return switch (values) {
            case StoredValues.Floats(Tensor tensor) -> weights(file, name, tensor, StorageType.FP32);
            case StoredValues.Doubles(double[] doubles) -> new Entry(name, ElementType.F64, new int[] {doubles.length}, out -> {
                for (double value : doubles) {
                    out.room(Double.BYTES).putDouble(value);
                }
            });
            case StoredValues.Longs(long[] longs) -> new Entry(name, ElementType.I64, new int[] {longs.length}, out -> {
                for (long value : longs) {
                    out.room(Long.BYTES).putLong(value);
                }
            });
            case StoredValues.Text(String text) -> {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                yield new Entry(name, ElementType.U8, new int[] {bytes.length}, out -> {
                    for (byte value : bytes) {
                        out.room(1).put(value);
                    }
                });
            }
        };
    }

    private static Entry weights(Path file, String name, Tensor tensor, StorageType storage) {
        return new Entry(name, storage.elementType(), tensor.shape().dims(), out -> {
            for (long i = 0; i < tensor.shape().size(); i++) {
                float value = tensor.get(i);
                switch (storage) {
                    case FP32 -> out.room(Float.BYTES).putFloat(value);
                    case FP16 -> out.room(Short.BYTES).putShort(toHalf(file, name, value));
                }
            }
        });
    }

    private static void write(Path file, List<Entry> entries, Map<String, String> metadata) {
        ByteBuffer header = header(file, entries, metadata);
        AtomicFile.write(file, header.remaining() + entries.stream().mapToLong(Entry::bytes).sum(), channel -> {
            AtomicFile.writeFully(channel, header);
            Out out = new Out(channel);
            for (Entry entry : entries) {
                entry.body.write(out);
            }
            out.flush();
        });
    }

    /** Length and JSON, padded with blanks; text pairs in the order of their keys, so that equal contents are equal files. */
    private static ByteBuffer header(Path file, List<Entry> entries, Map<String, String> metadata) {
        ObjectNode root = JsonMapper.shared().createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode pairs = root.putObject(SafeTensorsHeader.METADATA);
            new TreeMap<>(metadata).forEach(pairs::put);
        }
        long offset = 0;
        for (Entry entry : entries) {
            if (entry.name.equals(SafeTensorsHeader.METADATA)) {
                throw new CheckpointException(file, entry.name, "a name that is not reserved", entry.name, "choose another name");
            }
            ObjectNode node = root.putObject(entry.name);
            node.put("dtype", entry.type.name());
            ArrayNode shape = node.putArray("shape");
            for (int extent : entry.shape) {
                shape.add(extent);
            }
            long end = offset + entry.bytes();
            node.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
        int total = Math.ceilDiv(Long.BYTES + json.length, DATA_ALIGNMENT) * DATA_ALIGNMENT;
        ByteBuffer header = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(total - Long.BYTES).put(json);
        Arrays.fill(header.array(), header.position(), total, (byte) ' ');
        return header.clear();
    }

    /** Collects elements and writes them in large pieces. */
    private static final class Out {

        private final FileChannel channel;
        private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

        Out(FileChannel channel) {
            this.channel = channel;
        }

        /** The buffer, with room for so many bytes. */
        ByteBuffer room(int bytes) throws IOException {
            if (buffer.remaining() < bytes) {
                flush();
            }
            return buffer;
        }

        void flush() throws IOException {
            AtomicFile.writeFully(channel, buffer.flip());
            buffer.clear();
        }
    }

    private static short toHalf(Path file, String name, float value) {
        short half = Float.floatToFloat16(value);
        if (Float.isFinite(value) && Float.isInfinite(Float.float16ToFloat(half))) {
            throw new CheckpointException(file, name, "values of at most 65504", Float.toString(value), "store it as fp32");
        }
        return half;
    }
}
