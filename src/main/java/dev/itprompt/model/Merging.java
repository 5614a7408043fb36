package dev.itprompt.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;

/**
 * Byte-pair merging of one word, in time that grows hardly faster than its length. Source of the method: Sennrich, Haddow and Birch,
 * Neural Machine Translation of Rare Words with Subword Units, 2016, algorithm 1.
 */
final class Merging {

    /** Two neighbours that may be merged: the place of the left one and what the pair would become, which tells whether it still stands. */
    private record Pair(int rank, int place, String left, String right) {}

    private final Map<String, Integer> ranks;
    /** A merged symbol stands at the place of its first part; null where there is none any more. */
    private final String[] symbols;
    private final int[] next;
    private final int[] previous;
    private final PriorityQueue<Pair> pairs = new PriorityQueue<>(Comparator.comparingInt(Pair::rank).thenComparingInt(Pair::place));

    /**
     * @param symbols of the word; overwritten
     * @param ranks   of pairs, the two symbols with a blank between them
     */
    Merging(String[] symbols, Map<String, Integer> ranks) {
        this.ranks = ranks;
        this.symbols = symbols;
        this.next = new int[symbols.length];
        this.previous = new int[symbols.length];
        Arrays.setAll(next, i -> i + 1);
        Arrays.setAll(previous, i -> i - 1);
    }

    /** Merges the lowest-ranked pair of neighbours everywhere from left to right, then again, until no pair has a rank. */
    List<String> run() {
        for (int place = 0; place < symbols.length; place++) {
            add(place);
        }
        while (!pairs.isEmpty()) {
            int rank = pairs.peek().rank();
            List<Integer> merged = new ArrayList<>();
            while (!pairs.isEmpty() && pairs.peek().rank() == rank) {
                Pair pair = pairs.poll();
                if (stands(pair)) {
                    merge(pair);
                    merged.add(pair.place());
                }
            }
            for (int place : merged) { // pairs that came into being wait for the next round
                add(place);
                if (previous[place] >= 0) {
                    add(previous[place]);
                }
            }
        }
        return Arrays.stream(symbols).filter(Objects::nonNull).toList();
    }

    private void add(int place) {
        if (next[place] < symbols.length) {
            Integer rank = ranks.get(symbols[place] + " " + symbols[next[place]]);
            if (rank != null) {
                pairs.add(new Pair(rank, place, symbols[place], symbols[next[place]]));
            }
        }
    }

    private boolean stands(Pair pair) {
        int right = next[pair.place()];
        return pair.left().equals(symbols[pair.place()]) && right < symbols.length && pair.right().equals(symbols[right]);
    }

    private void merge(Pair pair) {
        int right = next[pair.place()];
        symbols[pair.place()] += symbols[right];
        symbols[right] = null;
        next[pair.place()] = next[right];
        if (next[right] < symbols.length) {
            previous[next[right]] = pair.place();
        }
    }
}
