package dev.itprompt.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.device.Device;
import dev.itprompt.graph.Node;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import dev.itprompt.trace.Trace.Recorded;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Trains a method's prompts on two tasks as its published code did and holds everything against what was recorded of that. */
final class TracedPrompts {

    private final Device device;
    private final World world;
    private final Trace trace;
    private final Published published;
    private final Comparison comparison;
    private final TracedReplay replay;

    TracedPrompts(Device device, World world, Trace trace, Published published, Comparison comparison) {
        this.device = device;
        this.world = world;
        this.trace = trace;
        this.published = published;
        this.comparison = comparison;
        this.replay = new TracedReplay(device, trace, comparison);
    }

    void run() {
        Map<String, Tensor> begun = published.prompting().beginTask(0, Map.of(), new Recalled(trace, "init_randn", 1, 2, 0));
        checkDrawn(begun);
        Map<String, Shape> shapes = shapes(begun);
        Map<String, double[]> learned = train(0, "init/", shapes, published.layout().ours(trace, "init/", shapes));
        Map<String, Tensor> kept = published.prompting().endTask(0, prompts(Layout.tensors(learned, shapes)));
        statistics(0, shapes, learned);
        evaluate(0, hidden() ? "t0/eval1" : "t0/eval", shapes, learned);

        Map<String, Tensor> next = published.prompting().beginTask(1, kept, new Recalled(trace, "t1/switch/randn", 0, 1, 2));
        shapes = shapes(next);
        checkStart(next, learned);
        learned = train(1, "t1/start/", shapes, published.layout().ours(trace, "t1/start/", shapes));
        learned = checkKept(learned, shapes);
        statistics(1, shapes, learned);
        evaluate(1, hidden() ? "t1/eval1" : "t1/eval", shapes, learned);
        if (trace.has("t1/replay/x")) {
            replay.run();
            learned.putAll(replay.parameters("t1/replay/after/"));
            evaluate(1, hidden() ? "t1/eval2" : "t1/eval_after_replay", shapes, learned);
        }
        checkAll("final/", learned, "t1/start/", false);
        if (trace.has("pos_embed_expanded")) {
            int prompts = trace.get("pos_embed_expanded").shape()[1] - World.MODEL.tokens();
            comparison.check("pos_embed_expanded", IntStream.range(-prompts, World.MODEL.tokens())
                    .mapToObj(token -> world.position(Math.max(0, token))).flatMapToDouble(Arrays::stream).toArray());
        }
    }

    /** Whether the task is inferred outside of the prompts: HiDe-Prompt. */
    private boolean hidden() {
        return published.contrast() != 0;
    }

    /** The values that are kept after the second task; those recorded of them, which are exact, where there are any. */
    private Map<String, double[]> checkKept(Map<String, double[]> learned, Map<String, Shape> shapes) {
        if (trace.below("final/").isEmpty()) {
            return learned;
        }
        Map<String, double[]> kept = doubles(published.prompting().endTask(1, prompts(Layout.tensors(learned, shapes))));
        for (String parameter : trace.below("final/")) {
            if (!parameter.startsWith("head.") && !parameter.startsWith("last.")) {
                double[] missing = before("t1/start/", "final/", parameter);
                comparison.checkFloats("final/" + parameter,
                        published.layout().published(parameter, trace.get("final/" + parameter).shape(), kept, missing));
            }
        }
        Map<String, double[]> exact = new LinkedHashMap<>(learned);
        if (hidden()) {
            exact.putAll(published.layout().ours(trace, "final/", shapes));
        }
        exact.put("head.weight", learned.get("head.weight"));
        exact.put("head.bias", learned.get("head.bias"));
        return exact;
    }

