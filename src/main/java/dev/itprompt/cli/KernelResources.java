package dev.itprompt.cli;

import dev.itprompt.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one compiled kernel takes of an NVIDIA GPU, as {@code ptxas} of the CUDA toolkit counts it.
 *
 * @param registers 32-bit registers of one thread
 * @param shared    bytes of shared memory of one block
 * @param stack     bytes of local memory of one thread
 * @param spills    bytes that one thread stores to local memory for want of registers
 * @param loop      its main loop, if there is one and nvdisasm is at hand
 */
record KernelResources(int registers, int shared, int stack, int spills, Optional<MainLoop> loop) {

    /**
     * Compiles a file of CUDA C ({@code .cu}) or PTX for an architecture such as {@code sm_90}.
     *
     * @throws InputException        if the CUDA toolkit is not on the PATH
     * @throws IllegalStateException if the file does not compile
     */
    static KernelResources of(Path source, String architecture) {
        Path cubin = temporary();
        try {
            List<String> command = source.toString().endsWith(".cu")
                    ? List.of("nvcc", "-cubin", "-arch=" + architecture, "-Xptxas", "-v", source.toString(), "-o", cubin.toString())
                    : List.of("ptxas", "-arch=" + architecture, "-v", source.toString(), "-o", cubin.toString());
            KernelResources used = parse(output(command));
            return new KernelResources(used.registers, used.shared, used.stack, used.spills, MainLoop.of(cubin));
        } catch (IOException e) {
            throw new InputException("--resources: cannot start " + (source.toString().endsWith(".cu") ? "nvcc" : "ptxas")
                    + ": install a CUDA toolkit and put its bin folder on the PATH", e);
        } finally {
            cubin.toFile().delete(); // where that fails, it stays with the system's other temporary files
        }
    }

    private static Path temporary() {
        try {
            return Files.createTempFile("kernel", ".cubin");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What a program of the toolkit prints.
     *
     * @throws IOException           if it cannot be started
     * @throws IllegalStateException if it fails
     */
    static String output(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + " failed: "
                        + text.lines().filter(line -> line.contains("error")).findFirst().orElse(text.strip()));
            }
            return text;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException("interrupted", e));
        }
    }

    /**
     * Reads what {@code ptxas -v} prints about one kernel.
     *
     * @throws IllegalArgumentException if the registers, stack or spills are missing
     */
    static KernelResources parse(String log) {
        return new KernelResources(number(log, "Used (\\d+) registers", true), number(log, "(\\d+) bytes smem", false),
                number(log, "(\\d+) bytes stack frame", true), number(log, "(\\d+) bytes spill stores", true), Optional.empty());
    }

    private static int number(String log, String pattern, boolean needed) {
        Matcher matcher = Pattern.compile(pattern).matcher(log);
        if (matcher.find()) {
            return Integer.parseInt(matcher.group(1));
        }
        if (needed) {
            throw new IllegalArgumentException("expected '" + pattern + "' in the output of ptxas, found: " + log.strip());
        }
        return 0;
    }
}
