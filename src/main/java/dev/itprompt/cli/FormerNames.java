package dev.itprompt.cli;

import java.util.List;
import java.util.Map;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What options were called before, still understood and shown nowhere: {@code --out} and {@code --to} for {@code --output}, and
 * {@code --json FILE} for {@code --output FILE} where no word but an option's value could follow.
 */
final class FormerNames implements IParameterPreprocessor {

    private static final String OUTPUT = "--output";
    private static final String JSON = "--json";
    private static final List<String> FORMER = List.of("--out", "--to");

    /** Writes today's names over former ones; the first word lies on top. */
    @Override
    public boolean preprocess(Stack<String> words, CommandSpec command, ArgSpec argument, Map<String, Object> info) {
        boolean jsonFile = command.positionalParameters().isEmpty() && command.optionsMap().keySet().containsAll(List.of(JSON, OUTPUT));
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            String name = word.split("=", 2)[0];
            boolean valued = name.length() < word.length() || i > 0 && !words.get(i - 1).startsWith("-");
            if (FORMER.contains(name) || jsonFile && valued && name.equals(JSON)) {
                words.set(i, OUTPUT + word.substring(name.length()));
            }
        }
        return false;
    }
}
