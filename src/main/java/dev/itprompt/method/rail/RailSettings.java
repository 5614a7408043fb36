package dev.itprompt.method.rail;

import dev.itprompt.Setting;

/** Settings of RAIL. */
public record RailSettings(
        @Setting(meaning = "random features M that an image's features are projected to; memory grows with its square", byDefault = "15000",
                min = 1, max = 40000)
        int projection,
        @Setting(meaning = "ridge added to the Gram matrix", byDefault = "0.1", min = 1e-12)
        double ridge,
        @Setting(meaning = "share of the regression beside zero-shot probabilities, 0 to 1; 1 for a model without texts", byDefault = "0.8",
                min = 0, max = 1)
        double fusion) {}
