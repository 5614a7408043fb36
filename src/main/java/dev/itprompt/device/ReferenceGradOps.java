package dev.itprompt.device;

import dev.itprompt.device.ReferenceDevice.Heads;
import dev.itprompt.graph.Op;

/**
 * What each gradient op and each optimizer step means. {@code dy} is the derivative of the loss with respect to the forward
 * op's result; the other arguments are the forward op's. Only the optimizer steps change their arguments.
 */
final class ReferenceGradOps {

    private ReferenceGradOps() {}

    static double[] activate(double[] x, double[] dy, Op.Activation kind) {
        double[] dx = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            dx[i] = dy[i] * switch (kind) {
                case GELU -> ReferenceOps.normalCdf(x[i]) + x[i] * Math.exp(-x[i] * x[i] / 2) / Math.sqrt(2 * Math.PI);
                case QUICK_GELU -> {
                    double s = ReferenceOps.sigmoid(1.702 * x[i]);
                    yield s + 1.702 * x[i] * s * (1 - s);
                }
            };
        }
        return dx;
    }

    /** With n the standardized row and g = gain·dy: (g − mean(g) − n·mean(g·n))/deviation. */
    static double[] layerNorm(double[] x, double[] gain, double[] dy, double epsilon) {
        int width = gain.length;
        double[] n = ReferenceOps.standardize(x, width, epsilon);
        double[] dx = new double[x.length];
        for (int row = 0; row < x.length; row += width) {
            double inverse = ReferenceOps.inverseDeviation(x, row, width, epsilon);
            double mean = 0;
            double along = 0;
            for (int c = 0; c < width; c++) {
                mean += gain[c] * dy[row + c] / width;
                along += gain[c] * dy[row + c] * n[row + c] / width;
            }
            for (int c = 0; c < width; c++) {
                dx[row + c] = (gain[c] * dy[row + c] - mean - n[row + c] * along) * inverse;
            }
        }
        return dx;
    }

    static double[] layerNormGain(double[] x, double[] dy, int width, double epsilon) {
        return ReferenceOps.sum(ReferenceOps.multiply(ReferenceOps.standardize(x, width, epsilon), dy), x.length / width, width);
    }

    /**
     * With p the attention weights of one token: dv = p·dy, dp = dy·v, ds = p·(dp − Σ p·dp), dq = Σ ds·k/√d, dk = ds·q/√d.
     *
     * @return gradients with respect to qkv, prefix keys and prefix values; the latter two null without prefixes
     */
    static double[][] attention(Heads heads, double[] qkv, double[] prefixKeys, double[] prefixValues, double[] dy) {
        double[] dQkv = new double[qkv.length];
        double[] dKeys = prefixKeys == null ? null : new double[prefixKeys.length];
        double[] dValues = prefixValues == null ? null : new double[prefixValues.length];
        for (int b = 0; b < heads.batch(); b++) {
            for (int head = 0; head < heads.heads(); head++) {
                for (int token = 0; token < heads.tokens(); token++) {
                    double[] p = ReferenceOps.attentionWeights(heads, qkv, prefixKeys, b, head, token);
                    double[] dp = new double[p.length];
                    double mean = 0;
                    for (int j = 0; j < p.length; j++) {
                        boolean prefix = j < heads.prefixes();
                        int at = prefix ? heads.prefix(b, j, head) : heads.value(b, j - heads.prefixes(), head);
                        int out = heads.output(b, token, head);
                        dp[j] = dot(dy, out, prefix ? prefixValues : qkv, at, heads.headWidth());
                        addScaled(p[j], dy, out, prefix ? dValues : dQkv, at, heads.headWidth());
                        mean += p[j] * dp[j];
                    }
                    for (int j = 0; j < p.length; j++) {
                        boolean prefix = j < heads.prefixes();
                        int at = prefix ? heads.prefix(b, j, head) : heads.key(b, j - heads.prefixes(), head);
                        int query = heads.query(b, token, head);
                        double ds = p[j] * (dp[j] - mean) * heads.scale();
                        addScaled(ds, prefix ? prefixKeys : qkv, at, dQkv, query, heads.headWidth());
                        addScaled(ds, qkv, query, prefix ? dKeys : dQkv, at, heads.headWidth());
                    }
                }
            }
        }
        return new double[][] {dQkv, dKeys, dValues};
    }

    private static double dot(double[] a, int atA, double[] b, int atB, int length) {
        double sum = 0;
        for (int c = 0; c < length; c++) {
            sum += a[atA + c] * b[atB + c];
        }
        return sum;
    }

    private static void addScaled(double factor, double[] from, int atFrom, double[] to, int atTo, int length) {
        for (int c = 0; c < length; c++) {
            to[atTo + c] += factor * from[atFrom + c];
        }
    }

    static double[] selectToken(double[] dy, double[] index, int tokens) {
        int batch = index.length;
        int width = dy.length / batch;
        double[] dx = new double[batch * tokens * width];
        for (int b = 0; b < batch; b++) {
            System.arraycopy(dy, b * width, dx, (b * tokens + (int) index[b]) * width, width);
        }
        return dx;
    }

    static double[] gather(double[] dy, double[] ids, int rows) {
        int width = dy.length / ids.length;
        double[] dTable = new double[rows * width];
        for (int i = 0; i < dy.length; i++) {
            dTable[(int) ids[i / width] * width + i % width] += dy[i];
        }
        return dTable;
    }

    /** (dy − y·(y·dy))/length; a row shorter than the least length allowed is a mere division. */
    static double[] normalize(double[] x, double[] dy, int width) {
        double[] y = ReferenceOps.normalize(x, width);
        double[] dx = new double[x.length];
        for (int row = 0; row < x.length; row += width) {
            double length = ReferenceOps.length(x, row, width);
            double along = length > ReferenceOps.MIN_LENGTH ? dot(y, row, dy, row, width) : 0;
            for (int i = row; i < row + width; i++) {
                dx[i] = (dy[i] - y[i] * along) / Math.max(length, ReferenceOps.MIN_LENGTH);
            }
        }
        return dx;
    }

    static double[] softmax(double[] y, double[] dy, int width) {
        double[] dx = new double[y.length];
        for (int row = 0; row < y.length; row += width) {
            double mean = dot(y, row, dy, row, width);
            for (int i = row; i < row + width; i++) {
                dx[i] = y[i] * (dy[i] - mean);
            }
        }
        return dx;
    }

    static double[] crossEntropy(double[] logits, double[] labels, double dy) {
        int classes = logits.length / labels.length;
        double[] dx = ReferenceOps.softmax(logits, classes);
        for (int i = 0; i < labels.length; i++) {
            dx[i * classes + (int) labels[i]] -= 1;
        }
        return ReferenceOps.affine(dx, dy / labels.length, 0);
    }

    static double[] softCrossEntropy(double[] logits, double[] target, double dy, int classes) {
        double[] dx = ReferenceOps.softmax(logits, classes);
        for (int i = 0; i < dx.length; i++) {
            dx[i] -= target[i];
        }
        return ReferenceOps.affine(dx, dy / (logits.length / classes), 0);
    }

    static double[] softCrossEntropyTarget(double[] logits, double dy, int classes) {
        double[] dTarget = ReferenceOps.logSoftmax(logits, classes);
        for (int i = 0; i < dTarget.length; i++) {
            dTarget[i] = logits[i] == Double.NEGATIVE_INFINITY ? 0 : -dTarget[i] * dy / (logits.length / classes);
        }
        return dTarget;
    }

    /** The decay is decoupled and scaled by the learning rate, as in torch: w ← w − rate·(m̂/(√v̂ + ε) + decay·w). */
    static double[] adamW(Op.AdamW op, double[][] in) {
        double[] w = in[0];
        double[] m = in[1];
        double[] v = in[2];
        double[] gradient = in[3];
        double rate = in[4][0];
        double decay = in[4][1];
        double clip = clipFactor(in[4][2], in[6][0]);
        double step = in[5][0];
        for (int i = 0; i < w.length; i++) {
            double g = gradient[i] * clip;
            m[i] = op.beta1() * m[i] + (1.0 - op.beta1()) * g;
            v[i] = op.beta2() * v[i] + (1.0 - op.beta2()) * g * g;
            double mean = m[i] / (1 - Math.pow(op.beta1(), step));
            double square = v[i] / (1 - Math.pow(op.beta2(), step));
            w[i] -= rate * (mean / (Math.sqrt(square) + op.epsilon()) + decay * w[i]);
        }
        return w;
    }

    static double[] sgd(Op.Sgd op, double[][] in) {
        double[] w = in[0];
        double[] velocity = in[1];
        double rate = in[3][0];
        double decay = in[3][1];
        double clip = clipFactor(in[3][2], in[4][0]);
        for (int i = 0; i < w.length; i++) {
            velocity[i] = op.momentum() * velocity[i] + in[2][i] * clip + decay * w[i];
            w[i] -= rate * velocity[i];
        }
        return w;
    }

    private static double clipFactor(double clip, double norm) {
        return Math.min(1, clip / (norm + 1e-6));
    }
}
