package dev.itprompt.parallel;

import dev.itprompt.graph.StoredGraph;
import java.io.Serializable;

/**
 * A training step as all processes that compute parts of it get it.
 *
 * @param graph of a part
 * @param read  numbers of the nodes whose values are read
 */
record SharedStep(StoredGraph graph, int[] read) implements Serializable {}
