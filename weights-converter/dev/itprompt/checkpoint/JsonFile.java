package dev.itprompt.checkpoint;

import dev.itprompt.Excerpt;
import dev.itprompt.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JSON file beside a checkpoint, or a section of one. Values are checked when they are asked for, and what is wrong is said with
 * file, key, what is expected and what is found.
 *
 * @param file    the file
 * @param section keys that lead here, each followed by a dot; empty at the top
 * @param node    the object
 */
record JsonFile(Path file, String section, ObjectNode node) {

    /** The longest file that is read; a tree takes several times as much memory. */
    static final int MAX_BYTES = 16 << 20;
    private static final JsonFactory STRICT = JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    private static final JsonMapper JSON = JsonMapper.builder(STRICT).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    /** @throws CheckpointException if it is no JSON object */
    static JsonFile read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new CheckpointException(file, null, "at most " + MAX_BYTES + " bytes of JSON", Files.size(file) + " bytes",
                        "convert or fetch it again");
            }
            return parse(file, Files.readAllBytes(file));
        } catch (IOException e) {
            throw unreadable(file, Reason.of(e), e);
        }
    }

    /** As {@link #read}; empty if there is no such file. */
    static Optional<JsonFile> readIfThere(Path file) {
        return Files.isRegularFile(file) ? Optional.of(read(file)) : Optional.empty();
    }

    /** From bytes that were read already: UTF-8, or UTF-16 or UTF-32 as a byte-order mark says. */
    static JsonFile parse(Path file, byte[] bytes) {
        JsonNode root;
        try {
            root = JSON.readTree(bytes);
        } catch (JacksonException e) {
            throw unreadable(file, Reason.of(e), e);
        }
        if (!(root instanceof ObjectNode object)) {
            throw unreadable(file, root.getNodeType().toString(), null);
        }
        return new JsonFile(file, "", object);
    }

    private static CheckpointException unreadable(Path file, String message, Exception cause) {
        return new CheckpointException(file, null, "a JSON object", "an unreadable file (" + message + ")", "convert or fetch it again",
                cause);
    }

    /** Whether bytes, after a byte-order mark and blanks, begin with a brace. */
    static boolean begins(byte[] bytes) {
        int at = bytes.length > 2 && bytes[0] == (byte) 0xef && bytes[1] == (byte) 0xbb && bytes[2] == (byte) 0xbf ? 3 : 0;
        while (at < bytes.length && " \t\r\n".indexOf(bytes[at]) >= 0) {
            at++;
        }
        return at < bytes.length && bytes[at] == '{';
    }

    /** Whether the key is there, whatever its value. */
    boolean has(String key) {
        return node.has(key);
    }

    /** An inner object; an empty one where there is none. */
    JsonFile in(String key) {
        JsonNode inner = node.path(key);
        if (!inner.isMissingNode() && !inner.isObject()) {
            throw wrong(key, "an object");
        }
        return new JsonFile(file, section + key + ".", inner instanceof ObjectNode object ? object : JSON.createObjectNode());
    }

    /** The same section with another object's values in place of its own where there are such. */
    JsonFile overlaid(ObjectNode other) {
        return new JsonFile(file, section, node.deepCopy().setAll(other));
    }

    /** A whole number of at least 1. */
    Optional<Integer> number(String key) {
        JsonNode value = node.path(key);
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 1) {
            throw wrong(key, "a whole number of at least 1");
        }
        return Optional.of(value.intValue());
    }

    /** A number above 0 and at most a largest one. */
    Optional<Double> positive(String key, double largest) {
        JsonNode value = node.path(key);
        if (value.isMissingNode()) {
            return Optional.empty();
        }
        double number = number(value);
        if (!(number > 0 && number <= largest)) {
            throw wrong(key, "a number above 0, at most " + (largest == Math.rint(largest) ? Long.toString((long) largest)
                    : Double.toString(largest)));
        }
        return Optional.of(number);
    }

    /** Not a number if it is none, or one beyond what a double can hold. */
    private static double number(JsonNode value) {
        return value.isNumber() ? value.asDouble(Double.NaN) : Double.NaN;
    }

    /** Text; null is as good as none. */
    Optional<String> text(String key) {
        JsonNode value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isString()) {
            throw wrong(key, "text");
        }
        return Optional.of(value.stringValue());
    }

    /** True or false. */
    Optional<Boolean> flag(String key) {
        JsonNode value = node.path(key);
        if (!value.isMissingNode() && !value.isBoolean()) {
            throw wrong(key, "true or false");
        }
        return value.isMissingNode() ? Optional.empty() : Optional.of(value.booleanValue());
    }

    /** A list of numbers. */
    Optional<List<Double>> numbers(String key) {
        JsonNode value = node.path(key);
        if (!value.isMissingNode() && !(value.isArray() && value.valueStream().allMatch(JsonNode::isNumber))) {
            throw wrong(key, "a list of numbers");
        }
        return value.isMissingNode() ? Optional.empty() : Optional.of(value.valueStream().map(JsonFile::number).toList());
    }

    /**
     * Asks for the size that the tensors have.
     *
     * @param byDefault what a missing key means to the library that wrote the file; 0 for nothing
     */
    void requireSize(String key, int byDefault, int measured) {
        Optional<Integer> given = number(key);
        if (given.isPresent() || byDefault > 0) {
            requireEqual(key, given.orElse(byDefault), measured);
        }
    }

    /** As {@link #requireSize}; the value may also be a list of two equal numbers, height and width. */
    void requireSquare(String key, int byDefault, int measured) {
        JsonNode value = node.path(key);
        if (value.isArray()) {
            if (value.size() != 2 || !value.path(0).isInt() || !value.path(0).equals(value.path(1))) {
                throw wrong(key, "height and width that are equal");
            }
            requireEqual(key, value.path(0).intValue(), measured);
        } else {
            requireSize(key, byDefault, measured);
        }
    }

    /** As {@link #requireSize} for a key that must be there; the size may be 0. */
    void requireExactly(String key, int measured) {
        JsonNode value = node.path(key);
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() != measured) {
            throw wrong(key, measured + ", as the tensors' shapes tell");
        }
    }

    private void requireEqual(String key, int given, int measured) {
        if (given != measured) {
            String found = has(key) ? text(node.path(key)) : "nothing, which means " + given;
            throw wrong(key, measured + ", as the tensors' shapes tell", found);
        }
    }

    /** Asks for one of a few values, of which a missing key and null mean the first; others are what no model that is read has. */
    void requirePlain(String key, String... values) {
        JsonNode value = node.path(key);
        String found = value.isString() ? value.stringValue() : text(value);
        if (!value.isMissingNode() && !value.isNull() && !List.of(values).contains(found)) {
            throw CheckpointException.setting(file, section + key, String.join(" or ", values), found,
                    "the model has another architecture and would compute something else");
        }
    }

    /** A value that cannot be. */
    CheckpointException wrong(String key, String expected) {
        return wrong(key, expected, has(key) ? text(node.path(key)) : "nothing");
    }

    private CheckpointException wrong(String key, String expected, String found) {
        return CheckpointException.setting(file, section + key, expected, found, "correct the file");
    }

    private static String text(JsonNode value) {
        return Excerpt.of(value.toString(), 60);
    }
}
