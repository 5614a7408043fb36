package dev.itprompt.cli;

import dev.itprompt.config.Kind;
import dev.itprompt.config.Variant;
import dev.itprompt.method.Method;
import dev.itprompt.method.Registry;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists all methods. */
@Command(
        name = "methods",
        description = {"Lists all methods, with their variants and further answers.", ""},
        footer = {"", "A configuration may add variants of its own, such as methods: {mine: {of: it-prompt, length: 20}}.", "", "Examples:",
            "  itprompt methods                              all names that methods in a configuration may have",
            "  itprompt config --method shared-prompt        the settings of one"})
final class MethodsCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        Map<String, String> lines = new LinkedHashMap<>();
        for (Method<?> method : Registry.METHODS.kinds()) {
            lines.put(method.name(), method.meaning());
            for (Kind.Answer answer : method.answers()) {
                lines.put(method.name() + answer.suffix(), answer.meaning());
            }
            Registry.METHODS.variants().stream().filter(variant -> variant.of().equals(method.name()))
                    .forEach(variant -> lines.put(variant.name(), describe(variant)));
        }
        int width = lines.keySet().stream().mapToInt(String::length).max().orElse(0);
        PrintWriter out = spec.commandLine().getOut();
        lines.forEach((name, meaning) -> out.print(String.format(Locale.ROOT, "%-" + width + "s  %s\n", name, meaning)));
        out.flush();
    }

    private static String describe(Variant variant) {
        return variant.meaning() + " (" + variant.of() + " with " + String.join(", ", variant.set()) + ")";
    }
}
