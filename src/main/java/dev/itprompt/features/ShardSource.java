package dev.itprompt.features;

import dev.itprompt.Warnings;
import dev.itprompt.data.ImageLoading;
import dev.itprompt.data.LabeledImages;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.sets.ParquetImages;
import dev.itprompt.data.sets.Split;
import dev.itprompt.data.sets.TarImages;
import dev.itprompt.experiment.ExperimentData;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.experiment.ProjectFolder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Where the images of shards come from: the parts of a configuration's data set, and files of images, tar or Parquet. Each is opened when it is first needed. */
final class ShardSource {

    /** The training images of the data set. */
    static final String TRAIN = "train";
    /** Its test images. */
    static final String TEST = "test";

    private final ExperimentSettings settings;
    private final ProjectFolder project;
    private final Preprocess own;
    private final int threads;
    private final Warnings warnings;
    private final Map<String, LabeledImages> files = new HashMap<>();
    private Split split;

    /** @param own the model's own preprocessing */
    ShardSource(ExperimentSettings settings, ProjectFolder project, Preprocess own, int threads, Warnings warnings) {
        this.settings = settings;
        this.project = project;
        this.own = own;
        this.threads = threads;
        this.warnings = warnings;
    }

    private static boolean isPart(String source) {
        return source.equals(TRAIN) || source.equals(TEST);
    }

    /** The images of a source. */
    LabeledImages images(String source) {
        if (!isPart(source)) {
            return files.computeIfAbsent(source, path -> read(Path.of(path), ImageLoading.asStored(threads, warnings)));
        }
        return source.equals(TRAIN) ? split().train() : split().test();
    }

    private LabeledImages read(Path file, ImageLoading loading) {
        return ParquetImages.isParquet(file) ? ParquetImages.read(file, project.cache("encoded"), loading) : TarImages.read(file, loading);
    }

    /** What it is, wherever it lies. */
    String describe(String source) {
        return isPart(source) ? source + " of " + settings.dataset().kind() + ", list sha256 " + split().hash()
                : Path.of(source).getFileName() + ", " + Path.of(source).toFile().length() + " bytes";
    }

    private Split split() {
        if (split == null) {
            split = ExperimentData.images(settings, project, own, threads, warnings);
        }
        return split;
    }
}
