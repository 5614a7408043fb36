package dev.itprompt.prompt;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.ReferenceDevice;
import dev.itprompt.device.verify.Scene;
import dev.itprompt.graph.Gradients;
import dev.itprompt.graph.Graph;
import dev.itprompt.graph.Node;
import dev.itprompt.model.VisionTransformer.Place;
import dev.itprompt.model.VisionTransformer.Pooled;
import dev.itprompt.nn.Transformer;
import dev.itprompt.prompt.TopKPool.Distance;
import dev.itprompt.prompt.TopKPool.Pool;
import dev.itprompt.prompt.TopKPool.Pull;
import dev.itprompt.prompt.TopKPool.Search;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Promptings by themselves: gradients, choices, and what happens to values between tasks. */
class PromptingTest {

    private static final int WIDTH = ToyTower.WIDTH;
    private static final Form.Prefixes PREFIXES = Form.Prefixes.of(List.of(0, 2), 2, WIDTH);
    private static final Form.Prefixes RESHAPED = new Form.Prefixes(List.of(1), 2, WIDTH, true);
    private static final double STEP = 1e-5;
    private static final Pool FOUR = new Pool(4, WIDTH, -1, true);

    private record Named(String name, Prompting prompting) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** All whose gradient is the derivative of what they compute: those of the quantised pool are another's by design. */
    static List<Named> differentiable() {
        return List.of(
                new Named("task prefix", new TaskPrefix(PREFIXES, 0.3)),
                new Named("task prefix, reshaped", new TaskPrefix(RESHAPED, 0.3)),
                new Named("shared prefix", new SharedPrefix(PREFIXES, -1)),
                new Named("pool of prefixes, a choice for each block",
                        new TopKPool(PREFIXES, FOUR, new Search(2, true, false, false), new Pull(Distance.SUM_OF_ALL_PAIRS, 0.7))),
                new Named("pool of prefixes, each its own",
                        new TopKPool(PREFIXES, FOUR, new Search(2, false, false, false), new Pull(Distance.SUM, 0.7))),
                new Named("pool, one for each task",
                        new TopKPool(PREFIXES, FOUR, new Search(1, false, true, false), new Pull(Distance.MEAN, 1))),
                new Named("pool of tokens before, the batch votes",
                        new TopKPool(new Form.TokenRows(2, WIDTH, Place.BEFORE_CLASS_TOKEN, false, false), FOUR,
                                new Search(2, false, false, true), new Pull(Distance.MEAN, 0.1))),
                new Named("pool of tokens behind, averaged",
                        new TopKPool(new Form.TokenRows(2, WIDTH, Place.AFTER_CLASS_TOKEN, true, true), FOUR,
                                new Search(2, false, false, false), new Pull(Distance.MEAN, 0.1))),
                new Named("pool of tokens instead",
                        new TopKPool(new Form.TokenRows(1, WIDTH, Place.INSTEAD_OF_CLASS_TOKEN, true, true), FOUR,
                                new Search(1, false, false, false), new Pull(Distance.SUM, 0.1))),
                new Named("weighted pool", new WeightedPool(PREFIXES, WIDTH, 2, 0.2)),
                new Named("tokens", new Tokens(List.of(0, 1, 2), 2, WIDTH, 1)),
                new Named("general and expert", together()));
    }

    private static Prompting together() {
        LinkedHashMap<String, Prompting> parts = new LinkedHashMap<>();
        parts.put("general", new SharedPrefix(Form.Prefixes.of(List.of(1), 1, WIDTH), 0));
        parts.put("expert", new TopKPool(PREFIXES, FOUR, new Search(1, true, true, false), new Pull(Distance.SUM, 1)));
        return new Together(parts);
    }

    /** Values of the second task, all of them random, so that no gradient is small by chance. */
    private static Map<String, Tensor> second(Prompting prompting, RandomGenerator random) {
        return prompting.beginTask(1, prompting.endTask(0, prompting.beginTask(0, Map.of(), random)), random);
    }

