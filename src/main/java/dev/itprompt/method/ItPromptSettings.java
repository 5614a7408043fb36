package dev.itprompt.method;

import dev.itprompt.Setting;
import dev.itprompt.method.replay.FeatureReplay;
import dev.itprompt.method.replay.FeatureReplay.Kept;

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
    PromptTuning tuning() {
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

    /** How many pseudo-features are replayed. */
    public record ReplaySteps(
            @Setting(meaning = "epochs of replay, cosine-annealed to 0", byDefault = "30", min = 0) int epochs,
            @Setting(meaning = "pseudo-features per class and per mini-batch", byDefault = "128", min = 1) int samples,
            @Setting(meaning = "mini-batches per epoch and class; 1 is HiDe-Prompt's rule", byDefault = "1", min = 1) int batches,
            @Setting(meaning = "least mini-batches in all: epochs have more where there are few classes", byDefault = "300", min = 0)
            int leastSteps,
            @Setting(meaning = "one mini-batch in all, at least, for so many images of a task, up to 6000 mini-batches: statistics of many "
                    + "images are exact enough to learn more from; 0 for none", byDefault = "2", min = 0)
            int imagesPerStep,
            @Setting(meaning = "most mini-batches in all, where there are many classes; 0 for no limit", byDefault = "1000", min = 0)
            int mostSteps) {

        /** Most mini-batches because of many images. */
        private static final int MOST_FOR_IMAGES = 6000;

        /**
         * Mini-batches of an epoch.
         *
         * @param oldClasses that set their number, at least 1
         * @param images     of the task
         */
        public int perEpoch(int oldClasses, int images) {
            int forImages = imagesPerStep == 0 ? 0 : Math.min(images / imagesPerStep, MOST_FOR_IMAGES);
            int least = Math.ceilDiv(Math.max(leastSteps, forImages), Math.max(1, epochs));
            int most = mostSteps == 0 ? Integer.MAX_VALUE : Math.ceilDiv(mostSteps, Math.max(1, epochs));
            return Math.min(Math.max(oldClasses * batches, least), Math.max(most, least));
        }
    }

    /** The classifier that the replay of pseudo-features begins with. */
    public enum ReplayStart { CLOSED_FORM, TRAINED }

    /** How classifiers move when pseudo-features are replayed. */
    public enum ReplayOptimizer { SGD, ADAMW }

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
