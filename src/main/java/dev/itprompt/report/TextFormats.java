package dev.itprompt.report;

import java.util.List;
import java.util.stream.Collectors;

/** Tables as CSV, Markdown and LaTeX. */
final class TextFormats {

    private TextFormats() {}

    /** The first line of {@link #csv}. */
    static final String CSV_HEAD = "name,seed,method,metric,unit,value,definition\n";

    /** Metrics of each run and method in long form: a line per number, with what it means. */
    static String csv(RunSet set, List<Definition> definitions) {
        StringBuilder csv = new StringBuilder(CSV_HEAD);
        csv(set, definitions, "", csv);
        return csv.toString();
    }

    /** The lines without the first, each after a prefix. */
    static void csv(RunSet set, List<Definition> definitions, String prefix, StringBuilder csv) {
        for (RunRecord run : set.runs()) {
            for (MethodRecord method : run.methods()) {
                for (Definition d : definitions) {
                    d.of(run, method).ifPresent(value -> csv.append(prefix).append(CsvCell.of(run.name())).append(',').append(run.seed()).append(',')
                            .append(CsvCell.of(method.name())).append(',').append(d.key()).append(',').append(d.unit().text()).append(',')
                            .append(Cell.fixed(value, d.unit().places() + 4)).append(',').append(CsvCell.of(d.meaning())).append('\n'));
                }
            }
        }
    }

    /** What stands below a summary table. */
    static String spread(RunSet set) {
        return set.isSeveral() ? "mean ± population standard deviation over seeds " + set.runs().stream().map(run -> Long.toString(run.seed()))
                .collect(Collectors.joining(", ")) : "seed " + set.runs().getFirst().seed();
    }

    /** The summary as Markdown, with the definitions. */
    static String markdown(RunSet set) {
        return markdown(set.runs().getFirst().name(), new Tables(set).summary(), spread(set));
    }

    /**
     * A summary as Markdown, with the definitions.
     *
     * @param spread what stands below it
     */
    static String markdown(String title, Table table, String spread) {
        StringBuilder text = new StringBuilder("# ").append(markdown(title)).append("\n\n");
        text.append(row(table.head().stream().map(TextFormats::markdown).toList()));
        text.append('|').append("---|".repeat(names(table))).append("---:|".repeat(table.head().size() - names(table))).append('\n');
        table.rows().forEach(cells -> text.append(row(cells.stream().map(cell -> markdown(cell.plain())).toList())));
        text.append('\n').append(spread).append("\n\n");
        Definition.HEADLINE.forEach(d -> text.append("- ").append(markdown(d.key())).append(": ").append(markdown(d.meaning())).append('\n'));
        return text.toString();
    }

    /** Columns of names, which come before those of metrics. */
    private static int names(Table table) {
        return table.head().size() - Definition.HEADLINE.size();
    }

    private static String row(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }

    /** A text in Markdown, also one that is taken for HTML there. */
    static String markdown(String text) {
        StringBuilder escaped = new StringBuilder();
        VisibleText.of(text).codePoints().forEach(c -> {
            switch (c) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                default -> {
                    if ("\\`*_{}[]()#+!|~$:@".indexOf(c) >= 0) {
                        escaped.append('\\');
                    }
                    escaped.appendCodePoint(c);
                }
            }
        });
        return escaped.toString();
    }

    /** The summary as a LaTeX table in the style of booktabs, with the definitions below. */
    static String latex(RunSet set) {
        return latex(set.runs().getFirst().name(), new Tables(set).summary(), spread(set));
    }

    /**
     * A summary as a LaTeX table in the same style.
     *
     * @param spread what the caption says of its numbers
     */
    static String latex(String title, Table table, String spread) {
        StringBuilder text = new StringBuilder("""
                % Needs \\usepackage{booktabs}; names in other scripts than Latin need LuaLaTeX or XeLaTeX with a font that has them.
                \\begin{table}
                \\centering
                """);
        text.append("\\caption{").append(latex(title)).append(": ").append(latex(spread)).append(".}\n");
        text.append("\\begin{tabular}{").append("l".repeat(names(table))).append("r".repeat(table.head().size() - names(table))).append("}\n\\toprule\n");
        text.append(latexRow(table.head())).append("\\midrule\n");
        table.rows().forEach(cells -> text.append(latexRow(cells.stream().map(cell -> cell instanceof Cell.None ? "--" : cell.plain()).toList())));
        text.append("\\bottomrule\n\\end{tabular}\n\n\\footnotesize\n");
        text.append(Definition.HEADLINE.stream().map(d -> latex(d.key()) + ": " + latex(d.meaning())).collect(Collectors.joining(".\n"))).append(".\n");
        return text.append("\\end{table}\n").toString();
    }

    private static String latexRow(List<String> cells) {
        return cells.stream().map(TextFormats::latex).collect(Collectors.joining(" & ")) + " \\\\\n";
    }

    /** A text in LaTeX: all that would be a command or a parameter stands for itself. */
    static String latex(String text) {
        StringBuilder escaped = new StringBuilder();
        VisibleText.of(text).codePoints().forEach(c -> {
            switch (c) {
                case '\\' -> escaped.append("\\textbackslash{}");
                case '^' -> escaped.append("\\textasciicircum{}");
                case '~' -> escaped.append("\\textasciitilde{}");
                case '<', '>' -> escaped.append("{$").appendCodePoint(c).append("$}");
                case '|' -> escaped.append("{$|$}");
                case '±' -> escaped.append("$\\pm$");
                case '{', '}', '$', '&', '#', '%', '_' -> escaped.append('\\').appendCodePoint(c);
                case '[', ']', '*', '`', '\'', '"', '-', '=', '?', '!' -> escaped.append('{').appendCodePoint(c).append('}'); // no option, ligature or star
                default -> escaped.appendCodePoint(c);
            }
        });
        return escaped.toString();
    }
}
