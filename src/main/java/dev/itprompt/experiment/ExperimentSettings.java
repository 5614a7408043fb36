package dev.itprompt.experiment;

import dev.itprompt.Setting;
import dev.itprompt.checkpoint.LoadOptions;
import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.config.Chosen;
import dev.itprompt.config.Configuration;
import dev.itprompt.config.SettingsSchema;
import dev.itprompt.data.ClassNames;
import dev.itprompt.data.ImageResize;
import dev.itprompt.data.ImageView;
import dev.itprompt.data.Normalization;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.sets.Datasets;
import dev.itprompt.method.Method;
import dev.itprompt.method.Registry;
import java.util.Collections;
import java.util.List;

/**
 * Everything that determines an experiment's result. Relative paths are looked for in the current folder, then in the
 * project's.
 */
public record ExperimentSettings(
        @Setting(meaning = "name of the experiment; its results go to output/<name>-<seed>", byDefault = "experiment")
        String name,
        @Setting(meaning = "images to learn from and to test on")
        DatasetSettings dataset,
        @Setting(meaning = "how images become the model's input")
        ImageSettings image,
        @Setting(meaning = "the model", inline = true)
        ModelSettings model,
        @Setting(meaning = "how the classes come as tasks")
        ScenarioSettings scenario,
        @Setting(meaning = "methods to run and compare, see: itprompt methods; the section may be just this list",
                byDefault = "[it-prompt, it-prompt-cncm, zero-shot, ncm, lda, shared-prompt, joint]")
        Chosen<Method<?>> methods,
        @Setting(meaning = "the check that the frozen model is unchanged: zero-shot before and after all tasks")
        HeldOutSettings heldOut,
        @Setting(meaning = "all random choices follow from it", byDefault = "0", min = 0, max = Integer.MAX_VALUE)
        int seed) {

    /** Checks what a single key's range cannot say. */
    public ExperimentSettings {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            throw new IllegalArgumentException("name: expected letters, digits, '.', '_' and '-', found '" + name + "'");
        }
    }

    /** Starts with the defaults, with the methods of this project to choose of. */
    public static Configuration.Builder<ExperimentSettings> configuration() {
        return Configuration.of(ExperimentSettings.class, Registry.METHODS);
    }

    /** All keys, with the methods of this project to choose of. */
    public static SettingsSchema schema() {
        return new SettingsSchema(ExperimentSettings.class, Registry.METHODS);
    }

    /** The same with other methods. */
    ExperimentSettings with(Chosen<Method<?>> changed) {
        return new ExperimentSettings(name, dataset, image, model, scenario, changed, heldOut, seed);
    }

    /** The frozen model. */
    public record ModelSettings(
            @Setting(meaning = "the model: a converted or Hugging Face folder, or a checkpoint file of CLIP, OpenCLIP, DINO, iBOT, MoCo v3, "
                    + "timm or Google's ViT", byDefault = "models/tiny-clip")
            String checkpoint,
            @Setting(meaning = "how the checkpoint is read")
            LoadOptions load,
            @Setting(meaning = "text of a class; {} stands for its name", byDefault = "a photo of {}")
            String template,
            @Setting(meaning = "images per step when features are computed", byDefault = "100", min = 1, max = 10_000)
            int encodeBatch,
            @Setting(meaning = "most MiB of features that are kept in output/cache/features for all runs with this model; 0 keeps none. Results "
                    + "do not depend on it", byDefault = "4096", min = 0, max = 1 << 24)
            int featureCache) {

        /** Checks the template. */
        public ModelSettings {
            if (!template.contains("{}")) {
                throw new IllegalArgumentException("template: expected {} for the class's name in it, found '" + template + "'");
            }
        }
    }

    /** Images to learn from and to test on. */
    public record DatasetSettings(
            @Setting(meaning = "which data set, by the name that './itprompt datasets' lists, or a format of your own images: idx (four IDX "
                    + "files and classNames), image-folder (one folder per class), listing (images.csv or images.jsonl) or webdataset",
                    byDefault = "fashion-mnist")
            String kind,
            @Setting(meaning = "folder of the files: what the published archive unpacks to, with or without its top folder; for image-folder "
                    + "the training images", byDefault = "datasets/fashion-mnist")
            String path,
            @Setting(meaning = "for image-folder: the test images, one folder per class; empty if they are in path", byDefault = "''")
            String testPath,
            @Setting(meaning = "names of the classes for formats that have none, by label", byDefault = "[]")
            List<String> classNames,
            @Setting(meaning = "whether counts and hashes must be the published ones; false accepts parts and variants", byDefault = "true")
            boolean check,
            @Setting(meaning = "folder with the lists of a published split, such as imagenet-r_train.yaml of CODA-Prompt; empty for the "
                    + "official one", byDefault = "''")
            String splitList,
            @Setting(meaning = "share of the images of each class that are for testing where nothing says which", byDefault = "0.2", min = 0.01,
                    max = 0.99)
            double testShare,
            @Setting(meaning = "seed of their choice", byDefault = "0", min = 0)
            int splitSeed,
            @Setting(meaning = "most training images per class, the first ones; 0 takes all", byDefault = "0", min = 0)
            int trainPerClass,
            @Setting(meaning = "most test images per class, the first ones; 0 takes all", byDefault = "0", min = 0)
            int testPerClass) {

        /** Checks that what the kind needs is there. */
        public DatasetSettings {
            if (!Datasets.names().contains(kind)) {
                throw new IllegalArgumentException("kind: " + Datasets.unknown(kind));
            }
            if (kind.equals("idx") && classNames.isEmpty()) {
                throw new IllegalArgumentException("classNames must be given for kind idx");
            }
            List<String> clean = classNames.stream().map(ClassNames::clean).toList();
            clean.stream().filter(name -> Collections.frequency(clean, name) > 1).findFirst().ifPresent(name -> {
                throw new IllegalArgumentException("classNames must be different, found '" + name + "' more than once");
            });
            classNames = clean;
        }
    }

    /** How images become the model's input; the held-out images take the fit and normalization too. */
    public record ImageSettings(
            @Setting(meaning = "how published code prepares images, which sets the other keys of this section: clip, coda, coda-cifar, "
                    + "hide-cifar, hide, pilot, c3box, timm, timm-imagenet, or none", byDefault = "none", presets = "image-presets.yaml")
            String transform,
            @Setting(meaning = "crop (as the model's own images were prepared, mostly shorter side to the model's, middle cut out), squash "
                    + "(both sides to the model's, whatever the image's) or pad (whole image on black, such as 28 in 32)",
                    byDefault = "crop")
            Preprocess.Fit fit,
            @Setting(meaning = "how images were prepared when the model was trained: native (what the checkpoint says), clip, imagenet, half, "
                    + "cifar or none", byDefault = "native")
            Profile normalization,
            @Setting(meaning = "to what the shorter side of a test image is resized for a model of 224 pixels, in proportion for others; 0: as "
                    + "the normalization says", byDefault = "0", min = 0, max = 1024)
            int resize,
            @Setting(meaning = "filter of this resizing: native (what the checkpoint says), bicubic or bilinear", byDefault = "native")
            Filter filter,
            @Setting(meaning = "least share of the area that a random crop of a training image keeps", byDefault = "0.08",
                    min = 0.01, max = 1)
            double cropArea,
            @Setting(meaning = "filter of its resizing: bicubic or bilinear", byDefault = "bicubic")
            ImageResize.Filter trainFilter,
            @Setting(meaning = "mirror training images at random", byDefault = "true")
            boolean flip,
            @Setting(meaning = "by how much training images are made brighter or darker at random, as a share", byDefault = "0", min = 0, max = 1)
            double jitter,
            @Setting(meaning = "augmented versions that a training image has where a classifier is trained on frozen features of them (augment of "
                    + "inference): so many passes of the model, kept in featureCache, whatever the number of epochs; 0 for new ones each epoch",
                    byDefault = "0", min = 0, max = ImageView.MOST)
            int views,
            @Setting(meaning = "most MiB of decoded images that are kept in output/cache/images for later epochs and runs; 0 keeps none. "
                    + "Results do not depend on it", byDefault = "4096", min = 0, max = 1 << 24)
            int cache) {}

    /** Filters of resizing. */
    public enum Filter {
        NATIVE, BICUBIC, BILINEAR;

        /** The filter this stands for, with a model whose own is given. */
        public ImageResize.Filter of(ImageResize.Filter own) {
            return this == NATIVE ? own : ImageResize.Filter.valueOf(name());
        }
    }

    /** Named kinds of preprocessing. */
    public enum Profile {
        NATIVE, CLIP, IMAGENET, HALF, CIFAR, NONE;

        /** The preprocessing this stands for, with a model whose own is given. */
        public Preprocess of(Preprocess own) {
            return this == NATIVE ? own : named(own.side());
        }

        /**
         * The preprocessing this stands for with a model.
         *
         * @throws dev.itprompt.InputException if it is the model's own and nothing tells that
         */
        public Preprocess of(LoadedModel model) {
            return this == NATIVE ? model.preprocess() : named(model.model().vision().imageSize());
        }

        private Preprocess named(int side) {
            return Preprocess.named(Normalization.Name.valueOf(name()), side);
        }
    }

    /** How the classes come as tasks. */
    public record ScenarioSettings(
            @Setting(meaning = "tasks x classes such as 5x2, first + further classes such as 4+2 or B50Inc10 (the last task takes what is left), "
                    + "a number of tasks, or auto (what the data set says, else 5, or fewer where classes are few)", byDefault = "auto")
            String split,
            @Setting(meaning = "what tasks bring: classes, or domains (all classes in another style, for data sets that have domains)",
                    byDefault = "classes")
            Kind kind,
            @Setting(meaning = "order of the classes, or of the domains: python (random.shuffle), numpy (numpy.random.permutation), natural, or "
                    + "a file with a name or label a line", byDefault = "python")
            String classOrder,
            @Setting(meaning = "seed of the class order; with python 0 is the natural order; -1 takes the experiment's seed", byDefault = "-1",
                    min = -1, max = Integer.MAX_VALUE)
            int classOrderSeed,
            @Setting(meaning = "training images of each class, drawn by the experiment's seed; 0 takes all", byDefault = "0", min = 0)
            int shots,
            @Setting(meaning = "folder of a finished run that this one goes on with: its classes and tasks come first and what its methods learned is "
                    + "taken over; the split is that of the classes it has not learned; empty for none", byDefault = "''")
            String after) {

        /** What tasks bring. */
        public enum Kind { CLASSES, DOMAINS }
    }

    /** The held-out set of the zero-shot check. */
    public record HeldOutSettings(
            @Setting(meaning = "folder of images with captions; empty for none", byDefault = "datasets/heldout-emoji")
            String path,
            @Setting(meaning = "most images, spread evenly over the folder; 0 takes all", byDefault = "0", min = 0)
            int limit) {}
}
