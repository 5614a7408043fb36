package dev.itprompt.method;

import dev.itprompt.Setting;
import java.util.List;

/** Size and place of prefixes. */
public record PrefixSettings(
        @Setting(meaning = "prefix tokens per prompted layer, keys and values each; 0 switches prompts off", byDefault = "5",
                min = 0, max = 512)
        int length,
        @Setting(meaning = "prompted layers, counted from 0; those beyond the model's depth are left out",
                byDefault = "[0, 1, 2, 3, 4]")
        List<Integer> layers) {

    /** The prompted layers that a model of so many blocks has; none when prompts are off. */
    public List<Integer> layersOf(int depth) {
        return length == 0 ? List.of() : layers.stream().filter(layer -> layer < depth).sorted().toList();
    }
}
