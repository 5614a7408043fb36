package dev.itprompt.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;

/**
 * A page with results. It stands alone: style and pictures are in it, it asks the network for nothing and needs no script. It is
 * well-formed XML as well.
 */
final class HtmlPage {

    private final StringBuilder text = new StringBuilder();

    /**
     * A part of the page.
     *
     * @param id      its anchor
     * @param content writes it
     */
    record Section(String id, String title, Runnable content) {}

    /** Adds markup. */
    HtmlPage append(Object markup) {
        text.append(markup);
        return this;
    }

    /**
     * The whole page.
     *
     * @param name  what it is about
     * @param also  further words of its title
     * @param about a line below the name
     */
    String build(String name, String also, String about, List<Section> sections) {
        text.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n")
                .append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"/>\n<title>")
                .append(Markup.escaped(name)).append(", ").append(also).append("</title>\n<style>\n").append(style()).append("</style>\n</head>\n<body>\n")
                .append("<a class=\"skip\" href=\"#main\">Skip to the results</a>\n<header>\n<h1>").append(Markup.isolated(name)).append("</h1>\n<p>")
                .append(about).append("</p>\n</header>\n<nav aria-label=\"Sections\"><ul>\n");
        sections.forEach(s -> text.append("<li><a href=\"#").append(s.id()).append("\">").append(s.title()).append("</a></li>\n"));
        text.append("</ul></nav>\n<main id=\"main\">\n");
        sections.forEach(s -> {
            text.append("<section id=\"").append(s.id()).append("\" aria-labelledby=\"h-").append(s.id()).append("\">\n<h2 id=\"h-").append(s.id()).append("\">")
                    .append(s.title()).append("</h2>\n");
            s.content().run();
            text.append("</section>\n");
        });
        return text.append("</main>\n</body>\n</html>\n").toString();
    }

    private static String style() {
        try (InputStream in = HtmlPage.class.getResourceAsStream("report.css")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A line that explains. */
    void note(String line) {
        text.append("<p class=\"quiet\">").append(Markup.escaped(line)).append("</p>\n");
    }

    /** What metrics mean. */
    void definitions(List<Definition> definitions) {
        text.append("<dl>\n");
        definitions.forEach(d -> text.append("<dt>").append(Markup.escaped(d.key())).append("</dt><dd>").append(Markup.escaped(d.meaning()
                + (d.source().isEmpty() ? "" : "; as in " + d.source()))).append("</dd>\n"));
        text.append("</dl>\n");
        note("A[j][t] is the accuracy in percent on task j's test images after task t, over all classes seen by then; T is the number of tasks.");
    }

    /** The average accuracy over the tasks, with a legend. */
    void curves(RunSet set) {
        text.append("<figure>\n").append(AccuracyChart.inline(set)).append("<figcaption>Mean accuracy over the tasks learned so far (AA), in percent, after each "
                + "task").append(set.isSeveral() ? "; bands: one population standard deviation over the seeds to either side" : "").append("</figcaption>\n"
                + "<ul class=\"legend\">\n");
        List<String> methods = set.methods();
        for (int m = 0; m < methods.size(); m++) {
            text.append("<li>").append(AccuracyChart.swatch(m)).append(' ').append(Markup.isolated(methods.get(m))).append("</li>\n");
        }
        text.append("</ul>\n</figure>\n");
    }

    /** Begins a box that scrolls by itself, also by keyboard. */
    void open(String label) {
        text.append("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"").append(Markup.escaped(label)).append("\">\n");
    }

    /** A table in a box that scrolls by itself, also by keyboard. */
    void scroll(String style, Table table, Function<Cell, String> cell) {
        open(table.title());
        text.append("<table").append(style.isEmpty() ? "" : " class=\"" + style + "\"").append(">\n<thead><tr>");
        for (int c = 0; c < table.head().size(); c++) {
            text.append("<th scope=\"col\"").append(c == 0 || isText(table, c) ? " class=\"t\">" : ">").append(Markup.isolated(table.head().get(c))).append("</th>");
        }
        text.append("</tr></thead>\n<tbody>\n");
        for (List<Cell> row : table.rows()) {
            text.append("<tr><th scope=\"row\" class=\"t\">").append(text(row.getFirst())).append("</th>");
            row.stream().skip(1).forEach(c -> text.append(cell.apply(c)));
            text.append("</tr>\n");
        }
        text.append("</tbody>\n</table>\n</div>\n");
    }

    private static boolean isText(Table table, int column) {
        return !table.rows().isEmpty() && table.rows().stream().allMatch(row -> row.get(column) instanceof Cell.Text);
    }

    /** What stands in a cell. */
    static String text(Cell cell) {
        return cell instanceof Cell.Text text ? Markup.isolated(text.text()) : Markup.escaped(cell.plain());
    }

    /** As a cell of a table. */
    static String plainCell(Cell cell) {
        return cell instanceof Cell.Text ? "<td class=\"t\">" + text(cell) + "</td>" : cell instanceof Cell.None ? "<td>–</td>" : "<td>" + text(cell) + "</td>";
    }
}
