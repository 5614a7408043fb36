package dev.itprompt.store;

import dev.itprompt.Fingerprint;
import dev.itprompt.InputException;
import dev.itprompt.checkpoint.Checkpoint;
import dev.itprompt.checkpoint.SafeTensors;
import dev.itprompt.checkpoint.StoredValues;
import dev.itprompt.data.ImageKey;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Some features in one safetensors file, mapped into memory: {@code keys} (I64, two an image) and {@code features} (F32, [images, E]); what
 * they were computed with stands in the header. The file's name ends with the hash of both, so that damage is found and the same features
 * are the same file, whoever writes it.
 */
final class FeatureShard {

    static final String ENDING = ".safetensors";

    private static final String FORMAT = "format";
    private static final String FORMAT_NAME = "itprompt-features";
    private static final String KEYS = "keys";
    private static final String FEATURES = "features";
    /** Bytes that a header takes, about. */
    private static final long HEADER = 2048;

    private final Path file;
    private final Map<String, String> facts;
    private final List<ImageKey> keys;
    private final Tensor features;
    private boolean checked;

    private FeatureShard(Path file, Map<String, String> facts, List<ImageKey> keys, Tensor features) {
        this.file = file;
        this.facts = facts;
        this.keys = keys;
        this.features = features;
    }

    /** Opens a file and reads its keys; empty if its header is damaged or another's, or the file has gone. */
    static Optional<FeatureShard> open(Path file) {
        try {
            Checkpoint checkpoint = Checkpoint.open(file);
            long[] numbers = checkpoint.tensor(KEYS).longs();
            Tensor features = checkpoint.tensor(FEATURES).load();
            Map<String, String> facts = new LinkedHashMap<>(checkpoint.metadata());
            if (!FORMAT_NAME.equals(facts.remove(FORMAT)) || features.shape().rank() != 2 || numbers.length != 2 * features.shape().dim(0)) {
                return Optional.empty();
            }
            List<ImageKey> keys = new ArrayList<>();
            for (int i = 0; i < numbers.length; i += 2) {
                keys.add(new ImageKey(numbers[i], numbers[i + 1]));
            }
            return Optional.of(new FeatureShard(file, facts, keys, features));
        } catch (InputException | IllegalArgumentException | UncheckedIOException _) {
            return Optional.empty();
        }
    }

    /** The features in memory, ready to be written; the file's name begins with that of what they were computed with. */
    static FeatureShard of(Path folder, FeatureSubject subject, Map<ImageKey, float[]> rows) {
        Tensor features = Tensor.zeros(Shape.of(rows.size(), rows.values().iterator().next().length));
        int i = 0;
        for (float[] row : rows.values()) {
            features.slice(i++, 1).copyFrom(row);
        }
        FeatureShard unnamed = new FeatureShard(null, subject.facts(), List.copyOf(rows.keySet()), features);
        return new FeatureShard(folder.resolve(subject.name() + "-" + unnamed.hash() + ENDING), subject.facts(), unnamed.keys, features);
    }

    /** Writes the file, which appears under its name when it is complete. */
    void write() {
        LinkedHashMap<String, StoredValues> values = new LinkedHashMap<>();
        values.put(KEYS, new StoredValues.Longs(keys.stream().flatMapToLong(key -> LongStream.of(key.high(), key.low())).toArray()));
        values.put(FEATURES, new StoredValues.Floats(features));
        Map<String, String> header = new LinkedHashMap<>(facts);
        header.put(FORMAT, FORMAT_NAME);
        SafeTensors.writeValues(file, values, header);
    }

    /** Whether the content is what the name says; reads the whole file. */
    boolean isWhole() {
        return file.getFileName().toString().endsWith("-" + hash() + ENDING);
    }

    /** Whether it has been found to be whole. */
    boolean isChecked() {
        return checked;
    }

    /** Says that it is whole. */
    void setChecked() {
        checked = true;
    }

    private String hash() {
        Fingerprint fingerprint = new Fingerprint().add(keys.size());
        keys.forEach(key -> fingerprint.add(key.high()).add(key.low()));
        return fingerprint.add(features.data().asByteBuffer().order(ByteOrder.LITTLE_ENDIAN)).hex();
    }

    Path file() {
        return file;
    }

    /** What the features were computed with. */
    Map<String, String> facts() {
        return facts;
    }

    /** The image of each row. */
    List<ImageKey> keys() {
        return keys;
    }

    /** A copy of a row. */
    float[] row(int index) {
        float[] row = new float[features.shape().last()];
        MemorySegment.copy(features.data(), ValueLayout.JAVA_FLOAT_UNALIGNED, (long) index * row.length * Float.BYTES, row, 0, row.length);
        return row;
    }

    /** Bytes that the file takes, about. */
    long bytes() {
        return features.shape().bytes() + keys.size() * 2L * Long.BYTES + HEADER;
    }
}
