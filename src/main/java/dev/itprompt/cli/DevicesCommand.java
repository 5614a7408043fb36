package dev.itprompt.cli;

import dev.itprompt.InputException;
import dev.itprompt.JsonText;
import dev.itprompt.device.Device;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;

/** Lists what can compute. */
@Command(
        name = "devices",
        description = {"Lists the devices that graphs can run on.", ""},
        footer = {"", "Examples:", "  itprompt devices", "  itprompt devices --json"})
final class DevicesCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /**
     * A device, or a kind of which there is none.
     *
     * @param name        as {@code --device} takes it
     * @param works       whether it could be opened
     * @param description of the device, or why it does not work
     */
    private record Entry(String name, boolean works, String description) {
    }

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ArrayNode array = JsonText.MAPPER.createArrayNode();
            list(entry -> array.addObject().put("name", entry.name()).put("works", entry.works()).put("description", entry.description()));
            out.println(JsonText.MAPPER.writeValueAsString(array));
        } else {
            list(entry -> {
                out.printf(Locale.ROOT, "%-16s %s\n", entry.name(), entry.description());
                out.flush(); // the driver of the next one may end the process
            });
        }
        out.flush();
    }

    private static void list(Consumer<Entry> entries) {
        for (String kind : DeviceOptions.KINDS) {
            try {
                DeviceOptions.names(kind).forEach(name -> entries.accept(entry(name)));
            } catch (InputException e) {
                entries.accept(new Entry(kind, false, "not available: " + e.getMessage()));
            }
        }
    }

    private static Entry entry(String name) {
        try (Device device = DeviceOptions.open(name, Runtime.getRuntime().availableProcessors())) {
            return new Entry(name, true, device.description());
        } catch (RuntimeException e) { // one that does not work is no reason not to list the others
            return new Entry(name, false, "does not work: " + e.getMessage());
        }
    }
}
