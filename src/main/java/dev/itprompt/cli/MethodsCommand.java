package dev.itprompt.cli;

import dev.itprompt.JsonText;
import dev.itprompt.config.Kind;
import dev.itprompt.config.Variant;
import dev.itprompt.method.Method;
import dev.itprompt.method.Registry;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lists all methods. */
@Command(
        name = "methods",
        description = {"Lists all methods, with their variants and further answers.", ""},
        footer = {"", "A configuration may add variants of its own, such as methods: {mine: {of: it-prompt, length: 20}}.", "", "Examples:",
            "  itprompt methods                              all names that methods in a configuration may have",
            "  itprompt methods --json                       the same for other programs",
            "  itprompt config --method shared-prompt        the settings of one"})
final class MethodsCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /**
     * A name that a configuration may give.
     *
     * @param name    itself
     * @param kind    {@code method}, {@code answer} or {@code variant}
     * @param of      the method that it is an answer or a variant of; its own name for a method
     * @param set     what a variant sets, {@code key=value}
     * @param meaning in a line
     */
    private record Entry(String name, String kind, String of, List<String> set, String meaning) {

        private String line(int width) {
            return String.format(Locale.ROOT, "%-" + width + "s  %s%s\n", name, meaning,
                    set.isEmpty() ? "" : " (" + of + " with " + String.join(", ", set) + ")");
        }
    }

    @Override
    public void run() {
        List<Entry> entries = entries();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(entries));
        } else {
            int width = entries.stream().mapToInt(entry -> entry.name().length()).max().orElse(0);
            entries.forEach(entry -> out.print(entry.line(width)));
        }
        out.flush();
    }

    private static List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (Method<?> method : Registry.METHODS.kinds()) {
            entries.add(new Entry(method.name(), "method", method.name(), List.of(), method.meaning()));
            for (Kind.Answer answer : method.answers()) {
                entries.add(new Entry(method.name() + answer.suffix(), "answer", method.name(), List.of(), answer.meaning()));
            }
            for (Variant variant : Registry.METHODS.variants()) {
                if (variant.of().equals(method.name())) {
                    entries.add(new Entry(variant.name(), "variant", method.name(), variant.set(), variant.meaning()));
                }
            }
        }
        return entries;
    }

    private static String json(List<Entry> entries) {
        ArrayNode array = JsonText.MAPPER.createArrayNode();
        for (Entry entry : entries) {
            ObjectNode node = array.addObject().put("name", entry.name()).put("kind", entry.kind()).put("of", entry.of());
            entry.set().forEach(node.putArray("set")::add);
            node.put("meaning", entry.meaning());
        }
        return JsonText.MAPPER.writeValueAsString(array);
    }
}
