package dev.itprompt.cli;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.JsonText;
import dev.itprompt.cli.Diagnosis.Check;
import dev.itprompt.cli.Diagnosis.Status;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;

/** Says whether everything needed is there, and what to do if not. */
@Command(
        name = "doctor",
        description = {"Checks the JVM, its options, memory, bundled files, TornadoVM and drivers, and lets each device compute; "
            + "every problem comes with what repairs it. Exit code 1 if something needed is missing.", ""},
        footer = {"", "Examples:", "  itprompt doctor", "  itprompt doctor --json              an array of objects with name, status (pass, warn or fail), found and repair",
            "  itprompt doctor --device tornado    fails where TornadoVM cannot be used"})
final class DoctorCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(names = "--device", paramLabel = "KIND", defaultValue = "cpu",
            description = "What has to work: cpu, or tornado as well; default: cpu.")
    private String device;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public Integer call() {
        String kind = device.toLowerCase(Locale.ROOT).replaceFirst("[:@].*", "");
        if (!DeviceOptions.KINDS.contains(kind)) {
            throw new InputException("--device: expected cpu, reference or tornado, found " + Excerpt.of(device, 80));
        }
        PrintWriter out = spec.commandLine().getOut();
        boolean[] failed = {false};
        ArrayNode all = JsonText.MAPPER.createArrayNode();
        Diagnosis.run(kind.equals("tornado"), check -> {
            failed[0] |= check.status() == Status.FAIL;
            if (json) {
                all.addObject().put("name", check.name()).put("status", name(check.status())).put("found", check.found())
                        .put("repair", check.repair());
            } else {
                print(out, check);
            }
        });
        if (json) {
            out.println(JsonText.MAPPER.writeValueAsString(all));
            out.flush();
        }
        return failed[0] ? Main.EXIT_FAILURE : 0;
    }

    private static void print(PrintWriter out, Check check) {
        out.printf(Locale.ROOT, "%s  %-22s  %s\n", name(check.status()), check.name(), check.found());
        if (!check.repair().isEmpty()) {
            out.printf(Locale.ROOT, "      %-22s  -> %s\n", "", check.repair());
        }
        out.flush();
    }

    private static String name(Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }
}
