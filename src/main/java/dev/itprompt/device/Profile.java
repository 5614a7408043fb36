package dev.itprompt.device;

import dev.itprompt.graph.Node;
import java.util.List;

/** Is told during a run how long each kernel took. */
@FunctionalInterface
public interface Profile {

    /**
     * One kernel is done.
     *
     * @param nodes what it computed, in the order of the graph
     */
    void add(List<Node> nodes, long nanoseconds);
}
