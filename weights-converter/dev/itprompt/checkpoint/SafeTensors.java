package dev.itprompt.checkpoint;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.ShapeException;
import dev.itprompt.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file, mapped into memory: an unsigned 64-bit header length, a JSON header that gives type, shape and byte
 * range of each tensor, then the raw little-endian data. Nothing is trusted: the header is checked in full when the file is
 * opened, so that loading a tensor cannot read outside its own range.
 *
 * <p>Opened files may be read by several threads. Tensors loaded from float32 data are views of the mapping and must not be
 * used after {@link #close()}; copy those that live longer.
 *
 * <p>Source: the format description of the safetensors project.
 */
public final class SafeTensors implements AutoCloseable {

    private final Path file;
    private final Arena arena;
    private final MemorySegment mapping;
    private final SafeTensorsHeader header;

    private SafeTensors(Path file, Arena arena, MemorySegment mapping, SafeTensorsHeader header) {
        this.file = file;
        this.arena = arena;
        this.mapping = mapping;
        this.header = header;
    }

    /**
     * One tensor of a file.
     *
     * @param name     its name
     * @param dtype    how the elements are stored
     * @param shape    extents, outermost first; empty for a scalar
     * @param position of its first byte in the file
     * @param bytes    how many bytes it takes
     */
    public record Entry(String name, ElementType dtype, List<Long> shape, long position, long bytes) { }

    /**
     * Maps a file and checks its header.
     *
     * @throws CheckpointException if the file cannot be read or is not a valid safetensors file
     */
    public static SafeTensors open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(file, null, "a safetensors file", Files.exists(file) ? "something else" : "no file",
                    "check the path");
        }
        Arena arena = Arena.ofShared();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MemorySegment mapping = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return new SafeTensors(file, arena, mapping, SafeTensorsHeader.read(file, mapping));
        } catch (IOException e) {
            arena.close();
            throw new CheckpointException(file, null, "a readable file", e.toString(), "check its permissions", e);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /** The names of the tensors in the order of the header. */
    public Set<String> names() {
        return Collections.unmodifiableSet(header.entries().keySet());
    }

    /** The free-form text pairs of the header; empty if there are none. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(header.metadata());
    }

    /**
     * What the header says about a tensor.
     *
     * @throws CheckpointException if the file has no tensor of that name
     */
    public Entry entry(String name) {
        Entry entry = header.entries().get(name);
        if (entry == null) {
            throw new CheckpointException(file, name, "a tensor of that name", header.entries().size() + " others",
                    "check that the checkpoint belongs to this model");
        }
        return entry;
    }

    /**
     * A tensor as float32: a view of the file where it is stored as aligned float32, otherwise a converted copy (values that
     * float32 cannot hold are rounded to the nearest).
     *
     * @throws CheckpointException if there is no such tensor, an extent is 0, or it has more than 2^31-1 elements
     */
    public Tensor load(String name) {
        Entry entry = entry(name);
        Shape shape = shape(entry);
        MemorySegment data = mapping.asSlice(entry.position(), entry.bytes());
        boolean native32 = entry.dtype() == ElementType.F32 && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        if (native32 && data.address() % Float.BYTES == 0) {
            return Tensor.wrap(shape, data);
        }
        Tensor tensor = Tensor.zeros(shape);
        if (native32) {
            tensor.data().copyFrom(data);
            return tensor;
        }
        for (long i = 0; i < shape.size(); i++) {
            tensor.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, entry.dtype().read(data, i));
        }
        return tensor;
    }

    private Shape shape(Entry entry) {
        try {
            return Shape.of(entry.shape().stream().mapToInt(Math::toIntExact).toArray());
        } catch (ShapeException | ArithmeticException e) {
            throw new CheckpointException(file, entry.name(), "extents of at least 1 and fewer than 2^31 elements",
                    "shape " + entry.shape(), "skip this tensor", e);
        }
    }

    /** Unmaps the file; views of its tensors become unusable. */
    @Override
    public void close() {
        arena.close();
    }

    /**
     * Writes tensors in the given order. The file appears under its name only when it is complete.
     *
     * @param file     to create or replace; its folder must exist
     * @param tensors  by name
     * @param metadata free-form text pairs
     * @param storage  the stored precision of every tensor
     * @throws CheckpointException          if a name is reserved or a finite value does not fit the stored precision
     * @throws java.io.UncheckedIOException if the file cannot be written
     */
    public static void write(Path file, LinkedHashMap<String, Tensor> tensors, Map<String, String> metadata,
            StorageType storage) {
        SafeTensorsWriter.write(file, tensors, metadata, storage);
    }
}
