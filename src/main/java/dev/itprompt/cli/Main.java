package dev.itprompt.cli;

import dev.itprompt.Excerpt;
import dev.itprompt.FailureException;
import dev.itprompt.InputException;
import dev.itprompt.Program;
import dev.itprompt.Warnings;
import dev.itprompt.train.StopRequest;
import dev.itprompt.train.StoppedException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line's entry point. Exit codes: 0 all went well, 1 something failed, 2 the command line or an input cannot be
 * used as given. A user's mistake is answered with one line on the error stream, never with a stack trace unless
 * {@code --verbose} asks for one.
 */
@Command(
        name = "itprompt",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Main.Version.class,
        description = "Prompt-based continual learning for CLIP.",
        usageHelpAutoWidth = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Examples:",
            "  itprompt methods          all methods",
            "  itprompt datasets         all data sets",
            "  itprompt config           all settings, with defaults and meanings",
            "  itprompt COMMAND --help   options and examples of a command"})
public final class Main implements Runnable {

    /** Exit code of a command that failed for a reason other than its input. */
    public static final int EXIT_FAILURE = 1;
    /** Exit code of a command line or an input that cannot be used as given. */
    public static final int EXIT_USAGE = 2;
    /** Exit code of a command that was asked to stop and has saved its state, if no signal sets another. */
    public static final int EXIT_STOPPED = 130;
    private static final int LONGEST_USAGE_ERROR = 200;

    /** In the order of the help. */
    private static final List<Class<?>> COMMANDS = List.of(DemoCommand.class, TrainCommand.class, CampaignCommand.class, PredictCommand.class,
            ServeCommand.class, ExportCommand.class, ReportCommand.class, MetricsCommand.class, CompareCommand.class, ReproduceCommand.class,
            ClassifyCommand.class, EmbedCommand.class, FeaturesCommand.class, InspectCommand.class, ConvertCommand.class, PretrainCommand.class,
            BenchCommand.class, DevicesCommand.class, DoctorCommand.class, KernelsCommand.class, MethodsCommand.class, DatasetsCommand.class,
            ConfigCommand.class, CacheCommand.class, CompletionCommand.class);

    @Spec
    private CommandSpec spec;

    @Option(names = {"-v", "--verbose"}, scope = ScopeType.INHERIT, description = "Print the stack trace of an error as well.")
    private boolean verbose;

    /** Without a command there is nothing to do but to say which commands there are. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command; see: itprompt --help");
    }

    /**
     * Builds the command line with its error handling.
     *
     * @return a fresh, independent command line
     */
    public static CommandLine commandLine() {
        return commandLine(name -> true);
    }

    /**
     * The command line for words: it says and does the same with them as the whole one. Building takes most of the start, so only commands
     * that are among the words have their options; of the others the help says name and purpose.
     *
     * @param words what will be executed
     */
    static CommandLine commandLineFor(String... words) {
        return commandLine(Set.copyOf(Arrays.asList(words))::contains);
    }

    private static CommandLine commandLine(Predicate<String> isAskedFor) {
        Main main = new Main();
        CommandLine command = new CommandLine(main);
        for (Class<?> type : COMMANDS) {
            Command described = type.getAnnotation(Command.class);
            command.addSubcommand(described.name(), isAskedFor.test(described.name()) ? type : purpose(described));
        }
        return command
                .setHelpFactory(UsageHelp::new)
                .setExecutionStrategy(Main::runOrSayThatMemoryIsShort)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExpandAtFiles(false) // a text may begin with @
                .setParameterExceptionHandler(usageErrors())
                .setExecutionExceptionHandler(main.executionErrors());
    }

    private static CommandSpec purpose(Command described) {
        CommandSpec spec = CommandSpec.create().name(described.name());
        spec.usageMessage().description(described.description());
        return spec;
    }

    /** @param args the command line's words */
    public static void main(String[] args) {
        Terminal.passFilter();
        if (args.length == 1 && args[0].equals("--version")) { // before picocli is loaded
            System.out.print(String.join("\n", Version.LINES) + "\n");
            return;
        }
        CommandLine command = commandLineFor(args);
        System.exit(StartCheck.ofWords(args).map(problem -> refused(command, problem)).orElseGet(() -> command.execute(args)));
    }

    private static int refused(CommandLine command, String problem) {
        printError(command, problem);
        return EXIT_USAGE;
    }

    /** Running out of memory is no fault of the program, so it gets a line, too. */
    private static int runOrSayThatMemoryIsShort(ParseResult parsed) {
        Optional<String> missing = StartCheck.ofJvm();
        if (missing.isPresent() && !needsText(parsed)) {
            return refused(parsed.commandSpec().commandLine(), missing.get());
        }
        try {
            return new CommandLine.RunLast().execute(parsed);
        } catch (OutOfMemoryError e) {
            printError(parsed.commandSpec().commandLine(), "out of memory" + (e.getMessage() == null ? "" : " ("
                    + e.getMessage() + ")") + "; take a smaller batch or model, or "
                    + "close other programs (train --plan says what a step needs)");
            return EXIT_FAILURE;
        }
    }

    /** Help, or a command that says the like. */
    private static boolean needsText(ParseResult parsed) {
        return parsed.asCommandLineList().stream().anyMatch(command -> command.isUsageHelpRequested() || command.isVersionHelpRequested()
                || command.getCommandSpec().userObject() instanceof TextCommand);
    }

    private static IParameterExceptionHandler usageErrors() {
        return (exception, args) -> refused(exception.getCommandLine(), exception instanceof UnmatchedArgumentException unmatched
                ? UnknownWord.describe(unmatched) : Excerpt.of(exception.getMessage(), LONGEST_USAGE_ERROR)
                + UnknownWord.takenForValue(exception.getCommandLine(), args));
    }

    private IExecutionExceptionHandler executionErrors() {
        return (exception, command, parsed) -> {
            if (verbose) {
                exception.printStackTrace(command.getErr());
            }
            if (!(exception instanceof StoppedException)) {
                StopRequest.answered();
            }
            if (exception instanceof InputException) {
                return refused(command, exception.getMessage());
            }
            if (exception instanceof StoppedException) {
                printError(command, exception.getMessage());
                command.getErr().flush();
                StopRequest.answered();
                return EXIT_STOPPED;
            }
            if (exception instanceof FailureException) {
                printError(command, exception.getMessage());
                return EXIT_FAILURE;
            }
            String hint = verbose ? "" : " (--verbose prints where)";
            printError(command, exception + hint);
            return EXIT_FAILURE;
        };
    }

    /** Where the warnings of a command go: to the error stream, each once. */
    static Warnings warnings(CommandLine command) {
        return Warnings.once(line -> {
            command.getErr().println("itprompt: warning: " + line);
            command.getErr().flush();
        });
    }

    private static void printError(CommandLine command, String message) {
        PrintWriter err = command.getErr();
        err.println(command.getColorScheme().errorText("itprompt: " + Excerpt.line(message)));
        err.flush();
    }

    /** Reads the version from the jar's manifest. */
    static final class Version implements IVersionProvider {
        static final List<String> LINES = List.of("itprompt " + Program.version() + ", commit " + Program.commit(),
                "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch"));

        @Override
        public String[] getVersion() {
            return LINES.toArray(String[]::new);
        }
    }
}
