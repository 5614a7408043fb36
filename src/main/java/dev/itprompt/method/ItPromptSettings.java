package dev.itprompt.method;

import dev.itprompt.Setting;
import java.util.List;

/** Hyper-parameters of IT-Prompt; defaults are those for CIFAR-100 on CLIP ViT-B/16 at batch 128. */
public record ItPromptSettings(
        @Setting(meaning = "prefix tokens per prompted layer, keys and values each; 0 switches prompts off", byDefault = "5",
                min = 0, max = 512)
        int length,
        @Setting(meaning = "prompted layers, counted from 0; those beyond the model's depth are left out",
                byDefault = "[0, 1, 2, 3, 4]")
        List<Integer> layers,
        @Setting(meaning = "images per training step", byDefault = "128", min = 1)
        int batch,
        @Setting(meaning = "passes over a task's images when its prompt is trained", byDefault = "20", min = 0)
        int epochs,
        @Setting(meaning = "Adam's learning rate for prompts and keys", byDefault = "0.015", min = 0)
        double rate,
        @Setting(meaning = "Adam's learning rate for the classifier while a prompt is trained", byDefault = "0.0015", min = 0)
        double headRate,
        @Setting(meaning = "rate over a task: constant, cosine (to 0 at the last step) or step (x0.1 every 30 epochs)",
                byDefault = "constant")
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
                + "need far fewer steps", byDefault = "false")
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
        return whiten || selection == Selection.CNCM && cncm.whiten();
    }

    /** Whether anything looks at whitened prompted features: the classifier or C-NCM. */
    boolean whitensPrompted() {
        return whiten || cncm.whiten();
    }

    /** The same without text guide, contrast and key: plain prompt tuning by cross-entropy. */
    ItPromptSettings plain() {
        return new ItPromptSettings(length, layers, batch, epochs, rate, headRate, schedule, clip, 0, 0, contrastTemperature, 0,
                TextGuide.OFF, 0, augment, whiten, inference, replay, cncm, selection, Head.SOFTMAX, textMix, recompute);
    }

    /** The same without prompts: all stages on prompt-free features. */
    public ItPromptSettings withoutPrompts() {
        return new ItPromptSettings(0, layers, batch, epochs, rate, headRate, schedule, clip, momentum, contrast,
                contrastTemperature, textWeight, textGuide, keyWeight, augment, whiten, inference, replay, cncm, selection, head, textMix, recompute);
    }

    /** The same without the text guide. */
    public ItPromptSettings withoutTextGuide() {
        return new ItPromptSettings(length, layers, batch, epochs, rate, headRate, schedule, clip, momentum, contrast,
                contrastTemperature, textWeight, TextGuide.OFF, keyWeight, augment, whiten, inference, replay, cncm, selection, head,
                textMix, recompute);
    }

    /** The same with the true task given at test. */
    public ItPromptSettings withOracle() {
        return new ItPromptSettings(length, layers, batch, epochs, rate, headRate, schedule, clip, momentum, contrast,
                contrastTemperature, textWeight, textGuide, keyWeight, augment, whiten, inference, replay, cncm, Selection.ORACLE, head,
                textMix, recompute);
    }

    /** The same with blocks computed again in the backward pass. */
    public ItPromptSettings recomputing() {
        return new ItPromptSettings(length, layers, batch, epochs, rate, headRate, schedule, clip, momentum, contrast,
                contrastTemperature, textWeight, textGuide, keyWeight, augment, whiten, inference, replay, cncm, selection, head,
                textMix, true);
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
            @Setting(meaning = "random crop and flip; false uses cached features and saves most of the time", byDefault = "true")
            boolean augment,
            @Setting(meaning = "learning rate when pseudo-features are replayed", byDefault = "2.5e-3", min = 0)
            double replayRate) {}

    /** Statistics of features per class, and the training of classifiers on features drawn from them. */
    public record ReplaySettings(
            @Setting(meaning = "per class: covariance (mean and full covariance), variance (mean and diagonal) or centroids (k-means "
                    + "clusters with variances)", byDefault = "covariance")
            Statistics statistics,
            @Setting(meaning = "clusters per class with statistics: centroids", byDefault = "10", min = 1) int centroids,
            @Setting(meaning = "epochs of replay, cosine-annealed to 0", byDefault = "30", min = 0) int epochs,
            @Setting(meaning = "pseudo-features per class and per mini-batch", byDefault = "128", min = 1) int samples,
            @Setting(meaning = "mini-batches per epoch and class; 1 is HiDe-Prompt's rule", byDefault = "1", min = 1) int batches,
            @Setting(meaning = "learning rate of the classifier (stage C)", byDefault = "5e-3", min = 0) double rate,
            @Setting(meaning = "sgd (momentum 0.9, as HiDe-Prompt) or adamw (as VQ-Prompt)", byDefault = "sgd")
            ReplayOptimizer optimizer) {}

    /** How classifiers move when pseudo-features are replayed. */
    public enum ReplayOptimizer { SGD, ADAMW }

    /** What is kept of a class's features. */
    public enum Statistics { COVARIANCE, VARIANCE, CENTROIDS }

    /** C-NCM: normalised, power-transformed features against cluster centres of each class. */
    public record CncmSettings(
            @Setting(meaning = "clusters per class; 1 is the nearest class mean", byDefault = "5", min = 1) int clusters,
            @Setting(meaning = "exponent of the signed power transform; 1 switches it off", byDefault = "0.5", min = 0.01, max = 1)
            double power,
            @Setting(meaning = "whether features are whitened first by the pooled covariance of the classes seen so far",
                    byDefault = "false")
            boolean whiten,
            @Setting(meaning = "temperature of a log-sum-exp over clusters; 0 takes the nearest cluster", byDefault = "0", min = 0)
            double temperature) {}
}
