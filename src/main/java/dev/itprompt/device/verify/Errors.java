package dev.itprompt.device.verify;

/**
 * How far computed values lie from exact ones; infinite where a computed one is NaN.
 *
 * @param absolute largest difference
 * @param relative largest difference, divided by the largest exact value or the size of the terms it is made of
 * @param ulps     largest difference in units in the last place of the exact value, over values of at least a hundredth of what
 *                 the relative error refers to: smaller ones are what is left of larger terms
 * @param at       index of the largest difference
 */
public record Errors(double absolute, double relative, double ulps, int at) {

    /** No difference. */
    public static final Errors NONE = new Errors(0, 0, 0, 0);

    private static final double SMALL = 0.01;

    /**
     * Compares two tensors.
     *
     * @param scale size of the terms that the values are sums of; the relative error refers to it if it is larger than all values
     */
    public static Errors between(double[] exact, float[] computed, double scale) {
        double largest = 0;
        for (double value : exact) {
            largest = Math.max(largest, Math.abs(value));
        }
        double size = Math.max(scale, largest);
        double absolute = 0;
        double ulps = 0;
        int at = 0;
        for (int i = 0; i < exact.length; i++) {
            double error = Math.abs(exact[i] - computed[i]);
            error = Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
            if (error > absolute) {
                absolute = error;
                at = i;
            }
            if (Math.abs(exact[i]) >= SMALL * size) {
                ulps = Math.max(ulps, error / Math.ulp((float) exact[i]));
            }
        }
        return new Errors(absolute, absolute == 0 ? 0 : absolute / size, ulps, at);
    }

    /** The larger of both, each. */
    public Errors max(Errors other) {
        return new Errors(Math.max(absolute, other.absolute), Math.max(relative, other.relative), Math.max(ulps, other.ulps),
                relative >= other.relative ? at : other.at);
    }
}
