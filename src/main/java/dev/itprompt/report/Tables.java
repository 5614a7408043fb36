package dev.itprompt.report;

import dev.itprompt.prompt.PoolUse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The tables that can be made of runs with one or several seeds. */
public final class Tables {

    /** Places of a percentage. */
    private static final int PLACES = 2;
    private static final int SECOND_PLACES = 3;

    private final RunSet set;

    /** Of these runs. */
    public Tables(RunSet set) {
        this.set = set;
    }

    /** Whether there are several seeds. */
    public boolean isSeveral() {
        return set.isSeveral();
    }

    private static Cell text(String text) {
        return new Cell.Text(text);
    }

    private static Cell count(long count) {
        return new Cell.Number(count, 0);
    }

    /** A metric of a method in each run; empty if any run lacks it. */
    private double[] values(Definition definition, String method) {
        List<OptionalDouble> values = set.runs().stream().map(run -> definition.of(run, run.method(method))).toList();
        return values.stream().allMatch(OptionalDouble::isPresent) ? values.stream().mapToDouble(OptionalDouble::getAsDouble).toArray()
                : new double[0];
    }

    /** A metric of a method. */
    Cell cell(Definition definition, String method) {
        return cell(values(definition, method), definition.unit().places());
    }

    /** A value, or mean and population standard deviation over several seeds. */
    private Cell cell(double[] values, int places) {
        if (values.length == 0) {
            return Cell.NONE;
        }
        SeedStatistics s = SeedStatistics.of(values);
        return set.isSeveral() ? new Cell.Spread(s.mean(), s.populationDeviation(), places) : new Cell.Number(s.mean(), places);
    }

    /** A line per method with the metrics that most publications give. */
    public Table summary() {
        List<String> head = Stream.concat(Stream.of("method"), Definition.HEADLINE.stream().map(Definition::key)).toList();
        Table.Builder table = new Table.Builder("summary", "Summary", head);
        for (String method : set.methods()) {
            table.row(Stream.concat(Stream.of(text(method)), Definition.HEADLINE.stream().map(definition -> cell(definition, method))).toList());
        }
        return table.build();
    }

    /** A line per metric, a column per method. */
    public Table metrics(List<Definition> definitions) {
        List<String> head = Stream.concat(Stream.of("metric", "unit"), set.methods().stream()).toList();
        Table.Builder table = new Table.Builder("metrics", "Metrics", head);
        for (Definition definition : definitions) {
            table.row(Stream.concat(Stream.of(text(definition.key()), text(definition.unit().text())),
                    set.methods().stream().map(method -> cell(definition, method))).toList());
        }
        return table.build();
    }

    /** Metrics over seeds, with both standard deviations and the confidence interval. */
    public Table statistics(List<Definition> definitions) {
        Table.Builder table = new Table.Builder("statistics", "Statistics over seeds", List.of("metric", "unit", "method", "runs", "mean",
                "population deviation", "sample deviation", "95 % interval ±"));
        for (Definition definition : definitions) {
            for (String method : set.methods()) {
                double[] values = values(definition, method);
                if (values.length > 0) {
                    SeedStatistics s = SeedStatistics.of(values);
                    int places = definition.unit().places() + 2;
                    table.row(text(definition.key()), text(definition.unit().text()), text(method), count(s.runs()), Cell.number(s.mean(), places),
                            Cell.number(s.populationDeviation(), places), Cell.number(s.sampleDeviation(), places),
                            Cell.number(s.halfWidth(), places));
                }
            }
        }
        return table.build();
    }

    /** What each metric means. */
    public static Table definitions(List<Definition> definitions) {
        Table.Builder table = new Table.Builder("definitions", "Definitions", List.of("metric", "unit", "meaning", "as in", "needs"));
        definitions.forEach(d -> table.row(text(d.key()), text(d.unit().text()), text(d.meaning()), text(d.source()), text(d.needs())));
        return table.build();
    }

    /** Every entry of every accuracy matrix with its counts. */
    public Table accuracy() {
        Table.Builder table = new Table.Builder("accuracy", "Accuracy of task j after task t", List.of("seed", "method", "task", "after task", "correct",
                "total", "percent"));
        for (RunRecord run : set.runs()) {
            for (MethodRecord method : run.methods()) {
                for (int j = 0; j < run.tasks().size(); j++) {
                    for (int t = 0; t < run.tasks().size(); t++) {
                        if (method.accuracy().has(j, t)) {
                            table.row(count(run.seed()), text(method.name()), count(j + 1L), count(t + 1L), count(method.accuracy().correct(j, t)),
                                    count(method.accuracy().total(j, t)), new Cell.Number(method.accuracy().accuracy(j, t), PLACES));
                        }
                    }
                }
            }
        }
        return table.build();
    }

