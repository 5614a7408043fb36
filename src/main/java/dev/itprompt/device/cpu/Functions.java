package dev.itprompt.device.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Transcendental functions of one vector. */
final class Functions {

    /** Coefficients, ascending, of e^r on |r| <= ln 2 / 2; Taylor, relative error below 1e-7 at this degree. */
    private static final float E2 = 0.5f;
    private static final float E3 = 1f / 6;
    private static final float E4 = 1f / 24;
    private static final float E5 = 1f / 120;
    private static final float E6 = 1f / 720;
    private static final float E7 = 1f / 5040;
    private static final float LOG2_E = 1.4426950408889634f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;
    /** Adding it leaves the nearest integer in the low bits of the significand. */
    private static final float ROUND = 12582912f;
    private static final float SMALLEST = -87.3f;
    private static final float LARGEST = 88.72f;

    private static final float SQRT_HALF_OVER_PI = 0.3989422804014327f;

    private Functions() {}

    /** {@code e^x}, relative error about 1e-7; 0 below -87.3, infinite above 88.72. */
    static FloatVector exp(FloatVector x) {
        FloatVector clamped = x.max(SMALLEST).min(LARGEST);
        FloatVector shifted = clamped.fma(Lanes.broadcast(LOG2_E), Lanes.broadcast(ROUND));
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = n.fma(Lanes.broadcast(-LN2_HIGH), clamped);
        r = n.fma(Lanes.broadcast(-LN2_LOW), r);
        FloatVector p = r.fma(Lanes.broadcast(E7), Lanes.broadcast(E6));
        p = p.fma(r, Lanes.broadcast(E5));
        p = p.fma(r, Lanes.broadcast(E4));
        p = p.fma(r, Lanes.broadcast(E3));
        p = p.fma(r, Lanes.broadcast(E2));
        p = p.fma(r, Lanes.broadcast(1));
        p = p.fma(r, Lanes.broadcast(1));
        IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        FloatVector y = p.reinterpretAsInts().add(power).reinterpretAsFloats();
        return y.blend(0, x.lt(SMALLEST)).blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, LARGEST));
    }

    /** {@code e^(-x²/2)}. */
    static FloatVector bell(FloatVector x) {
        return exp(x.mul(x).mul(-0.5f));
    }

    /**
     * The normal distribution function, given {@code bell = e^(-x²/2)}. With z = |x| and t = 1/(1 + 0.26 z) the lower tail is
     * bell·t·q(t); q is a minimax fit of degree 8 on z in [0, 14] with relative error 2.5e-8.
     */
    static FloatVector normal(FloatVector x, FloatVector bell) {
        FloatVector t = Lanes.broadcast(1).div(x.abs().fma(Lanes.broadcast(0.26f), Lanes.broadcast(1)));
        FloatVector q = t.fma(Lanes.broadcast(3.050535760e-02f), Lanes.broadcast(-1.528309909e-01f));
        q = q.fma(t, Lanes.broadcast(2.514954904e-01f));
        q = q.fma(t, Lanes.broadcast(-1.509534530e-01f));
        q = q.fma(t, Lanes.broadcast(1.609507386e-01f));
        q = q.fma(t, Lanes.broadcast(5.102654548e-02f));
        q = q.fma(t, Lanes.broadcast(1.030305218e-01f));
        q = q.fma(t, Lanes.broadcast(1.030167159e-01f));
        q = q.fma(t, Lanes.broadcast(1.037590617e-01f));
        FloatVector tail = q.mul(t).mul(bell);
        return tail.blend(Lanes.broadcast(1).sub(tail), x.compare(VectorOperators.GT, 0));
    }

    static FloatVector gelu(FloatVector x) {
        return x.mul(normal(x, bell(x)));
    }

    /** The derivative of {@link #gelu}: the distribution function plus x times the density. */
    static FloatVector geluSlope(FloatVector x) {
        FloatVector bell = bell(x);
        return x.mul(bell).fma(Lanes.broadcast(SQRT_HALF_OVER_PI), normal(x, bell));
    }

    private static FloatVector sigmoid(FloatVector x) {
        return Lanes.broadcast(1).div(exp(x.neg()).add(1));
    }

    static FloatVector quickGelu(FloatVector x) {
        return x.mul(sigmoid(x.mul(1.702f)));
    }

    /** The derivative of {@link #quickGelu}: {@code s + 1.702 x s (1 - s)}. */
    static FloatVector quickGeluSlope(FloatVector x) {
        FloatVector s = sigmoid(x.mul(1.702f));
        FloatVector rest = s.sub(s.mul(s));
        return x.mul(1.702f).fma(rest, s);
    }
}
