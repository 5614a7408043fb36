package dev.itprompt.train;

import dev.itprompt.Progress;
import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Does the steps of a training on a device, one like the other: inputs, rates, the step, a look at loss and gradients, progress, and now
 * and then a checkpoint. What step n sees depends on n alone, so a training that was interrupted goes on with the same numbers.
 */
public final class Trainer implements AutoCloseable {

    /** Share of the loss shown that is of earlier steps. */
    private static final double SMOOTHING = 0.95;
    /** Share of the time that is waited for images from which on the progress says so. */
    public static final double WORTH_SAYING = 0.05;

    /** Writes what a step computes with, but for rates and step number. */
    @FunctionalInterface
    public interface Feed {
        /** @param step from 0 */
        void write(Executable executable, long step);
    }

    /**
     * How a group of parameters moves.
     *
     * @param rate  learning rate
     * @param decay weight decay
     * @param clip  largest length of all gradients together; infinite for none
     */
    public record Rates(double rate, double decay, double clip) {

        /** A learning rate alone. */
        public static Rates of(double rate) {
            return new Rates(rate, 0, Double.POSITIVE_INFINITY);
        }
    }

    /** Rates by step. */
    @FunctionalInterface
    public interface Schedule {
        /**
         * @param step  from 0
         * @param group of the optimizer, from 0
         */
        Rates at(long step, int group);
    }

    /**
     * All that a training does.
     *
     * @param steps    how many there are
     * @param feed     writes what each computes with
     * @param schedule rates of each
     * @param watch    is called after each
     */
    public record Course(long steps, Feed feed, Schedule schedule, Watch watch) {

        /** Nobody watches. */
        public Course(long steps, Feed feed, Schedule schedule) {
            this(steps, feed, schedule, Watch.NOBODY);
        }
    }

    /** Sees each step's end and may know something of its own, which checkpoints keep. */
    public interface Watch extends Stateful {

        /** Sees nothing. */
        Watch NOBODY = (_, _) -> {};

        /**
         * Called after a step.
         *
         * @param step from 0
         */
        void after(Trainer trainer, long step);

        @Override
        default void visit(State state) {}
    }

    private final TrainingStep step;
    private final Stage stage;
    private final Executable executable;
    private long done;
    /** Nanoseconds waited for images since {@link #began}. */
    private long waited;
    /** When the first step was done here, in nanoseconds: its images cannot have been made ahead. */
    private Long began;
    private double smoothed = Double.NaN;

    /** Compiles a step. */
    public Trainer(Device device, TrainingStep step, Stage stage) {
        this(device, PartsPlace.HERE, Map.of(), step, stage);
    }

    /**
     * Compiles a step.
     *
     * @param place  where the parts of batches are computed
     * @param frozen weights of the model that the step's graph has as constants, by name
     */
    public Trainer(Device device, PartsPlace place, Map<String, Tensor> frozen, TrainingStep step, Stage stage) {
        this.step = step;
        this.stage = stage;
        this.executable = step.compile(device, place, frozen);
    }

    /** The compiled step, for inputs that stay the same. */
    public Executable executable() {
        return executable;
    }

    /**
     * Writes the images of a step: their pixels, or, where its parts are computed by others, which images these are to load.
     *
     * @param images the input
     * @param number of the step, from 0
     * @return the batch, in the second case without pixels
     */
    public ImageBatches.Batch writeImages(Node images, ImageBatches batches, long number) {
        if (executable instanceof Parts parts && parts.loadsImages()) {
            parts.writeImages(images, part -> batches.part(number, part, step.parts()));
            return batches.without(number);
        }
        long before = batches.waited();
        ImageBatches.Batch batch = batches.get(number);
        waited += batches.waited() - before;
        executable.write(images, batch.pixels());
        return batch;
    }

    /** Counts the steps as done that others have done before. */
    public void startAt(long step) {
        done = step;
    }

