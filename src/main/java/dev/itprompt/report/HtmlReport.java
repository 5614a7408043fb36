package dev.itprompt.report;

import dev.itprompt.continual.AccuracyMatrix;
import dev.itprompt.prompt.PoolUse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A page with all results of runs with one or several seeds. It stands alone: style and pictures are in it, it asks the network for
 * nothing and needs no script. It is well-formed XML as well.
 */
final class HtmlReport {

    /** With more classes than this, a confusion matrix is drawn without numbers. */
    private static final int MOST_NUMBERS = 20;
    /** Commonest confusions that are listed with a drawn matrix. */
    private static final int LISTED = 20;

    private final RunSet set;
    private final Tables tables;
    private final boolean times;
    private final HtmlPage page = new HtmlPage();

    private HtmlReport(RunSet set, boolean times) {
        this.set = set;
        this.tables = new Tables(set);
        this.times = times;
    }

    /**
     * The page.
     *
     * @param times whether times, machine and memory stand in it, which are others when the same run is done again
     */
    static String of(RunSet set, boolean times) {
        return new HtmlReport(set, times).build();
    }

    private String build() {
        RunRecord first = set.runs().getFirst();
        List<HtmlPage.Section> sections = new ArrayList<>(List.of(
                new HtmlPage.Section("summary", "Summary", this::summary),
                new HtmlPage.Section("curves", "Average accuracy over tasks", () -> page.curves(set)),
                new HtmlPage.Section("metrics", "All metrics", this::metrics),
                new HtmlPage.Section("matrices", "Accuracy by task", this::matrices),
                new HtmlPage.Section("classes", "Accuracy by class", () -> page.scroll("bars", tables.classes(), HtmlReport::barCell)),
                new HtmlPage.Section("confusion", "Confusion", this::confusions),
                new HtmlPage.Section("inference", "Task inference", this::taskInference),
                new HtmlPage.Section("mistakes", "Hardest mistakes", this::mistakes),
                new HtmlPage.Section("tests", "Tests between methods", () -> page.scroll("", tables.tests(), HtmlPage::plainCell)),
                new HtmlPage.Section("settings", "Settings", () -> page.scroll("", tables.settings(), HtmlPage::plainCell)),
                new HtmlPage.Section("manifest", "Manifest", this::manifest)));
        if (hasPools()) {
            sections.add(7, new HtmlPage.Section("pools", "Prompt pools", this::pools));
        }
        String seeds = (set.isSeveral() ? "seeds " : "seed ") + set.runs().stream().map(run -> Long.toString(run.seed())).collect(Collectors.joining(", "));
        return page.build(first.name(), seeds, String.format(Locale.ROOT, "%s, %d tasks, %d classes, %,d test images", seeds, first.tasks().size(),
                first.classes().size(), first.images().size()), sections);
    }

    private void summary() {
        page.scroll("", tables.summary(), HtmlPage::plainCell);
        page.note(TextFormats.spread(set) + "; – where a method has no such number");
        page.definitions(Definition.HEADLINE);
        set.runs().getFirst().heldOut().ifPresent(h -> page.note(String.format(Locale.ROOT, "Held-out images: zero-shot top-1 %.2f %%, top-5 %.2f %% (%d images, "
                + "%d labels)", h.top1(), h.top5(), h.images(), h.labels())));
    }

    private List<Definition> shown() {
        return ReportFiles.definitions(times);
    }

    private void metrics() {
        page.scroll("", tables.metrics(shown()), HtmlPage::plainCell);
        if (set.isSeveral()) {
            page.note(TextFormats.spread(set));
            page.append("<h3>Statistics over seeds</h3>\n");
            page.scroll("", tables.statistics(shown()), HtmlPage::plainCell);
            page.note("The interval is that of the mean by Student's t with one degree of freedom less than there are runs.");
        }
        page.append("<h3>Definitions</h3>\n");
        page.definitions(shown());
    }

    private void matrices() {
        page.note("Rows: the task whose test images are classified; columns: after which task; in percent"
                + (set.isSeveral() ? ", mean over the seeds." : "."));
        page.append("<div class=\"matrices\">\n");
        for (String method : set.methods()) {
            page.append("<div>\n<h3>").append(Markup.isolated(method)).append("</h3>\n");
            heat(method + ": accuracy of each task after each task", set.of(method).stream().map(MethodRecord::accuracy).toList());
            page.append("</div>\n");
        }
        page.append("</div>\n");
    }

    /** The mean over runs of accuracy matrices of one size, as a table with a color for each number. */
    private void heat(String label, List<AccuracyMatrix> matrices) {
        int tasks = matrices.getFirst().tasks();
        List<String> names = IntStream.rangeClosed(1, tasks).mapToObj(Integer::toString).toList();
        grid(label, "task", names, (j, t) -> matrices.stream().allMatch(m -> m.has(j, t))
                ? matrices.stream().mapToDouble(m -> m.accuracy(j, t)).average().orElseThrow() : Double.NaN, value -> value,
                value -> Cell.fixed(value, 2));
    }

    /** A value for a row and a column; NaN for none. */
    @FunctionalInterface
    private interface Values {
        double at(int row, int column);
    }

