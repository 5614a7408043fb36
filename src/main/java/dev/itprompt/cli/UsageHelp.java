package dev.itprompt.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Usage help whose lines break at blanks alone. Picocli's break wherever a typesetter may, after the dots of file names and the
 * colons of options too; what it lays out here are therefore letters of the private use area, whose marks come back afterwards.
 */
final class UsageHelp extends Help {

    private static final int PRIVATE = 0xE000;
    private static final int INDENT = 2;

    UsageHelp(CommandSpec spec, ColorScheme colors) {
        super(spec, colors);
    }

    /** With all marks as letters; blanks and letters stay. */
    private static String closed(String text) {
        return text.codePoints().map(c -> c > ' ' && c < 127 && !Character.isLetterOrDigit(c) ? PRIVATE + c : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }

    private static String open(String text) {
        return text.codePoints().map(c -> c > PRIVATE && c < PRIVATE + 127 ? c - PRIVATE : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
    }

    /** Rows of an option or parameter, whose last column describes it. */
    private Text[][] closed(Text[][] rows) {
        for (Text[] row : rows) {
            int last = row.length - 1;
            row[last] = ansi().new Text(closed(row[last].plainString()), colorScheme());
        }
        return rows;
    }

    @Override
    public IOptionRenderer createDefaultOptionRenderer() {
        IOptionRenderer renderer = super.createDefaultOptionRenderer();
        return (option, labels, colors) -> closed(renderer.render(option, labels, colors));
    }

    @Override
    public IParameterRenderer createDefaultParameterRenderer() {
        IParameterRenderer renderer = super.createDefaultParameterRenderer();
        return (parameter, labels, colors) -> closed(renderer.render(parameter, labels, colors));
    }

    @Override
    public String optionListExcludingGroups(List<OptionSpec> options, Layout layout, Comparator<OptionSpec> order,
            IParamLabelRenderer labels) {
        return open(super.optionListExcludingGroups(options, layout, order, labels));
    }

    @Override
    public String parameterList(List<PositionalParamSpec> parameters, Layout layout, IParamLabelRenderer labels) {
        return open(super.parameterList(parameters, layout, labels));
    }

    @Override
    public String description(Object... arguments) {
        return paragraphs(commandSpec().usageMessage().description());
    }

    @Override
    public String footer(Object... arguments) {
        return paragraphs(commandSpec().usageMessage().footer());
    }

    @Override
    public String commandList(Map<String, Help> commands) {
        int column = INDENT + commands.keySet().stream().mapToInt(String::length).max().orElse(0) + INDENT;
        StringBuilder text = new StringBuilder();
        commands.forEach((name, help) -> {
            List<String> lines = wrap(help.commandSpec().usageMessage().description()[0], width() - column - INDENT);
            text.append(" ".repeat(INDENT)).append(colorScheme().commandText(name)).append(" ".repeat(column - INDENT - name.length()))
                    .append(lines.getFirst()).append('\n');
            lines.stream().skip(1).forEach(line -> text.append(" ".repeat(column + INDENT)).append(line).append('\n'));
        });
        return text.toString();
    }

    private int width() {
        return commandSpec().usageMessage().width();
    }

    /** Each in lines of its own; one that is indented, as examples are, goes on further to the right. */
    private String paragraphs(String[] paragraphs) {
        StringBuilder text = new StringBuilder();
        for (String paragraph : paragraphs) {
            int indent = paragraph.length() - paragraph.stripLeading().length();
            String further = " ".repeat(2 * indent);
            text.append(wrap(paragraph.strip(), width() - 2 * indent).stream()
                    .collect(Collectors.joining("\n" + further, " ".repeat(indent), "\n")));
        }
        return text.toString();
    }

    /** Lines of at most so many characters, broken at blanks; a longer word has a line of its own. Blanks within a line stay. */
    static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        String rest = text;
        while (rest.length() > width) {
            int blank = rest.lastIndexOf(' ', width);
            blank = blank > 0 ? blank : rest.indexOf(' ');
            if (blank < 0) {
                break;
            }
            lines.add(rest.substring(0, blank).stripTrailing());
            rest = rest.substring(blank).stripLeading();
        }
        lines.add(rest);
        return lines;
    }
}
