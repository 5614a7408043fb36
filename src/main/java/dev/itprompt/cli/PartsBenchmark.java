package dev.itprompt.cli;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.config.Configuration;
import dev.itprompt.data.TaskImages;
import dev.itprompt.device.Device;
import dev.itprompt.experiment.Benchmark;
import dev.itprompt.experiment.Workload;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.Learner;
import dev.itprompt.method.Method;
import dev.itprompt.method.Registry;
import dev.itprompt.method.Run;
import dev.itprompt.parallel.Opening;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.PartsPlace;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Measures steps whose batches are cut into parts: a prompt of 8 prefix keys and values in five blocks and a classifier, trained on random images
 * through a model with random weights.
 *
 * @param model  its name
 * @param batch  images of a step
 * @param parts  of a batch
 * @param steps  that are measured, after two that are not
 * @param device its full name
 * @param threads of the cpu device
 */
record PartsBenchmark(Benchmark.Model model, int batch, int parts, int steps, String device, int threads) implements Opening {

    private static final List<String> CLASSES = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    private static final int FIRST = 2;

    /** Random images, each of a class. */
    private record Noise(int size, int pixels) implements TaskImages {

        @Override
        public int label(int index) {
            return index % CLASSES.size();
        }

        @Override
        public int identity(int index) {
            return index;
        }

        @Override
        public void load(int index, float[] target, int offset, RandomGenerator random) {
            RandomGenerator own = new RandomStreams(index).stream("pixels");
            for (int i = 0; i < pixels; i++) {
                target[offset + i] = (float) own.nextGaussian();
            }
        }
    }

    private int pixels() {
        return 3 * model.vision().imageSize() * model.vision().imageSize();
    }

    @Override
    public Opened open() {
        return new Opened(DeviceOptions.open(device, threads), Workload.randomClip(model.vision()).weights(), new Noise(batch, pixels()), pixels());
    }

    /**
     * Seconds of each step, in their order.
     *
     * @param opened the device that updates are computed on, and here all
     * @param place  where the parts are computed
     */
    List<Double> run(Device opened, PartsPlace place) {
        List<Double> seconds = new ArrayList<>();
        long[] last = new long[1];
        Progress clock = new Progress() {
            @Override
            public void report(String stage, long done, long total, String note) {
                // measured() tells steps alone
            }

            @Override
            public void measured(String stage, long step, long all, double loss, double rate, double waiting) {
                long now = System.nanoTime();
                if (step > FIRST) {
                    seconds.add((now - last[0]) / 1e9);
                }
                last[0] = now;
            }
        };
        try (Backbone backbone = new Backbone(opened, Workload.randomClip(model.vision()), batch)) {
            Run run = Run.of(backbone.trainedAt(place), new RandomStreams(0), CLASSES, "{}", batch, _ -> 0);
            try (Learner learner = learner(Registry.METHODS.kind("shared-prompt"), run)) {
                learner.learn(new Learner.Task(0, 0, CLASSES.size(), new Noise(batch, pixels())), Checkpoints.NONE, clock);
            }
        }
        return seconds;
    }

    private <S extends Record> Learner learner(Method<S> method, Run run) {
        return method.create(method.name(), run, Configuration.of(method.settings()).text("bench", String.format(Locale.ROOT, """
                length: 8
                batch: %d
                parts: %d
                epochs: %d
                stepsOfPass: 1
                mostSteps: 0
                augment: false
                whiten: false
                """, batch, parts, steps + FIRST)).build().settings());
    }
}
