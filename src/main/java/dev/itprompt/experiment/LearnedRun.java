package dev.itprompt.experiment;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.checkpoint.ModelReader;
import dev.itprompt.checkpoint.StoredValues;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.RgbImage;
import dev.itprompt.data.RgbaImage;
import dev.itprompt.device.Device;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.FeatureMatrix;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Run;
import dev.itprompt.method.Training;
import dev.itprompt.train.StateFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/** What a finished run has learned, ready to classify pictures. Used by one thread. */
public final class LearnedRun implements AutoCloseable {

    /**
     * A class and its score.
     *
     * @param score softmax over the scores of all classes
     */
    public record Score(String label, double score) {}

    /**
     * The answer for a picture.
     *
     * @param image  its name
     * @param ranked all classes, the best first
     * @param task   the task that was inferred, from 0; empty if the method infers none
     */
    public record Answer(String image, List<Score> ranked, Optional<Integer> task) {}

    /**
     * A picture to be classified.
     *
     * @param name    what the answer calls it
     * @param square  as the model takes it, but for the normalisation
     * @param further labels that it may be of beside the classes
     */
    public record Picture(String name, RgbImage square, Further further) {}

    /**
     * Labels that were not learned, with what CLIP's texts say of them beside the classes.
     *
     * @param labels none of them learned, in the order of the last texts
     * @param texts  normalised embeddings of the classes and then of the labels; none where there are no labels
     */
    public record Further(List<String> labels, float[][] texts) {

        /** No labels. */
        public static final Further NONE = new Further(List.of(), new float[0][]);
    }

    private final Backbone backbone;
    private final Run run;
    private final Learner learner;
    private final String template;
    private final String answer;
    private final List<String> classes;
    private final Preprocess preprocess;
    private final int block;

    private LearnedRun(Run run, Learner learner, String answer, ExperimentSettings settings, Preprocess preprocess) {
        this.backbone = run.backbone();
        this.run = run;
        this.learner = learner;
        this.template = settings.model().template();
        this.answer = answer;
        this.classes = run.classes();
        this.preprocess = preprocess;
        this.block = settings.model().encodeBatch();
    }

    /**
     * Reads the model and what a method has learned on it; the run's images are not needed.
     *
     * @param folder of the run
     * @param method that is to answer; empty for the first that the run compares and that has finished
     * @throws InputException if the run, the method or the model is missing, or the model is another one than that of the run
     */
    public static LearnedRun open(Path folder, Optional<String> method, Device device, ProjectFolder project) {
        RunConfig config = RunFolder.config(folder);
        ExperimentSettings settings = ExperimentSettings.configuration().file(RunFolder.configFile(folder)).build().settings();
        String answer = answer(folder, method, settings);
        Training training = Training.of(settings.methods().of(answer));
        Path state = RunFolder.stateFile(folder, training.name());
        LoadedModel model = ModelReader.read(project.resolve(settings.model().checkpoint()), settings.model().load());
        String hash = "sha256 " + model.checkpoint().sha256();
        config.fact("checkpoint").filter(known -> !known.equals(hash)).ifPresent(_ -> {
            throw new InputException(settings.model().checkpoint() + ": expected the model that the run in " + folder + " was made with, found another");
        });
        List<String> classes = RunFolder.classes(state);
        Backbone backbone = new Backbone(device, model.model(), settings.model().encodeBatch());
        Run run = Run.of(backbone, new RandomStreams(settings.seed()), classes, settings.model().template(),
                settings.model().encodeBatch(), _ -> {
                    throw new InputException(answer + ": an oracle has to be told the task of each image; choose another method");
                });
        Learner learner = training.create(run);
        StateFile.load(state, learner);
        return new LearnedRun(run, learner, answer, settings, settings.image().normalization().of(model).with(settings.image().fit()));
    }

