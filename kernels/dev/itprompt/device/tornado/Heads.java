package dev.itprompt.device.tornado;

import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Shape;

/** Sizes of an attention and the table entries that its kernels have in common. */
record Heads(int batch, int tokens, int width, int heads, int prefixes, boolean own, boolean causal) {

    static Heads of(Node node, int heads, boolean causal, boolean prefixed) {
        Shape qkv = node.input(0).shape();
        Shape prefix = prefixed ? node.input(1).shape() : null;
        return new Heads(qkv.dim(0), qkv.dim(1), qkv.last() / 3, heads, prefixed ? prefix.dim(-2) : 0,
                prefixed && prefix.rank() == 3, causal);
    }

    int queries() {
        return batch * heads * tokens;
    }

    /** Tiles of so many queries or keys of each head. */
    int tiles(int rows) {
        return batch * heads * Math.ceilDiv(rows, TiledAttentions.TILE);
    }

    boolean fitsTiles() {
        return headWidth() <= TiledAttentions.CHANNELS;
    }

    int headWidth() {
        return width / heads;
    }

    float scale() {
        return (float) (1 / Math.sqrt(headWidth()));
    }

    int[] table(int qkv, int prefixKeys, int prefixValues, int... rest) {
        int[] table = new int[Attentions.COMMON + rest.length];
        int[] common = {qkv, prefixKeys, prefixValues, batch, tokens, width, heads, prefixes, own ? 1 : 0, causal ? 1 : 0};
        System.arraycopy(common, 0, table, 0, Attentions.COMMON);
        System.arraycopy(rest, 0, table, Attentions.COMMON, rest.length);
        return table;
    }
}
