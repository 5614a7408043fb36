package dev.itprompt.method;

import dev.itprompt.Progress;
import dev.itprompt.RandomStreams;
import dev.itprompt.device.Executable;
import dev.itprompt.graph.Node;
import dev.itprompt.method.TrainingSettings.RateSettings;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.train.Augmentation;
import dev.itprompt.train.Checkpoints;
import dev.itprompt.train.ImageBatches;
import dev.itprompt.train.Orders;
import dev.itprompt.train.Stage;
import dev.itprompt.train.Trainer;
import dev.itprompt.train.TrainingStep;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * One training step on images of a task as a graph, and the training that is made of such steps: the prompts of all methods are trained
 * here.
 *
 * @param training the graph; the optimizer's group 0 is what the images go through, group 1 the classifier
 * @param images   input [B, 3, S, S], B being the images of a part of the batch
 * @param labels   input [B]
 * @param queries  input [B, E], prompt-free features; null where the step needs none or computes them
 */
public record ImageStep(TrainingStep training, Node images, Node labels, Node queries) {

    /**
     * A training over the images of a task, with a fresh optimizer.
     *
     * @param task     whose images
     * @param batch    images per step
     * @param settings epochs, rates, augmentation
     * @param course   of both rates over the steps; a batch smaller than the settings' has proportionally smaller ones
     * @param streams  source of order and augmentation
     * @param plain    prompt-free features of the task's images for {@link ImageStep#queries()}; null where there are none
     * @param stage    what progress calls it
     */
    public record Lesson(Learner.Task task, int batch, TrainingSettings settings, TrainingSettings.Course course, RandomStreams streams,
                         float[][] plain, Stage stage) {

        /** Where it is a method's, whose rates are named {@code rate} and {@code headRate}. */
        public static Stage stage(String method, String name) {
            return new Stage(name, Method.key(method, "rate") + " and " + Method.key(method, "headRate"));
        }

        private Trainer.Rates rates(long number, int group, long steps, Orders orders) {
            RateSettings rates = settings.rates();
            double rate = group == 0 ? rates.rate() : rates.headRate();
            double share = batch / (double) settings.batch();
            return new Trainer.Rates(share * course.factor(rate, number, steps, orders) * rate, 0, rates.largestGradient());
        }
    }

    /**
     * Does all steps.
     *
     * @param begin writes inputs that stay the same
     * @param watch sees each step's end
     * @param at    where an interrupted training goes on
     * @return what was trained, by name
     * @throws dev.itprompt.DivergenceException if loss, gradients or what was trained are not finite
     */
    public Map<String, Tensor> train(Backbone backbone, Lesson lesson, Consumer<Executable> begin, Trainer.Watch watch, Checkpoints at,
                                     Progress progress) {
        Learner.Task task = lesson.task();
        RandomStreams streams = lesson.streams();
        Orders orders = new Orders(task.images().size(), lesson.batch(), pass -> streams.stream("prompt.order", task.index(), pass));
        long steps = (long) orders.perPass() * lesson.settings().epochsOf(orders.perPass());
        ImageBatches batches = new ImageBatches(task.images(), backbone.pixels(), steps, orders, lesson.settings().augment()
                ? new Augmentation(streams, "prompt.augment", task.index()) : ImageBatches.Chance.NONE);
        try (Trainer trainer = backbone.trainer(training, lesson.stage())) {
            begin.accept(trainer.executable());
            return trainer.run(new Trainer.Course(steps,
                    (executable, number) -> feed(executable, trainer.writeImages(images, batches, number), lesson.plain()),
                    (number, group) -> lesson.rates(number, group, steps, orders), watch), at, progress);
        }
    }

    private void feed(Executable executable, ImageBatches.Batch batch, float[][] plain) {
        executable.write(labels, batch.labels());
        if (queries != null) {
            float[][] rows = IntStream.of(batch.chosen()).mapToObj(i -> plain[i]).toArray(float[][]::new);
            executable.write(queries, FeatureMatrix.of(rows).toArray());
        }
    }
}
