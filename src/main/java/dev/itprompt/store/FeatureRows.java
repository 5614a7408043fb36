package dev.itprompt.store;

import dev.itprompt.CacheFolder;
import dev.itprompt.Warnings;
import dev.itprompt.WriteException;
import dev.itprompt.data.ImageKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The features of a {@link FeatureCache} that were computed with one model, program and arithmetic, by their images. What is found is mapped
 * and not in Java's heap, and is handed out when its file has been checked. Used by one thread.
 */
public final class FeatureRows {

    /** Keeps nothing. */
    public static final FeatureRows NONE = FeatureCache.NONE.of(new FeatureSubject(Map.of()));

    /** Bytes of features in a file, at most, unless a single one has more. */
    private static final long LARGEST = 8 << 20;
    /** What is computed is written after this time at the latest; who is killed loses no more. */
    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Where a row is. */
    private record Place(FeatureShard shard, int row) {}

    private final CacheFolder folder;
    private final FeatureSubject subject;
    private final Warnings warnings;
    private final Map<ImageKey, Place> places = new HashMap<>();
    private final Set<Path> seen = new HashSet<>();
    private final Map<ImageKey, float[]> unwritten = new LinkedHashMap<>();
    private final Map<ImageKey, float[]> unwritable = new HashMap<>();
    private long listed;
    private long lastWritten;
    private boolean readOnly;
    private boolean proven;

    FeatureRows(CacheFolder folder, FeatureSubject subject, Warnings warnings) {
        this.folder = folder;
        this.subject = subject;
        this.warnings = warnings;
    }

    /** The features that were computed with the same and a prompt, by what tells it from all others. */
    public FeatureRows with(String prompt) {
        return new FeatureRows(folder, subject.with(prompt), warnings);
    }

    /** Whether nothing is kept. */
    public boolean isOff() {
        return folder.isOff();
    }

    /** Whether nothing was found. */
    public boolean isEmpty() {
        return places.isEmpty();
    }

    /** Whether there is room for features of so many bytes, if others go. */
    public boolean mayTake(long bytes) {
        return !isOff() && bytes <= folder.bytes();
    }

    /** Looks for what other processes have written since. */
    public void refresh() {
        long modified = isOff() ? 0 : folder.path().toFile().lastModified();
        if (modified == listed) {
            return; // also where there is no folder
        }
        listed = modified;
        try {
            for (Path file : folder.files()) {
                if (file.getFileName().toString().startsWith(subject.name()) && seen.add(file)) {
                    FeatureShard.open(file).ifPresentOrElse(this::index, () -> discard(file));
                }
            }
        } catch (IOException e) {
            warn("cannot be read (" + WriteException.reason(e) + "); features are computed");
        }
    }

    private void index(FeatureShard shard) {
        for (int i = 0; i < shard.keys().size(); i++) {
            places.putIfAbsent(shard.keys().get(i), new Place(shard, i));
        }
    }

    private void discard(Path damaged) {
        if (Files.exists(damaged)) {
            warn("found damage in " + damaged.getFileName() + ", which is deleted; its features are computed again");
            delete(damaged);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // it is not believed the next time either
        }
    }

    private void warn(String what) {
        warnings.warn("featureCache: " + folder.path() + " " + what);
    }

    /** Whether there is a feature of an image; null has none. */
    public boolean has(ImageKey key) {
        return key != null && (places.containsKey(key) || unwritten.containsKey(key) || unwritable.containsKey(key));
    }

    /** The feature of an image, which is not to be changed; null if there is none. */
    public float[] find(ImageKey key) {
        Place place = key == null ? null : places.get(key);
        if (place == null) {
            return unwritten.getOrDefault(key, unwritable.get(key));
        }
        if (!place.shard().isChecked()) {
            if (!place.shard().isWhole()) {
                places.values().removeIf(other -> other.shard() == place.shard());
                discard(place.shard().file());
                return find(key);
            }
            place.shard().setChecked();
            folder.use(place.shard().file());
        }
        return place.shard().row(place.row());
    }

    /**
     * Whether what was found has been compared with what this program computes. It has to be once, by whoever computes: another version of
     * the program, or a processor that claims what it does not do, may compute other bits.
     */
    public boolean isProven() {
        return proven;
    }

    /** Says that what was found is what this program computes. */
    public void prove() {
        proven = true;
    }

    /** Says that what was found is not what this program computes; it is deleted. */
    public void disprove() {
        warn("holds features that are not those which this program computes here; they are computed again");
        places.values().stream().map(place -> place.shard().file()).distinct().forEach(FeatureRows::delete);
        places.clear();
        proven = true;
    }

    /** Keeps a feature, in memory until it is written: at the latest with {@link #flush}. */
    public void add(ImageKey key, float[] row) {
        if (isOff() || key == null) {
            return;
        }
        if (unwritten.isEmpty()) {
            lastWritten = System.nanoTime();
        }
        unwritten.put(key, row);
        if ((unwritten.size() + 1L) * row.length * Float.BYTES > LARGEST || System.nanoTime() - lastWritten > LONGEST_NANOS) {
            flush();
        }
    }

    /** Writes what was added. What there is no room for, or a folder that cannot be written, stays in memory. */
    public void flush() {
        if (unwritten.isEmpty()) {
            return;
        }
        if (!readOnly && write()) {
            unwritten.clear();
            return;
        }
        unwritable.putAll(unwritten);
        unwritten.clear();
    }

    private boolean write() {
        try {
            folder.prepare();
            FeatureShard shard = FeatureShard.of(folder.path(), subject, unwritten);
            folder.use(shard.file());
            if (!folder.makeRoom(shard.file(), shard.bytes())) {
                return false;
            }
            shard.write();
            seen.add(shard.file());
            Optional<FeatureShard> mapped = FeatureShard.open(shard.file());
            mapped.ifPresent(FeatureShard::setChecked);
            mapped.ifPresent(this::index);
            return mapped.isPresent();
        } catch (WriteException | IOException e) {
            readOnly = true;
            warn("cannot be written (" + (e instanceof IOException io ? WriteException.reason(io) : e.getMessage())
                    + "); features are computed each time they are needed");
            return false;
        }
    }

    /** Drops from memory what could not be written. */
    public void release() {
        unwritable.clear();
    }
}
