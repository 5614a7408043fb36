package dev.itprompt.cli;

import dev.itprompt.Excerpt;
import dev.itprompt.NearestMatch;
import dev.itprompt.config.KeyHint;
import dev.itprompt.config.SettingsSchema;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.pretrain.PretrainSettings;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.UnmatchedArgumentException;

/** What to say about a command or an option that there is not. */
final class UnknownWord {

    private static final int LONGEST = 80;

    private UnknownWord() {}

    /** One line that names the first such word and what may have been meant. */
    static String describe(UnmatchedArgumentException exception) {
        CommandSpec command = exception.getCommandLine().getCommandSpec();
        String word = exception.getUnmatched().getFirst();
        if (exception.isUnknownOption()) {
            String name = word.split("=", 2)[0];
            return "unknown option " + quoted(name) + optionMeant(command, name).map(UnknownWord::question).orElse(help(command));
        }
        if (command.subcommands().isEmpty()) {
            return "unexpected argument " + quoted(word) + help(command);
        }
        List<String> commands = List.copyOf(command.subcommands().keySet());
        return "unknown command " + quoted(word) + NearestMatch.of(word, commands).map(UnknownWord::question).orElse(help(command));
    }

    /** Where an option is missing: a mistyped one may stand among the values of another; empty if none does. */
    static String takenForValue(CommandLine command, String... words) {
        CommandSpec spec = command.getCommandSpec();
        return Arrays.stream(words).map(word -> word.split("=", 2)[0])
                .filter(name -> name.matches("-+[A-Za-z]{2}.*") && !spec.optionsMap().containsKey(name))
                .flatMap(name -> optionMeant(spec, name).map(meant -> "; did you mean " + meant + " by " + quoted(name) + "?").stream())
                .findFirst().orElse("");
    }

    /** The nearest option, or how to give a setting of that name. */
    private static Optional<String> optionMeant(CommandSpec command, String word) {
        String name = withoutDashes(word);
        List<String> names = command.options().stream().map(option -> withoutDashes(option.longestName())).toList();
        Optional<String> option = NearestMatch.of(name, names).map(near -> "--" + near);
        return option.isPresent() || !names.contains("set") ? option : KeyHint.of(name, settings(command)).map(key -> "--set " + key + "=...");
    }

    private static Iterable<String> settings(CommandSpec command) {
        boolean pretrain = command.userObject() instanceof PretrainCommand;
        return (pretrain ? new SettingsSchema(PretrainSettings.class) : ExperimentSettings.schema()).keys().keySet();
    }

    private static String withoutDashes(String option) {
        return option.replaceFirst("^-+", "");
    }

    private static String quoted(String word) {
        return "'" + Excerpt.of(word, LONGEST) + "'";
    }

    private static String question(String meant) {
        return "; did you mean " + meant + "?";
    }

    private static String help(CommandSpec command) {
        return "; see: " + command.qualifiedName() + " --help";
    }
}
