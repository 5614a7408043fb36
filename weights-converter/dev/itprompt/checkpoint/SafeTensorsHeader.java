package dev.itprompt.checkpoint;

import dev.itprompt.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The checked header of a safetensors file. */
record SafeTensorsHeader(LinkedHashMap<String, Entry> entries, LinkedHashMap<String, String> metadata) {

    /**
     * What the header says of one tensor.
     *
     * @param position of its first byte in the file
     * @param bytes    how many bytes it takes
     */
    record Entry(String name, ElementType type, List<Long> shape, long position, long bytes) {}

    /** The longest header the format allows, in bytes. */
    static final long MAX_LENGTH = 100_000_000;
    /** The key of the free-form text pairs. */
    static final String METADATA = "__metadata__";

    /**
     * Reads and checks everything the header says.
     *
     * @throws CheckpointException at the first thing that is wrong
     */
    static SafeTensorsHeader read(MappedFile file) {
        if (file.size() < Long.BYTES) {
            throw CheckpointException.damaged(file.path(), 0, "at least 8 bytes", file.size() + " bytes");
        }
        long length = file.int64(0);
        if (!plausible(file)) {
            throw CheckpointException.unsupported(file.path(), 0, null, "a header of 2 to "
                    + Math.min(MAX_LENGTH, file.size() - Long.BYTES) + " bytes", "a header length of "
                    + Long.toUnsignedString(length), "check that this is a checkpoint (safetensors, PyTorch, TorchScript, npz, npy)"
                    + " and complete");
        }
        return new Parser(file.path(), Long.BYTES + length, file.size()).parse(file.bytes(Long.BYTES, (int) length));
    }

    /** Whether the file may have such a header: a length within the file. */
    static boolean plausible(MappedFile file) {
        return file.size() >= Long.BYTES && file.int64(0) >= 2 && file.int64(0) <= Math.min(MAX_LENGTH, file.size() - Long.BYTES);
    }

    /** Where the data begins and how long the file is, while the header is checked. */
    private record Parser(Path file, long dataPosition, long fileSize) {

        SafeTensorsHeader parse(byte[] json) {
            JsonNode root = tree(json);
            if (!root.isObject()) {
                throw bad(null, "a JSON object as header", root.getNodeType().toString());
            }
            LinkedHashMap<String, Entry> entries = new LinkedHashMap<>();
            LinkedHashMap<String, String> metadata = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> property : root.properties()) {
                if (property.getKey().equals(METADATA)) {
                    readMetadata(property.getValue(), metadata);
                } else {
                    entries.put(property.getKey(), readEntry(property.getKey(), property.getValue()));
                }
            }
            checkLayout(entries);
            return new SafeTensorsHeader(entries, metadata);
        }

        private JsonNode tree(byte[] json) {
            try {
                String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
                return JsonMapper.builder(JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
                        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build().readTree(text);
            } catch (CharacterCodingException e) {
                throw bad(null, "a header in UTF-8", "other bytes");
            } catch (JacksonException e) {
                throw bad(null, "a valid JSON header without duplicate keys", Reason.of(e));
            }
        }

        private void readMetadata(JsonNode node, Map<String, String> metadata) {
            if (!node.isObject()) {
                throw bad(METADATA, "an object of strings", node.getNodeType().toString());
            }
            for (Map.Entry<String, JsonNode> property : node.properties()) {
                if (!property.getValue().isString()) {
                    throw bad(METADATA, "a string for key '" + property.getKey() + "'",
                            property.getValue().getNodeType().toString());
                }
                metadata.put(property.getKey(), property.getValue().stringValue());
            }
        }

        private Entry readEntry(String name, JsonNode node) {
            if (!node.isObject() || node.size() != 3 || !node.has("dtype") || !node.has("shape")
                    || !node.has("data_offsets")) {
                throw bad(name, "an object with dtype, shape and data_offsets", node.toString());
            }
            ElementType type = readType(name, node.get("dtype"));
            List<Long> shape = readLongs(name, "shape", node.get("shape"));
            List<Long> offsets = readLongs(name, "data_offsets", node.get("data_offsets"));
            long dataBytes = fileSize - dataPosition;
            if (offsets.size() != 2 || offsets.get(0) > offsets.get(1) || offsets.get(1) > dataBytes) {
                throw bad(name, "two ascending data_offsets of at most " + dataBytes, offsets.toString());
            }
            long bytes = offsets.get(1) - offsets.get(0);
            long needed = bytesNeeded(name, type, shape);
            if (needed != bytes) {
                throw bad(name, needed + " bytes for " + type + " of shape " + shape, bytes + " bytes");
            }
            return new Entry(name, type, shape, dataPosition + offsets.get(0), bytes);
        }

        private ElementType readType(String name, JsonNode node) {
            for (ElementType type : ElementType.values()) {
                if (node.isString() && type.name().equals(node.stringValue())) {
                    return type;
                }
            }
            throw bad(name, "a dtype out of " + Arrays.toString(ElementType.values()), node.toString());
        }

        private List<Long> readLongs(String name, String key, JsonNode node) {
            if (!node.isArray()) {
                throw bad(name, "a list of whole numbers as " + key, node.toString());
            }
            List<Long> values = new ArrayList<>(node.size());
            for (JsonNode value : node) {
                if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
                    throw bad(name, "whole numbers of at least 0 as " + key, node.toString());
                }
                values.add(value.longValue());
            }
            return List.copyOf(values);
        }

        private long bytesNeeded(String name, ElementType type, List<Long> shape) {
            try {
                long bytes = type.bytes();
                for (long extent : shape) {
                    bytes = Math.multiplyExact(bytes, extent);
                }
                return bytes;
            } catch (ArithmeticException e) {
                throw bad(name, "a shape with fewer than 2^63 bytes", shape.toString());
            }
        }

        /** The ranges, sorted, must follow each other without gap or overlap from the first byte of data to the last. */
        private void checkLayout(Map<String, Entry> entries) {
            List<Entry> sorted = new ArrayList<>(entries.values());
            sorted.sort(Comparator.comparingLong(Entry::position).thenComparingLong(Entry::bytes));
            long next = dataPosition;
            for (Entry entry : sorted) {
                if (entry.position() != next) {
                    throw bad(entry.name(), "data from offset " + (next - dataPosition) + " (no gaps, no overlap)",
                            "offset " + (entry.position() - dataPosition));
                }
                next = entry.position() + entry.bytes();
            }
            if (next != fileSize) {
                throw bad(null, "a file of " + next + " bytes", fileSize + " bytes");
            }
        }

        private CheckpointException bad(String tensor, String expected, String found) {
            return CheckpointException.damaged(file, Long.BYTES, tensor, expected, found);
        }
    }
}
