package dev.itprompt.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.DivergenceException;
import dev.itprompt.Progress;
import dev.itprompt.data.TaskImages;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.nn.Optimizer;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {

    private static final Stage STAGE = new Stage("toy", "the toy's rate");

    @TempDir
    private Path root;

    /** A line fitted to points: the distance and, as a second term, the slope's size. */
    private record Toy(TrainingStep step, Node x, Node y) {

        static Toy of(Optimizer.Rule rule) {
            Graph g = new Graph();
            Node x = g.input("x", Shape.of(2, 1));
            Node y = g.input("y", Shape.of(2, 1));
            Node slope = g.variable("slope", Tensor.of(Shape.of(1, 1), 0));
            Node error = g.add(g.matMulTransposed(x, slope), g.scale(y, -1));
            Node distance = g.mean(g.multiply(error, error));
            Node size = g.mean(g.multiply(slope, slope));
            Node loss = g.add(distance, g.scale(size, 0.01f));
            Map<String, Node> terms = new LinkedHashMap<>();
            terms.put("distance", distance);
            terms.put("size", size);
            return new Toy(new TrainingStep(g, loss, terms, Map.of("slope", slope), Optimizer.of(g, loss, rule, List.of(List.of(slope)))),
                    x, y);
        }

        Trainer.Course course(long steps, double rate, float target) {
            return new Trainer.Course(steps, (executable, step) -> {
                executable.write(x, 1, 2 + step % 2);
                executable.write(y, target, target * (2 + step % 2));
            }, (_, _) -> new Trainer.Rates(rate, 0, Double.POSITIVE_INFINITY));
        }
    }

    @Test
    void findsTheSlope() {
        Toy toy = Toy.of(new Optimizer.Rule.Sgd(0.5f));
        try (ReferenceDevice device = new ReferenceDevice(); Trainer trainer = new Trainer(device, toy.step(), STAGE)) {
            trainer.run(toy.course(200, 0.02, 3), Checkpoints.NONE, Progress.NONE);
            assertEquals(3, trainer.trained().get("slope").get(0), 0.02);
        }
    }

    /** Images that are there only after the training has waited for them: progress and log are told. */
    @Test
    void waitingForImagesIsSaid() {
        Thread training = Thread.currentThread();
        TaskImages slow = new TaskImages() {
            @Override
            public int size() {
                return 2;
            }

            @Override
            public int label(int index) {
                return 0;
            }

            @Override
            public int identity(int index) {
                return index;
            }

            @Override
            public void load(int index, float[] target, int offset, RandomGenerator random) {
                while (training.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
                LockSupport.parkNanos(50_000_000);
                target[offset] = 1 + index;
            }
        };
        Toy toy = Toy.of(new Optimizer.Rule.Sgd(0.5f));
        ImageBatches batches = new ImageBatches(slow, 1, 9, _ -> new int[] {0, 1}, ImageBatches.Chance.NONE);
        List<String> notes = new ArrayList<>();
        List<Double> shares = new ArrayList<>();
        Progress heard = new Progress() {
            @Override
            public void report(String stage, long done, long total, String note) {
                notes.add(note);
            }

            @Override
            public void measured(String stage, long step, long steps, double loss, double rate, double waiting) {
                shares.add(waiting);
            }
        };
        try (ReferenceDevice device = new ReferenceDevice(); Trainer trainer = new Trainer(device, toy.step(), STAGE)) {
            trainer.run(new Trainer.Course(9, (executable, step) -> {
                trainer.writeImages(toy.x(), batches, step);
                executable.write(toy.y(), 3, 6);
            }, (_, _) -> Trainer.Rates.of(0.02)), Checkpoints.NONE, heard);
        }
        assertEquals(0, shares.getFirst(), "nothing can be made ahead of the first step");
        assertTrue(shares.stream().allMatch(share -> share >= 0 && share < 1), shares.toString());
        assertTrue(shares.getLast() > Trainer.WORTH_SAYING, shares.toString());
        assertTrue(notes.getFirst().matches("loss [0-9.]+"), notes.getFirst());
        assertTrue(notes.getLast().matches("loss [0-9.]+, waiting for images [0-9]+ % of the time"), notes.getLast());
    }

    /** Step, each part of the loss and the largest parameter are named. */
    @Test
    void divergenceSaysWhere() {
        Toy toy = Toy.of(new Optimizer.Rule.Sgd(0.5f));
        try (ReferenceDevice device = new ReferenceDevice(); Trainer trainer = new Trainer(device, toy.step(), STAGE)) {
            DivergenceException e = assertThrows(DivergenceException.class,
                    () -> trainer.run(toy.course(200, 0.02, Float.POSITIVE_INFINITY), Checkpoints.NONE, Progress.NONE));
            assertEquals("toy, step 1: the loss is Infinity (distance Infinity, size 0.000); largest parameter slope (NaN); training diverges, "
                    + "lower the toy's rate", e.getMessage().replace("slope (Infinity)", "slope (NaN)").replace("size 0,000", "size 0.000"));
        }
        try (ReferenceDevice device = new ReferenceDevice(); Trainer trainer = new Trainer(device, toy.step(), STAGE)) {
            DivergenceException e = assertThrows(DivergenceException.class,
                    () -> trainer.run(toy.course(1, 1e39, 3), Checkpoints.NONE, Progress.NONE));
            assertTrue(e.getMessage().startsWith("toy, after step 1: slope is not finite; training diverges, lower"), e.getMessage());
        }
    }

    /** Stopped after any step and begun anew from the file, a training ends with the same bits: momentum and step number are kept. */
    @Test
    void goesOnWithTheSameBits() {
        for (Optimizer.Rule rule : List.of(new Optimizer.Rule.Sgd(0.9f), Optimizer.Rule.AdamW.DEFAULT)) {
            float[] expected = train(rule, Integer.MAX_VALUE, Checkpoints.NONE);
            for (int stop = 1; stop < 9; stop++) {
                Path file = root.resolve(rule.getClass().getSimpleName() + stop + ".safetensors");
                int after = stop;
                assertThrows(IllegalStateException.class, () -> train(rule, after, checkpoints(file)));
                assertArrayEquals(expected, train(rule, Integer.MAX_VALUE, checkpoints(file)), rule + " stopped after " + stop);
            }
        }
    }

    private static Checkpoints checkpoints(Path file) {
        Checkpoints at = Checkpoints.in(file, Duration.ZERO, Map.of());
        at.restore(_ -> {});
        return at;
    }

    /** Ten steps, torn after some of them. */
    private static float[] train(Optimizer.Rule rule, int tornAfter, Checkpoints at) {
        Toy toy = Toy.of(rule);
        Trainer.Course course = toy.course(10, 0.03, 3);
        int[] made = new int[1];
        float[][] slope = new float[1][];
        at.stage(() -> {
            try (ReferenceDevice device = new ReferenceDevice(); Trainer trainer = new Trainer(device, toy.step(), STAGE)) {
                trainer.run(new Trainer.Course(course.steps(), (executable, step) -> {
                    if (made[0]++ == tornAfter) {
                        throw new IllegalStateException("torn");
                    }
                    course.feed().write(executable, step);
                }, course.schedule()), at, Progress.NONE);
                slope[0] = trainer.trained().get("slope").toArray();
            }
        });
        return slope[0];
    }
}
