package dev.itprompt.method.rail;

import dev.itprompt.linear.Matrix;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.method.ridge.LabeledRows;
import dev.itprompt.method.ridge.RandomFeatures;
import dev.itprompt.method.ridge.RidgeRegression;
import dev.itprompt.train.State;
import java.util.ArrayList;
import java.util.List;

/**
 * Ridge regression from random features of normalised image features to one-hot targets. Published code renews the inverse of the
 * regularised Gram matrix batch by batch; the regression on the sums is the same one, without what rounding adds up to.
 *
 * <p>With texts, zero-shot probabilities of all classes asked for come first: where the most likely class has not been learned
 * they are the answer; elsewhere {@code (1 − f)·p + f·r}, r being the regression's output and 0 for classes not learned.
 */
final class Rail implements FrozenFeatures.Classifier {

    private final RailSettings settings;
    private final RandomFeatures map;
    private final RidgeRegression sums;
    private final float[][] texts;
    private final double logitFactor;
    private final List<float[][]> ofTask = new ArrayList<>();
    private Matrix weights;

    /**
     * @param texts       normalised, [C][E]; null to do without
     * @param logitFactor of zero-shot probabilities
     */
    Rail(RailSettings settings, RandomFeatures map, float[][] texts, double logitFactor) {
        this.settings = settings;
        this.map = map;
        this.sums = new RidgeRegression(map.size());
        this.texts = texts;
        this.logitFactor = logitFactor;
    }

    @Override
    public void addClass(float[][] features) {
        ofTask.add(FeatureMatrix.normalized(features));
    }

    @Override
    public void taskDone() {
        sums.add(map, LabeledRows.of(sums.classes(), ofTask));
        ofTask.clear();
        weights = sums.required(settings.ridge());
    }

    @Override
    public int knownAhead() {
        return texts == null ? 0 : texts.length;
    }

    @Override
    public double[][] scores(float[][] features, int classes) {
        float[][] rows = FeatureMatrix.normalized(features);
        double[][] regression = weights == null ? new double[rows.length][0] : RidgeRegression.outputs(map, rows, weights);
        double[][] scores = new double[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            scores[i] = texts == null ? regression[i] : fused(zeroShot(rows[i], classes), regression[i]);
        }
        return scores;
    }

    private double[] zeroShot(float[] feature, int classes) {
        double[] logits = new double[classes];
        for (int c = 0; c < classes; c++) {
            logits[c] = logitFactor * FeatureMatrix.dot(feature, texts[c]);
        }
        return FeatureMatrix.softmax(logits);
    }

    private double[] fused(double[] probabilities, double[] regression) {
        if (FeatureMatrix.argmax(probabilities, probabilities.length) >= regression.length) {
            return probabilities;
        }
        double[] fused = new double[probabilities.length];
        for (int c = 0; c < fused.length; c++) {
            fused[c] = (1 - settings.fusion()) * probabilities[c] + settings.fusion() * (c < regression.length ? regression[c] : 0);
        }
        return fused;
    }

    /** They come from a regression to one-hot targets, mixed with probabilities where there are texts, and may be negative. */
    @Override
    public boolean givesLogits() {
        return false;
    }

    @Override
    public void visit(State state) {
        map.visit(state.in("projection"));
        sums.visit(state.in("sums"));
        weights = RidgeRegression.visit(state.in("weights"), weights);
    }
}
