package dev.itprompt.data.sets;

import dev.itprompt.data.DataException;
import dev.itprompt.data.DataFiles;
import dev.itprompt.data.ImageLoading;
import dev.itprompt.data.StoredImage;
import dev.itprompt.data.StoredImages;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;

/**
 * The images of a tar file as WebDataset has them: what has the same name up to the first dot after the last slash is a sample, an image
 * and perhaps its label as {@code .cls}. They are read inside the archive, which must not be compressed.
 */
public final class TarImages {

    /** In place of a label where there is none. */
    private static final int NO_LABEL = -1;

    private static final Set<String> IMAGES = Set.of("jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff");
    private static final int LONGEST_LABEL = 100;
    private static final int BLOCK = 512;

    private TarImages() {}

    /**
     * An image and its label.
     *
     * @param key   name of the sample
     * @param label empty if there is none
     */
    record Sample(String key, StoredImage image, OptionalInt label) {}

    /**
     * All images, with labels of -1 where there are none, and without names of classes.
     *
     * @throws DataException if the file is damaged or has no image
     */
    public static StoredImages read(Path tar, ImageLoading loading) {
        List<Sample> samples = samples(tar);
        return new StoredImages(samples.stream().map(Sample::image).toList(),
                samples.stream().mapToInt(sample -> sample.label().orElse(NO_LABEL)).toArray(), List.of(), loading);
    }

    /** An archive ends with blocks of zeros; one that was cut short does not. */
    private static void requireEnd(Path shard) {
        long size = DataFiles.size(shard, "a tar file");
        byte[] end = new StoredImage(shard, Math.max(0, size - BLOCK), Math.min(size, BLOCK), "").bytes();
        if (size < 2 * BLOCK || IntStream.range(0, BLOCK).anyMatch(i -> end[i] != 0)) {
            throw new DataException(shard, "a tar file that is not compressed, with blocks of zeros at its end", "another end",
                    "fetch it again, or make it with tar");
        }
    }

    /**
     * The samples that have an image, in the order of the file.
     *
     * @throws DataException if the file is damaged or has no image
     */
    static List<Sample> samples(Path shard) {
        requireEnd(shard);
        Map<String, StoredImage> images = new LinkedHashMap<>();
        Map<String, Integer> labels = new HashMap<>();
        try (TarFile tar = new TarFile(shard)) {
            for (TarArchiveEntry entry : tar.getEntries()) {
                if (!entry.isFile() || entry.isSparse() || entry.isLink() || entry.isSymbolicLink()) {
                    continue;
                }
                String name = entry.getName();
                int dot = name.indexOf('.', name.lastIndexOf('/') + 1);
                String key = dot < 0 ? name : name.substring(0, dot);
                String ending = dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
                if (ending.equals("cls") && entry.getSize() < LONGEST_LABEL) {
                    labels.put(key, DatasetFolder.number(shard, new String(tar.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8)));
                } else if (IMAGES.contains(ending)) {
                    images.put(key, new StoredImage(shard, entry.getDataOffset(), entry.getSize(), shard.getFileName() + "/" + name));
                }
            }
        } catch (IOException | RuntimeException e) {
            if (e instanceof DataException bad) {
                throw bad;
            }
            throw new DataException(shard, "a tar file that is not compressed", "damage or another format", "fetch it again", e);
        }
        if (images.isEmpty()) {
            throw new DataException(shard, "images (" + String.join(", ", new TreeSet<>(IMAGES)) + ")", "none", "remove the file");
        }
        List<Sample> samples = new ArrayList<>();
        images.forEach((key, image) -> samples.add(new Sample(key, image,
                labels.containsKey(key) ? OptionalInt.of(labels.get(key)) : OptionalInt.empty())));
        return samples;
    }
}
