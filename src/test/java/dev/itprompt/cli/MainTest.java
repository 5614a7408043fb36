package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class MainTest {

    private record Outcome(int exitCode, String out, String err) {
    }

    @Test
    void helpAndVersionGoToStandardOutput() {
        Outcome help = run("--help");
        assertEquals(0, help.exitCode());
        assertTrue(help.out().contains("Usage: itprompt"), help.out());
        assertEquals("", help.err());

        Outcome version = run("--version");
        assertEquals(0, version.exitCode());
        assertTrue(version.out().startsWith("itprompt "), version.out());
    }

    /** What is built for some words says the same as the whole command line. */
    @Test
    void onlyWhatIsAskedForIsBuilt() {
        List<List<String>> lines = new ArrayList<>(List.of(List.of("--help"), List.of("--version"), List.of("trian"), List.of("--helpp"), List.of(),
                List.of("completion", "bash"), List.of("-v", "methods", "--jsno"), List.of("train", "--config", "demo", "--help"), List.of("config", "train")));
        Main.commandLine().getSubcommands().forEach((name, command) -> {
            lines.add(List.of(name, "--help"));
            command.getSubcommands().keySet().forEach(further -> lines.add(List.of(name, further, "--help")));
        });
        assertTrue(lines.size() > 40, lines.toString());
        for (List<String> line : lines) {
            String[] words = line.toArray(String[]::new);
            assertEquals(outcome(Main.commandLine(), words), outcome(Main.commandLineFor(words), words), line.toString());
        }
        assertEquals(String.join("\n", Main.Version.LINES) + "\n", outcome(Main.commandLine(), "--version").out());
        Map<String, CommandLine> built = Main.commandLineFor("config", "--yaml").getSubcommands();
        assertTrue(built.get("config").getCommandSpec().optionsMap().containsKey("--yaml"));
        assertFalse(built.get("train").getCommandSpec().optionsMap().containsKey("--config"));
    }

    private static Outcome outcome(CommandLine command, String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(words);
        return new Outcome(exitCode, out.toString(), err.toString());
    }

    @Test
    void misuseIsOneLineAndExitCodeTwo() {
        for (String[] args : new String[][] {{}, {"no-such-command"}, {"--no-such-option"}}) {
            Outcome outcome = run(args);
            assertEquals(2, outcome.exitCode());
            assertEquals(1, outcome.err().lines().count(), outcome.err());
            assertTrue(outcome.err().startsWith("itprompt: "), outcome.err());
        }
    }

    @Test
    void mistypedWordsAreAnsweredWithTheNearest() {
        Map<String, String> answers = new LinkedHashMap<>();
        answers.put("trian --config x.yaml", "unknown command 'trian'; did you mean train?");
        answers.put("Inspect x", "unknown command 'Inspect'; did you mean inspect?");
        answers.put("kernels verfy", "unknown command 'verfy'; did you mean verify?");
        answers.put("something", "unknown command 'something'; see: itprompt --help");
        answers.put("--verison", "unknown option '--verison'; did you mean --version?");
        answers.put("train --config x.yaml --seeed 3", "unknown option '--seeed'; did you mean --seed?");
        answers.put("train --confg=x.yaml", "unknown option '--confg'; did you mean --config?");
        answers.put("train -config x.yaml", "unknown option '-config'; did you mean --config?");
        answers.put("train --config x.yaml --something", "unknown option '--something'; see: itprompt train --help");
        answers.put("train --config x.yaml --epochs 3", "unknown option '--epochs'; did you mean --set methods.it-prompt.epochs=...?");
        answers.put("train --config x.yaml --lr 0.1", "unknown option '--lr'; did you mean --set methods.it-prompt.rate=...?");
        answers.put("pretrain --config p.yaml --data d --output m --wd 0", "unknown option '--wd'; did you mean --set weightDecay=...?");
        answers.put("embed --checkpoint m --image a.png --ouput x.npy", "Missing required option: '--output=FILE'; did you mean --output by '--ouput'?");
        answers.put("classify --labels a,b --topp 2 x.png", "unknown option '--topp'; did you mean --top?");
        answers.put("demo now", "unexpected argument 'now'; see: itprompt demo --help");
        answers.put("kernels", "Missing subcommand; see: itprompt kernels --help");
        answers.forEach((words, answer) -> {
            Outcome outcome = run(words.split(" "));
            assertEquals("itprompt: " + answer + "\n", outcome.err(), words);
            assertEquals(2, outcome.exitCode(), words);
        });
    }

    @Test
    void aWordThatBeginsWithAtIsAWord() {
        Outcome outcome = run("@/");
        assertEquals(2, outcome.exitCode());
        assertEquals("itprompt: unknown command '@/'; see: itprompt --help\n", outcome.err());
    }

    /** Words as long as a line may be: what is said of them is short. */
    @Test
    void longWordsAreCut() {
        String blanks = "a b ".repeat(500);
        for (String[] args : new String[][] {{"x".repeat(5000)}, {"--" + "x".repeat(5000)}, {blanks}, {"config", blanks}, {"inspect", blanks},
            {"bench", "--batch", blanks}, {"convert", "x", "--output", blanks + "/x"}}) {
            Outcome outcome = run(args);
            assertEquals(2, outcome.exitCode());
            assertTrue(outcome.err().length() <= 300 && outcome.err().lines().count() == 1, outcome.err());
        }
    }

    @Test
    void valuesMayBeginWithADash() {
        Outcome outcome = run("classify", "--checkpoint", "no-such-model", "--labels", "-a,-b", "--template=- {}", "x.png");
        assertTrue(outcome.err().startsWith("itprompt: ") && outcome.err().contains("no-such-model"), outcome.err());
        assertFalse(outcome.err().contains("unknown"), outcome.err());
    }

    /** The words of the help are the same at any width: none is broken at the end of a line, and no line is too long. */
    @Test
    void helpBreaksLinesAtBlanksOnly() {
        for (String command : List.of("", "demo", "train", "classify", "embed", "inspect", "convert", "pretrain", "bench", "devices", "doctor",
                "kernels", "kernels verify", "kernels dump", "methods", "config", "datasets", "datasets get", "datasets check",
                "datasets show", "predict", "serve", "export", "campaign", "campaign run", "campaign status", "campaign plan")) {
            String[] words = (command + " --help").strip().split(" ");
            List<String> expected = List.of(help(500, words).strip().split("\\s+"));
            for (int width : new int[] {73, 80, 100, 120}) {
                String help = help(width, words);
                assertEquals(expected, List.of(help.strip().split("\\s+")), command + " at " + width);
                for (String line : help.lines().toList()) {
                    assertTrue(line.length() <= width, "at " + width + ": " + line);
                }
            }
        }
    }

    private static String help(int width, String... words) {
        StringWriter out = new StringWriter();
        assertEquals(0, Main.commandLine().setUsageHelpAutoWidth(false).setUsageHelpWidth(width).setOut(new PrintWriter(out)).execute(words));
        return out.toString();
    }

    @Test
    void badInputIsOneLineAndExitCodeTwo() {
        Outcome outcome = run("fail-input");
        assertEquals(2, outcome.exitCode());
        assertEquals("itprompt: x.yaml: unknown key 'a'; did you mean 'b'?", outcome.err().strip());
    }

    @Test
    void failureIsOneLineUnlessVerbose() {
        Outcome brief = run("fail");
        assertEquals(1, brief.exitCode());
        assertEquals(1, brief.err().lines().count(), brief.err());
        assertTrue(brief.err().contains("--verbose"), brief.err());
        assertFalse(brief.err().contains("\tat "), brief.err());

        Outcome verbose = run("fail", "--verbose");
        assertEquals(1, verbose.exitCode());
        assertTrue(verbose.err().contains("\tat "), verbose.err());
    }

    private static Outcome run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = Main.commandLine()
                .addSubcommand(new FailInput())
                .addSubcommand(new Fail())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err));
        // Commands added after the handlers were set take them over here.
        command.setExecutionExceptionHandler(command.getExecutionExceptionHandler());
        command.setParameterExceptionHandler(command.getParameterExceptionHandler());
        int exitCode = command.execute(args);
        return new Outcome(exitCode, out.toString(), err.toString());
    }

    @Command(name = "fail-input")
    private static final class FailInput implements Runnable {
        @Override
        public void run() {
            throw new InputException("x.yaml: unknown key 'a'; did you mean 'b'?");
        }
    }

    @Command(name = "fail")
    private static final class Fail implements Runnable {
        @Override
        public void run() {
            throw new IllegalStateException("first line\nsecond line");
        }
    }

    /** The script itself says which words there are. */
    @Test
    void completionKnowsEveryCommand() {
        for (String shell : List.of("bash", "zsh")) {
            Outcome outcome = run("completion", shell);
            assertEquals(0, outcome.exitCode(), outcome.err());
            Main.commandLine().getSubcommands().keySet().forEach(name -> assertTrue(outcome.out().contains("_picocli_itprompt_" + name + "()"), name));
            assertTrue(outcome.out().contains("complete -F _complete_itprompt") && outcome.out().contains("--define"), shell);
            assertFalse(outcome.out().contains("\r"), shell);
        }
        assertEquals(2, run("completion", "fish").exitCode());
    }
}
