package dev.itprompt.prompt;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.nn.Parameters;

/**
 * One pass of a batch through a tower, for which prompts are asked.
 *
 * @param tower    what they enter
 * @param images   [B, 3, S, S]
 * @param prompts  the prompting's values
 * @param queries  prompt-free features of the images, [B, E]; null for a prompting that needs none
 * @param chosen   entries, from 0, that were chosen outside of the graph: [B] tasks of task prompts; of a pool [B, k], or [k] for
 *                 the whole batch; null where the prompting chooses itself
 * @param task     the task that is learned; at test the last one that was
 * @param training whether the values are trained: then there are loss terms, and the true task is known
 */
public record Pass(Tower tower, Node images, Parameters prompts, Node queries, Node chosen, int task, boolean training) {

    /** The graph that all nodes belong to. */
    public Graph graph() {
        return prompts.graph();
    }

    /** B: images of the batch. */
    public int batch() {
        return images.shape().dim(0);
    }

    /** The same pass for a part of a prompting whose values' names begin with {@code part} and a dot. */
    Pass in(String part) {
        return new Pass(tower, images, prompts.in(part), queries, chosen, task, training);
    }
}
