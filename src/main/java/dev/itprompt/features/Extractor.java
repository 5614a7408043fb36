package dev.itprompt.features;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.Progress;
import dev.itprompt.Warnings;
import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.checkpoint.ModelReader;
import dev.itprompt.continual.ScenarioImages;
import dev.itprompt.data.DataException;
import dev.itprompt.data.ImageKey;
import dev.itprompt.data.Images;
import dev.itprompt.data.LabeledImages;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.RgbImage;
import dev.itprompt.data.Transforms;
import dev.itprompt.device.Device;
import dev.itprompt.experiment.ExperimentData;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.experiment.Inputs;
import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.FeatureStore;
import dev.itprompt.store.FeatureCache;
import dev.itprompt.store.FeatureRows;
import dev.itprompt.store.FeatureSubject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Model, data set and device that the shards of one configuration are computed with; opened once a process. Used by one thread.
 */
public final class Extractor implements AutoCloseable {

    private final ExperimentSettings settings;
    private final String hash;
    private final Map<String, String> facts;
    private final Transforms transforms;
    private final Backbone backbone;
    private final FeatureRows disk;
    private final FeatureStore store;
    private final ShardSource sources;

    private Extractor(ExperimentSettings settings, String hash, Map<String, String> facts, Transforms transforms, Backbone backbone,
                      FeatureRows disk, ShardSource sources) {
        this.settings = settings;
        this.hash = hash;
        this.facts = facts;
        this.transforms = transforms;
        this.backbone = backbone;
        this.disk = disk;
        this.store = new FeatureStore(backbone, settings.model().encodeBatch(), disk);
        this.sources = sources;
    }

    /**
     * Reads the model.
     *
     * @param device   where to run; not closed with this
     * @param threads  that decode images
     * @param warnings hears of what is not read
     * @throws InputException if it is missing or damaged
     */
    public static Extractor open(ExperimentSettings settings, ProjectFolder project, Device device, int threads, Warnings warnings) {
        LoadedModel model = ModelReader.read(project.resolve(settings.model().checkpoint()), settings.model().load());
        Preprocess own = settings.image().normalization().of(model);
        Transforms transforms = ExperimentData.transforms(settings.image(), own);
        String hash = model.checkpoint().sha256();
        FeatureCache cache = new FeatureCache(project.cache("features"), (long) settings.model().featureCache() << 20, warnings);
        FeatureSubject subject = Inputs.subject(model, hash, settings.model().load(), device);
        Map<String, String> facts = new LinkedHashMap<>(subject.facts());
        facts.put("preprocessing", transforms.test().toString());
        return new Extractor(settings, hash, facts, transforms, new Backbone(device, model.model(), settings.model().encodeBatch()), cache.of(subject),
                new ShardSource(settings, project, own, threads, warnings));
    }

    /** SHA-256 of the checkpoint. */
    public String hash() {
        return hash;
    }

    /** What the features depend on beside the images, by what it is. */
    public Map<String, String> facts() {
        return facts;
    }

    /** E: columns of a feature. */
    public int width() {
        return backbone.features();
    }

    /** Number of images of a source. */
    public int size(String source) {
        return sources.images(source).size();
    }

    /** What the manifest calls a source: the same wherever it lies. */
    public String describe(String source) {
        return sources.describe(source);
    }

    /**
     * Features of images.
     *
     * @param features not normalised, [E] each
     * @param labels   of the same images
     * @param names    of the same images
     * @param failed   images that cannot be read
     */
    record Rows(List<float[]> features, List<Integer> labels, List<String> names, List<ShardResult.Failure> failed) {}

    /** Features of some images of a source that follow each other. */
    Rows rows(String source, int first, int end) {
        LabeledImages labeled = sources.images(source);
        ScenarioImages images = ScenarioImages.all(labeled, transforms);
        Rows rows = new Rows(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        int block = settings.model().encodeBatch();
        disk.refresh();
        for (int from = first; from < end; from += block) {
            Block read = read(images, from, Math.min(end, from + block), rows.failed());
            float[][] features = store.part(read, "features", Progress.NONE);
            for (int i = 0; i < features.length; i++) {
                rows.features().add(features[i]);
                rows.labels().add(labeled.label(read.which()[i]));
                rows.names().add(labeled.source(read.which()[i]));
            }
            store.clear();
        }
        disk.flush();
        disk.release();
        return rows;
    }

    /** Reads those of some images whose features are not known; says which cannot be read. */
    private Block read(ScenarioImages images, int from, int end, List<ShardResult.Failure> failed) {
        Read[] all = IntStream.range(from, end).parallel().mapToObj(i -> read(images, i)).toArray(Read[]::new);
        List<Integer> which = new ArrayList<>();
        List<Read> good = new ArrayList<>();
        for (int i = 0; i < all.length; i++) {
            if (all[i].failure() == null) {
                which.add(from + i);
                good.add(all[i]);
            } else {
                failed.add(new ShardResult.Failure(images.source(from + i), all[i].failure()));
            }
        }
        return new Block(images, which.stream().mapToInt(Integer::intValue).toArray(), good);
    }

    private Read read(ScenarioImages images, int index) {
        try {
            ImageKey key = images.key(index);
            return new Read(key, disk.has(key) ? null : images.picture(index), null);
        } catch (InputException e) {
            return new Read(null, null, reason(e));
        }
    }

    /** Without the file's path, which is another on every machine. */
    private static String reason(InputException e) {
        String path = e instanceof DataException bad ? Excerpt.of(bad.file()) + ": " : "";
        return e.getMessage().startsWith(path) ? e.getMessage().substring(path.length()) : e.getMessage();
    }

    /**
     * An image that was read.
     *
     * @param key     of it
     * @param picture as the model sees it; null where the feature is known, or the image cannot be read
     * @param failure why it cannot be read; null if it can
     */
    private record Read(ImageKey key, RgbImage picture, String failure) {}

    /** Images of a source that can be read. */
    private record Block(ScenarioImages images, int[] which, List<Read> read) implements Images {

        @Override
        public int size() {
            return which.length;
        }

        @Override
        public int identity(int index) {
            return which[index];
        }

        @Override
        public ImageKey key(int index) {
            return read.get(index).key();
        }

        @Override
        public String source(int index) {
            return images.source(which[index]);
        }

        @Override
        public void load(int index, float[] target, int offset, RandomGenerator random) {
            RgbImage picture = read.get(index).picture();
            if (picture == null) {
                images.load(which[index], target, offset, random);
            } else {
                images.normalize(picture, target, offset);
            }
        }
    }

    @Override
    public void close() {
        disk.flush();
        backbone.close();
    }
}
