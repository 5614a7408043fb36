package dev.itprompt.method.itprompt;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.device.Executable;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.ImageStep;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Prompt;
import dev.itprompt.method.Run;
import dev.itprompt.model.VisionTransformer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.Trainer;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Trains one prompt together with a classifier on the images of one task. */
public final class PromptTrainer {

    /**
     * A pool entry.
     *
     * @param prompt prefixes
     * @param key    [1, E]
     */
    record Entry(Prompt prompt, Tensor key) {}

    private final String method;
    private final Backbone backbone;
    private final PromptTuning tuning;
    private final RandomStreams streams;

    /** @param method whose settings these are, for messages */
    public PromptTrainer(String method, Backbone backbone, PromptTuning tuning, RandomStreams streams) {
        this.method = method;
        this.backbone = backbone;
        this.tuning = tuning;
        this.streams = streams;
    }

    /** Memory of a training step on a run's device, as planned before anything is run; empty where there is no prompt. */
    static Optional<MemoryPlan> plan(Run run, PromptTuning tuning, PromptStep.Spec spec) {
        Backbone backbone = run.backbone();
        VisionTransformer vision = backbone.model().vision();
        Prompt prompt = Prompt.random(tuning.prefix().layersOf(vision.layers()), tuning.prefix().length(), vision.width(),
                run.streams().stream("plan"));
        if (prompt.isEmpty()) {
            return Optional.empty();
        }
        PromptStep step = PromptStep.of(backbone.model(), tuning, spec, prompt, Tensor.zeros(Shape.of(1, vision.features())),
                new FeatureClassifier(backbone.device(), vision.features(), run.classes().size(), run.streams().stream("plan")));
        return Optional.of(step.training().plan(backbone.device()));
    }

    /**
     * Trains with a fresh optimizer by the cross-entropy over all classes until now alone; the classifier's weights are updated in place.
     *
     * @param batch images per step
     * @param name  what progress calls the training
     * @param at    where an interrupted training goes on
     * @return the trained prompt
     * @throws dev.itprompt.DivergenceException if loss, gradients or what was trained are not finite
     */
    public Prompt trainUnguided(Learner.Task task, int batch, Prompt start, FeatureClassifier head, String name, Checkpoints at,
                                Progress progress) {
        Tensor noKey = Tensor.zeros(Shape.of(1, backbone.features()));
        return train(task, PromptStep.Spec.unguided(batch, task.endClass()), new Entry(start, noKey), null, null, head, name, at, progress)
                .prompt();
    }

    /**
     * Trains with a fresh optimizer; the classifier's weights are updated in place.
     *
     * @param old      mean of older prompts, or null for the first task: then the momentum α counts as 0
     * @param features prompt-free features of the task's images; null where the entry has no key
     * @param name     what progress calls the training
     * @param at       where an interrupted training goes on
     * @return the trained entry, before the final blend with the old mean
     * @throws dev.itprompt.DivergenceException if loss, gradients or what was trained are not finite
     */
    Entry train(Learner.Task task, PromptStep.Spec spec, Entry start, Prompt old, float[][] features, FeatureClassifier head, String name,
                Checkpoints at, Progress progress) {
        PromptStep step = PromptStep.of(backbone.model(), tuning, spec, start.prompt(), start.key(), head);
        ImageStep.Lesson lesson = new ImageStep.Lesson(task, spec.batch(), tuning.training(), tuning.training().rates(), streams, features,
                ImageStep.Lesson.stage(method, name));
        Map<String, Tensor> trained = step.step().train(backbone, lesson, executable -> writeOld(step, executable, start.prompt(), old),
                Trainer.Watch.NOBODY, at, progress);
        head.set("head.weight", trained.get("head.weight"));
        head.set("head.bias", trained.get("head.bias"));
        int layers = start.prompt().layers().size();
        Prompt prompt = new Prompt(start.prompt().layers(),
                IntStream.range(0, layers).mapToObj(i -> trained.get(PromptStep.KEYS + i)).toList(),
                IntStream.range(0, layers).mapToObj(i -> trained.get(PromptStep.VALUES + i)).toList());
        return new Entry(prompt, trained.getOrDefault(PromptStep.KEY, start.key()));
    }

    private void writeOld(PromptStep step, Executable executable, Prompt prompt, Prompt old) {
        if (prompt.isEmpty()) {
            return;
        }
        double share = old == null ? 0 : tuning.guidance().momentum();
        executable.write(step.ownShare(), (float) (1 - share));
        for (int i = 0; i < prompt.layers().size(); i++) {
            executable.write(step.oldKeys().get(i), scaled(old == null ? prompt.keys().get(i) : old.keys().get(i), share));
            executable.write(step.oldValues().get(i), scaled(old == null ? prompt.values().get(i) : old.values().get(i), share));
        }
    }

    private static float[] scaled(Tensor tensor, double factor) {
        float[] values = tensor.toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (factor * values[i]);
        }
        return values;
    }
}
