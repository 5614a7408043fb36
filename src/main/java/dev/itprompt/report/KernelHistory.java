package dev.itprompt.report;

import dev.itprompt.AtomicFile;
import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What kernels did at different times: a file of one JSON object per line, one for each measurement of a device, and a page that shows
 * how their rates develop.
 */
public final class KernelHistory {

    /** One object per line, unlike {@link dev.itprompt.JsonText}. */
    private static final JsonMapper LINES = JsonMapper.builder().build();
    private static final int SPARK_WIDTH = 120;
    private static final int SPARK_HEIGHT = 24;

    /**
     * One measurement.
     *
     * @param time      as ISO 8601 has it, in UTC
     * @param commit    of the program
     * @param device    as it describes itself
     * @param model     whose sizes were taken
     * @param batch     images at a time
     * @param kernels   what was measured
     */
    public record Entry(String time, String commit, String device, String model, int batch, List<Rate> kernels) {}

    /**
     * Of one op.
     *
     * @param kernel     such as {@code attention}
     * @param family     of kernels that computed it, where a device has several; else empty
     * @param milliseconds median
     * @param gflops     billions of floating-point operations a second, 0 where memory alone binds
     * @param gigabytes  billions of bytes a second
     */
    public record Rate(String kernel, String family, double milliseconds, double gflops, double gigabytes) {

        /** What binds it, in billions a second. */
        double rate() {
            return gflops > 0 ? gflops : gigabytes;
        }

        String name() {
            return family.isEmpty() ? kernel : kernel + ", " + family;
        }
    }

    private KernelHistory() {}

    /** An entry as a line, without its end. */
    public static String line(Entry entry) {
        return LINES.writeValueAsString(entry);
    }

    /**
     * Adds a line to a file, which is made if it is not there, and draws the page beside it, whose name ends in {@code .html}.
     *
     * @return the page
     * @throws InputException if a line of the file is no entry
     */
    public static Path add(Path file, Entry entry) {
        List<Entry> entries = new ArrayList<>(read(file));
        entries.add(entry);
        StringBuilder text = new StringBuilder();
        entries.forEach(known -> text.append(line(known)).append('\n'));
        AtomicFile.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
        Path page = file.resolveSibling(file.getFileName().toString().replaceFirst("\\.jsonl?$", "") + ".html");
        AtomicFile.write(page, page(entries).getBytes(StandardCharsets.UTF_8));
        return page;
    }

    /**
     * The entries of a file, in their order; none if there is no file.
     *
     * @throws InputException if a line of the file is no entry
     */
    static List<Entry> read(Path file) {
        if (!Files.exists(file)) {
            return List.of();
        }
        List<Entry> entries = new ArrayList<>();
        try {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (!lines.get(i).isBlank()) {
                    entries.add(entry(file, i + 1, lines.get(i)));
                }
            }
        } catch (MalformedInputException e) {
            throw new InputException(file + ": expected a history of kernels in UTF-8, found other bytes; give another file");
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read (" + e.getMessage() + ")");
        }
        return entries;
    }

    private static Entry entry(Path file, int number, String line) {
        try {
            Entry entry = LINES.readValue(line, Entry.class);
            if (entry.device() != null && entry.commit() != null && entry.time() != null && entry.model() != null && entry.kernels() != null) {
                return entry;
            }
        } catch (JacksonException e) {
            // said below
        }
        throw new InputException(file + ", line " + number + ": expected a measurement of kernels as bench --kernels writes it, found '"
                + Excerpt.of(line, 60) + "'; give another file");
    }

    /** A table for each device, model and batch: rates of the last measurements, a curve, and the change. */
    private static String page(List<Entry> entries) {
        HtmlPage page = new HtmlPage();
        Map<String, List<Entry>> groups = new LinkedHashMap<>();
        entries.forEach(entry -> groups.computeIfAbsent(entry.device() + "; " + entry.model() + ", batch " + entry.batch(), _ -> new ArrayList<>()).add(entry));
        List<HtmlPage.Section> sections = new ArrayList<>();
        groups.forEach((name, group) -> sections.add(new HtmlPage.Section("device-" + (sections.size() + 1), Markup.isolated(name), () -> draw(page, group))));
        return page.build("Kernels", "rates over time", entries.size() + " measurements", sections);
    }

    private static void draw(HtmlPage page, List<Entry> group) {
        Set<String> kernels = new LinkedHashSet<>();
        group.forEach(entry -> entry.kernels().forEach(rate -> kernels.add(rate.name())));
        Entry last = group.getLast();
        page.append("<p>").append(Markup.isolated("last: " + last.time() + ", commit " + last.commit())).append("</p>\n");
        page.open("rates");
        page.append("<table>\n<thead><tr><th scope=\"col\" class=\"t\">kernel</th><th scope=\"col\">first</th><th scope=\"col\">last</th>"
                + "<th scope=\"col\">ms</th><th scope=\"col\" class=\"t\">unit</th><th scope=\"col\" class=\"t\">all</th></tr></thead>\n<tbody>\n");
        for (String kernel : kernels) {
            TreeMap<Integer, Rate> points = new TreeMap<>();
            for (int i = 0; i < group.size(); i++) {
                int at = i;
                group.get(i).kernels().stream().filter(rate -> rate.name().equals(kernel)).findFirst().ifPresent(rate -> points.put(at, rate));
            }
            Rate first = points.firstEntry().getValue();
            Rate latest = points.lastEntry().getValue();
            page.append("<tr><th scope=\"row\" class=\"t\">").append(Markup.isolated(kernel)).append("</th>").append(cell(first.rate(), 1)).append(cell(latest.rate(), 1))
                    .append(cell(latest.milliseconds(), 3)).append("<td class=\"t\">").append(latest.gflops() > 0 ? "GFLOP/s" : "GB/s").append("</td><td class=\"t\">")
                    .append(curve(kernel, points, group.size())).append("</td></tr>\n");
        }
        page.append("</tbody>\n</table>\n</div>\n");
    }

    private static String cell(double value, int places) {
        return HtmlPage.plainCell(Cell.number(value, places));
    }

    /** Rates from 0 to the largest, from left to right in the order of measurement. */
    private static String curve(String kernel, TreeMap<Integer, Rate> points, int count) {
        double most = points.values().stream().mapToDouble(Rate::rate).max().orElseThrow();
        StringBuilder line = new StringBuilder();
        points.forEach((at, rate) -> line.append(String.format(Locale.ROOT, "%.1f,%.1f ", 3 + (count == 1 ? 0 : (SPARK_WIDTH - 6.0) * at / (count - 1)),
                SPARK_HEIGHT - 3 - (SPARK_HEIGHT - 6) * (most > 0 ? rate.rate() / most : 0))));
        String end = line.toString().strip();
        String[] dot = end.substring(end.lastIndexOf(' ') + 1).split(",");
        return String.format(Locale.ROOT, "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"%s\"><polyline points=\"%s\" fill=\"none\" "
                + "stroke=\"currentColor\" stroke-width=\"1.5\"/><circle cx=\"%s\" cy=\"%s\" r=\"2.5\" fill=\"currentColor\"/></svg>", SPARK_WIDTH, SPARK_HEIGHT, SPARK_WIDTH,
                SPARK_HEIGHT, Markup.escaped("rates of " + kernel + " over " + count + " measurements"), end, dot[0], dot[1]);
    }
}
