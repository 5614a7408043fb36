package dev.itprompt.device;

import dev.itprompt.graph.BufferPlan;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import java.util.List;

/** A place to run graphs. A device is used by one thread at a time. */
public interface Device extends AutoCloseable {

    /** One line: kind, hardware and settings, such as {@code cpu: 16 lanes of float, 2 threads}. */
    String description();

    /**
     * What else than the graph the bits of results depend on, such as {@code 16 lanes of float32, fused multiply-adds}: never the number
     * of threads.
     */
    default String arithmetic() {
        return description();
    }

    /**
     * Prepares a graph for running many times: plans memory, packs or uploads constants, copies the initial values of
     * variables.
     *
     * @param results nodes to be read after a run, and optimizer steps to be done in it
     * @throws UnsupportedOperationException if the device has no kernel for an op in the graph
     */
    Executable compile(Graph graph, List<Node> results);

    /** What {@link #compile} would need, without doing it. */
    default MemoryPlan plan(Graph graph, List<Node> results) {
        return new MemoryPlan(BufferPlan.of(graph, results), 0);
    }

    /**
     * Multiply-adds per second times two that the device does at present on numbers in registers, measured on the spot for some
     * milliseconds; NaN if there is no such measurement.
     */
    default double measurePeak() {
        return Double.NaN;
    }

    /** Largest error of a matrix product or an attention, relative to its largest value; all else is computed in float32. */
    default double productTolerance() {
        return 1e-4;
    }

    /** Seconds that a launch of the smallest kernel takes at present, which is what every launch costs; NaN if there are none. */
    default double measureLaunch() {
        return Double.NaN;
    }

    /** Copies between the host's memory and the device's until now, each with a cost of its own; 0 if they share it. */
    default long copies() {
        return 0;
    }

    @Override
    void close();
}
