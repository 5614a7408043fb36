package dev.itprompt.data.sets;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A page that shows what a data set looks like: samples of each class, by task. */
public final class DatasetPage {

    private DatasetPage() { }

    /**
     * An HTML page that needs nothing beside it.
     *
     * @param title   of the page
     * @param tasks   original labels of each task
     * @param samples images of each class
     */
    public static String html(String title, Split split, List<List<Integer>> tasks, int samples) {
        Map<Integer, List<Integer>> shown = new TreeMap<>();
        int[] training = new int[split.train().classNames().size()];
        int[] test = new int[training.length];
        for (int i = 0; i < split.train().size(); i++) {
            int label = split.train().label(i);
            training[label]++;
            List<Integer> own = shown.computeIfAbsent(label, _ -> new ArrayList<>());
            if (own.size() < samples) {
                own.add(i);
            }
        }
        for (int i = 0; i < split.test().size(); i++) {
            test[split.test().label(i)]++;
        }
        StringBuilder page = new StringBuilder(String.format(Locale.ROOT, """
                <!DOCTYPE html>
                <html lang="en"><head><meta charset="utf-8"><title>%s</title><style>
                body { font-family: sans-serif; margin: 2em } table { border-collapse: collapse } td { padding: 2px 8px; vertical-align: middle }
                td.n { text-align: right; font-variant-numeric: tabular-nums } img { display: block }
                </style></head><body>
                <h1>%s</h1>
                """, escape(title), escape(title)));
        page.append(String.format(Locale.ROOT, "<p>%,d classes, %,d training and %,d test images; split: %s, list sha256 %s</p>\n",
                training.length, split.train().size(), split.test().size(), escape(split.origin()), split.hash()));
        for (int t = 0; t < tasks.size(); t++) {
            page.append("<h2>Task ").append(t + 1).append("</h2>\n<table>\n<tr><td>label</td><td>class</td><td>training</td><td>test</td></tr>\n");
            for (int label : tasks.get(t)) {
                page.append(String.format(Locale.ROOT, "<tr><td class=\"n\">%d</td><td>%s</td><td class=\"n\">%,d</td><td class=\"n\">%,d</td><td>"
                        + "<img alt=\"\" src=\"data:image/png;base64,%s\"></td></tr>\n", label, escape(split.train().classNames().get(label)),
                        training[label], test[label], Base64.getEncoder().encodeToString(ContactSheet.row(split.train(),
                                shown.getOrDefault(label, List.of())))));
            }
            page.append("</table>\n");
        }
        return page.append("</body></html>\n").toString();
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
