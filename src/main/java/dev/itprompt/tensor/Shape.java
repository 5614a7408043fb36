package dev.itprompt.tensor;

import dev.itprompt.InputException;
import java.io.Serializable;
import java.util.Arrays;

/**
 * The extents of a row-major tensor, outermost first. A scalar has rank 0 and size 1.
 *
 * <p>Immutable; the array handed in is copied. Extents are at least 1, and the size fits an {@code int}, which is also the
 * limit of a Java array and of a TornadoVM array.
 */
public final class Shape implements Serializable {

    /** Rank 0, one element. */
    public static final Shape SCALAR = new Shape();

    private final int[] dims;
    private final int size;

    private Shape(int... dims) {
        this.dims = dims.clone();
        long product = 1;
        for (int dim : dims) {
            if (dim < 1) {
                throw new ShapeException("shape " + Arrays.toString(dims) + ": every extent must be at least 1");
            }
            product *= dim;
            if (product > Integer.MAX_VALUE) {
                throw new InputException("a tensor of shape " + Arrays.toString(dims) + ": expected at most 2^31-1 elements; take a smaller"
                        + " batch, image or model");
            }
        }
        this.size = (int) product;
    }

    /**
     * @param dims extents, outermost first
     * @throws ShapeException if an extent is below 1
     * @throws InputException if the size exceeds 2^31-1, which only what a user asks for can make it do
     */
    public static Shape of(int... dims) {
        return new Shape(dims);
    }

    public int rank() {
        return dims.length;
    }

    /**
     * One extent.
     *
     * @param axis 0 for the outermost; negative axes count from the end, -1 being the innermost
     */
    public int dim(int axis) {
        return dims[axis < 0 ? dims.length + axis : axis];
    }

    /** The innermost extent; 1 for a scalar. */
    public int last() {
        return dims.length == 0 ? 1 : dims[dims.length - 1];
    }

    /** The product of all extents but the innermost: how many rows the tensor has when seen as a matrix. */
    public int rows() {
        return size / last();
    }

    /** Number of elements. */
    public int size() {
        return size;
    }

    /** Bytes of this many float32 elements. */
    public long bytes() {
        return 4L * size;
    }

    /** A copy of the extents. */
    public int[] dims() {
        return dims.clone();
    }

    /** The product of the extents outside of an axis: 1 for axis 0. */
    public int outside(int axis) {
        return product(0, axis);
    }

    /** The product of the extents inside of an axis, which lie next to each other in memory: 1 for the innermost axis. */
    public int inside(int axis) {
        return product(axis + 1, dims.length);
    }

    private int product(int from, int to) {
        int product = 1;
        for (int axis = from; axis < to; axis++) {
            product *= dims[axis];
        }
        return product;
    }

    /** This shape with another extent along an axis, which counts as in {@link #dim}. */
    public Shape with(int axis, int extent) {
        int[] changed = dims.clone();
        changed[axis < 0 ? dims.length + axis : axis] = extent;
        return new Shape(changed);
    }

    /** This shape without one of its axes. */
    public Shape without(int axis) {
        int[] fewer = new int[dims.length - 1];
        System.arraycopy(dims, 0, fewer, 0, axis);
        System.arraycopy(dims, axis + 1, fewer, axis, fewer.length - axis);
        return new Shape(fewer);
    }

    /** This shape with one axis more: the new one has the number given, those from there on move inwards. */
    public Shape inserted(int axis, int extent) {
        int[] more = new int[dims.length + 1];
        System.arraycopy(dims, 0, more, 0, axis);
        more[axis] = extent;
        System.arraycopy(dims, axis, more, axis + 1, dims.length - axis);
        return new Shape(more);
    }

    /** Whether this shape equals the innermost extents of the other, so that it can be broadcast over its outer ones. */
    public boolean isSuffixOf(Shape other) {
        int offset = other.dims.length - dims.length;
        return offset >= 0 && Arrays.equals(dims, 0, dims.length, other.dims, offset, other.dims.length);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Shape other && Arrays.equals(dims, other.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** For example {@code [2, 3]}. */
    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}
