package dev.itprompt.pretrain;

import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.model.Clip;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.nn.Parameters;
import dev.itprompt.tensor.Shape;
import dev.itprompt.train.TrainingStep;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One step of contrastive pretraining as a graph (Radford et al. 2021, figure 3): images and captions of a batch are embedded,
 * normalised and compared all with all; the loss is the mean of the cross-entropies over rows and over columns. Pairs with
 * equal captions count as equally right, so the target is a matrix and not the diagonal.
 *
 * @param training the graph; trained are all tensors by name; AdamW's group 0 is decayed (matrices), group 1 is not (gains, biases,
 *                 embeddings, logit scale)
 * @param images   input [B, 3, S, S]
 * @param tokens   input [B, context]
 * @param ends     input [B], position of the end-of-text token
 * @param targets  input [B, B], each row summing to 1, symmetric
 */
record ContrastiveStep(TrainingStep training, Node images, Node tokens, Node ends, Node targets) {

    static ContrastiveStep of(Clip clip, PretrainSettings settings) {
        int batch = settings.batch();
        int side = clip.vision().imageSize();
        Graph g = new Graph();
        Node images = g.input("images", Shape.of(batch, 3, side, side));
        Node tokens = g.input("tokens", Shape.of(batch, clip.text().context()));
        Node ends = g.input("ends", Shape.of(batch));
        Node targets = g.input("targets", Shape.of(batch, batch));
        Parameters parameters = Parameters.trainable(g, clip.weights());
        Node image = g.normalize(clip.vision().apply(parameters, images, Map.of()));
        Node text = g.normalize(clip.text().apply(parameters, tokens, ends));
        Node factor = g.exp(parameters.get("logit_scale"));
        Node byImage = g.softCrossEntropy(g.multiply(g.matMulTransposed(image, text), factor), targets);
        Node byText = g.softCrossEntropy(g.multiply(g.matMulTransposed(text, image), factor), targets);
        Node loss = g.scale(g.add(byImage, byText), 0.5f);
        List<Node> decayed = new ArrayList<>();
        List<Node> free = new ArrayList<>();
        parameters.nodes().forEach((name, node) -> (isDecayed(name, node) ? decayed : free).add(node));
        Optimizer.Rule rule = new Optimizer.Rule.AdamW(0.9, settings.beta2(), 1e-6);
        Map<String, Node> terms = new LinkedHashMap<>();
        terms.put("by image", byImage);
        terms.put("by caption", byText);
        TrainingStep training = new TrainingStep(g, loss, terms, parameters.nodes(),
                Optimizer.of(g, loss, rule, List.of(decayed, free)));
        return new ContrastiveStep(training, images, tokens, ends, targets);
    }

    private static boolean isDecayed(String name, Node node) {
        return node.shape().rank() > 1 && !name.contains("embedding");
    }
}
