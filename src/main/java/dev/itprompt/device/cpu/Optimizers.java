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
        double t = Lanes.get(step);
        float stepSize = (float) (rate / (1 - Math.pow(op.beta1(), t)));
        float unbias = (float) (1 / Math.sqrt(1 - Math.pow(op.beta2(), t)));
        Elementwise.pieces(workers, size, 8, (from, count) -> adamWRow(weight + from, first + from, second + from,
                gradient + from, clip, op.beta1(), op.beta2(), op.epsilon(), stepSize, unbias, 1 - decay, count));
    }

    private static void adamWRow(long weight, long first, long second, long gradient, float clip, float beta1, float beta2,
            float epsilon, float stepSize, float unbias, float keep, int count) {
        for (int i = 0; i < count; i += Lanes.COUNT) {
            int n = Math.min(Lanes.COUNT, count - i);
            long o = 4L * i;
            FloatVector g = part(gradient + o, n).mul(clip);
            FloatVector m = part(first + o, n).mul(beta1).add(g.mul(1 - beta1));
            FloatVector v = part(second + o, n).mul(beta2).add(g.mul(g).mul(1 - beta2));
            FloatVector move = m.mul(stepSize).div(v.sqrt().mul(unbias).add(epsilon));
            part(m, first + o, n);
            part(v, second + o, n);
            part(part(weight + o, n).mul(keep).sub(move), weight + o, n);
        }
    }

    static void sgd(Workers workers, Op.Sgd op, long weight, long velocity, long gradient, long rates, long norm, int size) {
        float rate = Lanes.get(rates);
        float decay = Lanes.get(rates + 4);
        float clip = clip(Lanes.get(rates + 8), Lanes.get(norm));
        Elementwise.pieces(workers, size, 4, (from, count) -> sgdRow(weight + from, velocity + from, gradient + from, clip, decay,
                op.momentum(), rate, count));
    }

    private static void sgdRow(long weight, long velocity, long gradient, float clip, float decay, float momentum, float rate,
            int count) {
        for (int i = 0; i < count; i += Lanes.COUNT) {
            int n = Math.min(Lanes.COUNT, count - i);
            long o = 4L * i;
            FloatVector w = part(weight + o, n);
            FloatVector g = part(gradient + o, n).mul(clip).add(w.mul(decay));
            FloatVector v = part(velocity + o, n).mul(momentum).add(g);
            part(v, velocity + o, n);
            part(w.sub(v.mul(rate)), weight + o, n);
        }
    }

    private static FloatVector part(long address, int count) {
        return count == Lanes.COUNT ? Lanes.load(address) : Lanes.load(address, count);
    }

    private static void part(FloatVector v, long address, int count) {
        if (count == Lanes.COUNT) {
            Lanes.store(v, address);
        } else {
            Lanes.store(v, address, count);
        }
    }
}
