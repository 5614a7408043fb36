package dev.itprompt.cli;

import dev.itprompt.AtomicFile;
import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.NearestMatch;
import dev.itprompt.Writable;
import dev.itprompt.WriteException;
import dev.itprompt.report.Cell;
import dev.itprompt.report.ConsoleTable;
import dev.itprompt.report.Table;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes what kernels are compiled to. */
@Command(
        name = "dump",
        preprocessor = FormerNames.class,
        description = {"Writes the source text (OpenCL C, CUDA C or PTX) that each kernel becomes for a TornadoVM device, one file per "
            + "kernel. Nothing is run.", ""},
        footer = {"", "Examples:",
            "  itprompt kernels dump --device tornado --output output/kernels",
            "  itprompt kernels dump --device tornado:cuda --resources sm_90 --output output/kernels",
            "  itprompt kernels dump --device tornado:opencl:0 --kernel attention --output output/kernels"})
final class KernelsDumpCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(names = "--kernel", paramLabel = "NAME", description = "Only this kernel. Default: all.")
    private String kernel;

    @Option(names = "--output", paramLabel = "DIR", required = true, description = "Folder to write to; created if missing.")
    private Path output;

    @Option(names = "--resources", paramLabel = "ARCH",
            description = "Also compile each file for this NVIDIA architecture, such as sm_90, and print the registers, shared memory, "
                    + "local memory and spills of its kernel, and with nvdisasm the instructions of its main loop; needs nvcc and ptxas on the PATH. "
                    + "No GPU is needed.")
    private String architecture;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Mixin
    private DeviceOptions device;

    @Override
    public void run() {
        if (architecture != null && !architecture.matches("sm_\\d+[af]?")) {
            throw new InputException("--resources: expected an architecture such as sm_90, found '" + Excerpt.of(architecture, 80) + "'");
        }
        Writable.requireFolder("--output", output);
        Map<String, String> sources = device.kernelSources();
        if (kernel != null && !sources.containsKey(kernel)) {
            throw new InputException("--kernel: there is no kernel " + kernel + NearestMatch.hint(kernel, sources.keySet()));
        }
        try {
            Files.createDirectories(output);
        } catch (IOException e) {
            throw new WriteException(output, e);
        }
        List<Path> files = new ArrayList<>();
        Table.Builder written = new Table.Builder("files", "kernels in " + output, List.of("file", "lines"));
        sources.forEach((name, text) -> {
            if (kernel == null || kernel.equals(name)) {
                Path file = output.resolve(name + ending(text));
                AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
                files.add(file);
                written.row(new Cell.Text(file.getFileName().toString()), count((int) text.lines().count()));
            }
        });
        List<Table> tables = architecture == null ? List.of(written.build()) : List.of(written.build(), resources(files));
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? ConsoleTable.json(tables) + "\n" : String.join("\n", tables.stream().map(ConsoleTable::of).toList()));
        out.flush();
    }

    private Table resources(List<Path> files) {
        Table.Builder table = new Table.Builder("resources", "for " + architecture, List.of("kernel", "registers", "shared bytes", "local bytes",
                "spilled bytes", "main loop", "multiply-adds %", "128-bit reads", "other reads", "global reads", "barriers"));
        for (Path file : files) {
            if (file.toString().endsWith(".cl")) {
                throw new InputException("--resources: expected kernels in CUDA C or PTX, found OpenCL C (" + file
                        + "); use --device tornado:cuda or tornado:ptx");
            }
            KernelResources used = KernelResources.of(file, architecture);
            List<Cell> row = new ArrayList<>(List.of(new Cell.Text(file.getFileName().toString()), count(used.registers()), count(used.shared()),
                    count(used.stack()), count(used.spills())));
            row.addAll(used.loop().map(loop -> List.of(count(loop.instructions()), new Cell.Number(100.0 * loop.multiplyAdds() / loop.instructions(), 1),
                    count(loop.wideReads()), count(loop.reads()), count(loop.globalReads()), count(loop.barriers())))
                    .orElse(Collections.nCopies(6, Cell.NONE)));
            table.row(row);
        }
        return table.build();
    }

    private static Cell count(int number) {
        return new Cell.Number(number, 0);
    }

    private static String ending(String text) {
        return text.contains("__kernel") ? ".cl" : text.contains("__global__") ? ".cu" : text.contains(".version") ? ".ptx" : ".txt";
    }
}
