package dev.itprompt.method.itprompt;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.ImageStep;
import dev.itprompt.method.Prompt;
import dev.itprompt.method.hide.Contrast;
import dev.itprompt.method.itprompt.GuidanceSettings.TextGuide;
import dev.itprompt.model.Clip;
import dev.itprompt.model.PretrainedModel;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Parameters;
import dev.itprompt.nn.Transformer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.TrainingStep;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One training step of a prompt as a graph. The backbone is constant; prefixes, key and classifier are the variables. The loss
 * is {@code CE(W z) + λ_txt·L_txt + λ_cr·L_cr + λ_key·L_key} (HiDe-Prompt's within-task loss, a text guide in CLIP's joint space, and
 * DualPrompt's pull between key and query).
 *
 * @param step       trained are {@code keys.0, values.0, …} by prompted layer, {@code key} and the classifier; queries are null without a key
 *                   term
 * @param ownShare   input []: share of the trained prompt in the one used, 1 − α
 * @param oldKeys    inputs [P, D] per layer, α times the mean of older prompts' keys
 * @param oldValues  inputs [P, D] per layer, likewise
 */
public record PromptStep(ImageStep step, Node ownShare, List<Node> oldKeys, List<Node> oldValues) {

    /** Name of the pool entry's key among what is trained. */
    static final String KEY = "key";
    /** Beginning of the names of prefix keys and values, before the position of their layer. */
    static final String KEYS = "keys.";
    static final String VALUES = "values.";

    /**
     * What a step is made for.
     *
     * @param batch      images per step
     * @param firstClass first class whose logit takes part in the cross-entropy
     * @param endClass   one past the last
     * @param taskStart  first class of the task (the text guide's {@code task} mode)
     * @param oldMeans   means of old classes' features, each of width E, for the contrastive term
     * @param texts      normalised text features [C, E] of all classes, or null without a text guide
     * @param key        whether the pool entry has a key
     */
    public record Spec(int batch, int firstClass, int endClass, int taskStart, List<double[]> oldMeans, Tensor texts, boolean key) {

        /**
         * Of plain cross-entropy over all classes until now.
         *
         * @param batch    images per step
         * @param endClass one past the last class
         */
        static Spec unguided(int batch, int endClass) {
            return new Spec(batch, 0, endClass, 0, List.of(), null, false);
        }
    }

    /** The graph. */
    public TrainingStep training() {
        return step.training();
    }

    /**
     * The step of a prompt.
     *
     * @param prompt where it starts
     * @param key    of its pool entry, [1, E]
     * @param head   classifier of features, which is trained, too
     */
    public static PromptStep of(PretrainedModel model, PromptTuning tuning, Spec spec, Prompt prompt, Tensor key,
            FeatureClassifier head) {
        GuidanceSettings settings = tuning.guidance();
        Graph g = tuning.training().recompute() ? Graph.recomputing() : new Graph();
        int side = model.vision().imageSize();
        int width = model.vision().features();
        int parts = tuning.training().partsOf(spec.batch());
        int batch = spec.batch() / parts;
        Node images = g.input("images", Shape.of(batch, 3, side, side));
        Node labels = g.input("labels", Shape.of(batch));
        Node ownShare = g.input("prompt.share", Shape.SCALAR);
        List<Node> keys = new ArrayList<>();
        List<Node> values = new ArrayList<>();
        List<Node> oldKeys = new ArrayList<>();
        List<Node> oldValues = new ArrayList<>();
        Map<Integer, Transformer.Prefix> prefixes = new HashMap<>();
        for (int i = 0; i < prompt.layers().size(); i++) {
            keys.add(g.variable("prompt.keys", prompt.keys().get(i)));
            values.add(g.variable("prompt.values", prompt.values().get(i)));
            oldKeys.add(g.input("prompt.old.keys", prompt.keys().get(i).shape()));
            oldValues.add(g.input("prompt.old.values", prompt.values().get(i).shape()));
            prefixes.put(prompt.layers().get(i), new Transformer.Prefix(
                    g.add(g.multiply(keys.get(i), ownShare), oldKeys.get(i)),
                    g.add(g.multiply(values.get(i), ownShare), oldValues.get(i))));
        }
        Node z = model.vision().apply(Parameters.frozen(g, model.weights()), images, prefixes);
        Parameters classifier = Parameters.trainable(g, head.weights());
        Node logits = head.logits(classifier, z);
        int classes = logits.shape().last();
        Node mask = g.constant(Tensor.of(Shape.of(classes), FeatureClassifier.mask(classes, spec.firstClass(), spec.endClass())));
        Map<String, Node> terms = new LinkedHashMap<>();
        Map<String, Node> trained = new LinkedHashMap<>();
        Node loss = g.crossEntropy(g.add(logits, mask), labels);
        terms.put("cross-entropy", loss);
        if (spec.texts() != null && settings.textWeight() > 0 && model instanceof Clip clip) {
            terms.put("text guide", textGuide(g, clip, settings, spec, z, labels));
            loss = g.add(loss, g.scale(terms.get("text guide"), (float) settings.textWeight()));
        }
        if (settings.contrast() > 0) {
            terms.put("contrast", Contrast.of(g,
                    spec.oldMeans().isEmpty() ? null : g.constant(FeatureMatrix.of(spec.oldMeans())), z, settings.contrastTemperature()));
            loss = g.add(loss, g.scale(terms.get("contrast"), (float) settings.contrast()));
        }
        Node queries = null;
        List<Node> fast = new ArrayList<>(keys);
        fast.addAll(values);
        if (spec.key() && settings.keyWeight() > 0) {
            queries = g.input("queries", Shape.of(batch, width));
            Node identity = g.variable("prompt.key", key);
            Node cosine = g.mean(g.matMulTransposed(g.normalize(queries), g.normalize(identity)));
            terms.put("cosine of key and query", cosine);
            loss = g.add(loss, g.affine(cosine, (float) -settings.keyWeight(), (float) settings.keyWeight()));
            fast.add(identity);
            trained.put(KEY, identity);
        }
        List<Node> slow = List.copyOf(classifier.nodes().values());
        List<List<Node>> groups = fast.isEmpty() ? List.of(List.of(), slow) : List.of(fast, slow);
        Optimizer optimizer = Optimizer.of(g, loss, Optimizer.Rule.AdamW.DEFAULT, groups);
        for (int i = 0; i < keys.size(); i++) {
            trained.put(KEYS + i, keys.get(i));
            trained.put(VALUES + i, values.get(i));
        }
        trained.putAll(classifier.nodes());
        return new PromptStep(new ImageStep(new TrainingStep(g, loss, terms, trained, optimizer, parts), images, labels, queries), ownShare,
                oldKeys, oldValues);
    }

    /** L_txt: cross-entropy of CLIP's own softmax over class texts, or {@code 1 − cos} to the own text. */
    private static Node textGuide(Graph g, Clip clip, GuidanceSettings settings, Spec spec, Node z, Node labels) {
        Node image = g.normalize(z);
        int seen = spec.endClass();
        Node texts = g.constant(spec.texts().slice(0, seen));
        if (settings.textGuide() == TextGuide.PULL) {
            Node cosines = g.multiply(image, g.gather(texts, labels));
            return g.affine(g.sumTo(cosines, Shape.SCALAR), -1f / labels.shape().size(), 1);
        }
        Node logits = g.scale(g.matMulTransposed(image, texts), (float) clip.logitFactor());
        if (settings.textGuide() == TextGuide.TASK) {
            logits = g.add(logits, g.constant(Tensor.of(Shape.of(seen), FeatureClassifier.mask(seen, spec.taskStart(), seen))));
        }
        return g.crossEntropy(logits, labels);
    }
}
