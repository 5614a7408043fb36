package dev.itprompt.cli;

import dev.itprompt.AtomicFile;
import dev.itprompt.InputException;
import dev.itprompt.NearestMatch;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes what kernels are compiled to. */
@Command(
        name = "dump",
        description = {"Writes the source text (OpenCL C, CUDA C or PTX) that each kernel becomes for a TornadoVM device, one file per kernel. "
            + "Nothing is run.", ""},
        footer = {"", "Examples:",
            "  itprompt kernels dump --device tornado --to output/kernels",
            "  itprompt kernels dump --device tornado:opencl:0 --kernel attention --to output/kernels"})
final class KernelsDumpCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(names = "--kernel", paramLabel = "NAME", description = "Only this kernel. Default: all.")
    private String kernel;

    @Option(names = "--to", paramLabel = "DIR", required = true, description = "Folder to write to; created if missing.")
    private Path folder;

    @Mixin
    private DeviceOptions device;

    @Override
    public void run() {
        Map<String, String> sources = device.kernelSources();
        if (kernel != null && !sources.containsKey(kernel)) {
            throw new InputException("--kernel: there is no kernel " + kernel + NearestMatch.of(kernel, sources.keySet())
                    .map(near -> "; did you mean " + near + "?").orElse("; expected one of " + sources.keySet()));
        }
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new InputException("--to: cannot create the folder " + folder + ": " + e.getMessage(), e);
        }
        PrintWriter out = spec.commandLine().getOut();
        sources.forEach((name, text) -> {
            if (kernel == null || kernel.equals(name)) {
                Path file = folder.resolve(name + ending(text));
                AtomicFile.write(file, text.getBytes(StandardCharsets.UTF_8));
                out.printf("%-30s %6d lines%n", file, text.lines().count());
            }
        });
        out.flush();
    }

    private static String ending(String text) {
        return text.contains("__kernel") ? ".cl" : text.contains("__global__") ? ".cu" : text.contains(".version") ? ".ptx" : ".txt";
    }
}