    private void grid(String label, String corner, List<String> names, Values values, Function<Double, Double> percent, Function<Double, String> text) {
        page.open(label);
        page.append("<table class=\"heat\">\n<thead><tr><th scope=\"col\" class=\"t\">").append(corner).append("</th>");
        for (int c = 0; c < names.size(); c++) {
            page.append("<th scope=\"col\">").append(c + 1).append("</th>");
        }
        page.append("</tr></thead>\n<tbody>\n");
        for (int r = 0; r < names.size(); r++) {
            String number = Integer.toString(r + 1);
            page.append("<tr><th scope=\"row\" class=\"t\">").append(number).append(names.get(r).equals(number) ? "" : " " + Markup.isolated(names.get(r)))
                    .append("</th>");
            for (int c = 0; c < names.size(); c++) {
                double value = values.at(r, c);
                page.append(Double.isNaN(value) ? "<td></td>" : String.format(Locale.ROOT, "<td style=\"--v:%.1f\">%s</td>", percent.apply(value),
                        text.apply(value)));
            }
            page.append("</tr>\n");
        }
        page.append("</tbody>\n</table>\n</div>\n");
    }

    private void confusions() {
        List<String> names = tables.classNames();
        page.note("Rows: the true class; columns: the answer after the last task, by the class's number; test images"
                + (set.isSeveral() ? " of all seeds together." : "."));
        for (String method : set.methods()) {
            long[][] counts = confusion(method, names);
            page.append("<h3>").append(Markup.isolated(method)).append("</h3>\n");
            if (names.size() <= MOST_NUMBERS) {
                grid(method + ": confusion of classes", "class", names, (r, c) -> counts[r][c], count -> share(counts, count), HtmlReport::count);
            } else {
                drawn(method, counts);
                page.scroll("", commonest(counts, names), HtmlPage::plainCell);
            }
        }
    }

    private static String count(double count) {
        return count == 0 ? "" : Cell.fixed(count, 0);
    }

    private long[][] confusion(String method, List<String> names) {
        long[][] sum = new long[names.size()][names.size()];
        for (RunRecord run : set.runs()) {
            int[] places = run.classes().stream().mapToInt(names::indexOf).toArray();
            long[][] counts = ClassCounts.of(run, run.method(method)).confusion();
            for (int r = 0; r < places.length; r++) {
                for (int c = 0; c < places.length; c++) {
                    sum[places[r]][places[c]] += counts[r][c];
                }
            }
        }
        return sum;
    }

    private void drawn(String method, long[][] counts) {
        int n = counts.length;
        page.append(String.format(Locale.ROOT, "<figure>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\" style=\"max-width:30rem;border:1px solid "
                + "var(--line)\">\n", n, n, Markup.escaped(method + ": confusion of classes, true class downwards, answer to the right")));
        for (int r = 0; r < n; r++) {
            long total = Math.max(1, Arrays.stream(counts[r]).sum());
            for (int c = 0; c < n; c++) {
                if (counts[r][c] > 0) {
                    page.append(String.format(Locale.ROOT, "<rect x=\"%d\" y=\"%d\" width=\"1\" height=\"1\" fill=\"#0072B2\" fill-opacity=\"%.2f\"/>\n", c, r,
                            Math.max(0.08, (double) counts[r][c] / total)));
                }
            }
        }
        page.append("</svg>\n</figure>\n");
    }

    private static Table commonest(long[][] counts, List<String> names) {
        record Pair(int label, int answer, long images) {}
        List<Pair> pairs = new ArrayList<>();
        for (int r = 0; r < counts.length; r++) {
            for (int c = 0; c < counts.length; c++) {
                if (r != c && counts[r][c] > 0) {
                    pairs.add(new Pair(r, c, counts[r][c]));
                }
            }
        }
        Table.Builder table = new Table.Builder("commonest", "Commonest confusions", List.of("class", "answer", "images"));
        pairs.stream().sorted(Comparator.comparingLong((Pair pair) -> -pair.images())).limit(LISTED).forEach(pair -> table.row(
                new Cell.Text(names.get(pair.label())), new Cell.Text(names.get(pair.answer())), new Cell.Number(pair.images(), 0)));
        return table.build();
    }

    private void taskInference() {
        List<String> methods = set.methods().stream().filter(method -> set.of(method).stream().allMatch(m -> m.inferred().isPresent())).toList();
        if (methods.isEmpty()) {
            page.note("No method of this run infers tasks.");
            return;
        }
        List<String> names = IntStream.rangeClosed(1, set.runs().getFirst().tasks().size()).mapToObj(Integer::toString).toList();
        for (String method : methods) {
            page.append("<h3>").append(Markup.isolated(method)).append("</h3>\n<div class=\"matrices\">\n<div><h4>Rightly inferred, percent of a task's images, "
                    + "after each task</h4>\n");
            heat(method + ": share of images with rightly inferred task", set.of(method).stream().map(m -> m.inferred().orElseThrow()).toList());
            page.append("</div>\n<div><h4>Images of each task by inferred task, after the last</h4>\n");
            long[][] counts = new long[names.size()][names.size()];
            set.runs().forEach(run -> add(counts, ClassCounts.ofTasks(run, run.method(method)).confusion()));
            grid(method + ": inferred tasks", "task", names, (r, c) -> counts[r][c], count -> share(counts, count), HtmlReport::count);
            page.append("</div>\n</div>\n");
            double[] chosen = IntStream.range(0, names.size()).mapToDouble(c -> Arrays.stream(counts).mapToLong(row -> row[c]).sum()).toArray();
            page.note(String.format(Locale.ROOT, "Choice after the last task: entropy %.3f of an even choice's; %d of %d tasks never chosen.",
                    Formulas.evenness(chosen), Arrays.stream(chosen).filter(count -> count == 0).count(), chosen.length));
        }
    }

