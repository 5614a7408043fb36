package dev.itprompt.device;

import dev.itprompt.device.ReferenceDevice.Heads;
import dev.itprompt.graph.Op;
import java.util.Arrays;
import org.apache.commons.math3.special.Erf;

/**
 * What each forward op means. Arrays are row-major; {@code width} is the innermost extent; ids, labels and indices are whole
 * numbers stored as doubles. No method changes its arguments.
 */
final class ReferenceOps {

    /** Rows that are shorter are divided by this instead of their length. */
    static final double MIN_LENGTH = 1e-12;

    private ReferenceOps() {}

    /**
     * op(a)·op(b) + bias.
     *
     * @param bias  [n], or null
     * @param inner K, the extent that is summed over
     * @param n     columns of the result
     */
    static double[] matMul(double[] a, double[] b, double[] bias, int inner, int n, boolean transposeA, boolean transposeB) {
        int m = a.length / inner;
        double[] c = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = bias == null ? 0 : bias[j];
                for (int k = 0; k < inner; k++) {
                    sum += a[transposeA ? k * m + i : i * inner + k] * b[transposeB ? j * inner + k : k * n + j];
                }
                c[i * n + j] = sum;
            }
        }
        return c;
    }

    static double[] add(double[] a, double[] b) {
        double[] y = new double[a.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = a[i] + b[i % b.length];
        }
        return y;
    }

    static double[] multiply(double[] a, double[] b) {
        double[] y = new double[a.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = a[i] * b[i % b.length];
        }
        return y;
    }

    static double[] divide(double[] a, double[] b) {
        double[] y = new double[a.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = a[i] / b[i % b.length];
        }
        return y;
    }

    static double[] affine(double[] x, double scale, double shift) {
        return Arrays.stream(x).map(v -> scale * v + shift).toArray();
    }

    static double[] exp(double[] x) {
        return Arrays.stream(x).map(Math::exp).toArray();
    }

    static double[] log(double[] x) {
        return Arrays.stream(x).map(Math::log).toArray();
    }

    static double[] sqrt(double[] x) {
        return Arrays.stream(x).map(Math::sqrt).toArray();
    }

    /** x [outer, n, inside] to [outer, inside]. */
    static double[] sum(double[] x, int n, int inside) {
        double[] y = new double[x.length / n];
        for (int i = 0; i < x.length; i++) {
            y[i / (n * inside) * inside + i % inside] += x[i];
        }
        return y;
    }

    /** x [outer, inside] to [outer, count, inside]. */
    static double[] repeat(double[] x, int count, int inside) {
        double[] y = new double[x.length * count];
        for (int i = 0; i < y.length; i++) {
            y[i] = x[i / (count * inside) * inside + i % inside];
        }
        return y;
    }

    /** Each x [outer, n, inside], n being its own, to [outer, sum of all n, inside]. */
    static double[] concat(double[][] xs, int outer) {
        double[] y = new double[Arrays.stream(xs).mapToInt(x -> x.length).sum()];
        int at = 0;
        for (int o = 0; o < outer; o++) {
            for (double[] x : xs) {
                int length = x.length / outer;
                System.arraycopy(x, o * length, y, at, length);
                at += length;
            }
        }
        return y;
    }

    /** Of each of {@code outer} stretches of x, {@code count} elements from {@code from} on. */
    static double[] slice(double[] x, int outer, int from, int count) {
        double[] y = new double[outer * count];
        for (int o = 0; o < outer; o++) {
            System.arraycopy(x, o * (x.length / outer) + from, y, o * count, count);
        }
        return y;
    }

    /** Each of {@code outer} stretches of x at element {@code from} of {@code extent}, zeros elsewhere. */
    static double[] pad(double[] x, int outer, int from, int extent) {
        double[] y = new double[outer * extent];
        int length = x.length / outer;
        for (int o = 0; o < outer; o++) {
            System.arraycopy(x, o * length, y, o * extent + from, length);
        }
        return y;
    }

    static double[] topK(double[] x, int width, int count) {
        double[] y = new double[x.length / width * count];
        for (int row = 0; row < x.length / width; row++) {
            boolean[] taken = new boolean[width];
            for (int rank = 0; rank < count; rank++) {
                int largest = -1;
                for (int i = 0; i < width; i++) {
                    if (!taken[i] && (largest < 0 || number(x[row * width + i]) > number(x[row * width + largest]))) {
                        largest = i;
                    }
                }
                taken[largest] = true;
                y[row * count + rank] = largest;
            }
        }
        return y;
    }

    /** What is not a number counts as −∞. */
    private static double number(double x) {
        return Double.isNaN(x) ? Double.NEGATIVE_INFINITY : x;
    }

    static double[] activate(double[] x, Op.Activation kind) {
        return Arrays.stream(x).map(v -> switch (kind) {
            case GELU -> v * normalCdf(v);
            case QUICK_GELU -> v * sigmoid(1.702 * v);
        }).toArray();
    }

    /** (1 + erf(x/√2))/2. */
    static double normalCdf(double x) {
        return Erf.erfc(-x / Math.sqrt(2)) / 2;
    }

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    static double[] layerNorm(double[] x, double[] gain, double[] bias, double epsilon) {
        double[] y = standardize(x, gain.length, epsilon);
        for (int i = 0; i < y.length; i++) {
            y[i] = y[i] * gain[i % gain.length] + bias[i % bias.length];
        }
        return y;
    }

    /** Each row with mean 0 and variance 1, up to epsilon. */
    static double[] standardize(double[] x, int width, double epsilon) {
        double[] y = new double[x.length];
        for (int row = 0; row < x.length; row += width) {
            double mean = mean(x, row, width);
            double inverse = inverseDeviation(x, row, width, epsilon);
            for (int i = row; i < row + width; i++) {
                y[i] = (x[i] - mean) * inverse;
            }
        }
        return y;
    }

    private static double mean(double[] x, int row, int width) {
        double sum = 0;
        for (int i = row; i < row + width; i++) {
            sum += x[i];
        }
        return sum / width;
    }

    /** 1/√(population variance + epsilon) of one row. */
    static double inverseDeviation(double[] x, int row, int width, double epsilon) {
        double mean = mean(x, row, width);
        double squares = 0;
        for (int i = row; i < row + width; i++) {
            squares += (x[i] - mean) * (x[i] - mean);
        }
        return 1 / Math.sqrt(squares / width + epsilon);
    }

    static double[] attention(Heads heads, double[] qkv, double[] prefixKeys, double[] prefixValues) {
        double[] y = new double[heads.batch() * heads.tokens() * heads.width()];
        for (int b = 0; b < heads.batch(); b++) {
            for (int head = 0; head < heads.heads(); head++) {
                for (int token = 0; token < heads.tokens(); token++) {
                    double[] weights = attentionWeights(heads, qkv, prefixKeys, b, head, token);
                    int out = heads.output(b, token, head);
                    for (int j = 0; j < weights.length; j++) {
                        boolean prefix = j < heads.prefixes();
                        double[] values = prefix ? prefixValues : qkv;
                        int at = prefix ? heads.prefix(b, j, head) : heads.value(b, j - heads.prefixes(), head);
                        for (int c = 0; c < heads.headWidth(); c++) {
                            y[out + c] += weights[j] * values[at + c];
                        }
                    }
                }
            }
        }
        return y;
    }

    /** What one token takes from each visible prefix and token: softmax(q·kᵀ/√d). */
    static double[] attentionWeights(Heads heads, double[] qkv, double[] prefixKeys, int b, int head, int token) {
        double[] scores = new double[heads.visible(token)];
        int query = heads.query(b, token, head);
        for (int j = 0; j < scores.length; j++) {
            boolean prefix = j < heads.prefixes();
            double[] keys = prefix ? prefixKeys : qkv;
            int at = prefix ? heads.prefix(b, j, head) : heads.key(b, j - heads.prefixes(), head);
            for (int c = 0; c < heads.headWidth(); c++) {
                scores[j] += qkv[query + c] * keys[at + c] * heads.scale();
            }
        }
        return softmax(scores, scores.length);
    }

    static double[] patches(double[] image, int channels, int height, int width, int patch) {
        double[] y = new double[image.length];
        int batch = image.length / (channels * height * width);
        int next = 0;
        for (int b = 0; b < batch; b++) {
            for (int top = 0; top < height; top += patch) {
                for (int left = 0; left < width; left += patch) {
                    for (int channel = 0; channel < channels; channel++) {
                        for (int row = top; row < top + patch; row++) {
                            for (int column = left; column < left + patch; column++) {
                                y[next++] = image[((b * channels + channel) * height + row) * width + column];
                            }
                        }
                    }
                }
            }
        }
        return y;
    }

    static double[] selectToken(double[] x, double[] index, int width) {
        int batch = index.length;
        double[] y = new double[batch * width];
        for (int b = 0; b < batch; b++) {
            System.arraycopy(x, b * (x.length / batch) + (int) index[b] * width, y, b * width, width);
        }
        return y;
    }

    static double[] gather(double[] table, double[] ids, int width) {
        double[] y = new double[ids.length * width];
        for (int i = 0; i < ids.length; i++) {
            System.arraycopy(table, (int) ids[i] * width, y, i * width, width);
        }
        return y;
    }

    static double[] normalize(double[] x, int width) {
        double[] y = new double[x.length];
        for (int row = 0; row < x.length; row += width) {
            double length = Math.max(length(x, row, width), MIN_LENGTH);
            for (int i = row; i < row + width; i++) {
                y[i] = x[i] / length;
            }
        }
        return y;
    }

    /** Euclidean length of one row. */
    static double length(double[] x, int row, int width) {
        double squares = 0;
        for (int i = row; i < row + width; i++) {
            squares += x[i] * x[i];
        }
        return Math.sqrt(squares);
    }

    static double[] softmax(double[] x, int width) {
        return exp(logSoftmax(x, width));
    }

    /** x minus the logarithm of the sum of its row's exponentials; −∞ stays −∞. */
    static double[] logSoftmax(double[] x, int width) {
        double[] y = new double[x.length];
        for (int row = 0; row < x.length; row += width) {
            double max = Arrays.stream(x, row, row + width).max().orElseThrow();
            double sum = Arrays.stream(x, row, row + width).map(v -> Math.exp(v - max)).sum();
            for (int i = row; i < row + width; i++) {
                y[i] = x[i] - max - Math.log(sum);
            }
        }
        return y;
    }

    static double[] crossEntropy(double[] logits, double[] labels) {
        int classes = logits.length / labels.length;
        double[] log = logSoftmax(logits, classes);
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            sum -= log[i * classes + (int) labels[i]];
        }
        return new double[] {sum / labels.length};
    }

    /** Where the target is 0 the term is 0, also for a logit of −∞. */
    static double[] softCrossEntropy(double[] logits, double[] target, int classes) {
        double[] log = logSoftmax(logits, classes);
        double sum = 0;
        for (int i = 0; i < log.length; i++) {
            sum -= target[i] == 0 ? 0 : target[i] * log[i];
        }
        return new double[] {sum / (logits.length / classes)};
    }

    static double[] globalNorm(double[][] xs) {
        double squares = 0;
        for (double[] x : xs) {
            for (double v : x) {
                squares += v * v;
            }
        }
        return new double[] {Math.sqrt(squares)};
    }
}
