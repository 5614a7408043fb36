package dev.itprompt.prompt;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.nn.Transformer;
import dev.itprompt.prompt.Entered.ExtraTokens;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * A pool of prompts with keys, of which each image gets those whose keys are most similar to its query: L2P (Wang et al. 2022),
 * L2P++, and, with one entry a task, DualPrompt's expert prompts and S-Prompt++. Similarity is the cosine. Values are
 * {@code prompts.b} [entries, rows, D] for each block b and {@code keys} [entries, E], or {@code keys.b} where every block has its
 * own.
 *
 * @param form   what chosen prompts become
 * @param pool   its entries and how they begin
 * @param search how entries are chosen
 * @param pull   what draws chosen keys to queries
 */
public record TopKPool(Form form, Pool pool, Search search, Pull pull) implements Prompting {

    /**
     * The entries.
     *
     * @param entries    at the beginning; with one entry a task the pool grows where a task has none yet
     * @param queryWidth E: columns of a query and of a key
     * @param low        prompts and keys are drawn between this and 1: −1 in the code of L2P's and DualPrompt's first ports and of
     *                   HiDe-Prompt, 0 in CODA-Prompt's
     * @param copies     whether a task's entry begins with the prompt of the task before; its key is drawn in any case
     */
    public record Pool(int entries, int queryWidth, double low, boolean copies) {}

    /**
     * The choice.
     *
     * @param count    k: entries for each image
     * @param perBlock whether every block has keys, a choice and a pull of its own
     * @param own      whether a task has one entry, which its images get in training whatever their keys; k is 1
     * @param vote     whether the entries that most images of a batch have among their k are given to the whole batch, the lowest
     *                 of equals; predictions then depend on what else is in the batch. For comparison with published code only
     */
    public record Search(int count, boolean perBlock, boolean own, boolean vote) {}

    /** The loss between queries and keys. */
    public enum Distance {
        /** The sum of the cosines of chosen keys, divided by the batch, taken away from the loss (first ports, HiDe-Prompt). */
        MEAN,
        /** The sum of 1 − cosine over images and their chosen keys (CODA-Prompt's DualPrompt). */
        SUM,
        /** The sum of 1 − cosine over images and the keys that were chosen for any image, B·B·k terms (CODA-Prompt's L2P++). */
        SUM_OF_ALL_PAIRS
    }

    /**
     * @param weight of the loss, 0 for none: then keys are not trained
     */
    public record Pull(Distance distance, double weight) {}

    @Override
    public Map<String, Tensor> beginTask(int task, Map<String, Tensor> values, RandomGenerator random) {
        Map<String, Tensor> begun = new LinkedHashMap<>();
        for (int block : form.blocks()) {
            begun.put("prompts." + block, prompts(task, values.get("prompts." + block), random));
            begun.computeIfAbsent(keys(block), name -> keys(task, values.get(name), random));
        }
        return begun;
    }

    private Tensor prompts(int task, Tensor known, RandomGenerator random) {
        if (known == null) {
            return Draws.uniform(Shape.of(pool.entries(), form.rows(), form.width()), pool.low(), random);
        }
        Tensor table = grows(task, known)
                ? Draws.appended(known, Draws.uniform(Shape.of(1, form.rows(), form.width()), pool.low(), random))
                : known.copy();
        if (search.own() && pool.copies()) {
            table.slice(task, 1).copyFrom(table.slice(task - 1, 1));
        }
        return table;
    }

    private Tensor keys(int task, Tensor known, RandomGenerator random) {
        if (known == null) {
            return Draws.uniform(Shape.of(pool.entries(), pool.queryWidth()), pool.low(), random);
        }
        return grows(task, known) ? Draws.appended(known, Draws.uniform(Shape.of(1, pool.queryWidth()), pool.low(), random)) : known;
    }

    private boolean grows(int task, Tensor table) {
        return search.own() && task >= table.shape().dim(0);
    }

    private String keys(int block) {
        return search.perBlock() ? "keys." + block : "keys";
    }

    @Override
    public boolean needsQueries(boolean training) {
        return !(training && search.own() && pull.weight() == 0);
    }

    @Override
    public boolean mixesBatch() {
        return search.vote() || form instanceof Form.Prefixes prefixes && prefixes.reshaped();
    }

