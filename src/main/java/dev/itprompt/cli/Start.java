package dev.itprompt.cli;

/**
 * The jar's entry point. Compiled for Java 8, so that a JVM that is too old for the program says so in one line; everything else
 * is {@link Main}'s.
 */
public final class Start {

    private static final int NEEDED = 25;

    private Start() {}

    /**
     * Starts the program.
     *
     * @param args the command line's words
     * @throws ReflectiveOperationException if the jar lacks the program
     */
    public static void main(String[] args) throws ReflectiveOperationException {
        String version = System.getProperty("java.specification.version"); // 1.8, then 9, 10 and so on
        if (version.startsWith("1.") || Integer.parseInt(version) < NEEDED) {
            System.err.println("itprompt: needs Java " + NEEDED + " or newer, found " + System.getProperty("java.version") + " in "
                    + System.getProperty("java.home") + "; start with ./itprompt, which looks for one, or with its bin/java");
            System.exit(2);
        }
        Class.forName("dev.itprompt.cli.Main").getMethod("main", String[].class).invoke(null, (Object) args);
    }
}