    /** Features of every class of a task with the prompts as they are after it, and what is kept of them. */
    private void statistics(int task, Map<String, Shape> shapes, Map<String, double[]> values) {
        if (!trace.has("t" + task + "/stats/mean/" + task * World.CLASSES_OF_TASK)) {
            return;
        }
        int images = world.rowsOf(0).length;
        Shape chosen = hidden() ? Shape.of(images) : null;
        Map<String, Tensor> tensors = Layout.tensors(values, shapes);
        try (TracedStep pass = new TracedStep(device, world, published.prompting(), tensors, images, chosen, task, null)) {
            pass.write(values);
            double[] own = new double[images];
            Arrays.fill(own, task);
            for (int c = 0; c < World.CLASSES_OF_TASK; c++) {
                int label = task * World.CLASSES_OF_TASK + c;
                pass.feed(world.pixels("train", world.rowsOf(label)), null, own);
                pass.run();
                double[] features = pass.read(pass.features);
                String recorded = "t" + task + "/stats/pre_logits";
                if (trace.has(recorded)) {
                    comparison.checkPart(recorded, c, features);
                    features = trace.values(recorded, c);
                }
                float[] all = Machine.floats(features);
                float[][] rows = new float[images][];
                Arrays.setAll(rows, i -> Arrays.copyOfRange(all, i * World.WIDTH, (i + 1) * World.WIDTH));
                replay.addClass(task, rows);
            }
        }
    }

    /** Values that are drawn lie where the published code draws them; those made of recorded numbers equal its own. */
    private void checkDrawn(Map<String, Tensor> begun) {
        if (trace.has("init_randn/000")) {
            Map<String, double[]> drawn = doubles(begun);
            drawn.put("head.weight", trace.values("init/last.weight"));
            drawn.put("head.bias", trace.values("init/last.bias"));
            checkAll("init/", drawn, "init/", true);
            return;
        }
        Map<String, double[]> recorded = published.layout().ours(trace, "init/", shapes(begun));
        begun.forEach((name, tensor) -> {
            double least = Arrays.stream(recorded.get(name)).min().orElseThrow() < 0 ? -1 : 0;
            for (int i = 0; i < tensor.shape().size(); i++) {
                assertTrue(tensor.get(i) >= least && tensor.get(i) < 1, name + " is drawn between " + least + " and 1");
            }
        });
    }

    private void checkStart(Map<String, Tensor> next, Map<String, double[]> learned) {
        Map<String, double[]> start = doubles(next);
        start.put("head.weight", learned.get("head.weight"));
        start.put("head.bias", learned.get("head.bias"));
        checkAll("t1/start/", start, "init/", true);
    }

    /** All parameters below a path; where we keep no such number, it is still what it was. */
    private void checkAll(String path, Map<String, double[]> ours, String unchanged, boolean floats) {
        for (String parameter : trace.below(path)) {
            double[] missing = before(unchanged, path, parameter);
            double[] actual = published.layout().published(parameter, trace.get(path + parameter).shape(), ours, missing);
            if (floats) {
                comparison.checkFloats(path + parameter, actual);
            } else {
                comparison.check(path + parameter, actual);
            }
        }
    }

    /** What a parameter was before, or what it is where that is not recorded. */
    private double[] before(String unchanged, String path, String parameter) {
        return trace.values((trace.has(unchanged + parameter) ? unchanged : path) + parameter);
    }

    private Map<String, double[]> train(int task, String from, Map<String, Shape> shapes, Map<String, double[]> start) {
        String t = "t" + task + "/";
        double[] centroids = task == 0 || !hidden() ? new double[0] : IntStream.range(0, World.CLASSES_OF_TASK)
                .mapToObj(c -> trace.values("t0/stats/mean/" + c)).flatMapToDouble(Arrays::stream).toArray();
        TracedStep.Training training = new TracedStep.Training(trace.get(t + "lr").shape()[1], published.contrast(), centroids);
        boolean votes = trace.has(t + "prompt_idx");
        int count = votes ? trace.get(t + "prompt_idx").shape()[2] : 0;
        Map<String, Tensor> tensors = Layout.tensors(start, shapes);
        try (TracedStep step = new TracedStep(device, world, published.prompting(), tensors, World.BATCH, null, task, training);
                TracedStep told = votes ? new TracedStep(device, world, published.prompting(), tensors, World.BATCH,
                        Shape.of(World.BATCH, count), task, training) : null) {
            step.write(start);
            for (int n = 0; n < World.UPDATES; n++) {
                double[] rates = published.rates().at(n);
                comparison.checkPart(t + "lr", n, rates);
                int[] rows = world.batch(task, n);
                boolean tie = votes && isTie(t, n, count, step);
                TracedStep used = tie ? told : step;
                if (tie) {
                    told.takeOver(step);
                }
                used.feed(world.pixels("train", rows), world.labels("train", rows), tie ? trace.values(t + "prompt_idx", n) : null);
                used.update(n + 1, published.clip(), rates);
                checkLosses(t, n, used);
                checkChoice(t, n, used, task, tie);
                if (n == 0) {
                    checkFirst(t, used, from);
                }
                if (tie) {
                    step.takeOver(told);
                }
                if (trace.below(t + "step" + (n + 1) + "/param/").size() > 0) {
                    checkAll(t + "step" + (n + 1) + "/param/", step.values(), from, false);
                }
            }
            return step.values();
        }
    }

