package dev.itprompt.fuzz;

import dev.itprompt.cli.Main;
import dev.itprompt.cli.TinyProject;
import dev.itprompt.cli.TinyProject.Outcome;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.ParseResult;

/**
 * Command lines, whose words end in NUL, which no word has in it. Commands that compute or that write outside of a folder for it are
 * parsed and not run.
 */
final class CommandLines {

    private static final Set<String> WITHOUT_WORK = Set.of("itprompt", "config", "inspect", "kernels");
    private static final Set<String> WRITING = Set.of("convert");
    /** Characters of the longest line that every shell takes, Windows' cmd.exe included. */
    private static final int LONGEST = 8191;
    /** Picocli copies all words that it does not know once for each. */
    private static final int MOST_WORDS = 1000;

    private CommandLines() {}

    static Target target(Path folder, TinyProject project) throws IOException {
        Path output = folder.resolve("out");
        String model = project.model().toString();
        String weights = project.model().resolve("model.safetensors").toString();
        String config = project.config().toString();
        String picture = project.root().resolve("heldout/0.png").toString();
        String words = Files.writeString(project.root().resolve("words.txt"), "--json\n").toString();
        List<byte[]> seeds = Stream.of(
                List.of("--help"), List.of("--version"), List.of("train", "--help"), List.of("config"), List.of("config", "--pretrain", "--yaml", "--set", "merges=x"),
                List.of("config", config, "--set", "seed=3", "--set", "methods.it-prompt.rate=1e-3", "--yaml"), List.of("devices"),
                List.of("inspect", weights, "--json", "--no-sha256"), List.of("inspect", model, "--verbose"),
                List.of("convert", weights, "--output", output.toString(), "--storage", "fp16", "--image-size", "8"),
                List.of("classify", "--checkpoint", model, "--labels", "cat, dog", "--template", "a {}", "--top", "1", "--fit", "pad", picture),
                List.of("embed", "--checkpoint", model, "--text", "a cat", "a dog", "--output", output.resolve("a.npy").toString()),
                List.of("embed", "--checkpoint", model, "--image", picture, "--output", output.resolve("a.json").toString(), "--preprocess", "clip"),
                List.of("train", "--config", config, "--seeds", "0,1,2", "--memory", "4GB", "--force", "--matrices", "--threads", "2"),
                List.of("pretrain", "--config", config, "--data", words, words, "--output", output.toString(), "--shorter-side", "8"),
                List.of("bench", "--model", "tiny", "--batch", "32", "--repetitions", "3", "--warm-up", "0.5", "--rows", "3"),
                List.of("doctor", "--device", "cpu"), List.of("demo", "--plan", "--seed", "1"), List.of("kernels", "verify", "--help"),
                List.of("kernels", "dump", "--output", output.toString(), "--kernel", "a", "--help"))
                .map(line -> Targets.utf8(String.join("\0", line) + "\0")).toList();
        return new Target("command line", 500, seeds, words(words), input -> {
            String line = Targets.text(input);
            String[] all = line.substring(0, Math.min(line.length(), LONGEST)).split("\0");
            Targets.require(run(folder, Arrays.copyOf(all, Math.min(all.length, MOST_WORDS))));
        });
    }

    /** All commands and options, and words that mean something to the parser. */
    private static List<String> words(String file) {
        Set<String> words = new LinkedHashSet<>(List.of("@" + file, "@", "@/", "@@a", "--", "-", "---", "-h", "-V", "-x", "-hV", "=", "--=", "--help=",
                "--json=1", "--out", "--to", "--seeed", "--set=", "--set=a", "cat,dog", "1,2,", ",", "4GB", "1e400GB", "-1", "0x10", "%s", "${x}"));
        collect(Main.commandLine(), words);
        return words.stream().flatMap(word -> Stream.of(word, "\0" + word + "\0", word + "=")).toList();
    }

    private static void collect(CommandLine command, Set<String> words) {
        words.add(command.getCommandName());
        command.getCommandSpec().options().forEach(option -> words.addAll(Arrays.asList(option.names())));
        command.getSubcommands().values().forEach(inner -> collect(inner, words));
    }

    private static Outcome run(Path folder, String... words) throws IOException {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        IExecutionStrategy usual = command.getExecutionStrategy();
        command.setExecutionStrategy(parsed -> mayRun(parsed, folder) ? usual.execute(parsed) : 0);
        int code = command.execute(words);
        if (Files.exists(folder)) {
            Targets.delete(folder);
        }
        String said = err.toString();
        boolean trace = code != 0 && Arrays.asList(words).contains("--verbose"); // which is asked for, and then one line follows
        return new Outcome(code, out.toString(), trace ? said.lines().toList().getLast() : said);
    }

    private static boolean mayRun(ParseResult parsed, Path folder) {
        ParseResult last = parsed;
        boolean help = last.isUsageHelpRequested() || last.isVersionHelpRequested();
        while (last.hasSubcommand()) {
            last = last.subcommand();
            help |= last.isUsageHelpRequested() || last.isVersionHelpRequested();
        }
        String name = last.commandSpec().name();
        return help || WITHOUT_WORK.contains(name) || WRITING.contains(name) && isIn(folder, last.matchedOptionValue("--output", null));
    }

    private static boolean isIn(Path folder, Path output) {
        try {
            return output != null && output.toAbsolutePath().normalize().startsWith(folder);
        } catch (InvalidPathException _) {
            return false;
        }
    }
}
