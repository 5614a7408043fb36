package dev.itprompt.method.rapf;

import dev.itprompt.DivergenceException;
import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.Images;
import dev.itprompt.device.Executable;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.FeatureStore;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Run;
import dev.itprompt.method.replay.Gaussian;
import dev.itprompt.method.replay.Moments;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.Orders;
import dev.itprompt.train.Stage;
import dev.itprompt.train.State;
import dev.itprompt.train.Trainer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * RAPF (Huang et al. 2024, Class-Incremental Learning with CLIP: Adaptive Representation Adjustment and Parameter Fusion). One linear map W
 * stands behind CLIP's image features, and an image belongs to the class whose text has the largest cosine to {@code W·u(x)}. A task trains W
 * on its images, on features drawn from a Gaussian of each old class, and on {@link HardPairs}; then W is mixed with what it was before by
 * {@link MapMixing}, and a Gaussian of each new class's prompt-free features is kept. No image is kept.
 */
final class Rapf implements Learner {

    private final String name;
    private final RapfSettings settings;
    private final Backbone backbone;
    private final RandomStreams streams;
    private final FeatureStore store;
    private final Tensor textTable;
    private final float[][] texts;
    private final List<Gaussian.Full> classes = new ArrayList<>();
    private Tensor map;
    private int seen;

    Rapf(String name, Run run, RapfSettings settings) {
        this.name = name;
        this.settings = settings;
        this.backbone = run.backbone();
        this.streams = run.streams();
        this.store = run.store();
        this.textTable = run.texts();
        this.texts = FeatureMatrix.rows(textTable);
        this.map = initial(backbone.features(), run.streams().stream("init.map"));
    }

    /** Entries between ±1/√E, torch's default. */
    private static Tensor initial(int width, RandomGenerator random) {
        double bound = 1 / Math.sqrt(width);
        Tensor map = Tensor.zeros(Shape.of(width, width));
        for (int i = 0; i < map.shape().size(); i++) {
            map.set(i, (float) random.nextDouble(-bound, bound));
        }
        return map;
    }

    @Override
    public void learn(Task task, Checkpoints at, Progress progress) {
        float[][] features = store.plain(task.images(), task.piece("features"), progress);
        at.stage(() -> {
            Tensor trained = train(task, features, at, progress);
            map = task.index() == 0 ? trained : MapMixing.mix(map, trained, settings.mixing());
            for (int c = task.firstClass(); c < task.endClass(); c++) {
                classes.add(gaussian(task.ofClass(features, c), task));
            }
            seen = task.endClass();
        });
    }

    private Gaussian.Full gaussian(float[][] rows, Task task) {
        double[][] covariance = covariance(rows, settings.old().shrunk());
        try {
            return Gaussian.Full.of(FeatureMatrix.mean(rows), covariance);
        } catch (DivergenceException _) {
            throw new DivergenceException("the covariance of a class's features has no Cholesky factor; set " + Method.key(name, "shrunk") + "="
                    + !settings.old().shrunk()).in(task.piece("statistics"));
        }
    }

    /** The sample covariance with a small ridge; shrunk, with the mean of its diagonal and that of the rest added to each. */
    static double[][] covariance(float[][] rows, boolean shrunk) {
        double[][] covariance = Moments.covariance(rows);
        int width = covariance.length;
        double diagonal = 0;
        double rest = 0;
        for (int i = 0; i < width; i++) {
            covariance[i][i] += Gaussian.RIDGE;
            for (int j = 0; j < width; j++) {
                if (i == j) {
                    diagonal += covariance[i][j] / width;
                } else {
                    rest += covariance[i][j] / (width * (width - 1.0));
                }
            }
        }
        for (int i = 0; i < width && shrunk; i++) {
            for (int j = 0; j < width; j++) {
                covariance[i][j] += i == j ? diagonal : rest;
            }
        }
        return covariance;
    }

    private Tensor train(Task task, float[][] features, Checkpoints at, Progress progress) {
        List<HardPairs.Pair> pairs = HardPairs.of(texts, task.firstClass(), task.endClass(), settings.pairs().threshold());
        int images = features.length;
        Orders orders = new Orders(images, Math.min(settings.batch(), images), pass -> streams.stream("rapf.order", task.index(), pass));
        int most = settings.mostSteps() == 0 ? Integer.MAX_VALUE : Math.ceilDiv(settings.mostSteps(), orders.perPass());
        int drawn = task.firstClass() == 0 ? 0 : settings.old().classesOfStep() * settings.old().samples();
        int edges = Math.min(pairs.size(), settings.pairs().pairsOfStep()) * settings.pairs().pairSamples();
        MapStep step = MapStep.of(map, textTable.slice(0, task.endClass()), backbone.clip().logitFactor(), settings.pairs().margin(),
                new MapStep.Sizes(orders.batch() + drawn, edges));
        Stage stage = new Stage(task.piece("map"), Method.key(name, "rate"));
        try (Trainer trainer = new Trainer(backbone.device(), step.training(), stage)) {
            return trainer.run(new Trainer.Course((long) orders.perPass() * Math.min(settings.epochs(), most), (executable, number) -> {
                RandomGenerator chance = streams.stream("rapf.features", task.index(), number);
                writeRows(step, executable, number, orders, task, features, chance);
                if (edges > 0) {
                    writePairs(step, executable, number, pairs, chance);
                }
            }, (number, _) -> Trainer.Rates.of(settings.rateOf(orders.pass(number)))), at, progress).get(MapStep.MAP);
        }
    }

