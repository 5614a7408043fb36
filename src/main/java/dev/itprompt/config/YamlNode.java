package dev.itprompt.config;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/** YAML text with the place each value stands at, kept so that a complaint can name it. */
public sealed interface YamlNode {

    /** The longest file that is read; parsing takes many times as much memory. */
    int MAX_BYTES = 1 << 20;

    /** Where it stands: {@code file:line}. */
    String source();

    /** What it is, for messages. */
    String describe();

    /** A plain or quoted value; {@code text} is null for YAML's null. */
    record Scalar(String source, String text) implements YamlNode {

        private static final int LONGEST = 60;

        @Override
        public String describe() {
            return text == null ? "nothing" : "'" + Excerpt.of(text, LONGEST) + "'";
        }
    }

    /** A list. */
    record Sequence(String source, List<YamlNode> items) implements YamlNode {
        @Override
        public String describe() {
            return "a list";
        }
    }

    /** A section; values are in the order of the text. */
    record Mapping(String source, Map<String, YamlNode> entries) implements YamlNode {
        @Override
        public String describe() {
            return "a section";
        }
    }

    /**
     * Reads a file. An empty file is an empty section.
     *
     * @throws InputException if the file cannot be read or is too long
     * @throws ConfigException if it is no YAML, gives a key twice, uses an alias or holds more than one document
     */
    static YamlNode read(Path file) {
        try {
            return parse(file.toString(), StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes(file))).toString(), true);
        } catch (NoSuchFileException _) {
            throw new InputException(Excerpt.of(file) + ": no such file; expected a configuration in YAML");
        } catch (CharacterCodingException e) {
            throw new InputException(Excerpt.of(file) + ": expected text in UTF-8, found other bytes", e);
        } catch (IOException e) {
            String problem = Files.isDirectory(file) ? "is a folder" : "cannot be read (" + Reason.of(e) + ")";
            throw new InputException(Excerpt.of(file) + ": " + problem + "; expected a configuration in YAML", e);
        }
    }

    private static byte[] bytes(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new InputException(Excerpt.of(file) + ": expected a configuration of at most " + MAX_BYTES
                        + " bytes, found more; check that it is the right file");
            }
            return bytes;
        }
    }

    /**
     * Parses text.
     *
     * @param name  what to call it in messages
     * @param lines whether places in messages have a line number
     */
    static YamlNode parse(String name, String text, boolean lines) {
        try (YAMLParser parser = (YAMLParser) new YAMLFactory().createParser(ObjectReadContext.empty(), text)) {
            Reader reader = new Reader(name, lines, parser);
            YamlNode root = parser.nextToken() == null ? new Mapping(name, Map.of()) : reader.value();
            if (parser.nextToken() != null) {
                throw new ConfigException(reader.place(), "", "expected one YAML document, found another one");
            }
            return root;
        } catch (JacksonException e) {
            int line = e.getLocation() == null ? -1 : e.getLocation().getLineNr();
            throw new ConfigException(lines && line > 0 ? name + ":" + line : name, "",
                    "not YAML: " + Reason.of(e));
        }
    }

    /** Walks the parser's tokens. */
    record Reader(String name, boolean lines, YAMLParser parser) {

        private String place() {
            int line = parser.currentTokenLocation().getLineNr();
            return lines && line > 0 ? name + ":" + line : name;
        }

        private YamlNode value() {
            String place = place();
            if (parser.isCurrentAlias()) {
                throw new ConfigException(place, "", "aliases (*name) are not supported; write the value out");
            }
            return switch (parser.currentToken()) {
                case START_OBJECT -> mapping(place);
                case START_ARRAY -> {
                    List<YamlNode> items = new ArrayList<>();
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        items.add(value());
                    }
                    yield new Sequence(place, items);
                }
                case VALUE_NULL -> new Scalar(place, null);
                default -> new Scalar(place, parser.getString());
            };
        }

        private YamlNode mapping(String place) {
            Map<String, YamlNode> entries = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String key = parser.getString();
                String keyPlace = place();
                parser.nextToken();
                if (entries.putIfAbsent(key, at(keyPlace, value())) != null) {
                    throw new ConfigException(keyPlace, "", "key '" + key + "' is given a second time (first at "
                            + entries.get(key).source() + ")");
                }
            }
            return new Mapping(place, entries);
        }

        /** A value's place is its key's. */
        private static YamlNode at(String place, YamlNode node) {
            return switch (node) {
                case Scalar scalar -> new Scalar(place, scalar.text());
                case Sequence sequence -> new Sequence(place, sequence.items());
                case Mapping mapping -> new Mapping(place, mapping.entries());
            };
        }
    }
}
