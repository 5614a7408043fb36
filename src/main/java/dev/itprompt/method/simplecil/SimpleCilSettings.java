package dev.itprompt.method.simplecil;

import dev.itprompt.Setting;

/** Settings of SimpleCIL. */
public record SimpleCilSettings(
        @Setting(meaning = "share of the image prototype beside the class's text, 0 to 1; -1 chooses among 21 values by the training images seen "
                + "so far; 1 for a model without texts", byDefault = "-1", min = -1, max = 1)
        double imageShare) {

    /** Checks what a range cannot say. */
    public SimpleCilSettings {
        if (imageShare < 0 && imageShare != -1) {
            throw new IllegalArgumentException("imageShare: expected 0 to 1, or -1 to have it chosen, found " + imageShare);
        }
    }
}
