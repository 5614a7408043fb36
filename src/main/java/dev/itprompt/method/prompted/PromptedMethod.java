package dev.itprompt.method.prompted;

import dev.itprompt.InputException;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Passes;
import dev.itprompt.method.Run;
import dev.itprompt.method.replay.FeatureReplay;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.prompt.Form;
import java.util.List;
import java.util.Optional;

/**
 * A method whose learner is {@link PromptedLearner}.
 *
 * @param <S> its settings
 */
public interface PromptedMethod<S extends Record> extends Method<S> {

    /**
     * What it is made of.
     *
     * @param name  whose settings these are, for messages
     * @param model that prompts enter
     * @throws InputException if the settings do not fit the model
     */
    Recipe recipe(String name, VisionTransformer model, S settings);

    /** What chooses the task of an image from outside; empty where prompts are chosen within their graph. */
    default Optional<TaskChoice> choice(String name, Run run, S settings) {
        return Optional.empty();
    }

    @Override
    default Learner create(String name, Run run, S settings) {
        return new PromptedLearner(name, run, recipe(name, run.backbone().model().vision(), settings), choice(name, run, settings));
    }

    @Override
    default Optional<MemoryPlan> largestStep(Run run, S settings, LastTask last) {
        return Optional.of(PromptedLearner.largestStep(run, recipe(name(), run.backbone().model().vision(), settings), last));
    }

    @Override
    default Passes passes(VisionTransformer model, S settings, List<Passes.TaskSize> tasks) {
        Recipe recipe = recipe(name(), model, settings);
        return Passes.ofTuning(recipe.training(), tasks, recipe.prompting().needsQueries(true), recipe.replay().isPresent(), recipe.answers().size());
    }

    @Override
    default long hostBytes(Run run, S settings) {
        return recipe(name(), run.backbone().model().vision(), settings).replay()
                .map(replay -> FeatureReplay.bytes(replay, run.classes().size(), run.backbone().features())).orElse(0L);
    }

    @Override
    default String forFewerHostBytes(String name) {
        return Method.key(name, "replay.statistics") + "=variance";
    }

    /**
     * Prefixes in the layers that a model has.
     *
     * @param key    of the setting of the layers, with that of its method
     * @param layers as they were set
     * @param length P
     * @throws InputException if the model has none of the layers
     */
    static Form.Prefixes prefixes(String key, List<Integer> layers, int length, VisionTransformer model) {
        return Form.Prefixes.of(layers(key, layers, model), length, model.width());
    }

    /**
     * The prompted layers that a model has, ascending.
     *
     * @param key    of the setting, with that of its method
     * @param layers as they were set
     * @throws InputException if the model has none of them
     */
    static List<Integer> layers(String key, List<Integer> layers, VisionTransformer model) {
        List<Integer> blocks = layers.stream().filter(layer -> layer >= 0 && layer < model.layers()).distinct().sorted().toList();
        if (blocks.isEmpty()) {
            throw new InputException(key + ": expected at least one layer that the model has (0 to " + (model.layers() - 1) + "), found " + layers);
        }
        return blocks;
    }
}
