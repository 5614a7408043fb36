package dev.itprompt.method.itprompt;

import dev.itprompt.Setting;
import dev.itprompt.method.PrefixSettings;
import dev.itprompt.method.TrainingSettings;
import dev.itprompt.method.hide.TaskInferenceSettings;
import dev.itprompt.method.ncm.CncmSettings;
import dev.itprompt.method.replay.FeatureReplay;
import dev.itprompt.method.replay.FeatureReplay.Kept;
import dev.itprompt.method.replay.ReplayOptimizer;
import dev.itprompt.method.replay.ReplaySteps;

/**
 * Hyper-parameters of IT-Prompt. Defaults hold for a few hundred to a hundred thousand images of one's own; published settings are
 * presets.
 */
public record ItPromptSettings(
        @Setting(meaning = "published settings that take the place of the defaults below", byDefault = "none",
                presets = "it-prompt-presets.yaml")
        String preset,
        @Setting(meaning = "the prompts", inline = true)
        PrefixSettings prefix,
        @Setting(meaning = "the training of prompts", inline = true)
        TrainingSettings training,
        @Setting(meaning = "what prompts are guided by", inline = true)
        GuidanceSettings guidance,
        @Setting(meaning = "task-identity inference")
        TaskInferenceSettings inference,
        @Setting(meaning = "classifiers", inline = true)
        ClassifierSettings classifiers,
        @Setting(meaning = "answers at test", inline = true)
        AnswerSettings answers,
        @Setting(meaning = "whether all tasks are learned together, as one: an upper bound", byDefault = "false")
        boolean jointly) {

    /** Whether classifiers start in closed form, so that task inference is not trained on images. */
    boolean closedForm() {
        return classifiers.whiten && classifiers.replay.start() == ReplayStart.CLOSED_FORM;
    }

    /** Whether anything looks at whitened prompt-free features: classifiers, or C-NCM where it chooses prompts. */
    boolean whitensPlain() {
        return classifiers.whiten || answers.selection == Selection.CNCM && classifiers.cncm.whiten();
    }

    /** Whether anything looks at whitened prompted features: classifier or C-NCM. */
    boolean whitensPrompted() {
        return classifiers.whiten || classifiers.cncm.whiten();
    }

    /** How its prompts are trained. */
    public PromptTuning tuning() {
        return new PromptTuning(prefix, training, guidance);
    }

    /** The same with other training. */
    ItPromptSettings with(TrainingSettings changed) {
        return new ItPromptSettings(preset, prefix, changed, guidance, inference, classifiers, answers, jointly);
    }

    /** Classifiers over features, and what they are re-trained on. */
    public record ClassifierSettings(
            @Setting(meaning = "whether classifiers look at features whitened by the pooled covariance of the classes seen so far; they then "
                    + "need far fewer steps", byDefault = "true")
            boolean whiten,
            @Setting(meaning = "class statistics and the replay of pseudo-features drawn from them")
            ReplaySettings replay,
            @Setting(meaning = "C-NCM, the cluster-based nearest-class-mean classifier")
            CncmSettings cncm) {}

    /** What answers at test. */
    public record AnswerSettings(
            @Setting(meaning = "how a test image's prompt is chosen: tii (task-inference classifier), key (nearest key), cncm (C-NCM on "
                    + "prompt-free features) or oracle (true task)", byDefault = "tii")
            Selection selection,
            @Setting(meaning = "classifier at test: softmax, text (cosine to class texts) or mixed (softmax + textMix times text)",
                    byDefault = "softmax")
            Head head,
            @Setting(meaning = "weight of the text logits in head: mixed", byDefault = "1", min = 0)
            double textMix) {}

    /** How a test image's prompt is chosen. */
    public enum Selection { TII, KEY, CNCM, ORACLE }

    /** What scores classes at test. */
    public enum Head { SOFTMAX, TEXT, MIXED }

    /** Statistics of features per class, and the training of classifiers on features drawn from them. */
    public record ReplaySettings(
            @Setting(meaning = "per class: shrunk (mean and full covariance, shrunk towards that of all classes the more the fewer images "
                    + "there are), covariance (as it is), variance (mean and diagonal) or centroids (k-means clusters with variances)",
                    byDefault = "shrunk")
            Kept statistics,
            @Setting(meaning = "clusters per class with statistics: centroids", byDefault = "10", min = 1) int centroids,
            @Setting(meaning = "classifier when replay begins: closed-form (that of linear discriminant analysis; needs whiten) or trained "
                    + "(as the prompt's training left it)", byDefault = "closed-form")
            ReplayStart start,
            @Setting(meaning = "mini-batches of replay", inline = true)
            ReplaySteps steps,
            @Setting(meaning = "learning rate of the classifier (stage C)", byDefault = "1e-2", min = 0) double rate,
            @Setting(meaning = "sgd (momentum 0.9, as HiDe-Prompt) or adamw (as VQ-Prompt)", byDefault = "sgd")
            ReplayOptimizer optimizer) {

        /** What it has in common with the replay of other methods. */
        FeatureReplay.Settings common() {
            return new FeatureReplay.Settings(statistics, centroids, steps, rate, optimizer);
        }
    }

    /** The classifier that the replay of pseudo-features begins with. */
    public enum ReplayStart { CLOSED_FORM, TRAINED }

}
