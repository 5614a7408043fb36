package dev.itprompt.method.anacp;

import dev.itprompt.Setting;

/** Settings of AnaCP. */
public record AnacpSettings(
        @Setting(meaning = "random features of each layer; memory grows with its square", byDefault = "5000", min = 1, max = 40000)
        int projection,
        @Setting(meaning = "projections whose outputs are averaged", byDefault = "3", min = 1)
        int heads,
        @Setting(meaning = "ridge added to Gram matrices", byDefault = "100", min = 1e-12)
        double ridge,
        @Setting(meaning = "pseudo-features drawn of each class for the classifier at the end of a task", byDefault = "100", min = 1)
        int samples) {}
