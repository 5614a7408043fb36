package dev.itprompt.experiment;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.RandomStreams;
import dev.itprompt.Warnings;
import dev.itprompt.continual.ClassOrder;
import dev.itprompt.continual.Scenario;
import dev.itprompt.continual.ScenarioImages;
import dev.itprompt.data.FashionMnist;
import dev.itprompt.data.ImageCache;
import dev.itprompt.data.ImageLoading;
import dev.itprompt.data.ImageResize;
import dev.itprompt.data.Images;
import dev.itprompt.data.LabeledImages;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.RgbImage;
import dev.itprompt.data.SharedFiles;
import dev.itprompt.data.StoredImages;
import dev.itprompt.data.Transforms;
import dev.itprompt.data.sets.DatasetOptions;
import dev.itprompt.data.sets.Datasets;
import dev.itprompt.data.sets.DomainImages;
import dev.itprompt.data.sets.Split;
import dev.itprompt.experiment.ExperimentSettings.DatasetSettings;
import dev.itprompt.experiment.ExperimentSettings.ImageSettings;
import dev.itprompt.experiment.ExperimentSettings.ScenarioSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * A data set cut into tasks.
 *
 * @param scenario   the tasks
 * @param classNames names in class order
 * @param train      training images of each task
 * @param test       test images of each task
 */
public record ExperimentData(Scenario scenario, List<String> classNames, List<ScenarioImages> train, List<ScenarioImages> test) {

    /** Pixels of the models for which sizes are published. */
    private static final int REFERENCE_SIDE = 224;
    /** The folder that Debian's package may stand in for. */
    private static final String DEFAULT_FOLDER = "datasets/fashion-mnist";

    /** Reads the data set that settings name and cuts it into tasks. */
    public static ExperimentData read(ExperimentSettings settings, ProjectFolder project, Preprocess own, int threads,
                                      Warnings warnings) {
        return of(images(settings, project, own, threads, warnings), settings, own, EarlierRun.of(settings, project), project);
    }

    /**
     * Reads the data set that settings name.
     *
     * @param own      the model's own preprocessing
     * @param threads  that decode images
     * @param warnings hears what is not read, and of test images that are training images
     * @throws InputException if a file is missing or damaged, or the classes of training and test images differ
     */
    public static Split images(ExperimentSettings settings, ProjectFolder project, Preprocess own, int threads, Warnings warnings) {
        DatasetSettings dataset = settings.dataset();
        Path folder = project.resolve(dataset.path());
        if (dataset.path().equals(DEFAULT_FOLDER) && !Files.isDirectory(folder)) {
            folder = FashionMnist.locate(project.root().resolve("datasets"));
        }
        ImageCache cache = new ImageCache(project.cache("images"), (long) settings.image().cache() << 20);
        Split whole = Datasets.open(dataset.kind(), new DatasetOptions(folder, path(project, dataset.testPath()), dataset.classNames(),
                path(project, dataset.splitList()), dataset.check(), dataset.testShare(), dataset.splitSeed(), project.cache("encoded"),
                new ImageLoading(threads, 2 * own.side(), warnings, cache),
                new ImageLoading(threads, testSide(transforms(settings.image(), own).test()), warnings, cache)));
        Split split = whole.first(dataset.trainPerClass(), dataset.testPerClass());
        if (split.train() instanceof StoredImages first && split.test() instanceof StoredImages second) {
            reportShared(first, second, warnings);
        }
        return split;
    }

    private static Path path(ProjectFolder project, String path) {
        return path.isEmpty() ? null : project.resolve(path);
    }

    private static void reportShared(StoredImages train, StoredImages test, Warnings warnings) {
        List<SharedFiles.Pair> shared = SharedFiles.of(train, test);
        if (!shared.isEmpty()) {
            SharedFiles.Pair first = shared.getFirst();
            warnings.warn(String.format(Locale.ROOT, "dataset: %,d of %,d files of test images are training images too, such as %s "
                    + "(%s); accuracies of what was learned by heart say little", shared.size(), test.size(), first.second(),
                    first.first()));
        }
    }

    /**
     * What the shorter side of a test image may be shrunk to in memory: shrunk to what the transform resizes to anyway, the image
     * comes out of it as the whole one would, pixel for pixel.
     */
    private static int testSide(Preprocess test) {
        boolean exact = test.fit() == Preprocess.Fit.CROP && test.filter() == ImageResize.Filter.BICUBIC;
        return exact ? test.resize() : 0;
    }

