package dev.itprompt.method.nsp;

import dev.itprompt.Setting;
import dev.itprompt.method.TrainingSettings;
import java.util.List;

/** Settings of VPT-NSP². */
public record VptNsp2Settings(
        @Setting(meaning = "published settings that take the place of the defaults below", byDefault = "none", presets = "vpt-nsp2-presets.yaml")
        String preset,
        @Setting(meaning = "tokens of each prompted layer, at most as many as a head has columns", byDefault = "4", min = 1, max = 512)
        int length,
        @Setting(meaning = "prompted layers, counted from 0; those beyond the model's depth are left out",
                byDefault = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]")
        List<Integer> layers,
        @Setting(meaning = "share of the projection to the null space in a step, the rest being the step itself; 0 for plain prompt tuning",
                byDefault = "0.97", min = 0, max = 1)
        double share,
        @Setting(meaning = "weight of the term that keeps mean and deviation of tokens", byDefault = "1", min = 0)
        double steadiness,
        @Setting(meaning = "what scores classes: linear (a classifier) or text (cosine to class texts)", byDefault = "linear")
        Head head,
        @Setting(meaning = "temperature that divides logits in training", byDefault = "1", min = 1e-6)
        double temperature,
        @Setting(meaning = "the training", inline = true)
        TrainingSettings training) {

    /** What scores classes. */
    public enum Head { LINEAR, TEXT }
}
