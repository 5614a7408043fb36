package dev.itprompt.report;

import dev.itprompt.continual.Metrics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * The average accuracy after each task as SVG: a line per method, a single dot for a method with only the last; over several seeds the
 * mean, in a band of one population standard deviation to either side.
 */
public final class AccuracyChart {

    private static final int WIDTH = 720;
    private static final int HEIGHT = 420;
    private static final int LEFT = 56;
    private static final int LEGEND = 190;
    private static final int TOP = 40;
    private static final int BOTTOM = 52;
    private static final int LONGEST_NAME = 22;
    /** Okabe and Ito's colors, told apart with any color vision; the text's own in the place of black. */
    private static final List<String> COLORS = List.of("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "currentColor",
            "#8A6D00", "#7A7A7A");
    private static final List<String> DASHES = List.of("none", "7 3", "2 3");

    private final RunSet set;
    private final boolean alone;

    private AccuracyChart(RunSet set, boolean alone) {
        this.set = set;
        this.alone = alone;
    }

    /** A picture of its own, on white, with title and legend. */
    public static String svg(RunSet set) {
        return new AccuracyChart(set, true).draw();
    }

    /** A part of a page, in the page's colors; {@link #swatch} makes its legend. */
    static String inline(RunSet set) {
        return new AccuracyChart(set, false).draw();
    }

    /** A piece of the line of the method of that number. */
    static String swatch(int index) {
        return String.format(Locale.ROOT, "<svg viewBox=\"0 0 28 10\" width=\"28\" height=\"10\" aria-hidden=\"true\"><line x1=\"0\" x2=\"28\" y1=\"5\" "
                + "y2=\"5\" stroke=\"%s\" stroke-width=\"3\" stroke-dasharray=\"%s\"/></svg>", color(index), dash(index));
    }

    private static String color(int index) {
        return COLORS.get(index % COLORS.size());
    }

    private static String dash(int index) {
        return DASHES.get(index / COLORS.size() % DASHES.size());
    }

    private int right() {
        return alone ? LEGEND : 16;
    }

    private String draw() {
        int tasks = set.runs().getFirst().tasks().size();
        String title = "Average accuracy in percent over the tasks learned so far";
        StringBuilder svg = new StringBuilder(String.format(Locale.ROOT, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
                + "font-family=\"sans-serif\" font-size=\"%d\" fill=\"currentColor\" role=\"img\" aria-label=\"%s\"%s>\n", WIDTH, HEIGHT, alone ? 12 : 15,
                title, alone ? " color=\"#000000\"" : ""));
        if (alone) {
            svg.append(String.format(Locale.ROOT, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n<text x=\"%d\" y=\"22\" font-size=\"14\">%s"
                    + "</text>\n", LEFT, title));
        }
        for (int percent = 0; percent <= 100; percent += 20) {
            svg.append(String.format(Locale.ROOT, "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"currentColor\" stroke-opacity=\"0.15\"/>"
                    + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%d</text>\n", LEFT, WIDTH - right(), y(percent), y(percent), LEFT - 8,
                    y(percent) + 4, percent));
        }
        int step = Math.max(1, (tasks + 19) / 20); // so many numbers that they do not touch
        for (int t = 0; t < tasks; t += step) {
            svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>\n", x(t, tasks), HEIGHT - BOTTOM + 20, t + 1));
        }
        svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">tasks learned</text>\n", (LEFT + WIDTH - right()) / 2,
                HEIGHT - 10));
        List<String> methods = set.methods();
        for (int m = 0; m < methods.size(); m++) {
            series(svg, methods.get(m), m, tasks);
        }
        return svg.append("</svg>\n").toString();
    }

    private void series(StringBuilder svg, String method, int index, int tasks) {
        List<MethodRecord> runs = set.of(method);
        List<String> line = new ArrayList<>();
        List<String> above = new ArrayList<>();
        List<String> below = new ArrayList<>();
        StringBuilder dots = new StringBuilder();
        for (int t = 0; t < tasks; t++) {
            int after = t;
            if (runs.stream().allMatch(run -> run.hasColumn(after))) {
                SeedStatistics s = SeedStatistics.of(runs.stream().mapToDouble(run -> Metrics.averageAccuracy(run.accuracy(), after)).toArray());
                line.add(point(t, tasks, s.mean()));
                above.add(point(t, tasks, Math.min(100, s.mean() + s.populationDeviation())));
                below.add(point(t, tasks, Math.max(0, s.mean() - s.populationDeviation())));
                dots.append(String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"><title>%s after task %d: %s</title></circle>\n",
                        x(t, tasks), y(s.mean()), color(index), Markup.escaped(method), t + 1, set.isSeveral()
                                ? new Cell.Spread(s.mean(), s.populationDeviation(), 2).plain() : Cell.fixed(s.mean(), 2)));
            }
        }
        if (set.isSeveral() && line.size() > 1) {
            Collections.reverse(below);
            svg.append(String.format(Locale.ROOT, "<polygon points=\"%s %s\" fill=\"%s\" fill-opacity=\"0.18\"/>\n", String.join(" ", above),
                    String.join(" ", below), color(index)));
        }
        if (line.size() > 1) {
            svg.append(String.format(Locale.ROOT, "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\"/>\n",
                    String.join(" ", line), color(index), dash(index)));
        }
        svg.append(dots);
        if (alone) {
            int y = TOP + 10 + 20 * index;
            svg.append(String.format(Locale.ROOT, "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"3\" stroke-dasharray=\"%s\"/>"
                    + "<text x=\"%d\" y=\"%d\">%s</text>\n", WIDTH - LEGEND + 16, WIDTH - LEGEND + 40, y, y, color(index), dash(index),
                    WIDTH - LEGEND + 46, y + 4, Markup.escaped(VisibleText.shortened(method, LONGEST_NAME))));
        }
    }

    private String point(int task, int tasks, double percent) {
        return String.format(Locale.ROOT, "%.1f,%.1f", x(task, tasks), y(percent));
    }

    private double x(int task, int tasks) {
        double width = WIDTH - right() - LEFT - 24;
        return LEFT + 12 + (tasks == 1 ? width / 2 : width * task / (tasks - 1));
    }

    private static double y(double percent) {
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - percent / 100);
    }
}
