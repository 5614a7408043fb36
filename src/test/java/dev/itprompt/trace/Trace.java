package dev.itprompt.trace;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What was recorded of one run of a method's published code: arrays by name, in double precision, and where they come from. */
final class Trace {

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * @param integers  whether they are whole numbers
     * @param deviation largest difference of the same run in float32
     * @param largest   largest absolute value
     */
    record Recorded(double[] values, int[] shape, boolean integers, double deviation, double largest) {}

    private final String name;
    private final JsonNode provenance;
    private final Map<String, Recorded> arrays;
    private final TreeSet<String> unread;

    private Trace(String name, JsonNode provenance, Map<String, Recorded> arrays) {
        this.name = name;
        this.provenance = provenance;
        this.arrays = arrays;
        this.unread = new TreeSet<>(arrays.keySet());
    }

    /**
     * Opens a file of a folder.
     *
     * @param index the file's entry in the folder's index; null for one without deviations
     */
    static Trace open(Path folder, String name, JsonNode index) {
        try {
            byte[] file = Files.readAllBytes(folder.resolve(name + ".safetensors"));
            ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
            byte[] header = new byte[(int) bytes.getLong()];
            bytes.get(header);
            JsonNode entries = JSON.readTree(new String(header, StandardCharsets.UTF_8));
            JsonNode metadata = entries.path("__metadata__").path("provenance");
            Map<String, Recorded> arrays = new LinkedHashMap<>();
            int data = 8 + header.length;
            for (Map.Entry<String, JsonNode> entry : entries.properties()) {
                if (!entry.getKey().equals("__metadata__")) {
                    JsonNode bound = index == null ? null : index.path("arrays").path(entry.getKey());
                    arrays.put(entry.getKey(), read(bytes, data, entry.getValue(), bound));
                }
            }
            return new Trace(name, metadata.isMissingNode() ? metadata : JSON.readTree(metadata.stringValue()), arrays);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The traces that a folder's index names, by name, with how far float32 is from them. */
    static Map<String, JsonNode> index(Path folder) {
        return json(folder.resolve("index.json"));
    }

    /** The entries of a JSON object, in order. */
    static Map<String, JsonNode> json(Path file) {
        try {
            Map<String, JsonNode> entries = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> entry : JSON.readTree(Files.readString(file)).properties()) {
                entries.put(entry.getKey(), entry.getValue());
            }
            return entries;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Recorded read(ByteBuffer bytes, int data, JsonNode entry, JsonNode bound) {
        int[] shape = entry.get("shape").valueStream().mapToInt(JsonNode::intValue).toArray();
        int from = data + entry.get("data_offsets").get(0).intValue();
        String type = entry.get("dtype").stringValue();
        int size = 1;
        for (int extent : shape) {
            size *= extent;
        }
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = switch (type) {
                case "F64" -> bytes.getDouble(from + 8 * i);
                case "F32" -> bytes.getFloat(from + 4 * i);
                case "I32" -> bytes.getInt(from + 4 * i);
                default -> throw new IllegalArgumentException(type);
            };
        }
        boolean known = bound != null && !bound.isMissingNode();
        double largest = 0;
        for (double value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return new Recorded(values, shape, type.equals("I32"), known ? bound.path("f32MaxDev").asDouble(0) : 0, largest);
    }

    String name() {
        return name;
    }

    /** Repository, commit, variant, seed and settings of the run. */
    JsonNode provenance() {
        return provenance;
    }

    boolean has(String array) {
        return arrays.containsKey(array);
    }

    /** An array, which from now on counts as read. */
    Recorded get(String array) {
        Recorded recorded = arrays.get(array);
        if (recorded == null) {
            throw new IllegalArgumentException(name + " has no " + array);
        }
        unread.remove(array);
        return recorded;
    }

    double[] values(String array) {
        return get(array).values();
    }

    /** Part {@code index} of an array along its outermost axis. */
    double[] values(String array, int index) {
        double[] all = values(array);
        int size = all.length / get(array).shape()[0];
        return Arrays.copyOfRange(all, index * size, (index + 1) * size);
    }

    /** What follows a path in the names of arrays below it, in order. */
    List<String> below(String path) {
        return arrays.keySet().stream().filter(array -> array.startsWith(path)).map(array -> array.substring(path.length())).toList();
    }

    /** Arrays that nobody has asked for. */
    List<String> unread() {
        return List.copyOf(unread);
    }
}
