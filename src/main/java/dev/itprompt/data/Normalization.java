package dev.itprompt.data;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What is subtracted from and divides the red, green and blue values, scaled to 0..1, before a model sees them.
 *
 * @param mean      subtracted, per channel
 * @param deviation divides afterwards, per channel, above 0
 */
public record Normalization(List<Double> mean, List<Double> deviation) {

    /** The statistics CLIP was trained with. */
    public static final Normalization CLIP = new Normalization(
            List.of(0.48145466, 0.4578275, 0.40821073), List.of(0.26862954, 0.26130258, 0.27577711));
    /** The statistics of ImageNet: DINO, iBOT, MoCo. */
    public static final Normalization IMAGENET = new Normalization(
            List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));
    /** To -1..1: vision transformers pre-trained with supervision. */
    public static final Normalization HALF = new Normalization(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));
    /** The statistics of CIFAR-100, as HiDe-Prompt takes them. */
    public static final Normalization CIFAR = new Normalization(List.of(0.5071, 0.4867, 0.4408), List.of(0.2675, 0.2565, 0.2761));
    /** None: values stay in 0..1. */
    public static final Normalization NONE = new Normalization(List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));

    /** How far statistics may be from those of a named normalization to be taken for it; no deviation may be smaller. */
    private static final double TOLERANCE = 1e-5;

    /** The names of the usual ones, for settings. */
    public enum Name {
        /** {@link Normalization#CLIP}. */
        CLIP(Normalization.CLIP),
        /** {@link Normalization#IMAGENET}. */
        IMAGENET(Normalization.IMAGENET),
        /** {@link Normalization#HALF}. */
        HALF(Normalization.HALF),
        /** {@link Normalization#CIFAR}. */
        CIFAR(Normalization.CIFAR),
        /** {@link Normalization#NONE}. */
        NONE(Normalization.NONE);

        private final Normalization normalization;

        Name(Normalization normalization) {
            this.normalization = normalization;
        }

        /** What it names. */
        public Normalization normalization() {
            return normalization;
        }
    }

    /** Checks that there are three channels of finite numbers. */
    public Normalization {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        if (mean.size() != 3 || deviation.size() != 3 || !mean.stream().allMatch(m -> Float.isFinite(m.floatValue()))
                || !deviation.stream().allMatch(d -> d.floatValue() > 0 && Float.isFinite(d.floatValue()))) {
            throw new IllegalArgumentException("expected 3 means and 3 deviations above 0, got " + mean + " and " + deviation);
        }
    }

    /**
     * What statistics of a file say: those of a named normalization but for rounding become it.
     *
     * @throws IllegalArgumentException unless they are three means from 0 to 1 and three deviations above 0, at most 1
     */
    public static Normalization of(List<Double> mean, List<Double> deviation) {
        if (mean.size() != 3 || !mean.stream().allMatch(m -> m >= 0 && m <= 1)) {
            throw new IllegalArgumentException("3 means from 0 to 1");
        }
        if (deviation.size() != 3 || !deviation.stream().allMatch(d -> d >= TOLERANCE && d <= 1)) {
            throw new IllegalArgumentException("3 deviations above 0, at most 1");
        }
        Normalization given = new Normalization(mean, deviation);
        return Stream.of(Name.values()).map(Name::normalization)
                .filter(named -> near(named.mean, given.mean) && near(named.deviation, given.deviation)).findFirst().orElse(given);
    }

    private static boolean near(List<Double> a, List<Double> b) {
        return IntStream.range(0, 3).allMatch(i -> Math.abs(a.get(i) - b.get(i)) <= TOLERANCE);
    }

    /** Subtracted from channel 0 (red), 1 (green) or 2 (blue). */
    public float mean(int channel) {
        return mean.get(channel).floatValue();
    }

    /** Divides a channel afterwards. */
    public float deviation(int channel) {
        return deviation.get(channel).floatValue();
    }

    /**
     * Writes an image as three planes, red first.
     *
     * @param out receives {@code 3 * width * height} values from {@code offset} on
     */
    public void apply(RgbImage image, float[] out, int offset) {
        byte[] rgb = image.rgb();
        int plane = image.width() * image.height();
        for (int channel = 0; channel < 3; channel++) {
            float subtracted = mean(channel);
            float divisor = deviation(channel);
            float[] normalized = new float[256];
            for (int value = 0; value < normalized.length; value++) {
                normalized[value] = (value / 255f - subtracted) / divisor;
            }
            for (int i = 0; i < plane; i++) {
                out[offset + channel * plane + i] = normalized[Byte.toUnsignedInt(rgb[3 * i + channel])];
            }
        }
    }
}