    private void checkLosses(String t, int n, TracedStep step) {
        Map<String, double[]> parts = step.each(step.parts);
        comparison.checkPart(t + "loss_ce", n, parts.get("ce"));
        if (trace.has(t + "loss_contrast_weighted")) {
            comparison.checkPart(t + "loss_contrast_weighted", n, parts.get("contrast"));
        }
        if (trace.has(t + "loss_total")) {
            comparison.checkPart(t + "loss_total", n, parts.get("total"));
        }
        if (trace.has(t + "loss_prompt")) {
            double[] byBlock = new double[trace.get(t + "loss_prompt_per_layer").shape()[1]];
            step.entered.terms().forEach((name, node) ->
                    byBlock[Integer.parseInt(name.substring(name.lastIndexOf('.') + 1))] += parts.get(name)[0]);
            comparison.checkPart(t + "loss_prompt", n, Arrays.stream(byBlock).sum());
            comparison.checkPart(t + "loss_prompt_per_layer", n, byBlock);
        }
        if (trace.has(t + "reduce_sim")) {
            double weight = trace.provenance().path("args").path("pull_constraint_coeff").doubleValue();
            double pull = step.entered.terms().keySet().stream().mapToDouble(name -> parts.get(name)[0]).sum();
            comparison.checkPart(t + "reduce_sim", n, -pull / weight);
        }
        if (trace.has(t + "grad_norm")) {
            comparison.checkPart(t + "grad_norm", n, step.norm());
        }
    }

    /** Entries that were chosen and how similar they were. */
    private void checkChoice(String t, int n, TracedStep step, int task, boolean tie) {
        Map<String, Node> shown = step.entered.shown();
        if (trace.has(t + "selected")) {
            comparison.checkPart(t + "selected", n, ofBlocks(step, "chosen"));
        }
        if (trace.has(t + "similarity")) {
            comparison.checkPart(t + "similarity", n, step.read(one(shown, "similarity")));
            double[] expected = trace.values(t + "prompt_idx", n);
            Node chosen = shown.keySet().stream().anyMatch(name -> isNamed(name, "chosen")) ? one(shown, "chosen") : null;
            double[] actual = chosen == null ? new double[] {task} : step.read(chosen);
            int count = trace.get(t + "prompt_idx").shape()[2];
            comparison.checkPart(t + "prompt_idx", n, tie ? expected : ofEach(expected, actual, count));
        }
    }

    private static boolean isNamed(String name, String kind) {
        return Arrays.asList(name.split("\\.")).contains(kind);
    }

    private static Node one(Map<String, Node> shown, String kind) {
        return shown.entrySet().stream().filter(entry -> isNamed(entry.getKey(), kind)).findFirst().orElseThrow().getValue();
    }

    /** What is shown of all blocks, in their order. */
    private static double[] ofBlocks(TracedStep step, String kind) {
        Map<Integer, Node> nodes = new TreeMap<>();
        step.entered.shown().forEach((name, node) -> {
            if (isNamed(name, kind)) {
                nodes.put(Integer.parseInt(name.substring(name.lastIndexOf('.') + 1)), node);
            }
        });
        return nodes.values().stream().flatMapToDouble(node -> Arrays.stream(step.read(node))).toArray();
    }

