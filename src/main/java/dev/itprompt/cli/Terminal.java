package dev.itprompt.cli;

import java.io.Console;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/** Tells whether somebody is watching. */
final class Terminal {

    /** The standard error stream's number. */
    static final int STDERR = 2;

    /** Names the terminal that errors go to, where the launcher has a filter on the error stream itself. */
    static final String PROPERTY = "itprompt.terminal";

    private Terminal() {}

    /** Leads {@link System#err} past the launcher's filter, which is for what the JVM says before the program begins. */
    static void passFilter() {
        String terminal = System.getProperty(PROPERTY);
        if (terminal != null) {
            try {
                System.setErr(new PrintStream(new FileOutputStream(terminal), true, System.err.charset()));
            } catch (FileNotFoundException _) {
                System.clearProperty(PROPERTY); // it was one when the program was started; the filter lets everything else through
            }
        }
    }

    /** Whether a standard stream goes to a terminal. Java knows only about input and output together, so C is asked. */
    static boolean isTerminal(int stream) {
        if (stream == STDERR && System.getProperty(PROPERTY) != null) {
            return true;
        }
        try {
            Linker linker = Linker.nativeLinker();
            var isatty = linker.defaultLookup().find("isatty").or(() -> linker.defaultLookup().find("_isatty"));
            if (isatty.isPresent()) {
                return (int) linker.downcallHandle(isatty.get(), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT))
                        .invokeExact(stream) != 0;
            }
        } catch (Throwable e) {
            if (e instanceof VirtualMachineError error) {
                throw error;
            }
        }
        Console console = System.console();
        return console != null && console.isTerminal();
    }
}
