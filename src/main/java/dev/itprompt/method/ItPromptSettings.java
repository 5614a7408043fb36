package dev.itprompt.method;

import dev.itprompt.Setting;
import java.util.List;

/**
 * Hyper-parameters of IT-Prompt. Defaults hold for a few hundred to a hundred thousand images of one's own; published settings are
 * presets.
 */
public record ItPromptSettings(
        @Setting(meaning = "published settings that take the place of the defaults below", byDefault = "none",
                presets = "it-prompt-presets.yaml")
        String preset,
        @Setting(meaning = "prefix tokens per prompted layer, keys and values each; 0 switches prompts off", byDefault = "5",
                min = 0, max = 512)
        int length,
        @Setting(meaning = "prompted layers, counted from 0; those beyond the model's depth are left out",
                byDefault = "[0, 1, 2, 3, 4]")
        List<Integer> layers,
        @Setting(meaning = "most images per training step", byDefault = "128", min = 1)
        int batch,
        @Setting(meaning = "steps that a pass over a task's images has at least: where images are few, batches (of 16 or more) and with them the "
                + "rates are smaller than given", byDefault = "8", min = 1)
        int stepsOfPass,
        @Setting(meaning = "passes over a task's images when its prompt is trained", byDefault = "20", min = 0)
        int epochs,
        @Setting(meaning = "most steps of a task's training: fewer passes where images are many; 0 for no limit", byDefault = "600",
                min = 0)
        int mostSteps,
        @Setting(meaning = "Adam's learning rate for prompts and keys", byDefault = "0.015", min = 0)
        double rate,
        @Setting(meaning = "Adam's learning rate for the classifier while a prompt is trained", byDefault = "0.0015", min = 0)
        double headRate,
        @Setting(meaning = "rate over a task: constant, cosine (to 0 at the last step) or step (x0.1 every 30 epochs)",
                byDefault = "cosine")
        RateSchedule schedule,
        @Setting(meaning = "largest Euclidean length of all gradients together", byDefault = "1", min = 0)
        double clip,
        @Setting(meaning = "share of the mean of older prompts in a prompt (alpha)", byDefault = "0.1", min = 0, max = 1)
        double momentum,
        @Setting(meaning = "weight of the contrastive term against old classes' means (lambda_cr)", byDefault = "0.1", min = 0)
        double contrast,
        @Setting(meaning = "temperature of the contrastive term", byDefault = "0.8", min = 1e-6)
        double contrastTemperature,
        @Setting(meaning = "weight of the text guide (lambda_txt)", byDefault = "1", min = 0)
        double textWeight,
        @Setting(meaning = "texts an image is compared with: seen (all classes so far), task (the task's), pull (its own only) or off",
                byDefault = "seen")
        TextGuide textGuide,
        @Setting(meaning = "weight of the pull between key and query (lambda_key)", byDefault = "1", min = 0)
        double keyWeight,
        @Setting(meaning = "random crop and flip while prompts are trained", byDefault = "true")
        boolean augment,
        @Setting(meaning = "whether classifiers look at features whitened by the pooled covariance of the classes seen so far; they then "
                + "need far fewer steps", byDefault = "true")
        boolean whiten,
        @Setting(meaning = "task-identity inference")
        TaskInferenceSettings inference,
        @Setting(meaning = "class statistics and the replay of pseudo-features drawn from them")
        ReplaySettings replay,
        @Setting(meaning = "C-NCM, the cluster-based nearest-class-mean classifier")
        CncmSettings cncm,
        @Setting(meaning = "how a test image's prompt is chosen: tii (task-inference classifier), key (nearest key), cncm (C-NCM on "
                + "prompt-free features) or oracle (true task)", byDefault = "tii")
        Selection selection,
        @Setting(meaning = "classifier at test: softmax, text (cosine to class texts) or mixed (softmax + textMix times text)",
                byDefault = "softmax")
        Head head,
        @Setting(meaning = "weight of the text logits in head: mixed", byDefault = "1", min = 0)
        double textMix,
        @Setting(meaning = "whether the backward pass computes each block again instead of keeping what is inside: less memory, more "
                + "work, the same result", byDefault = "false")
        boolean recompute) {

    /** Whether anything looks at whitened prompt-free features: classifiers, or C-NCM where it chooses prompts. */
    boolean whitensPlain() {
        return whiten || replay.statistics() == Statistics.SHRUNK || selection == Selection.CNCM && cncm.whiten();
    }

    /** Whether anything looks at whitened prompted features or their common covariance: classifier, statistics or C-NCM. */
    boolean whitensPrompted() {
        return whiten || replay.statistics() == Statistics.SHRUNK || cncm.whiten();
    }

    /** The same without text guide, contrast and key: plain prompt tuning by cross-entropy. */
    ItPromptSettings plain() {
        return with(length, 0, 0, TextGuide.OFF, 0, 0, selection, Head.SOFTMAX, recompute);
    }

    /** The same without prompts: all stages on prompt-free features. */
    public ItPromptSettings withoutPrompts() {
        return with(0, momentum, contrast, textGuide, textWeight, keyWeight, selection, head, recompute);
    }

    /** The same without the text guide. */
    public ItPromptSettings withoutTextGuide() {
        return with(length, momentum, contrast, TextGuide.OFF, textWeight, keyWeight, selection, head, recompute);
    }

    /** The same for a model that knows no texts. */
    public ItPromptSettings withoutTexts() {
        return with(length, momentum, contrast, TextGuide.OFF, textWeight, keyWeight, selection, Head.SOFTMAX, recompute);
    }

    /** The same with the true task given at test. */
    public ItPromptSettings withOracle() {
        return with(length, momentum, contrast, textGuide, textWeight, keyWeight, Selection.ORACLE, head, recompute);
    }

    /** The same with blocks computed again in the backward pass. */
    public ItPromptSettings recomputing() {
        return with(length, momentum, contrast, textGuide, textWeight, keyWeight, selection, head, true);
    }

    private ItPromptSettings with(int newLength, double newMomentum, double newContrast, TextGuide guide, double guideWeight,
                                  double newKeyWeight, Selection newSelection, Head newHead, boolean again) {
        return new ItPromptSettings(preset, newLength, layers, batch, stepsOfPass, epochs, mostSteps, rate, headRate, schedule, clip,
                newMomentum, newContrast, contrastTemperature, guideWeight, guide, newKeyWeight, augment, whiten, inference, replay,
                cncm, newSelection, newHead, textMix, again);
    }

    /** Course of the learning rate over one task. */
    public enum RateSchedule { CONSTANT, COSINE, STEP }

    /** Texts in the denominator of the text guide. */
    public enum TextGuide { SEEN, TASK, PULL, OFF }

    /** How a test image's prompt is chosen. */
    public enum Selection { TII, KEY, CNCM, ORACLE }

    /** What scores classes at test. */
    public enum Head { SOFTMAX, TEXT, MIXED }

    /** Stages A and A′: the residual MLP and classifier over prompt-free features. */
    public record TaskInferenceSettings(
            @Setting(meaning = "passes over a task's images", byDefault = "20", min = 0) int epochs,
            @Setting(meaning = "Adam's learning rate", byDefault = "2.5e-4", min = 0) double rate,
            @Setting(meaning = "random crop and flip; false uses cached features and saves most of the time", byDefault = "false")
            boolean augment,
            @Setting(meaning = "learning rate when pseudo-features are replayed", byDefault = "1e-2", min = 0)
            double replayRate) {}

    /** Statistics of features per class, and the training of classifiers on features drawn from them. */
    public record ReplaySettings(
            @Setting(meaning = "per class: shrunk (mean and full covariance, shrunk towards that of all classes the more the fewer images "
                    + "there are), covariance (as it is), variance (mean and diagonal) or centroids (k-means clusters with variances)",
                    byDefault = "shrunk")
            Statistics statistics,
            @Setting(meaning = "clusters per class with statistics: centroids", byDefault = "10", min = 1) int centroids,
            @Setting(meaning = "classifier when replay begins: closed-form (that of linear discriminant analysis; needs whiten) or trained "
                    + "(as the prompt's training left it)", byDefault = "closed-form")
            ReplayStart start,
            @Setting(meaning = "epochs of replay, cosine-annealed to 0", byDefault = "30", min = 0) int epochs,
            @Setting(meaning = "pseudo-features per class and per mini-batch", byDefault = "128", min = 1) int samples,
            @Setting(meaning = "mini-batches per epoch and class; 1 is HiDe-Prompt's rule", byDefault = "1", min = 1) int batches,
            @Setting(meaning = "least mini-batches in all: epochs have more where there are few classes", byDefault = "300", min = 0)
            int leastSteps,
            @Setting(meaning = "most mini-batches in all, where there are many classes; 0 for no limit", byDefault = "1000", min = 0)
            int mostSteps,
            @Setting(meaning = "learning rate of the classifier (stage C)", byDefault = "1e-2", min = 0) double rate,
            @Setting(meaning = "sgd (momentum 0.9, as HiDe-Prompt) or adamw (as VQ-Prompt)", byDefault = "sgd")
            ReplayOptimizer optimizer) {}

    /** The classifier that the replay of pseudo-features begins with. */
    public enum ReplayStart { CLOSED_FORM, TRAINED }

    /** How classifiers move when pseudo-features are replayed. */
    public enum ReplayOptimizer { SGD, ADAMW }

    /** What is kept of a class's features. */
    public enum Statistics { SHRUNK, COVARIANCE, VARIANCE, CENTROIDS }

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
}
