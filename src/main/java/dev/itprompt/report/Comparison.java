package dev.itprompt.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What differs between two runs.
 *
 * @param settings    keys of the configuration with another value
 * @param inputs      what the configuration only names, such as images, that is another
 * @param environment program, device, Java and system that are others; never times or memory
 * @param results     metrics that do not depend on the machine's speed and have another value, by method
 * @param classes     classes with another accuracy after the last task, by method
 * @param images      test images with other answers, by method
 */
public record Comparison(List<Difference> settings, List<Difference> inputs, List<Difference> environment, List<Difference> results,
                         List<Difference> classes, List<ImageDifference> images) {

    private static final String ABSENT = "none";
    private static final int PLACES = 4;

    /**
     * One thing that differs.
     *
     * @param what   a key, or method and metric or class
     * @param first  its value in the first run
     * @param second its value in the second
     */
    public record Difference(String what, String first, String second) {}

    /**
     * A method's answers to the test images that both runs have.
     *
     * @param shared    how many images both have
     * @param onlyOne   images that one run alone has
     * @param different how many of the shared ones have another answer
     * @param test      whether one run gets more of them right
     */
    public record ImageDifference(String method, int shared, int onlyOne, int different, McNemarTest test) {}

    /** Compares two runs. */
    public static Comparison of(RunRecord first, RunRecord second) {
        List<Difference> results = new ArrayList<>();
        List<Difference> classes = new ArrayList<>();
        List<ImageDifference> images = new ArrayList<>();
        for (String name : union(names(first), names(second))) {
            if (first.find(name).isEmpty() || second.find(name).isEmpty()) {
                results.add(new Difference(name, first.find(name).isPresent() ? "there" : ABSENT, second.find(name).isPresent() ? "there" : ABSENT));
            } else {
                compare(first, second, name, results, classes);
                ImageDifference image = images(first, second, name);
                if (image.different() > 0 || image.onlyOne() > 0) {
                    images.add(image);
                }
            }
        }
        return new Comparison(differences(first.settings(), second.settings(), _ -> true), differences(first.facts(), second.facts(), _ -> true),
                differences(Manifest.read(first.folder()), Manifest.read(second.folder()), key -> key.startsWith("environment.")), results, classes, images);
    }

    private static List<String> names(RunRecord run) {
        return run.methods().stream().map(MethodRecord::name).toList();
    }

    private static Set<String> union(Iterable<String> first, Iterable<String> second) {
        Set<String> all = new LinkedHashSet<>();
        first.forEach(all::add);
        second.forEach(all::add);
        return all;
    }

    private static List<Difference> differences(Map<String, String> first, Map<String, String> second, Predicate<String> counts) {
        return union(first.keySet(), second.keySet()).stream().filter(counts)
                .map(key -> new Difference(key, first.getOrDefault(key, ABSENT), second.getOrDefault(key, ABSENT)))
                .filter(difference -> !difference.first().equals(difference.second())).toList();
    }

    private static void compare(RunRecord first, RunRecord second, String name, List<Difference> results, List<Difference> classes) {
        MethodRecord a = first.method(name);
        MethodRecord b = second.method(name);
        for (Definition definition : Definition.values()) {
            if (!definition.isTiming() && !definition.of(first, a).equals(definition.of(second, b))) {
                results.add(new Difference(name + " " + definition.key(), value(definition, first, a), value(definition, second, b)));
            }
        }
        if (!cells(a).equals(cells(b)) && results.stream().noneMatch(difference -> difference.what().startsWith(name + " "))) {
            results.add(new Difference(name + " accuracy matrix", cells(a), cells(b))); // another matrix with the same metrics
        }
        ClassCounts before = ClassCounts.of(first, a);
        ClassCounts after = ClassCounts.of(second, b);
        for (String label : union(first.classes(), second.classes())) {
            String one = accuracy(first, before, label);
            String other = accuracy(second, after, label);
            if (!one.equals(other)) {
                classes.add(new Difference(name + " " + VisibleText.of(label), one, other));
            }
        }
    }

    private static String value(Definition definition, RunRecord run, MethodRecord method) {
        return definition.of(run, method).stream().mapToObj(value -> Cell.fixed(value, Math.min(PLACES, definition.unit().places() + 2))).findFirst()
                .orElse(ABSENT);
    }

    private static String accuracy(RunRecord run, ClassCounts counts, String label) {
        int index = run.classes().indexOf(label);
        return index < 0 ? ABSENT : counts.correct(index) + " of " + counts.total(index);
    }

    /** The counts of both matrices as a text. */
    private static String cells(MethodRecord method) {
        StringBuilder text = new StringBuilder();
        Stream.concat(Stream.of(method.accuracy()), method.inferred().stream()).forEach(matrix -> {
            for (int j = 0; j < matrix.tasks(); j++) {
                for (int t = 0; t < matrix.tasks(); t++) {
                    text.append(matrix.has(j, t) ? matrix.correct(j, t) + "/" + matrix.total(j, t) + " " : "- ");
                }
            }
        });
        return text.toString().strip();
    }

    /** Images are the same if class and source are; of several such, the first goes with the first. */
    private static ImageDifference images(RunRecord first, RunRecord second, String name) {
        Map<List<Object>, Integer> places = new LinkedHashMap<>();
        Map<List<Object>, Integer> seen = new LinkedHashMap<>();
        for (int i = 0; i < first.images().size(); i++) {
            places.put(key(first, i, seen), i);
        }
        seen.clear();
        int[] a = first.method(name).answers().classes();
        int[] b = second.method(name).answers().classes();
        int shared = 0;
        int different = 0;
        int onlyFirst = 0;
        int onlySecond = 0;
        for (int i = 0; i < second.images().size(); i++) {
            Integer place = places.get(key(second, i, seen));
            if (place != null) {
                boolean right = a[place] == first.images().get(place).label();
                boolean rightNow = b[i] == second.images().get(i).label();
                shared++;
                different += first.classes().get(a[place]).equals(second.classes().get(b[i])) ? 0 : 1;
                onlyFirst += right && !rightNow ? 1 : 0;
                onlySecond += rightNow && !right ? 1 : 0;
            }
        }
        return new ImageDifference(name, shared, first.images().size() + second.images().size() - 2 * shared, different,
                McNemarTest.of(onlyFirst, onlySecond));
    }

    private static List<Object> key(RunRecord run, int index, Map<List<Object>, Integer> seen) {
        List<Object> image = List.of(run.images().get(index).source(), run.classes().get(run.images().get(index).label()));
        return List.of(image, seen.merge(image, 1, Integer::sum));
    }

    /** Whether the results are the same to the last count. */
    public boolean sameResults() {
        return results.isEmpty() && classes.isEmpty() && images.isEmpty();
    }

    /** The tables of what differs, without those that would be empty. */
    public List<Table> tables() {
        Table.Builder answers = new Table.Builder("images", "Answers to the same test images (p: McNemar's exact two-sided test)", List.of("method", "images",
                "in one run alone", "answered differently", "only first right", "only second right", "p"));
        images.forEach(i -> answers.row(new Cell.Text(i.method()), new Cell.Number(i.shared(), 0), new Cell.Number(i.onlyOne(), 0),
                new Cell.Number(i.different(), 0), new Cell.Number(i.test().onlyFirst(), 0), new Cell.Number(i.test().onlySecond(), 0),
                Cell.probability(i.test().p())));
        return Stream.of(table("settings", "Settings", settings), table("inputs", "What the settings name", inputs),
                table("environment", "Program and machine", environment), table("results", "Results", results),
                table("classes", "Right answers of each class after the last task", classes), answers.build())
                .filter(table -> !table.rows().isEmpty()).toList();
    }

    private static Table table(String id, String title, List<Difference> differences) {
        Table.Builder table = new Table.Builder(id, title, List.of("what", "first", "second"));
        differences.forEach(d -> table.row(new Cell.Text(d.what()), new Cell.Text(d.first()), new Cell.Text(d.second())));
        return table.build();
    }
}
