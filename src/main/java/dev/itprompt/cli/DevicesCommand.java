package dev.itprompt.cli;

import dev.itprompt.InputException;
import dev.itprompt.device.Device;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists what can compute. */
@Command(
        name = "devices",
        description = {"Lists the devices that graphs can run on.", ""},
        footer = {"", "Examples:", "  itprompt devices"})
final class DevicesCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        for (String kind : DeviceOptions.KINDS) {
            try {
                DeviceOptions.names(kind).forEach(name -> describe(name, out));
            } catch (InputException e) {
                out.printf(Locale.ROOT, "%-16s not available: %s\n", kind, e.getMessage());
            }
        }
        out.flush();
    }

    private static void describe(String name, PrintWriter out) {
        try (Device device = DeviceOptions.open(name, Runtime.getRuntime().availableProcessors())) {
            out.printf(Locale.ROOT, "%-16s %s\n", name, device.description());
            out.flush(); // the driver of the next one may end the process
        } catch (RuntimeException e) { // one that does not work is no reason not to list the others
            out.printf(Locale.ROOT, "%-16s does not work: %s\n", name, e.getMessage());
        }
    }
}