    private boolean hasPools() {
        return set.methods().stream().anyMatch(method -> !tables.pools(method).isEmpty());
    }

    private void pools() {
        page.note("Share of each entry among all that test images got after the last task, in percent; in a mixture, of the absolute values of weights.");
        for (String method : set.methods()) {
            Map<String, PoolUse> pools = tables.pools(method);
            if (!pools.isEmpty()) {
                page.append("<h3>").append(Markup.isolated(method)).append("</h3>\n");
                page.scroll("bars", tables.shares(pools), HtmlReport::barCell);
                pools.forEach((name, use) -> page.note(String.format(Locale.ROOT, "%s: entropy %.3f of an even choice's; %d of %d entries never used.", name,
                        Formulas.evenness(use.sums()), Tables.neverUsed(use), use.sums().length)));
            }
        }
    }

    private static void add(long[][] sum, long[][] counts) {
        for (int r = 0; r < sum.length; r++) {
            for (int c = 0; c < sum.length; c++) {
                sum[r][c] += counts[r][c];
            }
        }
    }

    /** A count as percentage of the largest. */
    private static double share(long[][] counts, double count) {
        return 100 * count / Math.max(1, Arrays.stream(counts).flatMapToLong(Arrays::stream).max().orElse(1));
    }

    private void mistakes() {
        for (RunRecord run : set.runs()) {
            List<Mistakes.Picture> pictures = Mistakes.read(run);
            if (!pictures.isEmpty()) {
                page.note("Of each confusion of " + run.methods().getFirst().name() + " the test image that most methods miss, the commonest confusions first, at most "
                        + Mistakes.LIMIT + (set.isSeveral() ? "; seed " + run.seed() : "") + ".");
                page.append("<ul class=\"gallery\">\n");
                pictures.forEach(picture -> mistake(run, picture));
                page.append("</ul>\n");
                return;
            }
        }
        page.note("No pictures are stored with this run.");
    }

    private void mistake(RunRecord run, Mistakes.Picture picture) {
        TestImage image = run.images().get(picture.image());
        String answer = run.classes().get(run.methods().getFirst().answers().classes()[picture.image()]);
        page.append("<li><img alt=\"\" src=\"data:image/png;base64,").append(Base64.getEncoder().encodeToString(picture.png())).append("\"/>")
                .append("<strong>").append(Markup.isolated(run.classes().get(image.label()))).append("</strong><br/>taken for ").append(Markup.isolated(answer))
                .append("<br/>missed by ").append(Mistakes.misses(run, picture.image())).append(" of ").append(run.methods().size()).append("<br/><span "
                + "class=\"quiet\">image ").append(Markup.isolated(image.source())).append("</span></li>\n");
    }

    private void manifest() {
        Table.Builder table = new Table.Builder("manifest", "Manifest", Stream.concat(Stream.of("what"), set.runs().stream().map(run -> "seed " + run.seed())).toList());
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (int r = 0; r < set.runs().size(); r++) {
            Map<String, String> all = new LinkedHashMap<>();
            Manifest.read(set.runs().get(r).folder()).forEach((key, value) -> {
                if (times || key.endsWith("Sha256")) {
                    all.put(key, value);
                }
            });
            all.putAll(set.runs().get(r).facts());
            for (Map.Entry<String, String> entry : all.entrySet()) {
                List<String> row = values.computeIfAbsent(entry.getKey(), _ -> new ArrayList<>(Collections.nCopies(set.runs().size(), "")));
                row.set(r, entry.getValue());
            }
        }
        values.forEach((key, row) -> table.row(Stream.concat(Stream.of(key), row.stream()).map(text -> (Cell) new Cell.Text(text)).toList()));
        page.scroll("", table.build(), HtmlPage::plainCell);
        if (!times) {
            page.note("Program, machine, times and memory are in manifest.json; itprompt report --times shows them here.");
        }
    }

    /** A percentage with a bar behind it; counts without. */
    private static String barCell(Cell cell) {
        return switch (cell) {
            case Cell.Number number when number.places() > 0 -> bar(number.value(), cell);
            case Cell.Spread spread -> bar(spread.mean(), cell);
            default -> HtmlPage.plainCell(cell);
        };
    }

    private static String bar(double percent, Cell cell) {
        return String.format(Locale.ROOT, "<td style=\"--v:%.1f\">%s</td>", percent, HtmlPage.text(cell));
    }
}