    /** Features of images, then of old classes, which come in another order in each pass. */
    private void writeRows(MapStep step, Executable executable, long number, Orders orders, Task task, float[][] features, RandomGenerator chance) {
        Rows rows = new Rows(step.rows().shape().dim(0), backbone.features());
        for (int chosen : orders.apply(number)) {
            rows.add(features[chosen], task.images().label(chosen));
        }
        if (task.firstClass() > 0) {
            long pass = orders.pass(number);
            int[] old = Orders.permutation(task.firstClass(), streams.stream("rapf.classes", task.index(), pass));
            long first = (number - pass * orders.perPass()) * settings.old().classesOfStep();
            for (int i = 0; i < settings.old().classesOfStep(); i++) {
                int label = old[(int) ((first + i) % old.length)];
                for (int j = 0; j < settings.old().samples(); j++) {
                    rows.add(classes.get(label).draw(chance), label);
                }
            }
        }
        executable.write(step.rows(), rows.values);
        executable.write(step.labels(), rows.labels);
    }

    private void writePairs(MapStep step, Executable executable, long number, List<HardPairs.Pair> pairs, RandomGenerator chance) {
        int count = Math.min(pairs.size(), settings.pairs().pairsOfStep());
        Rows rows = new Rows(step.edges().shape().dim(0), backbone.features());
        float[] others = new float[rows.labels.length];
        for (int i = 0; i < count; i++) {
            HardPairs.Pair pair = pairs.get((int) ((number * count + i) % pairs.size()));
            for (int j = 0; j < settings.pairs().pairSamples(); j++) {
                others[rows.count] = pair.fresh();
                rows.add(classes.get(pair.old()).draw(chance), pair.old());
            }
        }
        executable.write(step.edges(), rows.values);
        executable.write(step.own(), rows.labels);
        executable.write(step.other(), others);
    }

    /** Features and their classes, one after another. */
    private static final class Rows {

        private final float[] values;
        private final float[] labels;
        private int count;

        Rows(int rows, int width) {
            values = new float[rows * width];
            labels = new float[rows];
        }

        void add(float[] feature, int label) {
            System.arraycopy(feature, 0, values, count * feature.length, feature.length);
            labels[count++] = label;
        }
    }

    @Override
    public Map<String, Scores> predict(Images images) {
        return Map.of(name, scores(images, seen));
    }

    /** Texts know classes that are not learned. */
    @Override
    public Map<String, Scores> predictAhead(Images images) {
        return Map.of(name, scores(images, texts.length));
    }

    /** Cosines times CLIP's factor, the logits that its cross-entropy was trained on. */
    private Scores scores(Images images, int count) {
        float[][] weight = FeatureMatrix.rows(map);
        double factor = backbone.clip().logitFactor();
        float[][] plain = store.plain(images, "test features", Progress.NONE);
        return new Scores(IntStream.range(0, plain.length).parallel().mapToObj(i -> {
            float[] mapped = new float[weight.length];
            for (int j = 0; j < mapped.length; j++) {
                mapped[j] = (float) FeatureMatrix.dot(weight[j], plain[i]);
            }
            float[] unit = FeatureMatrix.normalized(mapped);
            return IntStream.range(0, count).mapToDouble(c -> factor * FeatureMatrix.dot(unit, texts[c])).toArray();
        }).toArray(double[][]::new), new int[0], true);
    }

    @Override
    public void visit(State state) {
        seen = state.integer("seen", seen);
        map = state.tensor("map", map);
        int count = state.integer("classes", classes.size());
        List<Gaussian.Full> visited = new ArrayList<>();
        for (int c = 0; c < count; c++) {
            visited.add((Gaussian.Full) Gaussian.visit(state.in("class." + c), state.isLoading() ? null : classes.get(c)));
        }
        classes.clear();
        classes.addAll(visited);
    }

    @Override
    public Map<String, Long> trainable() {
        return Map.of("map", (long) map.shape().size());
    }

    @Override
    public void close() {}
}
