package dev.itprompt.data;

/** What is subtracted from and divides the red, green and blue values, scaled to 0..1, before a model sees them. */
public enum Normalization {
    /** The statistics CLIP was trained with. */
    CLIP(new float[] {0.48145466f, 0.4578275f, 0.40821073f}, new float[] {0.26862954f, 0.26130258f, 0.27577711f}),
    /** The statistics of ImageNet: DINO, iBOT, MoCo. */
    IMAGENET(new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f}),
    /** To -1..1: vision transformers pre-trained with supervision. */
    HALF(new float[] {0.5f, 0.5f, 0.5f}, new float[] {0.5f, 0.5f, 0.5f}),
    /** None: values stay in 0..1. */
    NONE(new float[] {0, 0, 0}, new float[] {1, 1, 1});

    private final float[] mean;
    private final float[] deviation;

    Normalization(float[] mean, float[] deviation) {
        this.mean = mean;
        this.deviation = deviation;
    }

    /** Subtracted from channel 0 (red), 1 (green) or 2 (blue). */
    public float mean(int channel) {
        return mean[channel];
    }

    /** Divides a channel afterwards. */
    public float deviation(int channel) {
        return deviation[channel];
    }

    /**
     * Writes an image as three planes, red first.
     *
     * @param out receives {@code 3 * width * height} values from {@code offset} on
     */
    public void apply(RgbImage image, float[] out, int offset) {
        int plane = image.width() * image.height();
        for (int channel = 0; channel < 3; channel++) {
            for (int i = 0; i < plane; i++) {
                float value = Byte.toUnsignedInt(image.rgb()[3 * i + channel]) / 255f;
                out[offset + channel * plane + i] = (value - mean[channel]) / deviation[channel];
            }
        }
    }
}
