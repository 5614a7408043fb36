package dev.itprompt.cli;

/** Says what to do next if the process is told to end (by Ctrl-C or the system) before this is closed. */
final class Interruption implements AutoCloseable {

    private final Thread hook;

    private Interruption(Thread hook) {
        this.hook = hook;
    }

    /** @param advice what becomes of the work, and how it goes on */
    static Interruption of(String advice) {
        Thread hook = new Thread(() -> System.err.println("\nitprompt: interrupted; " + advice));
        Runtime.getRuntime().addShutdownHook(hook);
        return new Interruption(hook);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // the process is ending: the hook has spoken
        }
    }
}
