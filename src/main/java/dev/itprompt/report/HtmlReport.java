package dev.itprompt.report;

import dev.itprompt.continual.AccuracyMatrix;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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
    private final StringBuilder page = new StringBuilder();

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

    private record Section(String id, String title, Runnable content) {}

    private String build() {
        RunRecord first = set.runs().getFirst();
        List<Section> sections = new ArrayList<>(List.of(
                new Section("summary", "Summary", this::summary),
                new Section("curves", "Average accuracy over tasks", this::curves),
                new Section("metrics", "All metrics", this::metrics),
                new Section("matrices", "Accuracy by task", this::matrices),
                new Section("classes", "Accuracy by class", () -> scroll("bars", tables.classes(), HtmlReport::barCell)),
                new Section("confusion", "Confusion", this::confusions),
                new Section("inference", "Task inference", this::taskInference),
                new Section("mistakes", "Hardest mistakes", this::mistakes),
                new Section("tests", "Tests between methods", () -> scroll("", tables.tests(), HtmlReport::plainCell)),
                new Section("settings", "Settings", () -> scroll("", tables.settings(), HtmlReport::plainCell)),
                new Section("manifest", "Manifest", this::manifest)));
        String seeds = (set.isSeveral() ? "seeds " : "seed ") + set.runs().stream().map(run -> Long.toString(run.seed())).collect(Collectors.joining(", "));
        page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n")
                .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"/>\n<title>")
                .append(Markup.escaped(first.name())).append(", ").append(seeds).append("</title>\n<style>\n").append(style()).append("</style>\n</head>\n<body>\n")
                .append("<a class=\"skip\" href=\"#main\">Skip to the results</a>\n<header>\n<h1>").append(Markup.isolated(first.name())).append("</h1>\n<p>")
                .append(String.format(Locale.ROOT, "%s, %d tasks, %d classes, %,d test images", seeds, first.tasks().size(), first.classes().size(),
                        first.images().size())).append("</p>\n</header>\n<nav aria-label=\"Sections\"><ul>\n");
        sections.forEach(s -> page.append("<li><a href=\"#").append(s.id()).append("\">").append(s.title()).append("</a></li>\n"));
        page.append("</ul></nav>\n<main id=\"main\">\n");
        sections.forEach(s -> {
            page.append("<section id=\"").append(s.id()).append("\" aria-labelledby=\"h-").append(s.id()).append("\">\n<h2 id=\"h-").append(s.id()).append("\">")
                    .append(s.title()).append("</h2>\n");
            s.content().run();
            page.append("</section>\n");
        });
        return page.append("</main>\n</body>\n</html>\n").toString();
    }

    private static String style() {
        try (InputStream in = HtmlReport.class.getResourceAsStream("report.css")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void summary() {
        scroll("", tables.summary(), HtmlReport::plainCell);
        note(TextFormats.spread(set) + "; – where a method has no such number");
        definitions(Definition.HEADLINE);
        set.runs().getFirst().heldOut().ifPresent(h -> note(String.format(Locale.ROOT, "Held-out images: zero-shot top-1 %.2f %%, top-5 %.2f %% (%d images, "
                + "%d labels)", h.top1(), h.top5(), h.images(), h.labels())));
    }

    private void note(String text) {
        page.append("<p class=\"quiet\">").append(Markup.escaped(text)).append("</p>\n");
    }

    private void definitions(List<Definition> definitions) {
        page.append("<dl>\n");
        definitions.forEach(d -> page.append("<dt>").append(Markup.escaped(d.key())).append("</dt><dd>").append(Markup.escaped(d.meaning()
                + (d.source().isEmpty() ? "" : "; as in " + d.source()))).append("</dd>\n"));
        page.append("</dl>\n");
        note("A[j][t] is the accuracy in percent on task j's test images after task t, over all classes seen by then; T is the number of tasks.");
    }

    private void curves() {
        page.append("<figure>\n").append(AccuracyChart.inline(set)).append("<figcaption>Mean accuracy over the tasks learned so far (AA), in percent, after each "
                + "task").append(set.isSeveral() ? "; bands: one population standard deviation over the seeds to either side" : "").append("</figcaption>\n"
                + "<ul class=\"legend\">\n");
        List<String> methods = set.methods();
        for (int m = 0; m < methods.size(); m++) {
            page.append("<li>").append(AccuracyChart.swatch(m)).append(' ').append(Markup.isolated(methods.get(m))).append("</li>\n");
        }
        page.append("</ul>\n</figure>\n");
    }

    private List<Definition> shown() {
        return ReportFiles.definitions(times);
    }

    private void metrics() {
        scroll("", tables.metrics(shown()), HtmlReport::plainCell);
        if (set.isSeveral()) {
            note(TextFormats.spread(set));
            page.append("<h3>Statistics over seeds</h3>\n");
            scroll("", tables.statistics(shown()), HtmlReport::plainCell);
            note("The interval is that of the mean by Student's t with one degree of freedom less than there are runs.");
        }
        page.append("<h3>Definitions</h3>\n");
        definitions(shown());
    }

    private void matrices() {
        note("Rows: the task whose test images are classified; columns: after which task; in percent"
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
        open(label);
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

    private void open(String label) {
        page.append("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"").append(Markup.escaped(label)).append("\">\n");
    }

    private void confusions() {
        List<String> names = tables.classNames();
        note("Rows: the true class; columns: the answer after the last task, by the class's number; test images"
                + (set.isSeveral() ? " of all seeds together." : "."));
        for (String method : set.methods()) {
            long[][] counts = confusion(method, names);
            page.append("<h3>").append(Markup.isolated(method)).append("</h3>\n");
            if (names.size() <= MOST_NUMBERS) {
                grid(method + ": confusion of classes", "class", names, (r, c) -> counts[r][c], count -> share(counts, count), HtmlReport::count);
            } else {
                drawn(method, counts);
                scroll("", commonest(counts, names), HtmlReport::plainCell);
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
            note("No method of this run infers tasks.");
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
                note("Of each confusion of " + run.methods().getFirst().name() + " the test image that most methods miss, the commonest confusions first, at most "
                        + Mistakes.LIMIT + (set.isSeveral() ? "; seed " + run.seed() : "") + ".");
                page.append("<ul class=\"gallery\">\n");
                pictures.forEach(picture -> mistake(run, picture));
                page.append("</ul>\n");
                return;
            }
        }
        note("No pictures are stored with this run.");
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
        scroll("", table.build(), HtmlReport::plainCell);
        if (!times) {
            note("Program, machine, times and memory are in manifest.json; itprompt report --times shows them here.");
        }
    }

    /** A table in a box that scrolls by itself, also by keyboard. */
    private void scroll(String style, Table table, Function<Cell, String> cell) {
        open(table.title());
        page.append("<table").append(style.isEmpty() ? "" : " class=\"" + style + "\"").append(">\n<thead><tr>");
        for (int c = 0; c < table.head().size(); c++) {
            page.append("<th scope=\"col\"").append(c == 0 || isText(table, c) ? " class=\"t\">" : ">").append(Markup.isolated(table.head().get(c))).append("</th>");
        }
        page.append("</tr></thead>\n<tbody>\n");
        for (List<Cell> row : table.rows()) {
            page.append("<tr><th scope=\"row\" class=\"t\">").append(text(row.getFirst())).append("</th>");
            row.stream().skip(1).forEach(c -> page.append(cell.apply(c)));
            page.append("</tr>\n");
        }
        page.append("</tbody>\n</table>\n</div>\n");
    }

    private static boolean isText(Table table, int column) {
        return !table.rows().isEmpty() && table.rows().stream().allMatch(row -> row.get(column) instanceof Cell.Text);
    }

    private static String text(Cell cell) {
        return cell instanceof Cell.Text text ? Markup.isolated(text.text()) : Markup.escaped(cell.plain());
    }

    private static String plainCell(Cell cell) {
        return cell instanceof Cell.Text ? "<td class=\"t\">" + text(cell) + "</td>" : cell instanceof Cell.None ? "<td>–</td>" : "<td>" + text(cell) + "</td>";
    }

    /** A percentage with a bar behind it; counts without. */
    private static String barCell(Cell cell) {
        return switch (cell) {
            case Cell.Number number when number.places() > 0 -> bar(number.value(), cell);
            case Cell.Spread spread -> bar(spread.mean(), cell);
            default -> plainCell(cell);
        };
    }

    private static String bar(double percent, Cell cell) {
        return String.format(Locale.ROOT, "<td style=\"--v:%.1f\">%s</td>", percent, text(cell));
    }
}
