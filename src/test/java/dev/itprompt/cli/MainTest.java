package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import java.io.PrintWriter;
import java.io.StringWriter;
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
}
