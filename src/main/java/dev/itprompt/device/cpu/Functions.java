package dev.itprompt.device.cpu;

import static dev.itprompt.device.cpu.Lanes.fma;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Transcendental functions of one vector. Constants are vectors already: broadcasting them in place would make the callers
 * too large for the compiler to inline all vector operations.
 */
final class Functions {

    static final FloatVector ONE = Lanes.broadcast(1);
    static final FloatVector ZERO = Lanes.zero();
    private static final FloatVector INFINITY = Lanes.broadcast(Float.POSITIVE_INFINITY);

    /** Taylor coefficients of e^r; on |r| <= ln 2 / 2 the relative error is below 1e-7 at this degree. */
    static final FloatVector E2 = Lanes.broadcast(0.5f);
    static final FloatVector E3 = Lanes.broadcast(1f / 6);
    static final FloatVector E4 = Lanes.broadcast(1f / 24);
    static final FloatVector E5 = Lanes.broadcast(1f / 120);
    static final FloatVector E6 = Lanes.broadcast(1f / 720);
    static final FloatVector E7 = Lanes.broadcast(1f / 5040);
    static final FloatVector LOG2_E = Lanes.broadcast(1.4426950408889634f);
    static final FloatVector MINUS_LN2_HIGH = Lanes.broadcast(-0.693359375f);
    static final FloatVector MINUS_LN2_LOW = Lanes.broadcast(2.12194440e-4f);
    /** Adding it leaves the nearest integer in the low bits of the significand. */
    static final FloatVector ROUND = Lanes.broadcast(12582912f);
    static final FloatVector SMALLEST = Lanes.broadcast(-87.3f);
    private static final FloatVector LARGEST = Lanes.broadcast(88.72f);

    private static final FloatVector MINUS_INFINITY = Lanes.broadcast(Float.NEGATIVE_INFINITY);
    private static final FloatVector NOT_A_NUMBER = Lanes.broadcast(Float.NaN);
    private static final FloatVector NORMAL = Lanes.broadcast(Float.MIN_NORMAL);
    /** Makes numbers below the normal ones normal: 2^24. */
    private static final FloatVector SCALE = Lanes.broadcast(1 << 24);
    private static final FloatVector SCALE_POWER = Lanes.broadcast(24);
    private static final int ROOT_HALF = Float.floatToRawIntBits((float) Math.sqrt(0.5));
    private static final FloatVector TWO = Lanes.broadcast(2);
    private static final FloatVector L3 = Lanes.broadcast(2f / 3);
    private static final FloatVector L5 = Lanes.broadcast(2f / 5);
    private static final FloatVector L7 = Lanes.broadcast(2f / 7);
    private static final FloatVector L9 = Lanes.broadcast(2f / 9);

    private static final FloatVector QUICK = Lanes.broadcast(1.702f);
    private static final FloatVector HALF = Lanes.broadcast(0.5f);
    private static final FloatVector MINUS_ONE = Lanes.broadcast(-1);

    /** From here on the normal distribution function is 1, below the negative of it 0, to float32's precision. */
    private static final FloatVector NORMAL_END = Lanes.broadcast(5.4f);
    private static final FloatVector NORMAL_SCALE = Lanes.broadcast((float) (2 / (5.4 * 5.4)));
    private static final FloatVector P0 = Lanes.broadcast(1.309281141e-01f);
    private static final FloatVector P1 = Lanes.broadcast(-6.532805413e-02f);
    private static final FloatVector P2 = Lanes.broadcast(4.849959165e-02f);
    private static final FloatVector P3 = Lanes.broadcast(-3.920681402e-02f);
    private static final FloatVector P4 = Lanes.broadcast(3.211659566e-02f);
    private static final FloatVector P5 = Lanes.broadcast(-2.574645542e-02f);
    private static final FloatVector P6 = Lanes.broadcast(1.964513585e-02f);
    private static final FloatVector P7 = Lanes.broadcast(-1.396332681e-02f);
    private static final FloatVector P8 = Lanes.broadcast(9.651220404e-03f);
    private static final FloatVector P9 = Lanes.broadcast(-6.715326104e-03f);
    private static final FloatVector P10 = Lanes.broadcast(3.658884438e-03f);
    private static final FloatVector P11 = Lanes.broadcast(-1.186420908e-03f);
    private static final FloatVector P12 = Lanes.broadcast(8.749630069e-04f);
    private static final FloatVector P13 = Lanes.broadcast(-1.028365339e-03f);
    private static final FloatVector P14 = Lanes.broadcast(3.928499063e-04f);

