package dev.itprompt.device.cpu;

import static dev.itprompt.device.cpu.Lanes.fma;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Transcendental functions of one vector. Constants are vectors already: broadcasting them in place would make the callers
 * too large for the compiler to inline all vector operations.
 */
final class Functions {

    private static final FloatVector ONE = Lanes.broadcast(1);
    private static final FloatVector ZERO = Lanes.zero();
    private static final FloatVector INFINITY = Lanes.broadcast(Float.POSITIVE_INFINITY);

    /** Taylor coefficients of e^r; on |r| <= ln 2 / 2 the relative error is below 1e-7 at this degree. */
    private static final FloatVector E2 = Lanes.broadcast(0.5f);
    private static final FloatVector E3 = Lanes.broadcast(1f / 6);
    private static final FloatVector E4 = Lanes.broadcast(1f / 24);
    private static final FloatVector E5 = Lanes.broadcast(1f / 120);
    private static final FloatVector E6 = Lanes.broadcast(1f / 720);
    private static final FloatVector E7 = Lanes.broadcast(1f / 5040);
    private static final FloatVector LOG2_E = Lanes.broadcast(1.4426950408889634f);
    private static final FloatVector MINUS_LN2_HIGH = Lanes.broadcast(-0.693359375f);
    private static final FloatVector MINUS_LN2_LOW = Lanes.broadcast(2.12194440e-4f);
    /** Adding it leaves the nearest integer in the low bits of the significand. */
    private static final FloatVector ROUND = Lanes.broadcast(12582912f);
    private static final FloatVector SMALLEST = Lanes.broadcast(-87.3f);
    private static final FloatVector LARGEST = Lanes.broadcast(88.72f);

    private static final FloatVector MINUS_HALF = Lanes.broadcast(-0.5f);
    private static final FloatVector QUICK = Lanes.broadcast(1.702f);
    /** The normal density at 0. */
    private static final FloatVector DENSITY = Lanes.broadcast((float) (1 / Math.sqrt(2 * Math.PI)));
    private static final FloatVector SLOPE = Lanes.broadcast(0.26f);
    private static final FloatVector Q0 = Lanes.broadcast(1.037590617e-01f);
    private static final FloatVector Q1 = Lanes.broadcast(1.030167159e-01f);
    private static final FloatVector Q2 = Lanes.broadcast(1.030305218e-01f);
    private static final FloatVector Q3 = Lanes.broadcast(5.102654548e-02f);
    private static final FloatVector Q4 = Lanes.broadcast(1.609507386e-01f);
    private static final FloatVector Q5 = Lanes.broadcast(-1.509534530e-01f);
    private static final FloatVector Q6 = Lanes.broadcast(2.514954904e-01f);
    private static final FloatVector Q7 = Lanes.broadcast(-1.528309909e-01f);
    private static final FloatVector Q8 = Lanes.broadcast(3.050535760e-02f);

    private Functions() {}

    /** {@code e^x}, relative error about 1e-7; 0 below -87.3, infinite above 88.72. */
    static FloatVector exp(FloatVector x) {
        return expOfNegative(x).blend(INFINITY, LARGEST.lt(x));
    }

    /** {@link #exp} for numbers that are not above 88.72; 0 below -87.3. */
    static FloatVector expOfNegative(FloatVector x) {
        FloatVector shifted = fma(x, LOG2_E, ROUND);
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = fma(n, MINUS_LN2_LOW, fma(n, MINUS_LN2_HIGH, x));
        FloatVector p = fma(E7, r, E6);
        p = fma(p, r, E5);
        p = fma(p, r, E4);
        p = fma(p, r, E3);
        p = fma(p, r, E2);
        p = fma(p, r, ONE);
        p = fma(p, r, ONE);
        IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        FloatVector y = p.reinterpretAsInts().add(power).reinterpretAsFloats();
        // Below the bound y holds garbage.
        return y.blend(ZERO, x.lt(SMALLEST));
    }

    /**
     * The normal distribution function, given {@code bell = e^(-x²/2)}. With z = |x| and t = 1/(1 + 0.26 z) the lower tail is
     * bell·t·q(t); q is a minimax fit of degree 8 on z in [0, 14] with relative error 2.5e-8.
     */
    private static FloatVector normal(FloatVector x, FloatVector bell) {
        FloatVector t = ONE.div(fma(x.abs(), SLOPE, ONE));
        FloatVector q = fma(Q8, t, Q7);
        q = fma(q, t, Q6);
        q = fma(q, t, Q5);
        q = fma(q, t, Q4);
        q = fma(q, t, Q3);
        q = fma(q, t, Q2);
        q = fma(q, t, Q1);
        q = fma(q, t, Q0);
        FloatVector tail = q.mul(t).mul(bell);
        return tail.blend(ONE.sub(tail), ZERO.lt(x));
    }

    /** {@code e^(-x²/2)}. */
    static FloatVector bell(FloatVector x) {
        return expOfNegative(x.mul(x).mul(MINUS_HALF));
    }

    static FloatVector gelu(FloatVector x, FloatVector bell) {
        return x.mul(normal(x, bell));
    }

    /** The derivative of {@link #gelu}: the distribution function plus x times the density. */
    static FloatVector geluSlope(FloatVector x, FloatVector bell) {
        return fma(x.mul(bell), DENSITY, normal(x, bell));
    }

    static FloatVector quickGelu(FloatVector x) {
        return x.mul(sigmoid(x.mul(QUICK)));
    }

    /** The derivative of {@link #quickGelu}; with s = σ(1.702 x) it is {@code s + 1.702 x s (1 - s)}. */
    static FloatVector quickGeluSlope(FloatVector x) {
        FloatVector v = x.mul(QUICK);
        FloatVector s = sigmoid(v);
        return fma(v, s.sub(s.mul(s)), s);
    }

    /** {@code 1/(1 + e^-x)}. */
    private static FloatVector sigmoid(FloatVector x) {
        return ONE.div(exp(x.neg()).add(ONE));
    }
}
