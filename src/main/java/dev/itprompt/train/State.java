package dev.itprompt.train;

import dev.itprompt.tensor.Tensor;
import java.util.List;
import java.util.function.Supplier;

/**
 * Named values on their way to a file or back. When a state is saved each method takes the present value and returns it; when it is
 * loaded it ignores the present value and returns the stored one. So one line serves both:
 *
 * <pre>{@code mean = state.doubles("mean", mean);}</pre>
 */
public interface State {

    /** Whether values come from a file. */
    boolean isLoading();

    /** The part whose names begin with {@code part} and a dot. */
    State in(String part);

    /** float32 values; loaded ones are a copy that may be changed. {@code present} may be null when it is loaded. */
    Tensor tensor(String name, Tensor present);

    /**
     * As {@link #tensor}, of a table with one row for each class: one that is loaded with fewer rows takes the place of the first ones.
     *
     * @param present what is known now, when it is loaded too
     */
    default Tensor rows(String name, Tensor present) {
        Tensor loaded = tensor(name, present);
        int rows = loaded.shape().dim(0);
        if (!isLoading() || rows >= present.shape().dim(0) || loaded.shape().size() / rows != present.shape().size() / present.shape().dim(0)) {
            return loaded;
        }
        Tensor grown = present.copy();
        grown.slice(0, rows).copyFrom(loaded);
        return grown;
    }

    /** Double values of any number, none included. */
    double[] doubles(String name, double[] present);

    /** A whole number. */
    long number(String name, long present);

    /** Whole numbers of any number, none included. */
    long[] numbers(String name, long[] present);

    /** A text. */
    String text(String name, String present);

    /** A whole number that fits an int. */
    default int integer(String name, int present) {
        return Math.toIntExact(number(name, present));
    }

    /** Yes or no. */
    default boolean flag(String name, boolean present) {
        return number(name, present ? 1 : 0) != 0;
    }

    /** A square matrix of doubles. */
    default double[][] square(String name, double[][] present) {
        int n = present == null ? 0 : present.length;
        double[] flat = new double[n * n];
        for (int i = 0; i < n; i++) {
            System.arraycopy(present[i], 0, flat, i * n, n);
        }
        flat = doubles(name, flat);
        n = (int) Math.round(Math.sqrt(flat.length));
        double[][] rows = new double[n][n];
        for (int i = 0; i < n; i++) {
            System.arraycopy(flat, i * n, rows[i], 0, n);
        }
        return rows;
    }

    /** As the other, with their number under {@code name.count}. */
    default void vectors(String name, List<double[]> list) {
        vectors(name, name + ".count", list);
    }

    /**
     * Vectors of doubles, in their order.
     *
     * @param name  of the list; its entries are {@code name.0}, {@code name.1} and so on
     * @param count name of their number
     * @param list  filled anew when it is loaded
     */
    default void vectors(String name, String count, List<double[]> list) {
        List<double[]> present = List.copyOf(list);
        int size = integer(count, present.size());
        list.clear();
        for (int i = 0; i < size; i++) {
            list.add(doubles(name + "." + i, isLoading() ? null : present.get(i)));
        }
    }

    /**
     * Parts of one kind, in their order.
     *
     * @param name  of the list; its entries are {@code name.0}, {@code name.1} and so on
     * @param list  filled anew when it is loaded
     * @param fresh makes an entry that knows nothing yet
     */
    default <T extends Stateful> void list(String name, List<T> list, Supplier<T> fresh) {
        int count = integer(name + ".count", list.size());
        if (isLoading()) {
            list.clear();
            for (int i = 0; i < count; i++) {
                list.add(fresh.get());
            }
        }
        for (int i = 0; i < count; i++) {
            list.get(i).visit(in(name + "." + i));
        }
    }
}
