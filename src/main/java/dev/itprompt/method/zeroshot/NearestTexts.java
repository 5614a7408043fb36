package dev.itprompt.method.zeroshot;

import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.State;
import java.util.stream.IntStream;

/** The nearest class text by cosine among the classes seen so far (Continual-CLIP). */
final class NearestTexts implements FrozenFeatures.RowClassifier {

    private final Tensor texts;
    private final float[][] rows;
    private final double factor;

    /**
     * @param texts  normalised, [C, E]
     * @param factor of cosines, which makes CLIP's logits of them
     */
    NearestTexts(Tensor texts, double factor) {
        this.texts = texts;
        this.rows = FeatureMatrix.rows(texts);
        this.factor = factor;
    }

    @Override
    public boolean learns() {
        return false;
    }

    @Override
    public void addClass(float[][] features) {}

    @Override
    public int knownAhead() {
        return rows.length;
    }

    @Override
    public double[] scores(float[] feature, int classes) {
        double scale = factor / Math.max(1e-12, Math.sqrt(FeatureMatrix.dot(feature, feature)));
        return IntStream.range(0, classes).mapToDouble(c -> scale * FeatureMatrix.dot(feature, rows[c])).toArray();
    }

    /** They are those that CLIP was trained with. */
    @Override
    public boolean givesLogits() {
        return true;
    }

    @Override
    public void visit(State state) {
        state.tensor("texts", texts);
    }
}
