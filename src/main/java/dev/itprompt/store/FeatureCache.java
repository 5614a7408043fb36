package dev.itprompt.store;

import dev.itprompt.CacheFolder;
import dev.itprompt.Warnings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Features of images on disk, so that other runs need not compute them again: {@link FeatureShard}s in one folder, of which the least
 * recently used ones go when there is not enough room. Several processes may read and write at once: a shard appears whole, is never
 * changed, and is named by its content. One that is damaged is deleted, and its features are computed again.
 */
public final class FeatureCache {

    /** Keeps nothing. */
    public static final FeatureCache NONE = new FeatureCache(null, 0, Warnings.NONE);

    private final CacheFolder folder;
    private final Warnings warnings;

    /**
     * @param folder   made when it is needed
     * @param bytes    most that the files in the folder take; 0 keeps nothing
     * @param warnings hears of damaged files, and of a folder that cannot be written
     */
    public FeatureCache(Path folder, long bytes, Warnings warnings) {
        this.folder = new CacheFolder(folder, FeatureShard.ENDING, bytes);
        this.warnings = warnings;
    }

    /** The features that were computed with something. */
    public FeatureRows of(FeatureSubject subject) {
        return new FeatureRows(folder, subject, warnings);
    }

    /**
     * Features of one subject.
     *
     * @param facts    what they were computed with, but for prompts
     * @param prompted whether with prompts, which are finished
     * @param files    they are in
     * @param images   that there are features of, those with several prompts once for each
     * @param bytes    of all files
     */
    public record Contents(Map<String, String> facts, boolean prompted, int files, long images, long bytes) {}

    /**
     * What a folder holds, by what it was computed with, all prompts together; files that are damaged are left out.
     *
     * @throws IOException if it cannot be read
     */
    public static List<Contents> contents(Path folder) throws IOException {
        Map<Object, Contents> all = new LinkedHashMap<>();
        for (Path file : shards(folder).files()) {
            Optional<FeatureShard> shard = FeatureShard.open(file);
            if (shard.isPresent()) {
                Map<String, String> facts = new LinkedHashMap<>(shard.get().facts());
                boolean prompted = facts.remove(FeatureSubject.PROMPT) != null;
                Contents one = new Contents(facts, prompted, 1, shard.get().keys().size(), Files.size(file));
                all.merge(List.of(facts, prompted), one, (a, b) -> new Contents(facts, prompted, a.files() + 1, a.images() + b.images(), a.bytes() + b.bytes()));
            }
        }
        return List.copyOf(all.values());
    }

    /** The shards in a folder. */
    public static CacheFolder shards(Path folder) {
        return new CacheFolder(folder, FeatureShard.ENDING, 0);
    }

    /** Whether a shard is as it was written; reads all of it. */
    public static boolean isWhole(Path shard) {
        return FeatureShard.open(shard).map(FeatureShard::isWhole).orElse(false);
    }
}
