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
        for (DeviceOptions.Kind kind : DeviceOptions.Kind.values()) {
            String name = kind.name().toLowerCase(Locale.ROOT);
            try (Device device = DeviceOptions.open(kind, Runtime.getRuntime().availableProcessors())) {
                out.printf("%-10s %s%n", name, device.description());
            } catch (InputException e) {
                out.printf("%-10s not available: %s%n", name, e.getMessage());
            }
        }
        out.flush();
    }
}