    private static String answer(Path folder, Optional<String> method, ExperimentSettings settings) {
        List<String> finished = RunFolder.finishedTrainings(folder);
        List<String> known = settings.methods().names().stream()
                .filter(name -> finished.contains(settings.methods().of(name).name())).toList();
        if (known.isEmpty()) {
            throw new InputException(folder + ": expected a run with a finished training, found none");
        }
        String chosen = method.orElse(known.getFirst());
        if (!known.contains(chosen)) {
            throw new InputException("--method: expected one that the run has finished (" + String.join(", ", known) + "), found " + Excerpt.of(chosen, 80));
        }
        return chosen;
    }

    /** The method that answers. */
    public String method() {
        return answer;
    }

    /** Names of the classes in the order they were learned. */
    public List<String> classes() {
        return classes;
    }

    /** All that the method's training knows by name, and the normalised embeddings of the class texts as {@code class_texts} where the model has some. */
    public LinkedHashMap<String, StoredValues> values() {
        LinkedHashMap<String, StoredValues> values = StateFile.values(learner);
        if (run.texts() != null) {
            values.put("class_texts", new StoredValues.Floats(run.texts()));
        }
        return values;
    }

    /** Most pictures for one call of {@link #classify}. */
    public int block() {
        return block;
    }

    /**
     * Lets pictures be of further classes that were not learned; none makes no difference. CLIP's zero-shot probabilities of all labels together say how much goes to
     * each of the further ones; what is left goes to the learned ones in proportion to the method's own scores.
     *
     * @param labels none of them learned
     * @throws InputException if one is learned, or the model knows no texts
     */
    public Further further(List<String> labels) {
        if (labels.isEmpty()) {
            return Further.NONE;
        }
        labels.stream().filter(classes::contains).findFirst().ifPresent(label -> {
            throw new InputException("--labels: expected labels that were not learned, found '" + Excerpt.of(label, 80) + "'");
        });
        List<String> all = new ArrayList<>(classes);
        labels.stream().distinct().forEach(all::add);
        return new Further(List.copyOf(all.subList(classes.size(), all.size())), FeatureMatrix.rows(backbone.classTexts(all, template)));
    }

    /** A picture as the model takes it; may be called by several threads at once. */
    public RgbImage square(RgbaImage picture) {
        return preprocess.square(picture.over(255, 255, 255));
    }

    /** Classifies some pictures, whose answers do not depend on each other. */
    public List<Answer> classify(List<Picture> pictures) {
        Pictures images = new Pictures(pictures.stream().map(Picture::square).toList(), preprocess);
        run.store().clear();
        Learner.Scores scores = learner.predict(images).get(answer);
        boolean mixes = pictures.stream().anyMatch(picture -> !picture.further().labels().isEmpty());
        float[][] features = mixes ? run.store().plain(images, "features", Progress.NONE) : null;
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < pictures.size(); i++) {
            Further further = pictures.get(i).further();
            double[] mixedIn = further.labels().isEmpty() ? new double[0] : zeroShot(features[i], further);
            answers.add(new Answer(pictures.get(i).name(), rank(FeatureMatrix.softmax(scores.values()[i]), mixedIn, further.labels()),
                    scores.tasks().length == 0 ? Optional.empty() : Optional.of(scores.tasks()[i])));
        }
        return answers;
    }

    /** Zero-shot probabilities of the further labels among all. */
    private double[] zeroShot(float[] feature, Further further) {
        double[] all = ZeroShot.probabilities(feature, further.texts(), backbone.clip().logitFactor());
        return Arrays.copyOfRange(all, classes.size(), all.length);
    }

    private List<Score> rank(double[] learned, double[] mixedIn, List<String> further) {
        double left = 1 - Arrays.stream(mixedIn).sum();
        List<Score> ranked = new ArrayList<>();
        for (int c = 0; c < learned.length; c++) {
            ranked.add(new Score(classes.get(c), left * learned[c]));
        }
        for (int c = 0; c < mixedIn.length; c++) {
            ranked.add(new Score(further.get(c), mixedIn[c]));
        }
        ranked.sort(Comparator.comparingDouble(Score::score).reversed());
        return ranked;
    }

    @Override
    public void close() {
        learner.close();
        backbone.close();
    }
}
