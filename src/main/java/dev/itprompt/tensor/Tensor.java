package dev.itprompt.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A dense row-major float32 array off the Java heap: a shape and a memory segment of {@code shape.bytes()} bytes in the
 * machine's byte order. Integers (labels, token ids) are stored as floats too; they are exact up to 2^24.
 *
 * <p>A tensor is a view: it does not own its segment unless it was made by {@link #zeros(Shape)}, {@link #of} or
 * {@link #scalar}, whose memory the garbage collector frees.
 */
public final class Tensor {

    /** Alignment in bytes of every tensor allocated here: one cache line, one AVX-512 vector. */
    public static final long ALIGNMENT = 64;

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final int FINITE_BLOCK = 1 << 12;
    private static final int INFINITY_BITS = Float.floatToIntBits(Float.POSITIVE_INFINITY);

    private final Shape shape;
    private final MemorySegment data;

    private Tensor(Shape shape, MemorySegment data) {
        if (data.byteSize() != shape.bytes()) {
            throw new ShapeException("tensor of shape " + shape + " needs " + shape.bytes() + " bytes, got "
                    + data.byteSize());
        }
        this.shape = shape;
        this.data = data;
    }

    /** A tensor of zeros whose memory the garbage collector frees. */
    public static Tensor zeros(Shape shape) {
        return zeros(Arena.ofAuto(), shape);
    }

    /** A tensor of zeros that lives as long as the arena. */
    public static Tensor zeros(Arena arena, Shape shape) {
        return new Tensor(shape, arena.allocate(shape.bytes(), ALIGNMENT));
    }

    /**
     * A tensor with a copy of the given values.
     *
     * @throws ShapeException if there are not exactly {@code shape.size()} values
     */
    public static Tensor of(Shape shape, float... values) {
        if (values.length != shape.size()) {
            throw new ShapeException("tensor of shape " + shape + " needs " + shape.size() + " values, got " + values.length);
        }
        Tensor tensor = zeros(shape);
        tensor.copyFrom(values);
        return tensor;
    }

    /** A tensor of rank 0. */
    public static Tensor scalar(float value) {
        return of(Shape.SCALAR, value);
    }

    /**
     * A view of existing memory; nothing is copied.
     *
     * @throws ShapeException if the segment has not exactly {@code shape.bytes()} bytes
     */
    public static Tensor wrap(Shape shape, MemorySegment data) {
        return new Tensor(shape, data);
    }

    public Shape shape() {
        return shape;
    }

    /** The memory itself, not a copy. */
    public MemorySegment data() {
        return data;
    }

    /** The element at a flat row-major index. */
    public float get(long index) {
        return data.getAtIndex(FLOAT, index);
    }

    /** Sets the element at a flat row-major index. */
    public void set(long index, float value) {
        data.setAtIndex(FLOAT, index, value);
    }

    /** All elements in row-major order, copied. */
    public float[] toArray() {
        float[] values = new float[shape.size()];
        MemorySegment.copy(data, FLOAT, 0, values, 0, values.length);
        return values;
    }

    /** Copies {@code values} over the first {@code values.length} elements. */
    public void copyFrom(float[] values) {
        MemorySegment.copy(values, 0, data, FLOAT, 0, values.length);
    }

    /**
     * Copies all elements of another tensor of the same size.
     *
     * @throws ShapeException if the sizes differ
     */
    public void copyFrom(Tensor other) {
        if (other.shape.size() != shape.size()) {
            throw new ShapeException("cannot copy a tensor of shape " + other.shape + " into one of shape " + shape);
        }
        MemorySegment.copy(other.data, 0, data, 0, shape.bytes());
    }

    /** Whether no element is NaN or infinite. */
    public boolean isFinite() {
        int[] block = new int[FINITE_BLOCK];
        int largest = 0;
        for (long from = 0; from < shape.size(); from += FINITE_BLOCK) {
            int count = (int) Math.min(FINITE_BLOCK, shape.size() - from);
            MemorySegment.copy(data, ValueLayout.JAVA_INT_UNALIGNED, from * Float.BYTES, block, 0, count);
            for (int i = 0; i < count; i++) { // integers, whose maximum vectorises; all bits but the sign order as the numbers do
                largest = Math.max(largest, block[i] & Integer.MAX_VALUE);
            }
        }
        return largest < INFINITY_BITS;
    }

    /** A copy with memory of its own. */
    public Tensor copy() {
        Tensor copy = zeros(shape);
        copy.copyFrom(this);
        return copy;
    }

    /**
     * The same memory under another shape of the same size.
     *
     * @throws ShapeException if the sizes differ
     */
    public Tensor reshape(Shape other) {
        return new Tensor(other, data);
    }

    /** A view of {@code count} consecutive entries of the outermost axis, starting at {@code from}. */
    public Tensor slice(int from, int count) {
        int[] dims = shape.dims();
        long stride = shape.bytes() / dims[0];
        dims[0] = count;
        return new Tensor(Shape.of(dims), data.asSlice(from * stride, count * stride));
    }

    @Override
    public String toString() {
        return "Tensor" + shape;
    }
}
