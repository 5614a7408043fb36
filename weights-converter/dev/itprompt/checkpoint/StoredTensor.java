package dev.itprompt.checkpoint;

import dev.itprompt.InputException;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.ShapeException;
import dev.itprompt.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A tensor of an opened checkpoint; its elements are read by {@link #load()}.
 *
 * <p>Immutable, and may be used by several threads.
 */
public final class StoredTensor {

    private static final int BLOCK = 1 << 13;
    /** Characters a name may have. */
    static final int MAX_NAME = 1000;
    /** Axes a tensor may have, as in PyTorch and NumPy. */
    static final int MAX_RANK = 64;
    /** An element may be stored once and stand for many; a file may grow by this factor when it is read, or to 64 MB. */
    private static final long MAX_GROWTH = 16;
    private static final long MIN_LIMIT = 64 << 20;

    private final Path file;
    private final long fileBytes;
    private final String name;
    private final ElementType type;
    private final List<Long> shape;
    private final long[] strides;
    private final Storage storage;
    private final long offset;

    private StoredTensor(MappedFile file, String name, ElementType type, List<Long> shape, long[] strides, Storage storage,
            long offset) {
        this.file = file.path();
        this.fileBytes = file.size();
        this.name = name;
        this.type = type;
        this.shape = List.copyOf(shape);
        this.strides = strides;
        this.storage = storage;
        this.offset = offset;
    }

    /**
     * A view of a storage.
     *
     * @param strides in elements, one an axis; null for row-major
     * @param offset  of the first element, in elements
     * @throws CheckpointException if an element would lie outside the storage, or the name is too long
     */
    static StoredTensor of(MappedFile file, String name, ElementType type, List<Long> shape, long[] strides, Storage storage,
            long offset) {
        if (name.length() > MAX_NAME) {
            throw CheckpointException.damaged(file.path(), Math.max(0, storage.position()), "a name of at most " + MAX_NAME
                    + " characters", "one of " + name.length());
        }
        try {
            long[] steps = strides == null ? rowMajor(shape) : strides;
            if (steps.length != shape.size() || steps.length > MAX_RANK) {
                throw new ArithmeticException();
            }
            long last = offset;
            long elements = 1;
            for (int axis = 0; axis < shape.size(); axis++) {
                if (shape.get(axis) < 0 || steps[axis] < 0) {
                    throw new ArithmeticException();
                }
                elements = Math.multiplyExact(elements, shape.get(axis));
                last = Math.addExact(last, Math.multiplyExact(Math.max(0, shape.get(axis) - 1), steps[axis]));
            }
            Math.multiplyExact(elements, 8L);
            if (offset < 0 || (elements > 0 && last >= storage.bytes() / type.bytes())) {
                throw new ArithmeticException();
            }
            return new StoredTensor(file, name, type, shape, steps, storage, offset);
        } catch (ArithmeticException e) {
            throw CheckpointException.damaged(file.path(), Math.max(0, storage.position()), name, "elements within a storage of "
                    + storage.bytes() + " bytes", type + " of shape " + shape + " from element " + offset);
        }
    }

    private static long[] rowMajor(List<Long> shape) {
        long[] strides = new long[shape.size()];
        long step = 1;
        for (int axis = strides.length - 1; axis >= 0; axis--) {
            strides[axis] = step;
            step = Math.multiplyExact(step, Math.max(1, shape.get(axis)));
        }
        return strides;
    }

    /** The file it is in. */
    Path file() {
        return file;
    }

    public String name() {
        return name;
    }

    /** How elements are stored. */
    public ElementType type() {
        return type;
    }

    /** Extents, outermost first; empty for a scalar. An extent may be 0. */
    public List<Long> shape() {
        return shape;
    }

    /** Number of elements. */
    public long elements() {
        return shape.stream().reduce(1L, (a, b) -> a * b);
    }

    /** Bytes of its elements as they are stored. */
    public long bytes() {
        return elements() * type.bytes();
    }

    /** Offset of its first element in the file, in bytes; -1 if it is stored compressed or inside a pickle. */
    public long position() {
        return storage.position() < 0 ? -1 : storage.position() + offset * type.bytes();
    }

    /**
     * The tensor as row-major float32: a view of the file where it is stored so and aligned, otherwise a converted copy (values
     * that float32 cannot hold are rounded to the nearest).
     *
     * @throws CheckpointException if its bytes are damaged, an extent is 0, or it has more than 2^31-1 elements or more than a
     *                             file of this size can mean
     */
    public Tensor load() {
        Shape extents = extents();
        MemorySegment content = storage.content();
        boolean contiguous = contiguous();
        if (contiguous && type == ElementType.F32 && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
            MemorySegment data = content.asSlice(offset * Float.BYTES, extents.bytes());
            if (data.isNative() && data.address() % Float.BYTES == 0) {
                return Tensor.wrap(extents, data);
            }
        }
        Tensor tensor = Tensor.zeros(extents);
        if (contiguous) {
            convert(content, tensor);
        } else {
            gather(content, tensor, 0, offset, 0);
        }
        return tensor;
    }

    /**
     * All elements of a tensor that is stored as F64, exactly.
     *
     * @throws CheckpointException if it is stored otherwise or its bytes are damaged
     */
    public double[] doubles() {
        MemorySegment content = stored(ElementType.F64);
        double[] values = new double[count()];
        MemorySegment.copy(content, ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), offset * Double.BYTES, values,
                0, values.length);
        return values;
    }

    /** All elements of a tensor that is stored as I64; see {@link #doubles()}. */
    public long[] longs() {
        MemorySegment content = stored(ElementType.I64);
        long[] values = new long[count()];
        MemorySegment.copy(content, ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), offset * Long.BYTES, values, 0,
                values.length);
        return values;
    }

    /** The text whose UTF-8 is stored as U8; see {@link #doubles()}. */
    public String text() {
        MemorySegment content = stored(ElementType.U8);
        byte[] values = new byte[count()];
        MemorySegment.copy(content, ValueLayout.JAVA_BYTE, offset, values, 0, values.length);
        return new String(values, StandardCharsets.UTF_8);
    }

    private MemorySegment stored(ElementType expected) {
        if (type != expected || !contiguous()) {
            throw CheckpointException.unsupported(file, Math.max(0, storage.position()), name, "elements stored as " + expected,
                    type.toString(), "give the file that this program wrote");
        }
        return storage.content();
    }

    private int count() {
        checkGrowth(elements());
        return Math.toIntExact(elements());
    }

    private void convert(MemorySegment content, Tensor tensor) {
        float[] block = new float[BLOCK];
        short[] raw = new short[BLOCK];
        long size = tensor.shape().size();
        for (long from = 0; from < size; from += BLOCK) {
            int count = (int) Math.min(BLOCK, size - from);
            type.read(content, offset + from, block, raw, count);
            MemorySegment.copy(block, 0, tensor.data(), ValueLayout.JAVA_FLOAT_UNALIGNED, from * Float.BYTES, count);
        }
    }

    /** Copies the part below one index of each axis above {@code axis}; returns the next free element of the target. */
    private long gather(MemorySegment content, Tensor tensor, int axis, long from, long to) {
        if (axis == strides.length) {
            tensor.set(to, type.read(content, from));
            return to + 1;
        }
        long next = to;
        for (long i = 0; i < shape.get(axis); i++) {
            next = gather(content, tensor, axis + 1, from + i * strides[axis], next);
        }
        return next;
    }

    private boolean contiguous() {
        long step = 1;
        for (int axis = strides.length - 1; axis >= 0; axis--) {
            if (shape.get(axis) != 1 && strides[axis] != step) {
                return false;
            }
            step *= shape.get(axis);
        }
        return true;
    }

    private Shape extents() {
        checkGrowth(elements());
        try {
            return Shape.of(shape.stream().mapToInt(Math::toIntExact).toArray());
        } catch (ShapeException | InputException | ArithmeticException e) {
            throw CheckpointException.unsupported(file, Math.max(0, storage.position()), name,
                    "extents of at least 1 and fewer than 2^31 elements", "shape " + shape, "skip this tensor");
        }
    }

    /**
     * Refuses more elements than a file of this size can mean.
     *
     * @param elements of this tensor and of those of the same file that are read with it
     */
    void checkGrowth(long elements) {
        long limit = Math.max(MIN_LIMIT, MAX_GROWTH * fileBytes) / Float.BYTES;
        if (elements > limit) {
            throw CheckpointException.unsupported(file, Math.max(0, storage.position()), name, "at most " + limit
                    + " elements in a file of " + fileBytes + " bytes", elements + " elements", "skip this tensor");
        }
    }

    @Override
    public String toString() {
        return name + " " + type + shape;
    }
}
