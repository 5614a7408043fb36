package dev.itprompt.experiment;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.checkpoint.ModelReader;
import dev.itprompt.data.ImageDecoder;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.RgbImage;
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
     * @param image  its file
     * @param ranked all classes, the best first
     * @param task   the task that was inferred, from 0; empty if the method infers none
     */
    public record Answer(Path image, List<Score> ranked, Optional<Integer> task) {}

    private final Backbone backbone;
    private final Run run;
    private final Learner learner;
    private final String template;
    private final String answer;
    private final List<String> classes;
    private final Preprocess preprocess;
    private final int block;

    private List<String> further = List.of();
    private float[][] texts = {};

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

    /** Most pictures for one call of {@link #classify}. */
    public int block() {
        return block;
    }

    /**
     * Lets pictures be of further classes that were not learned. CLIP's zero-shot probabilities of all labels together say how much goes to
     * each of the further ones; what is left goes to the learned ones in proportion to the method's own scores.
     *
     * @param labels none of them learned
     * @throws InputException if one is learned, or the model knows no texts
     */
    public void mixIn(List<String> labels) {
        labels.stream().filter(classes::contains).findFirst().ifPresent(label -> {
            throw new InputException("--labels: expected labels that were not learned, found '" + Excerpt.of(label, 80) + "'");
        });
        List<String> all = new ArrayList<>(classes);
        labels.stream().distinct().forEach(all::add);
        if (all.size() == classes.size()) {
            throw new InputException("--labels: expected labels separated by commas, found none");
        }
        texts = FeatureMatrix.rows(backbone.classTexts(all, template));
        further = List.copyOf(all.subList(classes.size(), all.size()));
    }

    /**
     * Classifies some pictures.
     *
     * @throws InputException if one cannot be read
     */
    public List<Answer> classify(List<Path> files) {
        List<RgbImage> squares = files.stream().map(file -> preprocess.square(ImageDecoder.read(file).over(255, 255, 255))).toList();
        Pictures pictures = new Pictures(squares, preprocess);
        run.store().clear();
        Learner.Scores scores = learner.predict(pictures).get(answer);
        float[][] features = further.isEmpty() ? null : run.store().plain(pictures, "features", Progress.NONE);
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            double[] learned = ZeroShot.softmax(scores.values()[i]);
            answers.add(new Answer(files.get(i), rank(learned, further.isEmpty() ? new double[0] : zeroShot(features[i])),
                    scores.tasks().length == 0 ? Optional.empty() : Optional.of(scores.tasks()[i])));
        }
        return answers;
    }

    /** Zero-shot probabilities of the further labels among all. */
    private double[] zeroShot(float[] feature) {
        double[] all = ZeroShot.probabilities(feature, texts, backbone.clip().logitFactor());
        return Arrays.copyOfRange(all, classes.size(), all.length);
    }

    private List<Score> rank(double[] learned, double[] mixedIn) {
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