    /** The entries of every image in the order in which the trace has them, which means nothing. */
    private static double[] ofEach(double[] expected, double[] chosen, int count) {
        double[] all = new double[expected.length];
        for (int i = 0; i < expected.length; i += count) {
            double[] own = chosen.length == count ? chosen.clone() : Arrays.copyOfRange(chosen, i, i + count);
            double[] sorted = Arrays.stream(expected, i, i + count).sorted().toArray();
            Arrays.sort(own);
            System.arraycopy(Arrays.equals(own, sorted) ? Arrays.copyOfRange(expected, i, i + count) : own, 0, all, i, count);
        }
        return all;
    }

    /** Whether the vote of an update leaves open which entries are chosen. */
    private boolean isTie(String t, int n, int count, TracedStep step) {
        boolean own = step.entered.shown().keySet().stream().noneMatch(name -> isNamed(name, "chosen"));
        return !own && isTie(t + "similarity", n, count);
    }

    private boolean isTie(String similarity, int part, int count) {
        return isTie(trace.values(similarity, part), trace.get(similarity).shape()[2], count);
    }

    /** Brute force: each row votes for its largest entries; do the votes at the cut tie? */
    private static boolean isTie(double[] similarity, int entries, int count) {
        int[] votes = new int[entries];
        for (int row = 0; row < similarity.length; row += entries) {
            int from = row;
            IntStream.range(0, entries).boxed().sorted((a, b) -> Double.compare(similarity[from + b], similarity[from + a]))
                    .limit(count).forEach(entry -> votes[entry]++);
        }
        int[] sorted = Arrays.stream(votes).sorted().toArray();
        return count < entries && sorted[entries - count] == sorted[entries - count - 1];
    }

    /** Everything recorded of the first update, before it. */
    private void checkFirst(String t, TracedStep step, String from) {
        String at = t + "step1/";
        comparison.check(at + "query", step.read(step.query));
        for (String name : List.of("instructed", "pre_logits")) {
            if (trace.has(at + name)) {
                comparison.check(at + name, step.read(step.features));
            }
        }
        for (String name : List.of("logits_all", "logits")) {
            if (trace.has(at + name)) {
                comparison.check(at + name, step.read(step.logits));
            }
        }
        step.entered.prefixes().forEach((block, prefix) -> {
            if (trace.has(at + "key_prefix/" + block)) {
                checkPrefix(at + "key_prefix/" + block, step.read(prefix.keys()));
                checkPrefix(at + "value_prefix/" + block, step.read(prefix.values()));
            }
            if (trace.has(at + "alpha/" + block)) {
                comparison.check(at + "alpha/" + block, step.read(step.entered.shown().get("weights." + block)));
                comparison.check(at + "dist/" + block, step.read(step.entered.shown().get("distance." + block)));
            }
        });
        Map<String, double[]> gradients = step.each(step.gradients);
        for (String parameter : trace.below(at + "grad/")) {
            Recorded recorded = trace.get(at + "grad/" + parameter);
            comparison.check(at + "grad/" + parameter, published.layout().published(parameter, recorded.shape(), gradients,
                    new double[recorded.values().length]));
        }
    }

    /** Prefixes of every image, or of the whole batch, which are recorded once for each image. */
    private void checkPrefix(String array, double[] rows) {
        double[] all = new double[trace.values(array).length];
        Arrays.setAll(all, i -> rows[i % rows.length]);
        comparison.check(array, all);
    }

