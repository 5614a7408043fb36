package dev.itprompt.experiment;

import dev.itprompt.continual.AccuracyMatrix;
import dev.itprompt.continual.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** An SVG of the average accuracy after each task, one line per method; a single dot for a method with only the last. */
final class AccuracyChart {

    private static final int WIDTH = 720;
    private static final int HEIGHT = 420;
    private static final int LEFT = 56;
    private static final int RIGHT = 190;
    private static final int TOP = 40;
    private static final int BOTTOM = 52;
    /** Okabe and Ito's colors, told apart with any color vision. */
    private static final List<String> COLORS = List.of("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
            "#8A6D00", "#7A7A7A");
    private static final List<String> DASHES = List.of("none", "7 3", "2 3");

    private AccuracyChart() {}

    static String svg(String title, List<MethodResult> results) {
        int tasks = results.getFirst().accuracy().tasks();
        StringBuilder svg = new StringBuilder(String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
                <rect width="100%%" height="100%%" fill="white"/>
                <text x="%d" y="22" font-size="14">%s</text>
                """, WIDTH, HEIGHT, LEFT, escaped(title)));
        for (int percent = 0; percent <= 100; percent += 20) {
            svg.append(String.format(Locale.ROOT, "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#dddddd\"/>"
                    + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%d</text>\n", LEFT, WIDTH - RIGHT, y(percent), y(percent),
                    LEFT - 8, y(percent) + 4, percent));
        }
        for (int t = 0; t < tasks; t++) {
            svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>\n", x(t, tasks),
                    HEIGHT - BOTTOM + 18, t + 1));
        }
        svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">tasks learned</text>\n",
                (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12));
        for (int m = 0; m < results.size(); m++) {
            series(svg, results.get(m), m);
        }
        return svg.append("</svg>\n").toString();
    }

    private static void series(StringBuilder svg, MethodResult result, int index) {
        AccuracyMatrix a = result.accuracy();
        String color = COLORS.get(index % COLORS.size());
        String dash = DASHES.get(index / COLORS.size() % DASHES.size());
        List<String> points = new ArrayList<>();
        for (int t = 0; t < a.tasks(); t++) {
            if (Report.hasColumn(a, t)) {
                double value = Metrics.averageAccuracy(a, t);
                points.add(String.format(Locale.ROOT, "%.1f,%.1f", x(t, a.tasks()), y(value)));
                svg.append(String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"><title>%s after task %d: "
                        + "%.2f</title></circle>\n", x(t, a.tasks()), y(value), color, escaped(result.method()), t + 1, value));
            }
        }
        if (points.size() > 1) {
            svg.append(String.format(Locale.ROOT, "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\" "
                    + "stroke-dasharray=\"%s\"/>\n", String.join(" ", points), color, dash));
        }
        int y = TOP + 10 + 20 * index;
        svg.append(String.format(Locale.ROOT, "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"3\" "
                + "stroke-dasharray=\"%s\"/><text x=\"%d\" y=\"%d\">%s</text>\n", WIDTH - RIGHT + 16, WIDTH - RIGHT + 40, y, y, color, dash,
                WIDTH - RIGHT + 46, y + 4, escaped(result.method())));
    }

    private static double x(int task, int tasks) {
        double width = WIDTH - RIGHT - LEFT - 24;
        return LEFT + 12 + (tasks == 1 ? width / 2 : width * task / (tasks - 1));
    }

    private static double y(double percent) {
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - percent / 100);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
