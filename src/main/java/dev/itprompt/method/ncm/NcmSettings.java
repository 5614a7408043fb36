package dev.itprompt.method.ncm;

import dev.itprompt.Setting;

/** Settings of the nearest class mean. */
public record NcmSettings(
        @Setting(meaning = "exponent of the signed power transform; 1 switches it off", byDefault = "1", min = 0.01, max = 1)
        double power) {}
