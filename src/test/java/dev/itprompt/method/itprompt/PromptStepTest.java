package dev.itprompt.method.itprompt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.RandomStreams;
import dev.itprompt.device.Device;
import dev.itprompt.device.Executable;
import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.cpu.CpuDevice;
import dev.itprompt.graph.BufferPlan;
import dev.itprompt.graph.Gradients;
import dev.itprompt.graph.Node;
import dev.itprompt.graph.Op;
import dev.itprompt.method.Backbone;
import dev.itprompt.method.FeatureClassifier;
import dev.itprompt.method.Prompt;
import dev.itprompt.method.ToyWorld;
import dev.itprompt.model.Clip;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromptStepTest {

    private static final long SEED = 20;
    private final RandomStreams streams = new RandomStreams(SEED);
    private final Clip clip = ToyWorld.clip(SEED);

    PromptStep step(ItPromptSettings settings, Prompt prompt) {
        try (ReferenceDevice device = new ReferenceDevice(); Backbone backbone = new Backbone(device, clip, 4)) {
            Tensor texts = backbone.classTexts(ToyWorld.CLASSES, "a photo of {}");
            RandomGenerator random = streams.stream("means");
            List<double[]> means = List.of(random.doubles(32).toArray(), random.doubles(32).toArray());
            FeatureClassifier head = new FeatureClassifier(device, 32, 6, streams.stream("head"));
            PromptStep.Spec spec = new PromptStep.Spec(4, 2, 4, 2, means, texts, true);
            return PromptStep.of(clip, settings.tuning(), spec, prompt, Tensor.of(Shape.of(1, 32), ones(32)), head);
        }
    }

    private static float[] ones(int n) {
        float[] ones = new float[n];
        Arrays.fill(ones, 1);
        return ones;
    }

    /** The whole loss against central differences in double, for random entries of prompts, key and classifier. */
    @ParameterizedTest
    @EnumSource(value = GuidanceSettings.TextGuide.class)
    void gradientsAreThoseOfTheLoss(GuidanceSettings.TextGuide guide) {
        ItPromptSettings settings = ToyWorld.settings("batch=4", "textGuide=" + guide.name().toLowerCase(Locale.ROOT));
        Prompt prompt = Prompt.random(List.of(0, 1, 2), 2, 64, streams.stream("prompt"));
        PromptStep step = step(settings, prompt);
        List<Node> variables = new ArrayList<>(step.training().trained().values());
        List<Node> gradients = Gradients.of(step.training().graph(), step.training().loss(), variables);
        List<Node> results = new ArrayList<>(gradients);
        results.add(step.training().loss());
        try (ReferenceDevice device = new ReferenceDevice(); var run = device.compile(step.training().graph(), results)) {
            ReferenceDevice.Run exact = run;
            feed(step, exact, prompt);
            exact.run();
            List<double[]> analytic = gradients.stream().map(exact::readExact).toList();
            RandomGenerator random = streams.stream("entries");
            for (int v = 0; v < variables.size(); v++) {
                double[] original = exact.readExact(variables.get(v));
                for (int trial = 0; trial < 3; trial++) {
                    int at = random.nextInt(original.length);
                    double difference = (lossAt(step, exact, variables.get(v), original, at, 1e-5)
                            - lossAt(step, exact, variables.get(v), original, at, -1e-5)) / 2e-5;
                    double scale = Math.max(1e-3, Math.abs(difference));
                    assertEquals(difference, analytic.get(v)[at], 1e-4 * scale,
                            "seed " + SEED + ", " + variables.get(v) + " entry " + at);
                }
                exact.writeExact(variables.get(v), original);
            }
        }
    }

    private static double lossAt(PromptStep step, ReferenceDevice.Run run, Node variable, double[] original, int at,
                                 double shift) {
        double[] moved = original.clone();
        moved[at] += shift;
        run.writeExact(variable, moved);
        run.run();
        return run.readExact(step.training().loss())[0];
    }

    void feed(PromptStep step, Executable run, Prompt prompt) {
        RandomGenerator random = streams.stream("feed");
        float[] pixels = new float[4 * 3 * 16 * 16];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        run.write(step.step().images(), pixels);
        run.write(step.step().labels(), 2, 3, 3, 2);
        run.write(step.ownShare(), 0.9f);
        float[] queries = new float[4 * 32];
        for (int i = 0; i < queries.length; i++) {
            queries[i] = (float) random.nextGaussian();
        }
        run.write(step.step().queries(), queries);
        for (int i = 0; i < prompt.layers().size(); i++) {
            float[] old = new float[prompt.keys().get(i).shape().size()];
            for (int j = 0; j < old.length; j++) {
                old[j] = (float) (0.1 * random.nextGaussian());
            }
            run.write(step.oldKeys().get(i), old);
            run.write(step.oldValues().get(i), old);
        }
    }

    /** Blocks computed again in the backward pass need less memory and give the same bits, step after step. */
    @Test
    void recomputationChangesNoBit() {
        Prompt prompt = Prompt.random(List.of(0, 1, 2), 2, 64, streams.stream("prompt"));
        PromptStep keeping = step(ToyWorld.settings(), prompt);
        PromptStep again = step(ToyWorld.settings("recompute=true"), prompt);
        try (CpuDevice device = new CpuDevice(2);
                Executable expected = device.compile(keeping.training().graph(), keeping.training().results());
                Executable actual = device.compile(again.training().graph(), again.training().results())) {
            assertTrue(actual.plan().arenaBytes() < 0.7 * expected.plan().arenaBytes(),
                    actual.plan().arenaBytes() + " of " + expected.plan().arenaBytes() + " bytes");
            new PromptStepTest().feed(keeping, expected, prompt);
            new PromptStepTest().feed(again, actual, prompt);
            for (int n = 1; n <= 3; n++) {
                run(keeping, expected, n);
                run(again, actual, n);
                assertArrayEquals(expected.read(keeping.training().loss()).toArray(), actual.read(again.training().loss()).toArray(), "loss of step " + n);
            }
            for (int i = 0; i < prompt.layers().size(); i++) {
                for (String name : List.of(PromptStep.KEYS + i, PromptStep.VALUES + i)) {
                    assertArrayEquals(expected.read(keeping.training().trained().get(name)).toArray(),
                            actual.read(again.training().trained().get(name)).toArray());
                }
            }
        }
    }

    private static void run(PromptStep step, Executable executable, int n) {
        executable.write(step.training().optimizer().step(), n);
        step.training().optimizer().groups().forEach(group -> executable.write(group.rates(), 0.01f, 0, 1));
        executable.run();
    }

    /** A number that is not finite shows in the loss or the gradients' length, on whatever device and wherever it is. */
    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void lossOrGradientsTellOfEveryNumberThatIsNotFinite(float bad) {
        Prompt prompt = Prompt.random(List.of(0, 1, 2), 2, 64, streams.stream("prompt"));
        PromptStep step = step(ToyWorld.settings(), prompt);
        List<Node> trained = new ArrayList<>(step.training().trained().values());
        for (Device device : List.of(new CpuDevice(2), new ReferenceDevice())) {
            try (device) {
                for (Node node : trained) {
                    try (Executable executable = device.compile(step.training().graph(), step.training().results())) {
                        feed(step, executable, prompt);
                        run(step, executable, 1);
                        assertTrue(isFinite(step, executable), device.description() + " " + node);
                        float[] values = executable.read(node).toArray();
                        values[values.length / 2] = bad; // of the classifier: the class of half the images
                        executable.write(node, values);
                        run(step, executable, 2);
                        assertFalse(isFinite(step, executable), device.description() + " " + node + " " + bad);
                    }
                }
            }
        }
    }

    private static boolean isFinite(PromptStep step, Executable executable) {
        return Float.isFinite(executable.read(step.training().loss()).get(0)) && Float.isFinite(executable.read(step.training().optimizer().norm()).get(0));
    }

    /** With prompts in later blocks only, nothing below is differentiated or kept, and no backbone weight has a gradient. */
    @Test
    void isPrunedToThePrompts() {
        Prompt prompt = Prompt.random(List.of(2), 2, 64, streams.stream("prompt"));
        PromptStep step = step(ToyWorld.settings(), prompt);
        BufferPlan plan = BufferPlan.of(step.training().graph(), step.training().results());
        long weightGradients = plan.schedule().stream()
                .filter(node -> node.op() instanceof Op.MatMul m && m.transposeA() && node.shape().size() > 6 * 32).count();
        assertEquals(0, weightGradients, "gradients of backbone matrices");
        assertTrue(plan.schedule().stream().noneMatch(node -> node.op() instanceof Op.LayerNormGainGrad
                || node.op() instanceof Op.GatherGrad), "gradients of gains or embeddings");
        long attentionGradients = plan.schedule().stream().filter(node -> node.op() instanceof Op.AttentionGrad).count();
        assertEquals(1, attentionGradients, "blocks differentiated");
        int firstBackward = firstBackward(plan);
        for (Node node : plan.schedule()) {
            boolean below = node.scope().name().equals("vision.block") && node.scope().index() < 2;
            if (below && plan.isPlanned(node)) {
                assertTrue(plan.lifetime(node)[1] < firstBackward, node + " is kept for the backward pass");
            }
        }
    }

    private static int firstBackward(BufferPlan plan) {
        for (int i = 0; i < plan.schedule().size(); i++) {
            if (plan.schedule().get(i).op() instanceof Op.CrossEntropyGrad) {
                return i;
            }
        }
        throw new AssertionError("no backward pass");
    }
}