    /** Central differences hold for everything but rows of earlier tasks, which are constants that stand in the same table. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("differentiable")
    void gradientsAreThoseOfCentralDifferences(Named named) {
        long seed = 11;
        ToyTower toy = new ToyTower(seed, 3);
        Prompting prompting = named.prompting();
        Pass pass = toy.pass(second(prompting, new SplittableRandom(seed)), null, 1, true);
        Node loss = toy.loss(pass, prompting.enter(pass));
        List<Node> variables = List.copyOf(pass.prompts().nodes().values());
        List<Node> gradients = Gradients.of(toy.scene.graph(), loss, variables);
        ReferenceDevice.Run backward = new ReferenceDevice().compile(toy.scene.graph(), gradients);
        ReferenceDevice.Run forward = new ReferenceDevice().compile(toy.scene.graph(), List.of(loss));
        toy.scene.feed(backward);
        toy.scene.feed(forward);
        backward.run();
        for (int v = 0; v < variables.size(); v++) {
            Node variable = variables.get(v);
            double[] gradient = backward.readExact(gradients.get(v));
            double largest = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
            assertTrue(largest > 0, variable + " has a gradient");
            boolean grows = prompting instanceof WeightedPool || prompting instanceof TaskPrefix;
            double[] values = forward.readExact(variable);
            for (int i = 0; i < values.length; i++) {
                boolean finished = grows && i < values.length / 2;
                double expected = finished ? 0 : (lossAt(forward, loss, variable, values, i, STEP)
                        - lossAt(forward, loss, variable, values, i, -STEP)) / (2 * STEP);
                assertEquals(expected, gradient[i], 1e-6 * Math.max(largest, 1e-3), variable + " " + i + ", seed " + seed);
            }
            forward.writeExact(variable, values);
        }
    }

    private static double lossAt(ReferenceDevice.Run run, Node loss, Node variable, double[] values, int index, double step) {
        double[] changed = values.clone();
        changed[index] += step;
        run.writeExact(variable, changed);
        run.run();
        return run.readExact(loss)[0];
    }

    /** Chosen entries against a plain search over cosines, with keys that are equal among them. */
    @Test
    void nearestEntriesAreThoseOfAPlainSearch() {
        for (boolean vote : new boolean[] {false, true}) {
            for (long seed = 0; seed < 20; seed++) {
                ToyTower toy = new ToyTower(seed, 1);
                Prompting pool = new TopKPool(Form.Prefixes.of(List.of(0), 1, WIDTH), new Pool(6, WIDTH, -1, false),
                        new Search(3, false, false, vote), new Pull(Distance.MEAN, 1));
                Map<String, Tensor> values = pool.beginTask(0, Map.of(), new SplittableRandom(seed));
                values.get("keys").slice(4, 1).copyFrom(values.get("keys").slice(1, 1));
                Pass pass = toy.pass(values, null, 0, false);
                Entered entered = pool.enter(pass);
                double[] query;
                double[] chosen;
                try (ReferenceDevice.Run run = new ReferenceDevice().compile(toy.scene.graph(),
                        List.of(pass.queries(), entered.shown().get("chosen")))) {
                    toy.scene.feed(run);
                    run.run();
                    query = run.readExact(pass.queries());
                    chosen = run.readExact(entered.shown().get("chosen"));
                }
                int[][] nearest = new int[ToyTower.BATCH][];
                for (int b = 0; b < nearest.length; b++) {
                    double[] own = Arrays.copyOfRange(query, b * WIDTH, (b + 1) * WIDTH);
                    nearest[b] = largest(IntStream.range(0, 6).mapToDouble(e -> cosine(own, values.get("keys"), e)).toArray(), 3);
                }
                double[] votes = new double[6];
                Arrays.stream(nearest).flatMapToInt(Arrays::stream).forEach(entry -> votes[entry]++);
                int[] expected = vote ? largest(votes, 3) : Arrays.stream(nearest).flatMapToInt(Arrays::stream).toArray();
                assertEquals(Arrays.toString(expected), Arrays.toString(Arrays.stream(chosen).mapToInt(e -> (int) e).toArray()),
                        "seed " + seed + ", vote " + vote);
            }
        }
    }

    /** Places of the largest numbers, the first of equals first. */
    private static int[] largest(double[] numbers, int count) {
        int[] places = new int[count];
        double[] left = numbers.clone();
        for (int k = 0; k < count; k++) {
            for (int i = 1; i < left.length; i++) {
                places[k] = left[i] > left[places[k]] ? i : places[k];
            }
            left[places[k]] = Double.NEGATIVE_INFINITY;
        }
        return places;
    }

    private static double cosine(double[] a, Tensor table, int row) {
        double product = 0;
        double lengthA = 0;
        double lengthB = 0;
        for (int i = 0; i < a.length; i++) {
            double b = table.get((long) row * a.length + i);
            product += a[i] * b;
            lengthA += a[i] * a[i];
            lengthB += b * b;
        }
        return product / Math.sqrt(lengthA) / Math.sqrt(lengthB);
    }

