package dev.itprompt.method.ranpac;

import dev.itprompt.Setting;

/** Settings of RanPAC. */
public record RanpacSettings(
        @Setting(meaning = "random features M that an image's features are projected to; memory grows with its square", byDefault = "10000",
                min = 1, max = 40000)
        int projection,
        @Setting(meaning = "ridge added to the Gram matrix; 0 chooses among 1e-8 to 1e8 at each task by a fifth of its images", byDefault = "0",
                min = 0)
        double ridge) {}
