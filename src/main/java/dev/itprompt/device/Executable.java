package dev.itprompt.device;

import dev.itprompt.graph.BufferPlan;
import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Tensor;
import java.util.stream.IntStream;

/** A compiled graph with memory of its own. Used by one thread at a time. */
public interface Executable extends AutoCloseable {

    /**
     * Sets an input or a variable; the values are copied.
     *
     * @param value a tensor of the node's size
     * @throws IllegalArgumentException if the node is no input or variable of this graph
     */
    void write(Node node, Tensor value);

    /** As {@link #write(Node, Tensor)}, from an array with as many values as the node has elements. */
    void write(Node node, float... values);

    /** Computes all results and does all optimizer steps once. */
    void run();

    /** As {@link #run()}, reporting each kernel; a device that cannot tell kernels apart reports none. */
    default void run(Profile profile) {
        run();
    }

    /** Launches that {@link #run()} hands to the device's driver, each with a cost of its own; 0 if kernels are just called. */
    default int launches() {
        return 0;
    }

    /**
     * A copy of a result of the last run, or of a variable's present value.
     *
     * @throws IllegalArgumentException if the node is neither a result nor a variable of this graph
     */
    Tensor read(Node node);

    /** Whether {@link #read} and {@link #write} round, since variables have double precision inside: see {@link #readExact}. */
    default boolean isDouble() {
        return false;
    }

    /** A copy of a variable's present value with all its digits. */
    default double[] readExact(Node node) {
        float[] values = read(node).toArray();
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    /** Sets an input or a variable with all digits that the device keeps. */
    default void writeExact(Node node, double[] values) {
        float[] rounded = new float[values.length];
        for (int i = 0; i < rounded.length; i++) {
            rounded[i] = (float) values[i];
        }
        write(node, rounded);
    }

    /** Lifetimes and bytes. */
    BufferPlan plan();

    /** Frees the memory. */
    @Override
    void close();
}
