package dev.itprompt.device.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Cross-entropy with labels or with target distributions; logits may be -infinity. */
final class Losses {

    private Losses() {}

    /** Bytes of shared workspace: one loss per row. */
    static long bytes(int rows) {
        return 8L * rows;
    }

    static void crossEntropy(Workers workers, Workspace space, long logits, long labels, long loss, int rows, int classes) {
        long each = space.shared();
        workers.split(rows, 10L * classes, (_, from, to) -> {
            for (int r = from; r < to; r++) {
                long row = logits + 4L * r * classes;
                int label = TokenKernels.index(labels, r, classes, "label");
                Lanes.setDouble(each + 8L * r, logSum(row, classes) - Lanes.get(row + 4L * label));
            }
        });
        Lanes.set(loss, mean(each, rows));
    }

    static void crossEntropyGradient(Workers workers, long logits, long labels, long dy, long dx, int rows, int classes) {
        float scale = Lanes.get(dy) / rows;
        workers.split(rows, 12L * classes, (_, from, to) -> {
            for (int r = from; r < to; r++) {
                long offset = 4L * r * classes;
                int label = TokenKernels.index(labels, r, classes, "label");
                probabilities(logits + offset, scale, dx + offset, classes);
                Lanes.set(dx + offset + 4L * label, Lanes.get(dx + offset + 4L * label) - scale);
            }
        });
    }

    static void softCrossEntropy(Workers workers, Workspace space, long logits, long target, long loss, int rows, int classes) {
        long each = space.shared();
        workers.split(rows, 10L * classes, (_, from, to) -> {
            for (int r = from; r < to; r++) {
                long offset = 4L * r * classes;
                float shift = (float) logSum(logits + offset, classes);
                Lanes.setDouble(each + 8L * r, -expected(logits + offset, target + offset, shift, classes));
            }
        });
        Lanes.set(loss, mean(each, rows));
    }

    static void softCrossEntropyGradient(Workers workers, long logits, long target, long dy, long dx, int rows, int classes) {
        float scale = Lanes.get(dy) / rows;
        workers.split(rows, 12L * classes, (_, from, to) -> {
            for (int r = from; r < to; r++) {
                long offset = 4L * r * classes;
                probabilities(logits + offset, scale, dx + offset, classes);
                subtractScaled(target + offset, scale, dx + offset, classes);
            }
        });
    }

    static void softCrossEntropyTargetGradient(Workers workers, long logits, long dy, long dx, int rows, int classes) {
        float scale = Lanes.get(dy) / rows;
        workers.split(rows, 10L * classes, (_, from, to) -> {
            for (int r = from; r < to; r++) {
                long offset = 4L * r * classes;
                scaledSurprise(logits + offset, (float) logSum(logits + offset, classes), scale, dx + offset, classes);
            }
        });
    }

    private static float mean(long each, int rows) {
        double total = 0;
        for (int r = 0; r < rows; r++) {
            total += Lanes.getDouble(each + 8L * r);
        }
        return (float) (total / rows);
    }

    /** log Σ e^x. */
    private static double logSum(long row, int classes) {
        float max = Reductions.max(row, classes);
        return max + Math.log(Rows.sumOfExponentials(row, max, classes));
    }

    private static void probabilities(long row, float scale, long y, int classes) {
        float sum = Rows.exponentials(row, Reductions.max(row, classes), 1, y, classes);
        Rows.scaleRow(y, scale / sum, y, classes);
    }

    /** Σ target·(x - shift) over elements whose target is not 0. */
    private static float expected(long x, long target, float shift, int classes) {
        FloatVector s = Lanes.broadcast(shift);
        FloatVector sum = Lanes.zero();
        int i = 0;
        for (; i <= classes - Lanes.COUNT; i += Lanes.COUNT) {
            sum = sum.add(term(Lanes.load(x + 4L * i), Lanes.load(target + 4L * i), s));
        }
        if (i < classes) {
            sum = sum.add(term(Lanes.load(x + 4L * i, classes - i), Lanes.load(target + 4L * i, classes - i), s));
        }
        return Lanes.sum(sum);
    }

    private static FloatVector term(FloatVector x, FloatVector target, FloatVector shift) {
        VectorMask<Float> none = target.compare(VectorOperators.EQ, 0);
        return target.mul(x.sub(shift)).blend(0, none);
    }

    /** {@code y = scale·(shift - x)}, 0 where x is -infinity. */
    private static void scaledSurprise(long x, float shift, float scale, long y, int count) {
        FloatVector t = Lanes.broadcast(shift);
        FloatVector s = Lanes.broadcast(scale);
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(surprise(Lanes.load(x + 4L * i), t).mul(s), y + 4L * i);
        }
        if (i < count) {
            Lanes.store(surprise(Lanes.load(x + 4L * i, count - i), t).mul(s), y + 4L * i, count - i);
        }
    }

    private static FloatVector surprise(FloatVector x, FloatVector shift) {
        return shift.sub(x).blend(0, x.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
    }

    private static void subtractScaled(long x, float scale, long y, int count) {
        FloatVector s = Lanes.broadcast(-scale);
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            Lanes.store(Lanes.fma(Lanes.load(x + 4L * i), s, Lanes.load(y + 4L * i)), y + 4L * i);
        }
        if (i < count) {
            int n = count - i;
            Lanes.store(Lanes.fma(Lanes.load(x + 4L * i, n), s, Lanes.load(y + 4L * i, n)), y + 4L * i, n);
        }
    }
}
