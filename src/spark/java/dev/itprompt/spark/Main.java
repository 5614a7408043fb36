package dev.itprompt.spark;

/** What Spark's start of programs begins with: the program's command line, in a process that can join Spark's clusters. */
public final class Main {

    private Main() {}

    /** @param args the command line's words */
    public static void main(String[] args) {
        dev.itprompt.cli.Main.main(args);
    }
}
