package dev.itprompt.method.simplecil;

import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.FrozenFeatures;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.State;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One prototype a class: {@code s·m/|m| + (1 − s)·t}, m being the mean of the class's normalised image features and t its normalised
 * text; an image belongs to the class whose prototype has the largest cosine to it. SimpleCIL (Zhou et al. 2024, Revisiting
 * class-incremental learning with pre-trained models) is s = 1.
 *
 * <p>The share s can be chosen: at the end of each task its images are classified among all classes so far with 21 shares, each image
 * against the prototype of its class without itself; what is right is counted over all tasks, and the share with the most right is taken, the
 * largest of equals. No image is kept.
 */
final class Prototypes implements FrozenFeatures.RowClassifier {

    private static final int SHARES = 21;

    private final double givenShare;
    private final float[][] texts;
    private final List<double[]> sums = new ArrayList<>();
    private final List<float[][]> ofTask = new ArrayList<>();
    private long[] right = new long[SHARES];
    private double[][] prototypes;

    /** @param texts normalised, [C, E]; null to do without */
    Prototypes(SimpleCilSettings settings, Tensor texts) {
        this.givenShare = texts == null ? 1 : settings.imageShare();
        this.texts = texts == null ? null : FeatureMatrix.rows(texts);
    }

    @Override
    public void addClass(float[][] features) {
        double[] sum = new double[features[0].length];
        float[][] normalized = new float[features.length][];
        for (int i = 0; i < features.length; i++) {
            normalized[i] = FeatureMatrix.normalized(features[i]);
            add(sum, normalized[i], 1);
        }
        sums.add(sum);
        ofTask.add(normalized);
    }

    @Override
    public void taskDone() {
        prototypes = null;
        int first = sums.size() - ofTask.size();
        double[][] images = sums.stream().map(Prototypes::unit).toArray(double[][]::new);
        for (int c = 0; c < ofTask.size() && givenShare < 0; c++) {
            for (float[] feature : ofTask.get(c)) {
                count(feature, first + c, images);
            }
        }
        ofTask.clear();
    }

    private void count(float[] feature, int label, double[][] images) {
        double[][] image = images.clone();
        double[] own = sums.get(label).clone();
        add(own, feature, -1);
        image[label] = unit(own);
        for (int s = 0; s < SHARES; s++) {
            int best = 0;
            double highest = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < image.length; c++) {
                double score = cosine(feature, mix(image[c], c, share(s)));
                if (score > highest) {
                    highest = score;
                    best = c;
                }
            }
            right[s] += best == label ? 1 : 0;
        }
    }

    private static double share(int index) {
        return index / (SHARES - 1.0);
    }

    /** The share in use. */
    double share() {
        if (givenShare >= 0) {
            return givenShare;
        }
        int best = SHARES - 1;
        for (int s = SHARES - 2; s >= 0; s--) {
            best = right[s] > right[best] ? s : best;
        }
        return share(best);
    }

    /** A class that is not learned has its text for a prototype. */
    @Override
    public int knownAhead() {
        return texts == null ? 0 : texts.length;
    }

    @Override
    public double[] scores(float[] feature, int classes) {
        if (prototypes == null) {
            double share = share();
            prototypes = IntStream.range(0, Math.max(sums.size(), knownAhead()))
                    .mapToObj(c -> c < sums.size() ? mix(unit(sums.get(c)), c, share) : text(c)).toArray(double[][]::new);
        }
        return IntStream.range(0, classes).mapToDouble(c -> cosine(feature, prototypes[c])).toArray();
    }

    private double[] text(int label) {
        return IntStream.range(0, texts[label].length).mapToDouble(i -> texts[label][i]).toArray();
    }

    private double[] mix(double[] image, int label, double share) {
        if (texts == null) {
            return image;
        }
        double[] mixed = new double[image.length];
        for (int i = 0; i < mixed.length; i++) {
            mixed[i] = share * image[i] + (1 - share) * texts[label][i];
        }
        return mixed;
    }

    private static double[] unit(double[] x) {
        double length = 0;
        for (double value : x) {
            length += value * value;
        }
        double[] unit = new double[x.length];
        for (int i = 0; i < unit.length; i++) {
            unit[i] = x[i] / Math.max(1e-12, Math.sqrt(length));
        }
        return unit;
    }

    private static double cosine(float[] feature, double[] prototype) {
        double dot = 0;
        double a = 0;
        double b = 0;
        for (int i = 0; i < feature.length; i++) {
            dot += feature[i] * prototype[i];
            a += (double) feature[i] * feature[i];
            b += prototype[i] * prototype[i];
        }
        return dot / Math.max(1e-12, Math.sqrt(a * b));
    }

    private static void add(double[] sum, float[] feature, int sign) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += sign * feature[i];
        }
    }

    /** They are cosines, whose scale nothing sets. */
    @Override
    public boolean givesLogits() {
        return false;
    }

    @Override
    public void visit(State state) {
        prototypes = null;
        right = state.numbers("right", right);
        state.vectors("sum", "classes", sums);
    }
}