    /** Accuracy of each class after the last task, a column per method. */
    public Table classes() {
        List<String> head = Stream.concat(Stream.of("class", "test images"), set.methods().stream()).toList();
        Table.Builder table = new Table.Builder("classes", "Accuracy of each class after the last task, in percent", head);
        List<List<ClassCounts>> counts = set.methods().stream().map(method -> set.runs().stream().map(run -> ClassCounts.of(run, run.method(method)))
                .toList()).toList();
        List<List<String>> classes = set.runs().stream().map(RunRecord::classes).toList();
        for (String name : classNames()) {
            int[] labels = classes.stream().mapToInt(all -> all.indexOf(name)).toArray();
            List<Cell> row = new ArrayList<>(List.of(text(name), labels[0] < 0 || counts.isEmpty() ? Cell.NONE
                    : count(counts.getFirst().getFirst().total(labels[0]))));
            counts.forEach(runs -> row.add(cell(IntStream.range(0, labels.length).filter(r -> labels[r] >= 0)
                    .mapToDouble(r -> runs.get(r).accuracy(labels[r])).filter(value -> !Double.isNaN(value)).toArray(), PLACES)));
            table.row(row);
        }
        return table.build();
    }

    /** Names of all classes, in the order of the first run. */
    List<String> classNames() {
        Set<String> names = new LinkedHashSet<>();
        set.runs().forEach(run -> names.addAll(run.classes()));
        return List.copyOf(names);
    }

    /** Answers after the last task by true and predicted class, over all runs; only what occurred. */
    public Table confusion() {
        Table.Builder table = new Table.Builder("confusion", "Answers after the last task by true and predicted class", List.of("seed", "method", "class",
                "answer", "images"));
        for (RunRecord run : set.runs()) {
            run.methods().forEach(method -> counts(table, run, method, ClassCounts.of(run, method), run.classes()));
        }
        return table.build();
    }

    /** Inferred tasks after the last task by true and inferred task; only what occurred. */
    public Table taskConfusion() {
        Table.Builder table = new Table.Builder("tasks", "Inferred tasks after the last task by true and inferred task", List.of("seed", "method", "task",
                "inferred", "images"));
        for (RunRecord run : set.runs()) {
            List<String> names = IntStream.rangeClosed(1, run.tasks().size()).mapToObj(Integer::toString).toList();
            run.methods().stream().filter(method -> method.answers().tasks().length > 0)
                    .forEach(method -> counts(table, run, method, ClassCounts.ofTasks(run, method), names));
        }
        return table.build();
    }

    /**
     * Which prompts test images got after the last task, where every task has one or there is a pool: a line per run, method, pool and entry. A share
     * is that of an entry among all that images got, or in a mixture that of the absolute values of its weights; how even the shares are stands with
     * each pool's first entry.
     */
    public Table selection() {
        Table.Builder table = new Table.Builder("selection", "Prompts that test images got after the last task", List.of("seed", "method", "pool", "entry",
                "images", "mean weight", "share %", "entropy", "never used"));
        for (RunRecord run : set.runs()) {
            for (MethodRecord method : run.methods()) {
                choices(run, method).forEach((pool, use) -> {
                    for (int e = 0; e < use.sums().length; e++) {
                        double sum = use.sums()[e];
                        table.row(count(run.seed()), text(method.name()), text(pool), count(e + 1L), use.weighed() ? Cell.NONE : count(Math.round(sum)),
                                use.weighed() ? Cell.number(sum / use.images(), PLACES + 2) : Cell.NONE, Cell.number(share(use, e), PLACES),
                                e == 0 ? Cell.number(Formulas.evenness(use.sums()), PLACES + 1) : Cell.NONE, e == 0 ? count(neverUsed(use)) : Cell.NONE);
                    }
                });
            }
        }
        return table.build();
    }

    /** The prompts of tasks, as a pool, and those of pools. */
    private static Map<String, PoolUse> choices(RunRecord run, MethodRecord method) {
        int[] chosen = method.answers().tasks();
        Map<String, PoolUse> choices = new LinkedHashMap<>();
        if (chosen.length > 0) {
            double[] images = new double[run.tasks().size()];
            Arrays.stream(chosen).forEach(task -> images[task]++);
            choices.put("tasks", new PoolUse(chosen.length, images, false));
        }
        choices.putAll(method.pools());
        return choices;
    }

    /** How the test images of all runs used a method's pools, by name; none if any run does not say. */
    Map<String, PoolUse> pools(String method) {
        List<Map<String, PoolUse>> all = set.of(method).stream().map(MethodRecord::pools).toList();
        return all.stream().anyMatch(Map::isEmpty) ? Map.of() : all.stream().reduce(Map.of(), PoolUse::sum);
    }

