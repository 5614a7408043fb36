package dev.itprompt.data;

import dev.itprompt.InputException;
import dev.itprompt.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.Stream;

/**
 * How an image becomes the input of a vision tower: brought to a square, then normalised, without chance.
 *
 * @param side          S, width and height of the result in pixels
 * @param fit           how the square is made
 * @param resize        with {@link Fit#CROP} and {@link Fit#SQUASH}: what the shorter side, or both, are resized to first, at
 *                      least S
 * @param filter        of the resizing
 * @param normalization of the values
 */
public record Preprocess(int side, Fit fit, int resize, ImageResize.Filter filter, Normalization normalization) {

    /** Largest side of a model's input in pixels. */
    public static final int MAX_SIDE = 4096;
    /** Largest side to which images are resized before the middle is cut out. */
    public static final int MAX_RESIZE = 8192;

    /** How an image of any size becomes a square. */
    public enum Fit {
        /** Resize the shorter side, cut out the middle. */
        CROP,
        /** Resize both sides alike, whatever they were, cut out the middle. */
        SQUASH,
        /** Put the whole image into the middle of a black square; one that is too large is shrunk to fit. */
        PAD
    }

    /** @throws InputException if a size is out of range */
    public Preprocess {
        if (side < 1 || side > MAX_SIDE || (fit != Fit.PAD && (resize < side || resize > MAX_RESIZE))) {
            throw new InputException("preprocessing: expected a side of 1 to " + MAX_SIDE + " and a resized side of at least that, found "
                    + side + " and " + resize);
        }
    }

    /** Shorter side to S with the bicubic filter, centre crop, CLIP's statistics: what CLIP was evaluated with. */
    public static Preprocess clip(int side) {
        return new Preprocess(side, Fit.CROP, side, ImageResize.Filter.BICUBIC, Normalization.CLIP);
    }

    /**
     * What a family of models was evaluated with, all bicubic with centre crop: {@code clip} resizes the shorter side to S,
     * {@code imagenet}, {@code cifar} and {@code none} to 256/224 of it (DINO, iBOT, MoCo v3; HiDe-Prompt), {@code half} to S/0.9 (timm's
     * supervised models).
     */
    public static Preprocess named(Normalization.Name name, int side) {
        int resize = switch (name) {
            case CLIP -> side;
            case IMAGENET, CIFAR, NONE -> side * 256 / 224;
            case HALF -> (int) (side / 0.9);
        };
        return new Preprocess(side, Fit.CROP, resize, ImageResize.Filter.BICUBIC, name.normalization());
    }

    /** The whole image in the middle of a black square, such as 28x28 in 32x32. */
    public static Preprocess pad(int side, Normalization normalization) {
        return new Preprocess(side, Fit.PAD, side, ImageResize.Filter.BICUBIC, normalization);
    }

    /** The same with another fit, and then the whole image without a margin; {@link Fit#CROP}, the default, changes nothing. */
    public Preprocess with(Fit chosen) {
        return chosen == Fit.CROP ? this : new Preprocess(side, chosen, side, ImageResize.Filter.BICUBIC, normalization);
    }

    /** The same for a model of another input size: the named one for that size, or a margin of the same proportion. */
    public Preprocess scaled(int newSide) {
        return Stream.of(Normalization.Name.values()).filter(name -> equals(named(name, side))).findFirst()
                .map(name -> named(name, newSide))
                .orElseGet(() -> new Preprocess(newSide, fit, Math.toIntExact((long) resize * newSide / side), filter, normalization));
    }

    /**
     * The square, S x S, before normalisation.
     *
     * @throws InputException if the image is so elongated that its longer side would have 2^31 pixels once resized
     */
    public RgbImage square(RgbImage image) {
        return switch (fit) {
            case CROP -> cropped(image);
            case SQUASH -> middle(image, resize, resize);
            case PAD -> padded(image);
        };
    }

    private RgbImage cropped(RgbImage image) {
        int shorter = Math.min(image.width(), image.height());
        long longer = (long) resize * Math.max(image.width(), image.height()) / shorter;
        if (longer > Integer.MAX_VALUE) {
            throw new InputException("preprocessing: expected an image whose shorter side can be resized to " + resize
                    + ", found one of " + image.width() + "x" + image.height() + " pixels; crop it first");
        }
        int width = image.width() == shorter ? resize : (int) longer;
        int height = image.height() == shorter ? resize : (int) longer;
        return middle(image, width, height);
    }

    /** The middle of the resized image, which is not made as a whole: it may be very long. */
    private RgbImage middle(RgbImage image, int width, int height) {
        Region middle = new Region((int) Math.rint((width - side) / 2.0), (int) Math.rint((height - side) / 2.0), side, side);
        return ImageResize.resize(image, width, height, middle, filter);
    }

    private RgbImage padded(RgbImage image) {
        int longer = Math.max(image.width(), image.height());
        RgbImage fitting = longer <= side ? image : ImageResize.resize(image,
                (int) Math.max(1, (long) image.width() * side / longer), (int) Math.max(1, (long) image.height() * side / longer), filter);
        return fitting.crop(-((side - fitting.width()) / 2), -((side - fitting.height()) / 2), side, side);
    }

    /** The input of a vision tower: {@code 3 x S x S} values, red plane first. */
    public float[] apply(RgbImage image) {
        return normalize(square(image));
    }

    /** The values of a square that is made already, such as an augmented one: {@code 3 x S x S}. */
    public float[] normalize(RgbImage square) {
        if (square.width() != side || square.height() != side) {
            throw new IllegalArgumentException("expected an image of " + side + "x" + side + ", got " + square.width() + "x"
                    + square.height());
        }
        float[] values = new float[3 * side * side];
        normalization.apply(square, values, 0);
        return values;
    }

    /**
     * Writes the input made from one image into a batch.
     *
     * @param batch B x 3 x S x S
     * @param index which entry of the batch
     */
    public void into(RgbImage image, Tensor batch, int index) {
        float[] values = apply(image);
        MemorySegment.copy(values, 0, batch.data(), ValueLayout.JAVA_FLOAT_UNALIGNED, (long) index * values.length * Float.BYTES,
                values.length);
    }
}
