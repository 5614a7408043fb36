package dev.itprompt.prompt;

import dev.itprompt.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;

/**
 * Several promptings of one tower, such as DualPrompt's general and expert prompts. Values, loss terms and what is shown have the
 * part's name before their own.
 *
 * @param parts by name, without dots, in the order in which they draw
 */
public record Together(SequencedMap<String, Prompting> parts) implements Prompting {

    @Override
    public Map<String, Tensor> beginTask(int task, Map<String, Tensor> values, RandomGenerator random) {
        return each(values, (part, own) -> part.beginTask(task, own, random));
    }

    @Override
    public Map<String, Tensor> endTask(int task, Map<String, Tensor> values) {
        return each(values, (part, own) -> part.endTask(task, own));
    }

    private Map<String, Tensor> each(Map<String, Tensor> values,
            BiFunction<Prompting, Map<String, Tensor>, Map<String, Tensor>> change) {
        Map<String, Tensor> all = new LinkedHashMap<>();
        parts.forEach((name, part) -> {
            Map<String, Tensor> own = new LinkedHashMap<>();
            values.forEach((key, value) -> {
                if (key.startsWith(name + ".")) {
                    own.put(key.substring(name.length() + 1), value);
                }
            });
            change.apply(part, own).forEach((key, value) -> all.put(name + "." + key, value));
        });
        return all;
    }

    @Override
    public boolean needsQueries(boolean training) {
        return parts.values().stream().anyMatch(part -> part.needsQueries(training));
    }

    @Override
    public boolean mixesBatch() {
        return parts.values().stream().anyMatch(Prompting::mixesBatch);
    }

    @Override
    public boolean isTrained(String name) {
        int dot = name.indexOf('.');
        return parts.get(name.substring(0, dot)).isTrained(name.substring(dot + 1));
    }

    @Override
    public Entered enter(Pass pass) {
        Entered all = Entered.of(Map.of());
        for (Map.Entry<String, Prompting> part : parts.entrySet()) {
            all = all.and(part.getValue().enter(pass.in(part.getKey())), part.getKey());
        }
        return all;
    }
}