    /** Shares of a method's pools in percent, a line per entry and a column per pool. */
    Table shares(Map<String, PoolUse> pools) {
        Table.Builder table = new Table.Builder("shares", "Shares of entries", Stream.concat(Stream.of("entry"), pools.keySet().stream()).toList());
        int most = pools.values().stream().mapToInt(use -> use.sums().length).max().orElse(0);
        for (int e = 0; e < most; e++) {
            int entry = e;
            table.row(Stream.concat(Stream.of(count(e + 1L)), pools.values().stream().map(use -> entry < use.sums().length
                    ? Cell.number(share(use, entry), PLACES) : Cell.NONE)).toList());
        }
        return table.build();
    }

    private static double share(PoolUse use, int entry) {
        return 100 * use.sums()[entry] / Arrays.stream(use.sums()).sum();
    }

    static long neverUsed(PoolUse use) {
        return Arrays.stream(use.sums()).filter(sum -> sum == 0).count();
    }

    /** Wall time of each task's training and of the test after it, and both as a multiple of the second task's; a method's answers share them. */
    public Table times() {
        Table.Builder table = new Table.Builder("times", "Seconds of each task", List.of("seed", "method", "task", "learn s", "test s", "of task 2"));
        for (RunRecord run : set.runs()) {
            for (MethodRecord method : run.methods()) {
                List<Double> learn = method.cost().learnSeconds();
                List<Double> test = method.cost().testSeconds();
                double second = test.size() < 2 ? 0 : learn.get(1) + test.get(1); // times are stored in milliseconds, of which it may take none
                for (int t = 0; t < Math.min(learn.size(), test.size()); t++) {
                    table.row(count(run.seed()), text(method.name()), count(t + 1L), new Cell.Number(learn.get(t), SECOND_PLACES),
                            new Cell.Number(test.get(t), SECOND_PLACES),
                            second == 0 ? Cell.NONE : Cell.number((learn.get(t) + test.get(t)) / second, PLACES));
                }
            }
        }
        return table.build();
    }

    private static void counts(Table.Builder table, RunRecord run, MethodRecord method, ClassCounts counts, List<String> names) {
        for (int c = 0; c < names.size(); c++) {
            for (int answer = 0; answer < names.size(); answer++) {
                if (counts.confusion()[c][answer] > 0) {
                    table.row(count(run.seed()), text(method.name()), text(names.get(c)), text(names.get(answer)),
                            count(counts.confusion()[c][answer]));
                }
            }
        }
    }

    /** Each method against the first: McNemar's exact test in each run, and over several seeds the paired t test of FAA. */
    public Table tests() {
        Table.Builder table = new Table.Builder("tests", "Each method against the first", List.of("seed", "test", "first", "second", "only first right",
                "only second right", "FAA difference", "t", "p"));
        List<String> methods = set.methods();
        for (String second : methods.subList(Math.min(1, methods.size()), methods.size())) {
            String first = methods.getFirst();
            for (RunRecord run : set.runs()) {
                McNemarTest test = McNemarTest.of(right(run, first), right(run, second));
                table.row(count(run.seed()), text("McNemar, exact, two-sided"), text(first), text(second), count(test.onlyFirst()),
                        count(test.onlySecond()), Cell.NONE, Cell.NONE, Cell.probability(test.p()));
            }
            double[] a = values(Definition.FAA, first);
            double[] b = values(Definition.FAA, second);
            if (set.isSeveral() && a.length > 0 && b.length > 0) {
                PairedTest test = PairedTest.of(a, b);
                table.row(text("all"), text("t, paired by seed, two-sided"), text(first), text(second), Cell.NONE, Cell.NONE,
                        Cell.number(test.difference(), PLACES), Cell.number(test.t(), PLACES + 1), Cell.probability(test.p()));
            }
        }
        return table.build();
    }

    /** Whether a method is right, by image. */
    static boolean[] right(RunRecord run, String method) {
        boolean[] right = new boolean[run.images().size()];
        int[] answers = run.method(method).answers().classes();
        for (int i = 0; i < right.length; i++) {
            right[i] = answers[i] == run.images().get(i).label();
        }
        return right;
    }

    /** The configuration and what it only names, of each run; what all runs share stands once. */
    public Table settings() {
        Table.Builder table = new Table.Builder("settings", "Settings and what they name", List.of("seed", "key", "value"));
        Map<String, Map<String, List<String>>> seeds = new LinkedHashMap<>();
        for (RunRecord run : set.runs()) {
            named(run).forEach((key, value) -> seeds.computeIfAbsent(key, _ -> new LinkedHashMap<>()).computeIfAbsent(value, _ -> new ArrayList<>())
                    .add(Long.toString(run.seed())));
        }
        seeds.forEach((key, values) -> values.forEach((value, of) -> table.row(text(of.size() == set.runs().size() ? "all" : String.join(", ", of)),
                text(key), text(value))));
        return table.build();
    }

    /** A run's configuration and what it only names, by what it is. */
    static Map<String, String> named(RunRecord run) {
        Map<String, String> all = new LinkedHashMap<>(run.settings());
        run.facts().forEach((what, value) -> all.putIfAbsent(all.containsKey(what) ? what + " (as read)" : what, value));
        return all;
    }
}
