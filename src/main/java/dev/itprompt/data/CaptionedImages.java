package dev.itprompt.data;

import dev.itprompt.Fingerprint;
import dev.itprompt.Reason;
import dev.itprompt.Warnings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
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
     * Reads a folder; see {@link #read(Path, ImageLoading, int)}.
     *
     * @throws DataException as there
     */
    public static CaptionedImages read(Path folder, ImageLoading loading) {
        return read(folder, loading, 0);
    }

    /**
     * Reads a folder, decoding those images only that are taken. Warns of images that no line names.
     *
     * @param limit most images, spread evenly over the lines; 0 takes all
     * @throws DataException if the folder or {@code metadata.jsonl} is missing or empty, a line is not as described, a file
     *                       lies outside the folder, is missing or is no image
     */
    public static CaptionedImages read(Path folder, ImageLoading loading, int limit) {
        Path metadata = folder.resolve(METADATA);
        List<Path> files = new ArrayList<>();
        List<String> names = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        TextLines.read(metadata, "a file of captions", (number, line) -> {
            if (!line.isBlank()) {
                JsonNode node = parse(metadata, number, line);
                names.add(text(metadata, number, node, "file_name"));
                texts.add(text(metadata, number, node, "text"));
                files.add(inside(folder, metadata, number, names.getLast()));
            }
        });
        if (files.isEmpty()) {
            throw new DataException(metadata, "one JSON object a line", "no line", "add images with captions");
        }
        reportUnread(folder, new HashSet<>(files), loading.warnings());
        int count = limit == 0 ? files.size() : Math.min(limit, files.size());
        int[] chosen = IntStream.range(0, count).map(i -> (int) ((long) i * files.size() / count)).toArray();
        List<RgbaImage> decoded = loading.decode(IntStream.of(chosen).mapToObj(files::get).toList());
        return new CaptionedImages(IntStream.range(0, count)
                .mapToObj(i -> new Captioned(names.get(chosen[i]), texts.get(chosen[i]), decoded.get(i))).toList());
    }

    private static void reportUnread(Path folder, Set<Path> named, Warnings warnings) {
        Unread unread = new Unread(folder);
        try (Stream<Path> all = Files.walk(folder)) {
            all.filter(file -> ClassFolders.isImage(file) && !named.contains(file.normalize()) && !Files.isDirectory(file)).sorted()
                    .forEach(file -> unread.add(new Unread.Kind("image", "that " + METADATA + " does not name"), file));
        } catch (IOException e) {
            throw DataFiles.unreadable(folder, "a readable folder", e);
        } catch (UncheckedIOException e) {
            throw DataFiles.unreadable(folder, "a readable folder", e.getCause());
        }
        unread.report(warnings);
    }

    /**
     * Reads several folders, one after the other. Warns of what is not read.
     *
     * @param folders each with a {@code metadata.jsonl}, or with sub-folders that have one, taken in the order of their names
     * @throws DataException as {@link #read}
     */
    public static List<Captioned> readAll(List<Path> folders, ImageLoading loading) {
        List<Captioned> all = new ArrayList<>();
        for (Path folder : folders) {
            for (Path part : parts(folder, loading.warnings())) {
                all.addAll(read(part, loading).images());
            }
        }
        return all;
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

    private static List<Path> parts(Path folder, Warnings warnings) {
        if (!Files.isDirectory(folder) || Files.exists(folder.resolve(METADATA))) {
            return List.of(folder);
        }
        try (Stream<Path> entries = Files.list(folder)) {
            Map<Boolean, List<Path>> parts = entries.sorted().collect(Collectors.partitioningBy(
                    entry -> Files.exists(entry.resolve(METADATA))));
            if (parts.get(true).isEmpty()) {
                return List.of(folder);
            }
            Unread unread = new Unread(folder);
            parts.get(false).forEach(entry -> unread.add(Files.isDirectory(entry)
                    ? new Unread.Kind("folder", "without " + METADATA) : new Unread.Kind("file", ""), entry));
            unread.report(warnings);
            return parts.get(true);
        } catch (IOException e) {
            throw DataFiles.unreadable(folder, "a readable folder", e);
        }
    }

    private static JsonNode parse(Path metadata, int line, String json) {
        try {
            return JsonMapper.shared().readTree(json);
        } catch (JacksonException e) {
            throw new DataException(metadata, "a JSON object in line " + line, Reason.of(e), "correct the line", e);
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
