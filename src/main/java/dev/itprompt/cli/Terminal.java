package dev.itprompt.cli;

import java.io.Console;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/** Tells whether somebody is watching. */
final class Terminal {

    /** The standard error stream's number. */
    static final int STDERR = 2;

    private Terminal() {}

    /** Whether a standard stream goes to a terminal. Java knows only about input and output together, so C is asked. */
    static boolean isTerminal(int stream) {
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
