package dev.itprompt.device;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import org.openjdk.jmh.annotations.Param;

/** Ops that move pixels and tokens. */
public class TokensBenchmark extends OpBenchmark {

    private static final int VOCABULARY = 49_408;

    /** Gathering looks up as many tokens as the images have. */
    public enum Kind { PATCHES, CONCAT_CLASS_TOKEN, SELECT_TOKEN, SELECT_TOKEN_GRADIENT, MEAN_TOKENS, GATHER }

    @Param
    public Kind op;

    @Override
    Node build(Graph g) {
        int batch = sizes.batch;
        int tokens = sizes.tokens();
        int width = sizes.width;
        return switch (op) {
            case PATCHES -> g.patches(normal(batch, 3, sizes.side, sizes.side), sizes.patch);
            case CONCAT_CLASS_TOKEN -> g.concat(1, normal(batch, 1, width), normal(batch, tokens - 1, width));
            case SELECT_TOKEN -> g.selectToken(normal(batch, tokens, width), ids(tokens, batch));
            case SELECT_TOKEN_GRADIENT -> g.apply(new Op.SelectTokenGrad(tokens), normal(batch, width), ids(tokens, batch));
            case MEAN_TOKENS -> g.mean(normal(batch, tokens, width), 1);
            case GATHER -> g.gather(constant(VOCABULARY, width), ids(VOCABULARY, batch, tokens));
        };
    }
}
