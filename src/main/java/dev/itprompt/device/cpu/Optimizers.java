package dev.itprompt.device.cpu;

import dev.itprompt.graph.Op;
import jdk.incubator.vector.FloatVector;

/** Optimizer steps in place. */
final class Optimizers {

    private Optimizers() {}

    /** The factor that brings a gradient of this norm down to the clip norm; 1 if the clip norm is infinite. */
    private static float clip(float clip, float norm) {
        return clip == Float.POSITIVE_INFINITY ? 1 : Math.min(1, clip / (norm + 1e-6f));
    }

    static void adamW(Workers workers, Op.AdamW op, long weight, long first, long second, long gradient, long rates, long step,
            long norm, int size) {
        float rate = Lanes.get(rates);
        float decay = rate * Lanes.get(rates + 4);
        float clip = clip(Lanes.get(rates + 8), Lanes.get(norm));
        float beta1 = (float) op.beta1();
        float beta2 = (float) op.beta2();
        double t = Lanes.get(step);
        float stepSize = (float) (rate / (1 - Math.pow(beta1, t)));
        float unbias = (float) (1 / Math.sqrt(1 - Math.pow(beta2, t)));
        Elementwise.pieces(workers, size, 8, (from, count) -> adamWRow(weight + from, first + from, second + from,
                gradient + from, clip, beta1, beta2, (float) op.epsilon(), stepSize, unbias, 1 - decay, count));
    }

    private static void adamWRow(long weight, long first, long second, long gradient, float clip, float beta1, float beta2,
            float epsilon, float stepSize, float unbias, float keep, int count) {
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            long o = 4L * i;
            FloatVector g = Lanes.load(gradient + o).mul(clip);
            FloatVector m = Lanes.load(first + o).mul(beta1).add(g.mul(1 - beta1));
            FloatVector v = Lanes.load(second + o).mul(beta2).add(g.mul(g).mul(1 - beta2));
            FloatVector move = m.mul(stepSize).div(v.sqrt().mul(unbias).add(epsilon));
            Lanes.store(m, first + o);
            Lanes.store(v, second + o);
            Lanes.store(Lanes.load(weight + o).mul(keep).sub(move), weight + o);
        }
        for (; i < count; i++) {
            long o = 4L * i;
            float g = Lanes.get(gradient + o) * clip;
            float m = Lanes.get(first + o) * beta1 + g * (1 - beta1);
            float v = Lanes.get(second + o) * beta2 + g * g * (1 - beta2);
            float move = m * stepSize / ((float) Math.sqrt(v) * unbias + epsilon);
            Lanes.set(first + o, m);
            Lanes.set(second + o, v);
            Lanes.set(weight + o, Lanes.get(weight + o) * keep - move);
        }
    }

    static void sgd(Workers workers, Op.Sgd op, long weight, long velocity, long gradient, long rates, long norm, int size) {
        float rate = Lanes.get(rates);
        float decay = Lanes.get(rates + 4);
        float clip = clip(Lanes.get(rates + 8), Lanes.get(norm));
        Elementwise.pieces(workers, size, 4, (from, count) -> sgdRow(weight + from, velocity + from, gradient + from, clip, decay,
                (float) op.momentum(), rate, count));
    }

    private static void sgdRow(long weight, long velocity, long gradient, float clip, float decay, float momentum, float rate,
            int count) {
        int i = 0;
        for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
            long o = 4L * i;
            FloatVector w = Lanes.load(weight + o);
            FloatVector g = Lanes.load(gradient + o).mul(clip).add(w.mul(decay));
            FloatVector v = Lanes.load(velocity + o).mul(momentum).add(g);
            Lanes.store(v, velocity + o);
            Lanes.store(w.sub(v.mul(rate)), weight + o);
        }
        for (; i < count; i++) {
            long o = 4L * i;
            float w = Lanes.get(weight + o);
            float v = Lanes.get(velocity + o) * momentum + (Lanes.get(gradient + o) * clip + w * decay);
            Lanes.set(velocity + o, v);
            Lanes.set(weight + o, w - v * rate);
        }
    }
}
