package dev.itprompt.method.prompted;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.ImageStep;
import dev.itprompt.model.PretrainedModel;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Parameters;
import dev.itprompt.prompt.Entered;
import dev.itprompt.prompt.Pass;
import dev.itprompt.prompt.Tower;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.TrainingStep;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One training step of prompts and classifier as a graph: cross-entropy over the classes of the task, the prompts' own loss terms and
 * the recipe's. Where images are augmented, queries are the prompt-free features of the same augmented images, computed in the step.
 */
final class PromptedStep {

    private PromptedStep() {}

    /**
     * What a step is made for.
     *
     * @param batch      images per step
     * @param task       number of the task
     * @param firstClass first class whose logit takes part in the cross-entropy
     * @param endClass   one past the last
     * @param old        means of classes of earlier tasks
     */
    record Spec(int batch, int task, int firstClass, int endClass, List<double[]> old) {}

    /**
     * @param values of the recipe's prompting as the task begins
     * @param head   classifier of features
     * @return a step in which what is trained goes by the values' names and the classifier's
     */
    static ImageStep of(PretrainedModel model, Recipe recipe, Map<String, Tensor> values, FeatureClassifier head, Spec spec) {
        Graph g = recipe.training().recompute() ? Graph.recomputing() : new Graph();
        int side = model.vision().imageSize();
        int parts = recipe.training().partsOf(spec.batch());
        int batch = spec.batch() / parts;
        Node images = g.input("images", Shape.of(batch, 3, side, side));
        Node labels = g.input("labels", Shape.of(batch));
        Tower tower = new Tower(model.vision(), Parameters.frozen(g, model.weights()));
        boolean asks = recipe.prompting().needsQueries(true);
        Node stored = asks && !recipe.training().augment() ? g.input("queries", Shape.of(batch, model.vision().features())) : null;
        Node queries = asks && stored == null ? tower.features(images) : stored;
        Parameters prompts = Parameters.trainable(g, values);
        Pass pass = new Pass(tower, images, prompts, queries, null, spec.task(), true);
        Entered entered = recipe.prompting().enter(pass);
        Node features = entered.features(pass);
        Recipe.Scoring scoring = recipe.scoring();
        Parameters classifier = Parameters.trainable(g, scoring.texts() == null ? head.weights() : Map.of());
        Node given = scoring.texts() == null ? head.logits(classifier, features)
                : g.scale(g.matMulTransposed(g.normalize(features), g.constant(scoring.texts())), scoring.factor());
        Node logits = scoring.temperature() == 1 ? given : g.scale(given, 1 / scoring.temperature());
        int classes = logits.shape().last();
        Node mask = g.constant(Tensor.of(Shape.of(classes), FeatureClassifier.mask(classes, spec.firstClass(), spec.endClass())));
        Map<String, Node> terms = new LinkedHashMap<>();
        terms.put("cross-entropy", g.crossEntropy(g.add(logits, mask), labels));
        terms.putAll(entered.terms());
        terms.putAll(recipe.guide().terms(g, features, spec.old()));
        Node loss = terms.values().stream().reduce(g::add).orElseThrow();
        Map<String, Node> trained = new LinkedHashMap<>(prompts.nodes());
        trained.keySet().removeIf(name -> !recipe.prompting().isTrained(name));
        List<Node> fast = List.copyOf(trained.values());
        trained.putAll(classifier.nodes());
        Optimizer optimizer = Optimizer.of(g, loss, Optimizer.Rule.AdamW.DEFAULT, List.of(fast, List.copyOf(classifier.nodes().values())));
        return new ImageStep(new TrainingStep(g, loss, terms, trained, optimizer, parts), images, labels, stored);
    }
}
