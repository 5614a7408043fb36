package dev.itprompt.method.gaussian;

import dev.itprompt.Setting;

/** Settings of Gaussian heads. */
public record GaussianSettings(
        @Setting(meaning = "directions kept of each class's own covariance; 0 for a covariance that all classes share alone", byDefault = "8",
                min = 0)
        int rank,
        @Setting(meaning = "share of a class's own covariance beside the shared one, 0 to 0.99; without effect where rank is 0", byDefault = "0.2",
                min = 0, max = 0.99)
        double own) {}
