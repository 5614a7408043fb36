package dev.itprompt.experiment;

import dev.itprompt.InputException;
import dev.itprompt.Progress;
import dev.itprompt.continual.ScenarioImages;
import dev.itprompt.data.CaptionedImages;
import dev.itprompt.data.ImageLoading;
import dev.itprompt.data.LabeledImages;
import dev.itprompt.data.RgbImage;
import dev.itprompt.data.TaskImages;
import dev.itprompt.data.Transforms;
import dev.itprompt.method.Backbone;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Zero-shot classification of held-out captioned images by the prompt-free model: the measure of whether learning has changed
 * what the model could do before. The labels are all different captions of the set.
 */
public final class HeldOutCheck {

    /**
     * What was computed.
     *
     * @param logits cosines times CLIP's factor, [images, labels] row by row
     * @param labels how many there are
     * @param truth  each image's label
     */
    public record Scores(float[] logits, int labels, int[] truth) {

        /** Share of images, in percent, whose label is among the {@code k} best; equals count for the lower label. */
        public double accuracy(int k) {
            int right = 0;
            for (int i = 0; i < truth.length; i++) {
                float own = logits[i * labels + truth[i]];
                int better = 0;
                for (int c = 0; c < labels; c++) {
                    float other = logits[i * labels + c];
                    better += other > own || other == own && c < truth[i] ? 1 : 0;
                }
                right += better < k ? 1 : 0;
            }
            return 100.0 * right / truth.length;
        }

        /** One line: how many images and labels, and the accuracies. */
        public String describe() {
            return String.format(Locale.ROOT, "held-out images: zero-shot top-1 %.2f %%, top-5 %.2f %% (%,d images, %,d labels, chance "
                    + "%.2f %%)", accuracy(1), accuracy(5), truth.length, labels, 100.0 / labels);
        }

        /** Whether all logits are the same to the last bit. */
        public boolean identical(Scores other) {
            return logits.length == other.logits.length && IntStream.range(0, logits.length).allMatch(i ->
                    Float.floatToRawIntBits(logits[i]) == Float.floatToRawIntBits(other.logits[i]));
        }
    }

    private static final int BLOCK = 200;

    private final Backbone backbone;
    private final TaskImages images;
    private final List<String> captions;
    private final String template;
    private final String fingerprint;

    private HeldOutCheck(Backbone backbone, LabeledImages labeled, Transforms transforms, List<String> captions,
                         String template) {
        this.backbone = backbone;
        this.images = ScenarioImages.all(labeled, transforms);
        this.fingerprint = labeled.fingerprint();
        this.captions = captions;
        this.template = template;
    }

    /**
     * Reads a folder of captioned images, transparent ones laid over white.
     *
     * @param template text of a caption, {} for the caption
     * @param limit    most images, spread evenly; 0 takes all
     * @param loading  how images are read
     * @throws InputException if the folder is not as it should be, or the model's tokenizer leaves nothing of a caption
     */
    public static HeldOutCheck read(Path folder, Backbone backbone, Transforms transforms, String template,
                                    int limit, ImageLoading loading) {
        List<CaptionedImages.Captioned> read = CaptionedImages.read(folder, loading, limit).images();
        List<String> captions = read.stream().map(CaptionedImages.Captioned::text).distinct().sorted().toList();
        String alike = LabelTexts.alike(LabelTexts.groups(folder.resolve(CaptionedImages.METADATA).toString(), captions, template,
                backbone.tokenizer()));
        if (!alike.isEmpty()) {
            loading.warnings().warn(folder + ": captions " + alike + " are the same text to the model: only the first is ever found");
        }
        int[] labels = read.stream().mapToInt(image -> captions.indexOf(image.text())).toArray();
        LabeledImages labeled = new LabeledImages() {
            @Override
            public int size() {
                return labels.length;
            }

            @Override
            public int label(int index) {
                return labels[index];
            }

            @Override
            public List<String> classNames() {
                return captions;
            }

            @Override
            public RgbImage image(int index) {
                return read.get(index).image().over(255, 255, 255);
            }
        };
        return new HeldOutCheck(backbone, labeled, transforms, captions, template);
    }

    /** Number of images. */
    int size() {
        return images.size();
    }

    /** SHA-256 over images and captions; see {@link LabeledImages#fingerprint}. */
    String fingerprint() {
        return fingerprint;
    }

    /**
     * Computes all logits anew.
     *
     * @param stage what progress calls it
     */
    public Scores scores(String stage, Progress progress) {
        int labels = captions.size();
        float[] texts = backbone.classTexts(captions, template).toArray();
        int width = backbone.features();
        double factor = backbone.clip().logitFactor();
        float[] logits = new float[images.size() * labels];
        for (int from = 0; from < images.size(); from += BLOCK) {
            int[] block = IntStream.range(from, Math.min(images.size(), from + BLOCK)).toArray();
            float[] features = backbone.images(images, block, null, Backbone.Chance.NONE).toArray();
            for (int i = 0; i < block.length; i++) {
                double length = Math.max(1e-12, Math.sqrt(dot(features, i * width, features, i * width, width)));
                for (int c = 0; c < labels; c++) {
                    logits[(from + i) * labels + c] = (float) (factor * dot(features, i * width, texts, c * width, width) / length);
                }
            }
            progress.report(stage, from + block.length, images.size(), "");
        }
        return new Scores(logits, labels, IntStream.range(0, images.size()).map(images::label).toArray());
    }

    private static double dot(float[] a, int aFrom, float[] b, int bFrom, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += (double) a[aFrom + i] * b[bFrom + i];
        }
        return sum;
    }
}
