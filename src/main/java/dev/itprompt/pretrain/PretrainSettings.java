package dev.itprompt.pretrain;

import dev.itprompt.Setting;
import dev.itprompt.model.VisionTransformer.Pooling;
import java.util.List;

/** What `itprompt pretrain` reads: a small CLIP's sizes, its optimizer and its augmentation. */
public record PretrainSettings(
        @Setting(meaning = "merges of the byte-pair tokenizer, plain or gzipped, in the format of CLIP's own") String merges,
        @Setting(meaning = "folder of a model of the same sizes to start from; empty starts from random weights", byDefault = "''")
        String initial,
        @Setting(meaning = "the image tower") VisionSettings vision,
        @Setting(meaning = "the text tower") TextSettings text,
        @Setting(meaning = "image-caption pairs per step; all others of the batch are negatives", byDefault = "256", min = 2)
        int batch,
        @Setting(meaning = "folders whose pictures come more often, by the first part of their file names", byDefault = "[]")
        List<String> emphasized,
        @Setting(meaning = "how often an emphasized picture comes while any other comes once", byDefault = "1", min = 1, max = 100)
        int emphasis,
        @Setting(meaning = "optimizer steps", byDefault = "4000", min = 1) int steps,
        @Setting(meaning = "steps of linear warm-up", byDefault = "200", min = 0) int warmup,
        @Setting(meaning = "AdamW's largest learning rate; a cosine takes it to 0", byDefault = "1e-3", min = 0) double rate,
        @Setting(meaning = "AdamW's decoupled weight decay on matrices", byDefault = "0.1", min = 0) double weightDecay,
        @Setting(meaning = "AdamW's second-moment decay", byDefault = "0.98", min = 0, max = 1) double beta2,
        @Setting(meaning = "largest Euclidean length of all gradients together", byDefault = "1", min = 0) double clip,
        @Setting(meaning = "sentences put around captions, {} for the caption",
                byDefault = "[\"{}\", \"a photo of {}\", \"a photo of a {}\", \"a picture of a {}\", \"an icon of a {}\"]")
        List<String> templates,
        @Setting(meaning = "random changes of each picture") AugmentSettings augment,
        @Setting(meaning = "steps between two saves of the whole training state, from which an interrupted run goes on",
                byDefault = "500", min = 1)
        int saveEvery,
        @Setting(meaning = "seed of weights, order and augmentation", byDefault = "0") long seed) {

    /** Sizes of the image tower; heads are 64 columns wide. */
    public record VisionSettings(
            @Setting(meaning = "side of the input in pixels", byDefault = "32", min = 8) int imageSize,
            @Setting(meaning = "side of a patch in pixels", byDefault = "4", min = 1) int patch,
            @Setting(meaning = "columns of a token, a multiple of 64", byDefault = "192", min = 64) int width,
            @Setting(meaning = "transformer blocks", byDefault = "4", min = 1) int layers,
            @Setting(meaning = "columns of the common embedding space", byDefault = "192", min = 8) int embedding,
            @Setting(meaning = "class_token or mean of all tokens", byDefault = "mean") Pooling pooling) {}

    /** Sizes of the text tower; heads are 64 columns wide. */
    public record TextSettings(
            @Setting(meaning = "longest caption in tokens, start and end included", byDefault = "20", min = 4) int context,
            @Setting(meaning = "columns of a token, a multiple of 64", byDefault = "128", min = 64) int width,
            @Setting(meaning = "transformer blocks", byDefault = "2", min = 1) int layers) {}

    /** Shares are probabilities per picture; ranges are uniform. */
    public record AugmentSettings(
            @Setting(meaning = "smallest size of the picture relative to the frame", byDefault = "0.6", min = 0.05) double minScale,
            @Setting(meaning = "largest size of the picture relative to the frame", byDefault = "1.15", min = 0.05) double maxScale,
            @Setting(meaning = "largest change of width against height, as a factor", byDefault = "1.3", min = 1) double aspect,
            @Setting(meaning = "largest rotation in degrees", byDefault = "15", min = 0) double rotation,
            @Setting(meaning = "largest shear", byDefault = "0.15", min = 0) double shear,
            @Setting(meaning = "share mirrored left to right", byDefault = "0.3", min = 0, max = 1) double flip,
            @Setting(meaning = "share on a black background", byDefault = "0.4", min = 0, max = 1) double black,
            @Setting(meaning = "share on a white background; the rest is a random colour, half of it fading into another",
                    byDefault = "0.25", min = 0, max = 1) double white,
            @Setting(meaning = "share whose strokes get a random colour", byDefault = "0.4", min = 0, max = 1) double recolor,
            @Setting(meaning = "share turned to gray", byDefault = "0.5", min = 0, max = 1) double gray,
            @Setting(meaning = "share with light and dark swapped", byDefault = "0.2", min = 0, max = 1) double invert,
            @Setting(meaning = "share with shading across the picture", byDefault = "0.5", min = 0, max = 1) double shade,
            @Setting(meaning = "largest standard deviation of pixel noise, of 255", byDefault = "12", min = 0) double noise) {}
}
