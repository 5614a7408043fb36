package dev.itprompt.method.ncm;

import dev.itprompt.Setting;

/** C-NCM: normalised, power-transformed features against cluster centres of each class. */
public record CncmSettings(
        @Setting(meaning = "clusters per class; 1 is the nearest class mean", byDefault = "2", min = 1) int clusters,
        @Setting(meaning = "exponent of the signed power transform; 1 switches it off", byDefault = "1", min = 0.01, max = 1)
        double power,
        @Setting(meaning = "whether features are whitened first by the pooled covariance of the classes seen so far",
                byDefault = "true")
        boolean whiten,
        @Setting(meaning = "temperature of a log-sum-exp over clusters; 0 takes the nearest cluster", byDefault = "0", min = 0)
        double temperature) {}