    /** From here on the slope of GELU is 1, below the negative of it 0. */
    private static final FloatVector SLOPE_END = Lanes.broadcast(6.1f);
    private static final FloatVector MINUS_SLOPE_END = Lanes.broadcast(-6.1f);
    private static final FloatVector SLOPE_SCALE = Lanes.broadcast((float) (2 / (6.1 * 6.1)));
    private static final FloatVector S0 = Lanes.broadcast(1.159536615e-01f);
    private static final FloatVector S1 = Lanes.broadcast(-5.827898532e-02f);
    private static final FloatVector S2 = Lanes.broadcast(4.494463652e-02f);
    private static final FloatVector S3 = Lanes.broadcast(-4.075533152e-02f);
    private static final FloatVector S4 = Lanes.broadcast(4.214353114e-02f);
    private static final FloatVector S5 = Lanes.broadcast(-4.779975116e-02f);
    private static final FloatVector S6 = Lanes.broadcast(5.528351292e-02f);
    private static final FloatVector S7 = Lanes.broadcast(-6.125704199e-02f);
    private static final FloatVector S8 = Lanes.broadcast(6.556528807e-02f);
    private static final FloatVector S9 = Lanes.broadcast(-6.747565418e-02f);
    private static final FloatVector S10 = Lanes.broadcast(5.648662522e-02f);
    private static final FloatVector S11 = Lanes.broadcast(-3.600668907e-02f);
    private static final FloatVector S12 = Lanes.broadcast(3.422493860e-02f);
    private static final FloatVector S13 = Lanes.broadcast(-4.115255177e-02f);
    private static final FloatVector S14 = Lanes.broadcast(1.974841021e-02f);
    private static final FloatVector S15 = Lanes.broadcast(4.354007542e-03f);
    private static final FloatVector S16 = Lanes.broadcast(1.615818474e-03f);
    private static final FloatVector S17 = Lanes.broadcast(-9.586604312e-03f);
    private static final FloatVector S18 = Lanes.broadcast(3.959399182e-03f);

    private Functions() {}

    /** {@code e^x}, relative error about 1e-7; 0 below -87.3, infinite above 88.72. */
    static FloatVector exp(FloatVector x) {
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
        // Beyond the bounds y holds garbage.
        return y.blend(ZERO, x.lt(SMALLEST)).blend(INFINITY, LARGEST.lt(x));
    }

    /**
     * The natural logarithm, relative error about 2e-7; −∞ for 0, not a number below. With x = m·2^n, m from √½ to √2, and
     * {@code s = (m-1)/(m+1)} it is {@code n·ln 2 + 2·(s + s³/3 + s⁵/5 + s⁷/7 + s⁹/9)}; the rest of the series is below 1e-9.
     */
    static FloatVector log(FloatVector x) {
        VectorMask<Float> tiny = x.lt(NORMAL);
        FloatVector scaled = x.blend(x.mul(SCALE), tiny);
        IntVector bits = scaled.reinterpretAsInts();
        IntVector power = bits.sub(ROOT_HALF).lanewise(VectorOperators.ASHR, 23);
        FloatVector m = bits.sub(power.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats();
        FloatVector minusN = ROUND.sub(power.add(ROUND.reinterpretAsInts()).reinterpretAsFloats());
        FloatVector lowered = minusN.blend(minusN.add(SCALE_POWER), tiny);
        FloatVector s = m.sub(ONE).div(m.add(ONE));
        FloatVector z = s.mul(s);
        FloatVector p = fma(L9, z, L7);
        p = fma(p, z, L5);
        p = fma(p, z, L3);
        p = fma(p, z, TWO).mul(s);
        FloatVector y = fma(lowered, MINUS_LN2_HIGH, fma(lowered, MINUS_LN2_LOW, p));
        // Beyond the bounds y holds garbage.
        return y.blend(x, INFINITY.compare(VectorOperators.EQ, x)).blend(MINUS_INFINITY, x.compare(VectorOperators.EQ, 0))
                .blend(NOT_A_NUMBER, x.compare(VectorOperators.GE, 0).not());
    }

    /**
     * {@code x·Φ(x)} with the normal distribution function as {@code 1/2 + x·p(t)}, t being x² stretched to [-1, 1]; p is a minimax fit
     * of degree 14 with an error of 3e-8 in Φ, to which rounding adds about 6e-8.
     */
    static FloatVector gelu(FloatVector x) {
        FloatVector t = fma(x.mul(x), NORMAL_SCALE, MINUS_ONE);
        FloatVector p = fma(P14, t, P13);
        p = fma(p, t, P12);
        p = fma(p, t, P11);
        p = fma(p, t, P10);
        p = fma(p, t, P9);
        p = fma(p, t, P8);
        p = fma(p, t, P7);
        p = fma(p, t, P6);
        p = fma(p, t, P5);
        p = fma(p, t, P4);
        p = fma(p, t, P3);
        p = fma(p, t, P2);
        p = fma(p, t, P1);
        p = fma(p, t, P0);
        FloatVector length = x.abs();
        FloatVector half = x.mul(HALF);
        FloatVector ends = fma(length, HALF, half);
        return fma(p.mul(length), length, half).blend(ends, NORMAL_END.lt(length));
    }

    /**
     * The derivative of {@link #gelu}, {@code Φ(x) + x·φ(x)}, as {@code 1/2 + x·p(t)} like Φ; degree 18, error of the fit 2e-8, of the
     * result 2e-7.
     */
    static FloatVector geluSlope(FloatVector x) {
        FloatVector t = fma(x.mul(x), SLOPE_SCALE, MINUS_ONE);
        FloatVector p = fma(S18, t, S17);
        p = fma(p, t, S16);
        p = fma(p, t, S15);
        p = fma(p, t, S14);
        p = fma(p, t, S13);
        p = fma(p, t, S12);
        p = fma(p, t, S11);
        p = fma(p, t, S10);
        p = fma(p, t, S9);
        p = fma(p, t, S8);
        p = fma(p, t, S7);
        p = fma(p, t, S6);
        p = fma(p, t, S5);
        p = fma(p, t, S4);
        p = fma(p, t, S3);
        p = fma(p, t, S2);
        p = fma(p, t, S1);
        p = fma(p, t, S0);
        return fma(p, x, HALF).blend(ONE, SLOPE_END.lt(x)).blend(ZERO, x.lt(MINUS_SLOPE_END));
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
