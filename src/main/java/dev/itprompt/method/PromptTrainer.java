package dev.itprompt.method;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.data.TaskImages;
import dev.itprompt.device.Executable;
import dev.itprompt.graph.Node;
import dev.itprompt.nn.Schedule;
import dev.itprompt.tensor.Tensor;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** Trains one prompt together with a classifier on the images of one task. */
final class PromptTrainer {

    /**
     * A pool entry.
     *
     * @param prompt prefixes
     * @param key    [1, E]
     */
    record Entry(Prompt prompt, Tensor key) {}

    private static final int SMALLEST_BATCH = 16;

    private final Backbone backbone;
    private final ItPromptSettings settings;
    private final RandomStreams streams;

    PromptTrainer(Backbone backbone, ItPromptSettings settings, RandomStreams streams) {
        this.backbone = backbone;
        this.settings = settings;
        this.streams = streams;
    }

    /**
     * Images per step: the settings' batch, or fewer where a task has few images, so that a pass over them is several steps and not
     * one.
     */
    static int batch(ItPromptSettings settings, int images) {
        return Math.min(images, Math.min(settings.batch(), Math.max(SMALLEST_BATCH, images / settings.stepsOfPass())));
    }

    /** Passes over a task's images: as many as the settings ask for, or fewer where their steps would be too many. */
    static int epochs(ItPromptSettings settings, int stepsOfPass) {
        int most = settings.mostSteps() == 0 ? Integer.MAX_VALUE : Math.ceilDiv(settings.mostSteps(), stepsOfPass);
        return Math.min(settings.epochs(), most);
    }

    /** The graph that would be trained; for plans and tests. */
    PromptStep step(PromptStep.Job job, Entry start, FeatureClassifier head) {
        return PromptStep.of(backbone.model(), settings, job, start.prompt(), start.key(), head);
    }

    /**
     * Trains with a fresh optimizer; the classifier's weights are updated in place.
     *
     * @param old      mean of older prompts, or null for the first task: then the momentum α counts as 0
     * @param features prompt-free features of the task's images, or null when they are to be computed with the augmentation
     * @param name     what progress calls the training
     * @return the trained entry, before the final blend with the old mean
     * @throws dev.itprompt.DivergenceException if loss, gradients or what was trained are not finite
     */
    Entry train(Learner.Task task, PromptStep.Job job, Entry start, Prompt old, float[][] features, FeatureClassifier head,
                String name, Progress progress) {
        Stage stage = new Stage(name, "itPrompt.rate and itPrompt.headRate");
        PromptStep step = step(job, start, head);
        TaskImages images = task.images();
        try (Executable executable = backbone.device().compile(step.graph(), step.results())) {
            writeOld(step, executable, start.prompt(), old);
            int perEpoch = images.size() / job.batch();
            int epochs = epochs(settings, perEpoch);
            long total = (long) perEpoch * epochs;
            float[] pixels = new float[job.batch() * backbone.pixels()];
            int[] order = new int[images.size()];
            double smoothed = Double.NaN;
            for (int epoch = 0; epoch < epochs; epoch++) {
                Replay.shuffle(order, streams.stream("prompt.order", task.index(), epoch));
                for (int b = 0; b < perEpoch; b++) {
                    int[] chosen = Arrays.copyOfRange(order, b * job.batch(), (b + 1) * job.batch());
                    long done = (long) epoch * perEpoch + b;
                    RandomGenerator random = settings.augment() ? streams.stream("prompt.augment", task.index(), done) : null;
                    feed(step, executable, images, chosen, features, pixels, random);
                    rates(step, executable, epoch, done, total, job.batch() / (double) settings.batch());
                    executable.run();
                    float loss = executable.read(step.loss()).get(0);
                    stage.check(done + 1, loss, executable.read(step.optimizer().norm()).get(0));
                    smoothed = Double.isNaN(smoothed) ? loss : 0.95 * smoothed + 0.05 * loss;
                    progress.report(name, done + 1, total, Notes.loss(smoothed));
                }
            }
            head.set("head.weight", executable.read(step.headWeight()));
            head.set("head.bias", executable.read(step.headBias()));
            Prompt trained = new Prompt(start.prompt().layers(), step.keys().stream().map(executable::read).toList(),
                    step.values().stream().map(executable::read).toList());
            Entry entry = new Entry(trained, step.identity() == null ? start.key() : executable.read(step.identity()));
            stage.check(total, Stream.of(trained.keys(), trained.values(), head.weights().values(), List.of(entry.key()))
                    .flatMap(Collection::stream).toList());
            return entry;
        }
    }

    private void writeOld(PromptStep step, Executable executable, Prompt prompt, Prompt old) {
        if (prompt.isEmpty()) {
            return;
        }
        double share = old == null ? 0 : settings.momentum();
        executable.write(step.ownShare(), (float) (1 - share));
        for (int i = 0; i < prompt.layers().size(); i++) {
            executable.write(step.oldKeys().get(i), scaled(old == null ? prompt.keys().get(i) : old.keys().get(i), share));
            executable.write(step.oldValues().get(i), scaled(old == null ? prompt.values().get(i) : old.values().get(i), share));
        }
    }

    private static float[] scaled(Tensor tensor, double factor) {
        float[] values = tensor.toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (factor * values[i]);
        }
        return values;
    }

    private void feed(PromptStep step, Executable executable, TaskImages images, int[] chosen, float[][] features, float[] pixels,
                      RandomGenerator random) {
        float[] labels = new float[chosen.length];
        for (int i = 0; i < chosen.length; i++) {
            images.load(chosen[i], pixels, i * backbone.pixels(), random);
            labels[i] = images.label(chosen[i]);
        }
        executable.write(step.images(), pixels);
        executable.write(step.labels(), labels);
        if (step.queries() != null) {
            int width = backbone.features();
            float[] queries = new float[chosen.length * width];
            for (int i = 0; i < chosen.length; i++) {
                System.arraycopy(features[chosen[i]], 0, queries, i * width, width);
            }
            executable.write(step.queries(), queries);
        }
    }

    /** A smaller batch than the settings' has proportionally smaller rates. */
    private void rates(PromptStep step, Executable executable, int epoch, long done, long total, double share) {
        double factor = share * switch (settings.schedule()) {
            case CONSTANT -> 1;
            case COSINE -> Schedule.warmupCosine((int) done, 0, (int) total, 0);
            case STEP -> Math.pow(0.1, epoch / 30);
        };
        executable.write(step.optimizer().step(), done + 1);
        List<Node> rates = step.optimizer().groups().stream().map(group -> group.rates()).toList();
        if (!step.optimizer().groups().get(0).parameters().isEmpty()) {
            executable.write(rates.get(0), (float) (factor * settings.rate()), 0, (float) settings.clip());
        }
        executable.write(rates.get(1), (float) (factor * settings.headRate()), 0, (float) settings.clip());
    }
}