    @Override
    public boolean isTrained(String name) {
        return pull.weight() != 0 || name.startsWith("prompts.");
    }

    @Override
    public Entered enter(Pass pass) {
        Graph g = pass.graph();
        Map<Integer, Transformer.Prefix> prefixes = new LinkedHashMap<>();
        Map<String, Node> terms = new LinkedHashMap<>();
        Map<String, Node> shown = new LinkedHashMap<>();
        Map<String, Entered.Use> pools = new LinkedHashMap<>();
        Map<String, Optional<Node>> choices = new LinkedHashMap<>();
        ExtraTokens tokens = null;
        for (int block : form.blocks()) {
            Optional<Node> chosen = choices.computeIfAbsent(keys(block), keys -> choose(pass, keys, terms, shown, pools));
            String name = "prompts." + block;
            Node table = pass.prompts().get(name, pass.prompts().shape(name).dim(0), form.rows(), form.width());
            Node prompts = chosen.map(entries -> Tables.rows(g, table, entries))
                    .orElseGet(() -> g.reshape(g.slice(table, 0, pass.task(), 1), form.rows(), form.width()));
            switch (form) {
                case Form.Prefixes form -> prefixes.put(block, form.cut(g, prompts, chosen.isPresent(), pass.batch()));
                case Form.TokenRows form -> tokens = form.tokens(pass, prompts, chosen.isPresent());
            }
        }
        return new Entered(prefixes, tokens, terms, shown, pools);
    }

    /** The entries of one choice, [B, k] or [k]; empty where a task's own entry is taken. */
    private Optional<Node> choose(Pass pass, String keys, Map<String, Node> terms, Map<String, Node> shown, Map<String, Entered.Use> pools) {
        if (!needsQueries(pass.training())) {
            return Optional.empty();
        }
        Graph g = pass.graph();
        String suffix = keys.substring("keys".length());
        int entries = pass.prompts().shape(keys).dim(0);
        Node table = g.normalize(pass.prompts().get(keys, entries, pool.queryWidth()));
        Node similarity = g.matMulTransposed(g.normalize(pass.queries()), table);
        shown.put("similarity" + suffix, similarity);
        Optional<Node> chosen = Optional.empty();
        if (!(pass.training() && search.own())) {
            Node nearest = nearest(g, similarity);
            shown.put("chosen" + suffix, nearest);
            if (search.own() && !search.perBlock() && pool.entries() == 1) {
                shown.put(Entered.TASK, nearest);
            } else if (pass.chosen() == null) {
                pools.put("pool" + suffix, new Entered.Use(nearest, entries, false));
            }
            chosen = Optional.of(pass.chosen() == null ? nearest : pass.chosen());
        }
        if (pass.training() && pull.weight() != 0) {
            Node unit = g.constant(Tables.unit(entries));
            Node picked = chosen.map(ids -> picked(g, unit, ids))
                    .orElseGet(() -> g.reshape(g.slice(unit, 0, pass.task(), 1), entries));
            terms.put("pull" + suffix, g.scale(pull(g, similarity, picked), pull.weight()));
        }
        return chosen;
    }

    private Node nearest(Graph g, Node similarity) {
        Node each = g.topK(similarity, search.count());
        return search.vote() ? g.topK(Tables.counts(g, each, similarity.shape().last()), search.count()) : each;
    }

    /** How often an entry was chosen for an image, [B, n], or for each image, [n]. */
    private static Node picked(Graph g, Node unit, Node chosen) {
        return g.sum(g.gather(unit, chosen), -2);
    }

    private Node pull(Graph g, Node similarity, Node picked) {
        int batch = similarity.shape().dim(0);
        Node weights = pull.distance() == Distance.SUM_OF_ALL_PAIRS && picked.shape().rank() == 2 ? g.sum(picked, 0) : picked;
        Node sum = g.sumTo(g.multiply(similarity, weights), Shape.SCALAR);
        int pairs = pull.distance() == Distance.SUM_OF_ALL_PAIRS ? batch * batch * search.count() : batch * search.count();
        return switch (pull.distance()) {
            case MEAN -> g.scale(sum, -1.0 / batch);
            case SUM, SUM_OF_ALL_PAIRS -> g.affine(sum, -1, pairs);
        };
    }
}