    /**
     * Does all steps, or those that are left of a training that was interrupted.
     *
     * @return what was trained, by name
     * @throws dev.itprompt.DivergenceException if loss, gradients or what was trained are not finite; says which step, what each part of
     *                                          the loss was and which parameter was largest
     * @throws StoppedException                 if the process was asked to stop; the state is saved
     */
    public Map<String, Tensor> run(Course course, Checkpoints at, Progress progress) {
        at.loop(state -> {
            visit(state.in("trainer"));
            course.watch().visit(state.in("watch"));
        });
        while (done < course.steps()) {
            at.tick();
            course.feed().write(executable, done);
            double rate = rates(course.schedule());
            executable.run();
            done++;
            float loss = executable.read(step.loss()).get(0);
            float norm = executable.read(step.optimizer().norm()).get(0);
            if (!Float.isFinite(loss) || !Float.isFinite(norm)) {
                throw stage.diverged(done, loss, norm, terms(), trained());
            }
            smoothed = Double.isNaN(smoothed) ? loss : SMOOTHING * smoothed + (1 - SMOOTHING) * loss;
            double waiting = waiting();
            progress.report(stage.name(), done, course.steps(), String.format(Locale.ROOT, waiting > WORTH_SAYING
                    ? "loss %.3f, waiting for images %.0f %% of the time" : "loss %.3f", smoothed, 100 * waiting));
            progress.measured(stage.name(), done, course.steps(), loss, rate, waiting);
            course.watch().after(this, done - 1);
        }
        Map<String, Tensor> trained = trained();
        stage.check(done, trained);
        return trained;
    }

    /** Share of the time since the first step in which nothing was computed, because images were not there yet. */
    private double waiting() {
        if (began == null) {
            began = System.nanoTime();
            waited = 0;
            return 0;
        }
        return (double) waited / Math.max(1, System.nanoTime() - began);
    }

    /** Writes the step's number and rates; returns the learning rate of the first group that is trained. */
    private double rates(Schedule schedule) {
        double first = Double.NaN;
        if (step.optimizer().step() != null) {
            executable.write(step.optimizer().step(), done + 1);
        }
        for (int group = 0; group < step.optimizer().groups().size(); group++) {
            if (!step.optimizer().groups().get(group).parameters().isEmpty()) {
                Rates rates = schedule.at(done, group);
                executable.write(step.optimizer().groups().get(group).rates(), (float) rates.rate(), (float) rates.decay(),
                        (float) rates.clip());
                first = Double.isNaN(first) ? rates.rate() : first;
            }
        }
        return first;
    }

    private Map<String, Float> terms() {
        Map<String, Float> values = new LinkedHashMap<>();
        step.terms().forEach((name, node) -> values.put(name, executable.read(node).get(0)));
        return values;
    }

    /** Copies of all that is trained, as it is now. */
    public Map<String, Tensor> trained() {
        Map<String, Tensor> values = new LinkedHashMap<>();
        step.trained().forEach((name, node) -> values.put(name, executable.read(node)));
        return values;
    }

    private void visit(State state) {
        done = state.number("done", done);
        smoothed = state.doubles("loss", new double[] {smoothed})[0];
        step.trained().forEach((name, node) -> visit(state, name, node));
        List<Node> moments = step.optimizer().state();
        for (int i = 0; i < moments.size(); i++) {
            visit(state, "optimizer." + i, moments.get(i));
        }
    }

    private void visit(State state, String name, Node variable) {
        if (executable.isDouble()) {
            double[] value = state.doubles(name, state.isLoading() ? null : executable.readExact(variable));
            if (state.isLoading()) {
                executable.writeExact(variable, value);
            }
            return;
        }
        Tensor value = state.tensor(name, state.isLoading() ? null : executable.read(variable));
        if (state.isLoading()) {
            executable.write(variable, value);
        }
    }

    @Override
    public void close() {
        executable.close();
    }
}
