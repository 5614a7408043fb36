package dev.itprompt.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The instructions of a compiled kernel's main loop, as {@code nvdisasm} of the CUDA toolkit shows them: of all stretches that end with a
 * jump back, the one with the most multiply-adds (one of tensor cores is worth many), all its branches counted. How many of them are multiply-adds bounds what the kernel can
 * reach of a GPU's peak.
 *
 * @param instructions all
 * @param multiplyAdds FFMA, or HMMA of tensor cores
 * @param wideReads    128-bit reads of shared memory
 * @param reads        other reads of shared memory
 * @param globalReads  reads of global memory
 * @param barriers     of a block
 */
record MainLoop(int instructions, int multiplyAdds, int wideReads, int reads, int globalReads, int barriers) {

    private static final Predicate<String> IS_FFMA = name -> name.startsWith("FFMA");
    private static final Predicate<String> IS_HMMA = name -> name.startsWith("HMMA.");
    /** Multiply-adds of a thread: 16 x 8 x 16 by 32 of them. */
    private static final int WORK_OF_TENSOR_CORES = 64;
    private static final Pattern LABEL = Pattern.compile("^(\\.L_x_\\d+):");
    private static final Pattern INSTRUCTION = Pattern.compile("/\\*[0-9a-f]{4,}\\*/\\s+(?:@!?U?P\\d+\\s+)?(\\S+)(.*);");
    private static final Pattern TARGET = Pattern.compile("\\((\\.L_x_\\d+)\\)");

    /**
     * Disassembles a file.
     *
     * @return empty if nvdisasm is not on the PATH, or if the kernel multiplies and adds in no loop
     */
    static Optional<MainLoop> of(Path cubin) {
        try {
            return parse(KernelResources.output(List.of("nvdisasm", "-c", cubin.toString())));
        } catch (IOException _) {
            return Optional.empty(); // it cannot be started
        }
    }

    /** Reads what {@code nvdisasm -c} prints about one kernel. */
    static Optional<MainLoop> parse(String text) {
        List<String> names = new ArrayList<>();
        Map<String, Integer> labels = new HashMap<>();
        Optional<MainLoop> most = Optional.empty();
        int mostWork = 0;
        for (String line : text.lines().toList()) {
            Matcher label = LABEL.matcher(line);
            if (label.find()) {
                labels.put(label.group(1), names.size());
            }
            Matcher instruction = INSTRUCTION.matcher(line);
            if (instruction.find()) {
                names.add(instruction.group(1));
                Matcher target = TARGET.matcher(instruction.group(2));
                if (instruction.group(1).startsWith("BRA") && target.find() && labels.containsKey(target.group(1))) {
                    List<String> loop = names.subList(labels.get(target.group(1)), names.size());
                    int work = count(loop, IS_FFMA) + WORK_OF_TENSOR_CORES * count(loop, IS_HMMA);
                    if (work > mostWork) {
                        most = Optional.of(count(loop));
                        mostWork = work;
                    }
                }
            }
        }
        return most;
    }

    private static MainLoop count(List<String> names) {
        return new MainLoop(names.size(), count(names, IS_FFMA.or(IS_HMMA)),
                count(names, name -> name.startsWith("LDS") && name.endsWith(".128")),
                count(names, name -> name.startsWith("LDS") && !name.endsWith(".128")),
                count(names, name -> name.matches("(LDG|LD)(\\..*)?")), count(names, name -> name.startsWith("BAR")));
    }

    private static int count(List<String> names, Predicate<String> what) {
        return (int) names.stream().filter(what).count();
    }
}