    /**
     * Cuts a data set into tasks.
     *
     * @param own     the model's own preprocessing
     * @param earlier run whose tasks come first, if there is one
     * @param project where a file of the class order is looked for
     * @throws InputException if a class has no images, or the split does not fit
     */
    static ExperimentData of(Split images, ExperimentSettings settings, Preprocess own, Optional<EarlierRun> earlier, ProjectFolder project) {
        Split few = images.few(settings.scenario().shots(), new RandomStreams(settings.seed()));
        boolean byDomain = settings.scenario().kind() == ScenarioSettings.Kind.DOMAINS;
        if (byDomain && few.domains() == null) {
            throw new InputException("scenario.kind: expected a data set with domains, such as domainnet or core50, found "
                    + settings.dataset().kind() + "; set classes");
        }
        LabeledImages train = byDomain ? DomainImages.of(few.train(), few.domains().train(), few.domains().names()) : few.train();
        LabeledImages test = byDomain ? DomainImages.of(few.test(), few.domains().test(), few.domains().names()) : few.test();
        Scenario scenario = byDomain
                ? Scenario.domains(few.train().classNames().size(), order(settings, few.domains().names(), project))
                : scenario(settings, few, earlier, project);
        List<String> names = train.classNames();
        requireEach(train, "training");
        requireEach(test, "test");
        Transforms transforms = transforms(settings.image(), own);
        return new ExperimentData(scenario, scenario.classOrder().stream().map(names::get).toList(),
                tasks(train, scenario, 0, transforms), tasks(test, scenario, train.size(), transforms));
    }

    private static Scenario scenario(ExperimentSettings settings, Split images, Optional<EarlierRun> earlier, ProjectFolder project) {
        List<String> names = images.train().classNames();
        List<Integer> order = order(settings, names, project);
        if (earlier.isEmpty()) {
            return Scenario.of(order, settings.scenario().split(), images.groups());
        }
        List<List<Integer>> tasks = earlier.get().tasks(names);
        List<Integer> learned = tasks.stream().flatMap(List::stream).toList();
        List<Integer> further = order.stream().filter(label -> !learned.contains(label)).toList();
        if (further.isEmpty()) {
            throw new InputException("dataset: expected classes that the run in " + Excerpt.of(earlier.get().folder())
                    + " has not learned, found none; add images of further classes");
        }
        return Scenario.after(tasks, further, settings.scenario().split());
    }

    private static void requireEach(LabeledImages images, String kind) {
        boolean[] there = new boolean[images.classNames().size()];
        for (int i = 0; i < images.size(); i++) {
            there[images.label(i)] = true;
        }
        for (int c = 0; c < there.length; c++) {
            if (!there[c]) {
                throw new InputException("dataset: class '" + images.classNames().get(c) + "' has no " + kind + " images");
            }
        }
    }

    private static List<Integer> order(ExperimentSettings settings, List<String> names, ProjectFolder project) {
        ScenarioSettings scenario = settings.scenario();
        long seed = scenario.classOrderSeed() < 0 ? settings.seed() : scenario.classOrderSeed();
        return switch (scenario.classOrder()) {
            case ClassOrder.PYTHON -> ClassOrder.of(names.size(), seed);
            case ClassOrder.NUMPY -> ClassOrder.numpy(names.size(), seed);
            case ClassOrder.NATURAL -> ClassOrder.of(names.size(), 0);
            default -> ClassOrder.read(project.resolve(scenario.classOrder()), names);
        };
    }

    /** What settings say about how images become a model's input; {@code own} is how the model's own images did. */
    public static Transforms transforms(ImageSettings image, Preprocess own) {
        Preprocess named = image.normalization().of(own);
        Preprocess test = new Preprocess(named.side(), named.fit(),
                image.resize() == 0 ? named.resize() : Math.max(named.side(), named.side() * image.resize() / REFERENCE_SIDE),
                image.filter().of(named.filter()), named.normalization());
        return new Transforms(test.with(image.fit()), image.cropArea(), image.trainFilter(), image.flip(), image.jitter(),
                image.views());
    }

    private static List<ScenarioImages> tasks(LabeledImages images, Scenario scenario, int identity,
                                              Transforms transforms) {
        return IntStream.range(0, scenario.size())
                .mapToObj(task -> ScenarioImages.of(images, scenario, task, identity, transforms)).toList();
    }

    /** Names of the classes of each task. */
    public List<List<String>> taskNames() {
        return IntStream.range(0, scenario.size())
                .mapToObj(t -> classNames.subList(scenario.firstLabel(t), scenario.seen(t))).toList();
    }

    /** The task of a test image by its identity: what only an oracle is told. */
    public IntUnaryOperator taskOfTestImage() {
        Map<Integer, Integer> tasks = new HashMap<>();
        for (int t = 0; t < test.size(); t++) {
            for (int i = 0; i < test.get(t).size(); i++) {
                tasks.put(test.get(t).identity(i), t);
            }
        }
        return tasks::get;
    }

    /** A test image as the model sees it, by its number among those of all tasks. */
    RgbImage testPicture(int number) {
        int rest = number;
        for (ScenarioImages images : test) {
            if (rest < images.size()) {
                return images.picture(rest);
            }
            rest -= images.size();
        }
        throw new IndexOutOfBoundsException(number);
    }

    /** All training images by their identity, whatever their task. */
    public Images trainingImages() {
        return train.getFirst().whole();
    }

    /** Number of training images. */
    public int trainSize() {
        return train.stream().mapToInt(ScenarioImages::size).sum();
    }

    /** Number of test images. */
    public int testSize() {
        return test.stream().mapToInt(ScenarioImages::size).sum();
    }
}
