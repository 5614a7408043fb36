package dev.itprompt.checkpoint;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.Reason;
import dev.itprompt.model.Tokenizer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.JsonNode;

/** The merges of a tokenizer, wherever a checkpoint keeps them. */
final class MergesFile {

    /** What this program calls it. */
    static final String NAME = "merges.txt.gz";
    private static final List<String> KNOWN = List.of(NAME, "merges.txt", "bpe_simple_vocab_16e6.txt.gz", "tokenizer.json");

    private MergesFile() {}

    /** The file that is named, or the first known one in the folder. */
    static Optional<Path> find(Path named, Path folder) {
        return named != null ? Optional.of(named) : KNOWN.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
    }

    /**
     * Reads a tokenizer.
     *
     * @param context    tokens of a sequence
     * @param vocabulary number of ids the model knows
     * @throws InputException if the file is damaged or belongs to another vocabulary
     */
    static Tokenizer tokenizer(Path file, int context, int vocabulary) {
        Tokenizer tokenizer = Tokenizer.read(new ByteArrayInputStream(content(file)), file.toString(), context);
        if (tokenizer.vocabularySize() != vocabulary) {
            throw new InputException("merges file " + file + ": expected the merges for a vocabulary of " + vocabulary + ", found "
                    + tokenizer.vocabularySize() + "; take the file that belongs to the checkpoint");
        }
        return tokenizer;
    }

    /** The file as it is if it is gzipped, else gzipped; of tokenizer.json the merges as lines. */
    static byte[] gzipped(Path file) {
        byte[] content = content(file);
        if (content.length > 1 && content[0] == 0x1f && content[1] == (byte) 0x8b) {
            return content;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] content(Path file) {
        byte[] content;
        try {
            if (Files.size(file) > JsonFile.MAX_BYTES) {
                throw new InputException("merges file " + file + ": expected at most " + JsonFile.MAX_BYTES + " bytes, found "
                        + Files.size(file) + "; is this a tokenizer's file?");
            }
            content = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new InputException("merges file " + Excerpt.of(file) + ": cannot be read (" + Reason.of(e) + "); check the path", e);
        }
        return JsonFile.begins(content) ? fromJson(file, content) : content;
    }

    /** Hugging Face's fast tokenizers: {@code model.merges} holds {@code "a b"} or {@code ["a", "b"]}. */
    private static byte[] fromJson(Path file, byte[] json) {
        StringBuilder lines = new StringBuilder("#version: 0.2\n");
        for (JsonNode merge : JsonFile.parse(file, json).node().path("model").path("merges")) {
            lines.append(merge.isArray() ? merge.path(0).asString("") + " " + merge.path(1).asString("") : merge.asString(""))
                    .append('\n');
        }
        return lines.toString().getBytes(StandardCharsets.UTF_8);
    }
}
