package dev.itprompt.method.ranpac;

import dev.itprompt.Setting;

/** Settings of LoRanPAC. */
public record LoranpacSettings(
        @Setting(meaning = "random features M that an image's features are projected to", byDefault = "10000", min = 1, max = 200000)
        int projection,
        @Setting(meaning = "singular values kept at most; time grows with the third power", byDefault = "500", min = 1, max = 5000)
        int rank,
        @Setting(meaning = "share of images seen that may have a singular value kept, 0.01 to 1", byDefault = "0.75", min = 0.01, max = 1)
        double kept,
        @Setting(meaning = "ridge added to squared singular values", byDefault = "0", min = 0)
        double ridge) {}
