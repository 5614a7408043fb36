package dev.itprompt.checkpoint;

import dev.itprompt.checkpoint.Checkpoint.Container;
import dev.itprompt.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The safetensors format: an unsigned 64-bit header length, a JSON header that gives type, shape and byte range of each tensor,
 * then the raw little-endian data. Nothing is trusted: the header is checked in full when the file is opened, so that loading a
 * tensor cannot read outside its own range.
 *
 * <p>Source: the format description of the safetensors project.
 */
public final class SafeTensors {

    private SafeTensors() {}

    static Checkpoint read(MappedFile file) {
        SafeTensorsHeader header = SafeTensorsHeader.read(file);
        LinkedHashMap<String, StoredTensor> tensors = new LinkedHashMap<>();
        for (SafeTensorsHeader.Entry entry : header.entries().values()) {
            Storage storage = new Storage(entry.bytes(), entry.position(),
                    () -> file.content().asSlice(entry.position(), entry.bytes()));
            tensors.put(entry.name(), StoredTensor.of(file, entry.name(), entry.type(), entry.shape(), null, storage, 0));
        }
        return new Checkpoint(List.of(file.path()), Container.SAFETENSORS, tensors, header.metadata(), Map.of());
    }

    /**
     * Writes tensors in the given order. The file appears under its name only when it is complete.
     *
     * @param file     to create or replace; its folder must exist
     * @param tensors  by name
     * @param metadata free-form text pairs, written in the order of their keys
     * @param storage  the stored precision of every tensor
     * @throws CheckpointException        if a name is reserved or a finite value does not fit the stored precision
     * @throws dev.itprompt.WriteException if the file cannot be written
     */
    public static void write(Path file, LinkedHashMap<String, Tensor> tensors, Map<String, String> metadata,
            StorageType storage) {
        SafeTensorsWriter.write(file, tensors, metadata, storage);
    }

    /**
     * As {@link #write}, of values of several kinds.
     *
     * @param values by name
     */
    public static void writeValues(Path file, LinkedHashMap<String, StoredValues> values, Map<String, String> metadata) {
        SafeTensorsWriter.writeValues(file, values, metadata);
    }
}