    /** Weights are plain cosines, and the nearest entry is that of a plain search over distances. */
    @Test
    void mixturesAreThoseOfPlainSums() {
        for (long seed = 0; seed < 10; seed++) {
            ToyTower toy = new ToyTower(seed, 3);
            Prompting weighted = new WeightedPool(PREFIXES, WIDTH, 3, 0);
            Prompting quantized = new QuantizedPool(PREFIXES, WIDTH, 5, 2, 0.4, 0.1);
            Map<String, Tensor> components = second(weighted, new SplittableRandom(seed));
            Map<String, Tensor> entries = second(quantized, new SplittableRandom(seed));
            Pass first = toy.pass(components, null, 1, false);
            Pass second = toy.pass(entries, null, 1, false);
            Entered mixed = weighted.enter(first);
            Entered chosen = quantized.enter(second);
            List<Node> read = List.of(first.queries(), mixed.shown().get("weights.2"), chosen.shown().get("chosen.2"),
                    chosen.prefixes().get(2).keys(), chosen.prefixes().get(2).values());
            try (ReferenceDevice.Run run = new ReferenceDevice().compile(toy.scene.graph(), read)) {
                toy.scene.feed(run);
                run.run();
                double[] queries = run.readExact(read.get(0));
                for (int b = 0; b < ToyTower.BATCH; b++) {
                    double[] query = Arrays.copyOfRange(queries, b * WIDTH, (b + 1) * WIDTH);
                    for (int m = 0; m < 6; m++) {
                        double[] attended = new double[WIDTH];
                        for (int i = 0; i < WIDTH; i++) {
                            attended[i] = query[i] * components.get("attention.2").get((long) m * WIDTH + i);
                        }
                        assertEquals(cosine(attended, components.get("keys.2"), m), run.readExact(read.get(1))[b * 6 + m], 1e-12,
                                "weight " + m + ", seed " + seed);
                    }
                    int nearest = nearestEntry(query, entries);
                    assertEquals(nearest, run.readExact(read.get(2))[b], "entry, seed " + seed);
                    Tensor entry = entries.get("prompts.2").slice(nearest, 1);
                    for (int i = 0; i < 2 * WIDTH; i++) {
                        assertEquals(entry.get(i), run.readExact(read.get(3))[b * 2 * WIDTH + i], 1e-6, "prefix key");
                        assertEquals(entry.get(2 * WIDTH + i), run.readExact(read.get(4))[b * 2 * WIDTH + i], 1e-6, "prefix value");
                    }
                }
            }
        }
    }

    private static int nearestEntry(double[] query, Map<String, Tensor> entries) {
        double[] weights = new double[5];
        double sum = 0;
        for (int e = 0; e < 5; e++) {
            double length = Math.sqrt(Arrays.stream(query).map(q -> q * q).sum());
            weights[e] = Math.exp(cosine(query, entries.get("keys.2"), e) * length / 2);
            sum += weights[e];
        }
        Tensor pool = entries.get("prompts.2");
        int size = 4 * WIDTH;
        double[] distances = new double[5];
        for (int i = 0; i < size; i++) {
            double mixture = 0;
            for (int e = 0; e < 5; e++) {
                mixture += weights[e] / sum * pool.get((long) e * size + i);
            }
            for (int e = 0; e < 5; e++) {
                distances[e] -= (mixture - pool.get((long) e * size + i)) * (mixture - pool.get((long) e * size + i));
            }
        }
        return largest(distances, 1)[0];
    }

