package dev.itprompt.method.median;

import dev.itprompt.Progress;
import dev.itprompt.Setting;
import dev.itprompt.data.Images;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Need;
import dev.itprompt.method.Run;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.State;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/** A method of somebody else: the nearest median of each class's frozen features. */
public final class MedianMethod implements Method<MedianMethod.Settings> {

    /** Its settings. */
    public record Settings(
            @Setting(meaning = "exponent of the distance", byDefault = "2", min = 0.1) double power,
            @Setting(meaning = "whether it asks for true tasks", byDefault = "false") boolean cheat,
            @Setting(meaning = "whether it says so", byDefault = "true") boolean honest) {}

    @Override
    public String name() {
        return "median";
    }

    @Override
    public String meaning() {
        return "the nearest median of frozen features";
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public Set<Need> needs(Settings settings) {
        return settings.cheat && settings.honest ? Set.of(Need.TRUE_TASK_AT_TEST) : Set.of();
    }

    @Override
    public Learner create(String name, Run run, Settings settings) {
        return new Medians(name, run, settings);
    }

    /** The learner. */
    private static final class Medians implements Learner {

        private final String name;
        private final Run run;
        private final Settings settings;
        private final double[][] medians;
        private int seen;

        Medians(String name, Run run, Settings settings) {
            this.name = name;
            this.run = run;
            this.settings = settings;
            this.medians = new double[run.classes().size()][run.backbone().features()];
        }

        @Override
        public void learn(Task task, Checkpoints at, Progress progress) {
            float[][] features = run.store().plain(task.images(), "features", progress);
            at.stage(() -> {
                for (int c = task.firstClass(); c < task.endClass(); c++) {
                    int label = c;
                    float[][] rows = IntStream.range(0, features.length).filter(i -> task.images().label(i) == label)
                            .mapToObj(i -> features[i]).toArray(float[][]::new);
                    for (int k = 0; k < medians[c].length; k++) {
                        int column = k;
                        medians[c][k] = Arrays.stream(rows).mapToDouble(row -> row[column]).sorted().toArray()[rows.length / 2];
                    }
                }
                seen = task.endClass();
            });
        }

        @Override
        public Map<String, Scores> predict(Images images) {
            float[][] features = run.store().plain(images, "features", Progress.NONE);
            double[][] scores = new double[features.length][seen];
            for (int i = 0; i < scores.length; i++) {
                for (int c = 0; c < seen; c++) {
                    for (int k = 0; k < medians[c].length; k++) {
                        scores[i][c] -= Math.pow(Math.abs(features[i][k] - medians[c][k]), settings.power);
                    }
                }
            }
            IntUnaryOperator task = i -> run.trueTask().applyAsInt(images.identity(i));
            return Map.of(name, new Scores(scores, settings.cheat ? IntStream.range(0, scores.length).map(task).toArray() : new int[0], false));
        }

        @Override
        public void visit(State state) {
            seen = state.integer("seen", seen);
            for (int c = 0; c < medians.length; c++) {
                medians[c] = state.doubles("median." + c, medians[c]);
            }
        }

        @Override
        public Map<String, Long> trainable() {
            return new LinkedHashMap<>();
        }

        @Override
        public void close() {}
    }
}
