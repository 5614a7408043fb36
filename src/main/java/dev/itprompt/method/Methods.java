package dev.itprompt.method;

import dev.itprompt.RandomStreams;
import dev.itprompt.device.MemoryPlan;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Makes learners for one run: they share the frozen backbone, the prompt-free features and the class texts.
 *
 * @param backbone the frozen model
 * @param settings hyper-parameters of IT-Prompt and of the prompt baselines
 * @param streams  of the run
 * @param classes  names of all classes in class order
 * @param texts    normalised text embeddings of these classes, [C, E]; null if the model knows no texts
 * @param store    features that are computed once
 * @param trueTask task of a test image by its identity, which only an oracle asks for
 */
public record Methods(Backbone backbone, ItPromptSettings settings, RandomStreams streams, List<String> classes, Tensor texts,
                      FeatureStore store, IntUnaryOperator trueTask) {

    /**
     * @param template around class names, {} for the name
     * @param block    images embedded between two reports of progress
     * @param trueTask task of a test image by its identity
     */
    public static Methods of(Backbone backbone, ItPromptSettings settings, RandomStreams streams, List<String> classes,
                             String template, int block, IntUnaryOperator trueTask) {
        Tensor texts = backbone.knowsTexts() ? backbone.classTexts(classes, template) : null;
        return new Methods(backbone, settings, streams, classes, texts, new FeatureStore(backbone, block), trueTask);
    }

    /** IT-Prompt; answers as {@code name}, {@code name-cncm} and {@code name-before-replay}. */
    public Learner itPrompt(String name) {
        return itPrompt(name, settings);
    }

    /** IT-Prompt with prompts off: all stages on prompt-free features. */
    public Learner withoutPrompts(String name) {
        return itPrompt(name, settings.withoutPrompts());
    }

    /** IT-Prompt without its text guide. */
    public Learner withoutTextGuide(String name) {
        return itPrompt(name, settings.withoutTextGuide());
    }

    /** IT-Prompt told the true task at test. */
    public Learner withOracle(String name) {
        return itPrompt(name, settings.withOracle());
    }

    private Learner itPrompt(String name, ItPromptSettings changed) {
        return new ItPrompt(name, backbone, changed, streams, classes, texts, store,
                changed.selection() == ItPromptSettings.Selection.ORACLE ? trueTask : null);
    }

    /** One prompt and a softmax classifier tuned task after task. */
    public Learner sharedPrompt(String name) {
        return new SharedPrompt(name, backbone, settings, streams, classes.size(), store);
    }

    /** All tasks at once, the upper bound. */
    public Learner joint(String name) {
        return new JointTraining(name, backbone, settings, streams, classes.size(), store);
    }

    /** The nearest class text. */
    public Learner zeroShot(String name) {
        return FrozenFeatures.zeroShot(name, texts, store);
    }

    /** The nearest class mean of prompt-free features. */
    public Learner ncm(String name) {
        return FrozenFeatures.ncm(name, settings.cncm(), streams, store);
    }

    /** A linear softmax classifier on prompt-free features. */
    public Learner linearProbe(String name) {
        return new LinearProbe(name, backbone, streams, classes.size(), store);
    }

    /** Linear discriminant analysis of prompt-free features. */
    public Learner lda(String name) {
        return FrozenFeatures.lda(name, backbone.features(), store);
    }

    /**
     * Memory of one training step of IT-Prompt's prompt on the backbone's device, as planned before anything is run.
     *
     * @param firstClass the task's first class
     * @param endClass   one past its last
     */
    public MemoryPlan trainingPlan(int firstClass, int endClass) {
        int width = backbone.features();
        Prompt prompt = Prompt.random(ItPrompt.layers(settings, backbone.model().vision().layers()), settings.length(),
                backbone.model().vision().width(), streams.stream("plan"));
        PromptStep.Job job = new PromptStep.Job(settings.batch(), firstClass, endClass, firstClass,
                Collections.nCopies(firstClass, new double[width]),
                settings.textGuide() == ItPromptSettings.TextGuide.OFF ? null : texts, true);
        PromptStep step = PromptStep.of(backbone.model(), settings, job, prompt, Tensor.zeros(Shape.of(1, width)),
                new FeatureClassifier(backbone.device(), width, classes.size(), false, streams.stream("plan")));
        return backbone.device().plan(step.training().graph(), step.training().results());
    }
}
