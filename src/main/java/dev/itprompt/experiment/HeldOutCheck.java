package dev.itprompt.experiment;

import dev.itprompt.InputException;
import dev.itprompt.continual.ScenarioImages;
import dev.itprompt.data.CaptionedImages;
import dev.itprompt.data.ImageLoading;
import dev.itprompt.data.LabeledImages;
import dev.itprompt.data.RgbImage;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.TaskImages;
import dev.itprompt.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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

        /** Whether all logits are the same to the last bit. */
        public boolean identical(Scores other) {
            return IntStream.range(0, logits.length).allMatch(i ->
                    Float.floatToRawIntBits(logits[i]) == Float.floatToRawIntBits(other.logits[i]))
                    && logits.length == other.logits.length;
        }
    }

    private final Backbone backbone;
    private final TaskImages images;
    private final List<String> captions;
    private final String template;

    private HeldOutCheck(Backbone backbone, TaskImages images, List<String> captions, String template) {
        this.backbone = backbone;
        this.images = images;
        this.captions = captions;
        this.template = template;
    }

    /**
     * Reads a folder of captioned images, transparent ones laid over white.
     *
     * @param template text of a caption, {} for the caption
     * @throws InputException if the folder is not as it should be
     */
    public static HeldOutCheck read(Path folder, Backbone backbone, ScenarioImages.Transforms transforms, String template,
                                    int threads) {
        List<CaptionedImages.Captioned> read = CaptionedImages.read(folder, ImageLoading.asStored(threads)).images();
        List<String> captions = read.stream().map(CaptionedImages.Captioned::text).distinct().sorted().toList();
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
        return new HeldOutCheck(backbone, ScenarioImages.all(labeled, transforms), captions, template);
    }

    /** Computes all logits anew. */
    public Scores scores() {
        int[] all = IntStream.range(0, images.size()).toArray();
        Tensor features = backbone.images(images, all, null, null);
        float[] texts = backbone.classTexts(captions, template).toArray();
        int width = features.shape().last();
        float[] values = features.toArray();
        double factor = backbone.clip().logitFactor();
        float[] logits = new float[all.length * captions.size()];
        for (int i = 0; i < all.length; i++) {
            double length = Math.sqrt(dot(values, i * width, values, i * width, width));
            for (int c = 0; c < captions.size(); c++) {
                logits[i * captions.size() + c] = (float) (factor * dot(values, i * width, texts, c * width, width)
                        / Math.max(length, 1e-12));
            }
        }
        return new Scores(logits, captions.size(), Arrays.stream(all).map(images::label).toArray());
    }

    private static double dot(float[] a, int aFrom, float[] b, int bFrom, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += (double) a[aFrom + i] * b[bFrom + i];
        }
        return sum;
    }
}
