package dev.itprompt.train;

import dev.itprompt.graph.BufferPlan;
import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** Computes what is read of each part of a batch: gradients and losses. Used by one thread at a time. */
public interface PartGradients extends AutoCloseable {

    /**
     * What one part alone is computed with.
     *
     * @param inputs values by input
     * @param images likewise, where they are loaded with the part
     */
    record Part(Map<Node, float[]> inputs, Map<Node, PartImages> images) {}

    /** Sets an input or a variable for all parts. */
    void write(Node node, float... values);

    /** Sets an input or a variable for all parts with all digits that are kept. */
    void writeExact(Node node, double[] values);

    /**
     * Computes parts.
     *
     * @param parts how many there are
     * @param part  what each is computed with, by its number
     * @param taker of each part's values, in the order of the parts; in the order of {@link TrainingStep#gradientResults}
     */
    void run(int parts, IntFunction<Part> part, Consumer<List<float[]>> taker);

    /** Whether images are loaded where the parts are computed, so that they need not be here. */
    boolean loadsImages();

    /** What is neither set nor among the values of parts, as it is now; where there is no such thing, an error. */
    Tensor read(Node node);

    /** Lifetimes and bytes of a part. */
    BufferPlan plan();

    @Override
    void close();
}
