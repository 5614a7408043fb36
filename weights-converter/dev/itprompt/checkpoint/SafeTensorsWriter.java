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
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes a safetensors file under a temporary name and renames it when it is complete. */
final class SafeTensorsWriter {

    /** The data starts at a multiple of this many bytes, so that mapped float32 tensors start on a cache line. */
    private static final int DATA_ALIGNMENT = 64;
    private static final int BUFFER_BYTES = 1 << 20;

    private SafeTensorsWriter() { }

    static void write(Path file, LinkedHashMap<String, Tensor> tensors, Map<String, String> metadata, StorageType storage) {
        ByteBuffer header = header(file, tensors, metadata, storage);
        long elements = tensors.values().stream().mapToLong(tensor -> tensor.shape().size()).sum();
        AtomicFile.write(file, header.remaining() + elements * storage.elementType().bytes(), channel -> {
            AtomicFile.writeFully(channel, header);
            for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
                writeTensor(channel, file, tensor.getKey(), tensor.getValue(), storage);
            }
        });
    }

    /** Length and JSON, padded with blanks; text pairs in the order of their keys, so that equal contents are equal files. */
    private static ByteBuffer header(Path file, LinkedHashMap<String, Tensor> tensors, Map<String, String> metadata,
            StorageType storage) {
        ObjectNode root = JsonMapper.shared().createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode pairs = root.putObject(SafeTensorsHeader.METADATA);
            new TreeMap<>(metadata).forEach(pairs::put);
        }
        long offset = 0;
        for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
            if (tensor.getKey().equals(SafeTensorsHeader.METADATA)) {
                throw new CheckpointException(file, tensor.getKey(), "a name that is not reserved", tensor.getKey(),
                        "choose another name");
            }
            ObjectNode entry = root.putObject(tensor.getKey());
            entry.put("dtype", storage.elementType().name());
            ArrayNode shape = entry.putArray("shape");
            for (int extent : tensor.getValue().shape().dims()) {
                shape.add(extent);
            }
            long end = offset + (long) tensor.getValue().shape().size() * storage.elementType().bytes();
            entry.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
        int total = Math.ceilDiv(Long.BYTES + json.length, DATA_ALIGNMENT) * DATA_ALIGNMENT;
        ByteBuffer header = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(total - Long.BYTES).put(json);
        Arrays.fill(header.array(), header.position(), total, (byte) ' ');
        return header.clear();
    }

    private static void writeTensor(FileChannel channel, Path file, String name, Tensor tensor, StorageType storage)
            throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (long i = 0; i < tensor.shape().size(); i++) {
            float value = tensor.get(i);
            switch (storage) {
                case FP32 -> buffer.putFloat(value);
                case FP16 -> buffer.putShort(toHalf(file, name, value));
            }
            if (!buffer.hasRemaining()) {
                AtomicFile.writeFully(channel, buffer.flip());
                buffer.clear();
            }
        }
        AtomicFile.writeFully(channel, buffer.flip());
    }

    private static short toHalf(Path file, String name, float value) {
        short half = Float.floatToFloat16(value);
        if (Float.isFinite(value) && Float.isInfinite(Float.float16ToFloat(half))) {
            throw new CheckpointException(file, name, "values of at most 65504", Float.toString(value), "store it as fp32");
        }
        return half;
    }
}