    private void evaluate(int task, String path, Map<String, Shape> shapes, Map<String, double[]> values) {
        Map<String, Tensor> tensors = Layout.tensors(values, shapes);
        int count = trace.has(path + "/prompt_idx") ? trace.get(path + "/prompt_idx").shape()[2] : 1;
        Shape told = hidden() ? Shape.of(World.TEST_BATCH) : Shape.of(World.TEST_BATCH, count);
        try (TracedStep choosing = hidden() ? null : pass(tensors, null, task);
                TracedStep following = hidden() || votesAtTest() ? pass(tensors, told, task) : null) {
            for (int j = 0; j <= task; j++) {
                boolean tie = votesAtTest() && isTie(path + "/similarity", j, count);
                double[] entries = hidden() ? inferred(path, j, task) : tie ? trace.values(path + "/prompt_idx", j) : null;
                TracedStep used = entries == null ? choosing : following;
                used.write(values);
                used.feed(world.pixels("test", World.testRows(j)), null, entries);
                used.run();
                if (published.coda()) {
                    checkSeen(path + "/logits/" + j, used, task);
                    if (trace.has(path + "/selected/" + j)) {
                        comparison.check(path + "/selected/" + j, ofBlocks(used, "chosen"));
                    }
                } else {
                    comparison.checkPart(path + "/logits", j, used.read(used.logits));
                    comparison.checkPart(path + "/pre_logits", j, used.read(used.features));
                    if (!hidden()) {
                        comparison.checkPart(path + "/similarity", j, used.read(one(used.entered.shown(), "similarity")));
                        double[] expected = trace.values(path + "/prompt_idx", j);
                        comparison.checkPart(path + "/prompt_idx", j,
                                tie ? expected : ofEach(expected, used.read(one(used.entered.shown(), "chosen")), count));
                    }
                }
            }
        }
    }

    private TracedStep pass(Map<String, Tensor> tensors, Shape chosen, int task) {
        return new TracedStep(device, world, published.prompting(), tensors, World.TEST_BATCH, chosen, task, null);
    }

    private boolean votesAtTest() {
        return trace.provenance().path("prompt").path("batchwise").booleanValue(false);
    }

    /** The entries that task-identity inference chooses. */
    private double[] inferred(String path, int j, int task) {
        double[] tasks = TracedInference.tasks(trace.values(path + "/tii_logits", j), (task + 1) * World.CLASSES_OF_TASK);
        comparison.checkPart(path + "/prompt_idx", j, tasks);
        return tasks;
    }

    /** Logits cut to the classes seen so far. */
    private void checkSeen(String array, TracedStep pass, int task) {
        double[] logits = pass.read(pass.logits);
        int seen = (task + 1) * World.CLASSES_OF_TASK;
        double[] cut = new double[World.TEST_BATCH * seen];
        for (int i = 0; i < cut.length; i++) {
            cut[i] = logits[i / seen * World.CLASSES + i % seen];
        }
        comparison.check(array, cut);
    }

    private static Map<String, Tensor> prompts(Map<String, Tensor> values) {
        Map<String, Tensor> prompts = new LinkedHashMap<>(values);
        prompts.keySet().removeIf(name -> name.startsWith("head."));
        return prompts;
    }

    private static Map<String, Shape> shapes(Map<String, Tensor> prompts) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        prompts.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        shapes.put("head.weight", Shape.of(World.CLASSES, World.WIDTH));
        shapes.put("head.bias", Shape.of(World.CLASSES));
        return shapes;
    }

    private static Map<String, double[]> doubles(Map<String, Tensor> tensors) {
        Map<String, double[]> doubles = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> doubles.put(name,
                IntStream.range(0, tensor.shape().size()).mapToDouble(tensor::get).toArray()));
        return doubles;
    }

    /** Normal numbers that were recorded in rows, in another order of the tensors that a block draws; anything else is as usual. */
    private static final class Recalled implements RandomGenerator {

        private final double[] normals;
        private final RandomGenerator others = RandomGenerator.of("L64X128MixRandom");
        private int next;

        /** @param order in which we draw the tensors of a block, of each of which the trace has as many rows, one after another */
        Recalled(Trace trace, String path, int... order) {
            int blocks = Math.max(1, trace.below("init/prompt.e_p_").size());
            int rows = trace.below(path + "/").size() / (blocks * order.length);
            normals = IntStream.range(0, blocks).flatMap(block -> Arrays.stream(order)
                            .flatMap(tensor -> IntStream.range(0, rows).map(row -> (block * order.length + tensor) * rows + row)))
                    .mapToObj(i -> trace.values(String.format(Locale.ROOT, "%s/%03d", path, i)))
                    .flatMapToDouble(Arrays::stream).toArray();
        }

        @Override
        public double nextGaussian() {
            assertTrue(next < normals.length, "more normal numbers are drawn than the published code drew");
            return normals[next++];
        }

        @Override
        public long nextLong() {
            assertEquals(0, normals.length, "other numbers are drawn than the published code drew");
            return others.nextLong();
        }
    }
}
