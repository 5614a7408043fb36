package dev.itprompt.data;

import dev.itprompt.Fingerprint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A folder of images with a caption each, as Hugging Face's ImageFolder lays it out: a file {@code metadata.jsonl} with one
 * JSON object a line, {@code file_name} below the folder and {@code text}; other keys are ignored.
 *
 * @param images the images in the order of the lines
 */
public record CaptionedImages(List<Captioned> images) {

    /** The name of the file with the captions. */
    public static final String METADATA = "metadata.jsonl";

    /**
     * An image with its caption.
     *
     * @param fileName below the folder, as in the metadata
     * @param text     the caption
     * @param image    decoded, with its transparency
     */
    public record Captioned(String fileName, String text, RgbaImage image) { }

    /** Copies the list. */
    public CaptionedImages {
        images = List.copyOf(images);
    }

    /**
     * Reads a folder.
     *
     * @throws DataException if the folder or {@code metadata.jsonl} is missing or empty, a line is not as described, a file
     *                       lies outside the folder, is missing or is no image
     */
    public static CaptionedImages read(Path folder, ImageLoading loading) {
        return read(folder, loading, 0);
    }

    /**
     * As the other, decoding some of the images only.
     *
     * @param limit most images, spread evenly over the lines; 0 takes all
     */
    public static CaptionedImages read(Path folder, ImageLoading loading, int limit) {
        Path metadata = folder.resolve(METADATA);
        List<String> lines = lines(metadata);
        List<Path> files = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                JsonNode node = parse(metadata, i + 1, lines.get(i));
                names.add(text(metadata, i + 1, node, "file_name"));
                texts.add(text(metadata, i + 1, node, "text"));
                files.add(inside(folder, metadata, i + 1, names.getLast()));
            }
        }
        if (files.isEmpty()) {
            throw new DataException(metadata, "one JSON object a line", "no line", "add images with captions");
        }
        int count = limit == 0 ? files.size() : Math.min(limit, files.size());
        int[] chosen = IntStream.range(0, count).map(i -> (int) ((long) i * files.size() / count)).toArray();
        List<RgbaImage> decoded = loading.decode(IntStream.of(chosen).mapToObj(files::get).toList());
        List<Captioned> images = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            images.add(new Captioned(names.get(chosen[i]), texts.get(chosen[i]), decoded.get(i)));
        }
        return new CaptionedImages(images);
    }

    /** SHA-256 over names, captions and pixels of images in their order. */
    public static String fingerprint(List<Captioned> images) {
        Fingerprint fingerprint = new Fingerprint().add(images.size());
        for (Captioned captioned : images) {
            RgbaImage image = captioned.image();
            fingerprint.add(captioned.fileName()).add(captioned.text()).add(image.width()).add(image.height()).add(image.rgb())
                    .add(image.alpha() == null ? new byte[0] : image.alpha());
        }
        return fingerprint.hex();
    }

    /**
     * Reads several folders, one after the other.
     *
     * @param folders each with a {@code metadata.jsonl}, or with sub-folders that have one, taken in the order of their names
     * @throws DataException as {@link #read}
     */
    public static List<Captioned> readAll(List<Path> folders, ImageLoading loading) {
        List<Captioned> all = new ArrayList<>();
        for (Path folder : folders) {
            for (Path part : parts(folder)) {
                all.addAll(read(part, loading).images());
            }
        }
        return all;
    }

    private static List<Path> parts(Path folder) {
        if (!Files.isDirectory(folder) || Files.exists(folder.resolve(METADATA))) {
            return List.of(folder);
        }
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> parts = entries.filter(entry -> Files.exists(entry.resolve(METADATA))).sorted().toList();
            return parts.isEmpty() ? List.of(folder) : parts;
        } catch (IOException e) {
            throw new DataException(folder, "a readable folder", e.toString(), "check the path", e);
        }
    }

    private static List<String> lines(Path metadata) {
        try {
            return Files.readAllLines(metadata, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new DataException(metadata, "a readable file in UTF-8", Files.exists(metadata) ? e.toString() : "no file",
                    "check the path", e);
        }
    }

    private static JsonNode parse(Path metadata, int line, String json) {
        try {
            return JsonMapper.shared().readTree(json);
        } catch (JacksonException e) {
            throw new DataException(metadata, "a JSON object in line " + line, e.getOriginalMessage(), "correct the line", e);
        }
    }

    private static String text(Path metadata, int line, JsonNode node, String key) {
        JsonNode value = node.get(key);
        if (value == null || !value.isString() || value.stringValue().isBlank()) {
            throw new DataException(metadata, "a text under '" + key + "' in line " + line,
                    value == null ? "none" : value.toString(), "correct the line");
        }
        return value.stringValue();
    }

    private static Path inside(Path folder, Path metadata, int line, String name) {
        try {
            Path file = folder.resolve(name).normalize();
            if (file.startsWith(folder.normalize()) && !Path.of(name).isAbsolute()) {
                return file;
            }
        } catch (InvalidPathException e) {
            throw new DataException(metadata, "a file name in line " + line, name, "correct the line", e);
        }
        throw new DataException(metadata, "a file inside the folder in line " + line, name, "correct the line");
    }
}