    /** Reshaped prefixes: sample b has entries 2b and 2b+1 of all keys followed by all values. */
    @Test
    void reshapedPrefixesAreOthers() {
        Scene scene = new Scene(3);
        Node prompts = scene.normal(3, 4, WIDTH);
        Transformer.Prefix right = Form.Prefixes.of(List.of(1), 2, WIDTH).cut(scene.graph(), prompts, false, 3);
        Transformer.Prefix wrong = RESHAPED.cut(scene.graph(), prompts, false, 3);
        List<Node> nodes = List.of(right.keys(), right.values(), wrong.keys(), wrong.values());
        try (ReferenceDevice.Run run = new ReferenceDevice().compile(scene.graph(), nodes)) {
            scene.feed(run);
            run.run();
            List<double[]> list = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                list.add(part(run.readExact(nodes.get(i / 3)), i % 3));
            }
            for (int b = 0; b < 3; b++) {
                assertArrayEquals(list.get(2 * b), part(run.readExact(nodes.get(2)), b), "key of sample " + b);
                assertArrayEquals(list.get(2 * b + 1), part(run.readExact(nodes.get(3)), b), "value of sample " + b);
            }
        }
    }

    private static double[] part(double[] all, int index) {
        return Arrays.copyOfRange(all, index * all.length / 3, (index + 1) * all.length / 3);
    }

    /**
     * Tokens that act as prefixes give what tokens in the sequence give, where no block comes after that could read their outputs.
     */
    @Test
    void tokensActAsInTheSequence() {
        ToyTower toy = new ToyTower(5, 1);
        Graph g = toy.scene.graph();
        Map<String, Tensor> values = Map.of("tokens.0", toy.random(Shape.of(3, WIDTH)));
        Tokens tokens = new Tokens(List.of(0), 3, WIDTH, 1);
        Pass pass = toy.pass(values, null, 0, false);
        Node asPrefixes = tokens.enter(pass).features(pass);
        Node rows = pass.prompts().get("tokens.0", 3, WIDTH);
        Node inSequence = new Entered(Map.of(), new Entered.ExtraTokens(rows, Place.BEFORE_CLASS_TOKEN,
                new Pooled(3, 1)), Map.of(), Map.of(), Map.of()).features(pass);
        Node plain = toy.tower.features(toy.images);
        try (ReferenceDevice.Run run = new ReferenceDevice().compile(g, List.of(asPrefixes, inSequence, plain))) {
            toy.scene.feed(run);
            run.run();
            assertArrayEquals(run.readExact(inSequence), run.readExact(asPrefixes), 1e-12);
            assertNotEquals(run.readExact(plain)[0], run.readExact(asPrefixes)[0], "tokens change the features");
        }
    }

    @Test
    void aTaskBeginsWithTheLastOnesPromptAndKeepsAShareOfOlderOnes() {
        TaskPrefix prompting = new TaskPrefix(PREFIXES, 0.25);
        Map<String, Tensor> values = Map.of();
        RandomGenerator random = new SplittableRandom(1);
        for (int task = 0; task < 4; task++) {
            Map<String, Tensor> begun = prompting.beginTask(task, values, random);
            Tensor table = begun.get("prompts.2");
            assertEquals(Shape.of(task + 1, 4, WIDTH), table.shape());
            if (task > 0) {
                assertArrayEquals(table.slice(task - 1, 1).toArray(), table.slice(task, 1).toArray(), "a copy");
            }
            for (int i = 0; i < 4 * WIDTH; i++) {
                table.slice(task, 1).set(i, task + 1); // as if it were trained
            }
            values = prompting.endTask(task, begun);
            assertEquals(task + 1, table.slice(task, 1).get(0), "what was trained is not changed");
        }
        Tensor kept = values.get("prompts.2");
        assertEquals(1, kept.slice(0, 1).get(0));
        assertEquals(0.75 * 2 + 0.25 * 1, kept.slice(1, 1).get(0), 1e-6);
        assertEquals(0.75 * 3 + 0.25 * (1 + 1.75) / 2, kept.slice(2, 1).get(0), 1e-6);
    }

    @Test
    void componentsOfATaskAreOrthogonalToTheOthers() {
        WeightedPool prompting = new WeightedPool(PREFIXES, WIDTH, 3, 0);
        Map<String, Tensor> values = Map.of();
        RandomGenerator random = new SplittableRandom(2);
        for (int task = 0; task < 5; task++) { // 15 rows of 8 columns: from the third task on there is no direction left
            values = prompting.beginTask(task, values, random);
            for (String name : List.of("keys.0", "attention.0", "prompts.2")) {
                Tensor table = values.get(name);
                int rows = 3 * (task + 1);
                assertEquals(rows, table.shape().dim(0));
                int columns = table.shape().size() / rows;
                for (int r = rows - 3; r < rows; r++) {
                    assertEquals(1, product(table, r, r, columns), 1e-6, name + ": length of row " + r);
                    for (int other = 0; other < r && r < columns; other++) {
                        assertEquals(0, product(table, r, other, columns), 1e-4, name + ": rows " + r + " and " + other);
                    }
                }
            }
        }
    }

    private static double product(Tensor table, int a, int b, int columns) {
        double sum = 0;
        for (int i = 0; i < columns; i++) {
            sum += (double) table.get((long) a * columns + i) * table.get((long) b * columns + i);
        }
        return sum;
    }

    @Test
    void aPoolWithAnEntryForEachTaskGrows() {
        for (boolean copies : new boolean[] {true, false}) {
            TopKPool prompting = new TopKPool(PREFIXES, new Pool(2, WIDTH, -1, copies), new Search(1, false, true, false),
                    new Pull(Distance.MEAN, 1));
            RandomGenerator random = new SplittableRandom(4);
            Map<String, Tensor> first = prompting.beginTask(0, Map.of(), random);
            Map<String, Tensor> second = prompting.beginTask(1, first, random);
            Map<String, Tensor> third = prompting.beginTask(2, second, random);
            assertEquals(2, second.get("keys").shape().dim(0), "an entry was there");
            assertEquals(3, third.get("keys").shape().dim(0), "none was left");
            for (Map<String, Tensor> values : List.of(second, third)) {
                int task = values == second ? 1 : 2;
                Tensor prompts = values.get("prompts.0");
                assertEquals(copies, Arrays.equals(prompts.slice(task, 1).toArray(), prompts.slice(task - 1, 1).toArray()), "copies");
                Tensor keys = values.get("keys");
                assertNotEquals(keys.slice(task, 1).get(0), keys.slice(task - 1, 1).get(0), "keys are not copied");
            }
            assertEquals(2, first.get("prompts.0").shape().dim(0), "what is handed in is not changed");
        }
    }

    @Test
    void kindsTellGraphsApart() {
        RandomGenerator random = new SplittableRandom(5);
        Prompting pool = new QuantizedPool(PREFIXES, WIDTH, 5, 1, 0.4, 0.1);
        Map<String, Tensor> values = pool.beginTask(0, Map.of(), random);
        assertEquals(pool.kind(values), new QuantizedPool(PREFIXES, WIDTH, 5, 1, 0.4, 0.1).kind(pool.beginTask(0, Map.of(), random)));
        assertNotEquals(pool.kind(values), new QuantizedPool(PREFIXES, WIDTH, 5, 2, 0.4, 0.1).kind(values));
        Prompting growing = new WeightedPool(PREFIXES, WIDTH, 2, 0);
        Map<String, Tensor> small = growing.beginTask(0, Map.of(), random);
        assertNotEquals(growing.kind(small), growing.kind(growing.beginTask(1, small, random)), "more components are another graph");
        assertEquals(together().kind(values), together().kind(values));
    }

    @Test
    void partsDoNotEnterOneBlockTwice() {
        ToyTower toy = new ToyTower(6, 3);
        LinkedHashMap<String, Prompting> parts = new LinkedHashMap<>();
        parts.put("one", new SharedPrefix(PREFIXES, 0));
        parts.put("other", new SharedPrefix(PREFIXES, 0));
        Prompting both = new Together(parts);
        Map<String, Tensor> values = both.beginTask(0, Map.of(), new SplittableRandom(6));
        assertEquals(List.of("one.prompts.0", "one.prompts.2", "other.prompts.0", "other.prompts.2"), List.copyOf(values.keySet()));
        assertThrows(IllegalArgumentException.class, () -> both.enter(toy.pass(values, null, 0, false)));
    }

    /** A pass at test is the same graph whatever the values: other values written into it give what a graph of their own gives. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("differentiable")
    void passesAreShared(Named named) {
        Prompting prompting = named.prompting();
        Map<String, Tensor> values = second(prompting, new SplittableRandom(7));
        Map<String, Tensor> others = second(prompting, new SplittableRandom(8));
        double[] own = features(prompting, others, others);
        assertArrayEquals(own, features(prompting, values, others), 0, "values written later");
        assertNotEquals(own[0], features(prompting, values, values)[0], "values matter");
    }

    private static double[] features(Prompting prompting, Map<String, Tensor> built, Map<String, Tensor> written) {
        ToyTower toy = new ToyTower(9, 3);
        Node chosen = prompting instanceof TaskPrefix ? toy.scene.input(Shape.of(ToyTower.BATCH), 1, 0, 1) : null;
        Pass pass = toy.pass(built, chosen, 1, false);
        Node features = prompting.enter(pass).features(pass);
        try (ReferenceDevice.Run run = new ReferenceDevice().compile(toy.scene.graph(), List.of(features))) {
            toy.scene.feed(run);
            new TreeMap<>(pass.prompts().nodes()).forEach((name, node) -> run.write(node, written.get(name)));
            run.run();
            return run.readExact(features);
        }
    }
}
