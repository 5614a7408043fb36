package dev.itprompt.cli;

import dev.itprompt.AtomicFile;
import dev.itprompt.InputException;
import dev.itprompt.JsonText;
import dev.itprompt.NearestMatch;
import dev.itprompt.Writable;
import dev.itprompt.device.Device;
import dev.itprompt.device.verify.OpCases;
import dev.itprompt.device.verify.OpCases.OpCase;
import dev.itprompt.device.verify.Verification;
import dev.itprompt.experiment.Report;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** Compares every op of a device with the reference. */
@Command(
        name = "verify",
        preprocessor = FormerNames.class,
        description = {"Runs every op at small, odd and even sizes on a device and on the reference, which computes in double precision, and "
            + "prints the largest errors. The relative error refers to the largest value of a tensor; units in the last place (ulp) are "
            + "those of each value above a hundredth of the largest. Exit code 1 if an op is beyond its tolerance.", ""},
        footer = {"", "Examples:",
            "  itprompt kernels verify",
            "  itprompt kernels verify --device tornado:opencl:0 --output errors.json",
            "  itprompt kernels verify --device tornado --op Attention --op AttentionGrad"})
final class KernelsVerifyCommand implements Callable<Integer> {

    /** Failures shown of one op. */
    private static final int SHOWN = 3;

    @Spec
    private CommandSpec spec;

    @Option(names = "--op", paramLabel = "NAME", description = "Only the cases that this op is in; may be repeated. Default: all ops.")
    private List<String> ops = List.of();

    @Option(names = "--json", description = "Print JSON instead of the table.")
    private boolean json;

    @Option(names = "--output", paramLabel = "FILE", description = "Also write the table to this file, as JSON.")
    private Path output;

    @Mixin
    private DeviceOptions device;

    @Mixin
    private ProgressOptions progress;

    @Override
    public Integer call() {
        List<OpCase> cases = cases();
        if (output != null) {
            Writable.requireFile("--output", output);
        }
        PrintWriter out = progress.out(spec);
        try (Device opened = device.open(); ProgressPrinter printer = progress.printer(spec.commandLine().getErr())) {
            if (!json) {
                out.println("device: " + opened.description());
                out.flush();
            }
            Verification verification = new Verification(opened);
            for (int i = 0; i < cases.size(); i++) {
                verification.check(cases.get(i));
                printer.report("verifying", i + 1, cases.size(), cases.get(i).name());
            }
            printer.close();
            String text = json(opened, verification.rows());
            if (json) {
                out.print(text);
                out.flush();
            } else {
                print(out, verification.rows());
            }
            if (output != null) {
                AtomicFile.write(output, text.getBytes(StandardCharsets.UTF_8));
            }
            return verification.rows().stream().allMatch(Verification.Row::passed) ? 0 : Main.EXIT_FAILURE;
        }
    }

    private List<OpCase> cases() {
        if (ops.isEmpty()) {
            return OpCases.all();
        }
        Map<OpCase, Set<String>> compared = new LinkedHashMap<>();
        OpCases.all().forEach(tested -> compared.put(tested, tested.ops()));
        List<String> known = compared.values().stream().flatMap(Set::stream).distinct().sorted().toList();
        for (String op : ops) {
            if (!known.contains(op)) {
                throw new InputException("--op: there is no op " + op + NearestMatch.hint(op, known));
            }
        }
        return compared.entrySet().stream().filter(entry -> !Collections.disjoint(entry.getValue(), ops)).map(Map.Entry::getKey)
                .toList();
    }

    private static void print(PrintWriter out, List<Verification.Row> rows) {
        List<List<String>> table = new ArrayList<>(List.of(List.of("op", "results", "absolute", "relative", "ulp", "tolerance", "")));
        for (Verification.Row row : rows) {
            table.add(List.of(row.op(), String.valueOf(row.results()), number(row.errors().absolute()), number(row.errors().relative()),
                    String.format(Locale.ROOT, "%.1f", row.errors().ulps()), number(row.tolerance()), row.passed() ? "ok" : "WRONG"));
        }
        out.print(Report.table(table));
        for (Verification.Row row : rows) {
            row.failures().stream().limit(SHOWN).forEach(failure -> out.println("wrong: " + failure));
            if (row.failures().size() > SHOWN) {
                out.println("wrong: " + (row.failures().size() - SHOWN) + " more of " + row.op());
            }
        }
        out.flush();
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1e", value);
    }

    private static String json(Device opened, List<Verification.Row> rows) {
        ObjectNode root = JsonText.MAPPER.createObjectNode().put("device", opened.description());
        var array = root.putArray("ops");
        for (Verification.Row row : rows) {
            ObjectNode entry = array.addObject().put("op", row.op()).put("results", row.results()).put("absolute", row.errors().absolute())
                    .put("relative", row.errors().relative()).put("ulps", row.errors().ulps()).put("tolerance", row.tolerance())
                    .put("passed", row.passed());
            row.failures().forEach(entry.putArray("failures")::add);
        }
        return JsonText.MAPPER.writeValueAsString(root) + "\n";
    }
}
