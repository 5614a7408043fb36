package dev.itprompt.cli;

import dev.itprompt.campaign.ClusterProcesses.Ended;
import dev.itprompt.train.StoppedException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** A command line done inside a process that goes on afterwards, as those of a cluster do. */
final class InProcess {

    private InProcess() {}

    /**
     * Does what the words say. A mistake of the user's is a result like any other.
     *
     * @throws StoppedException if the process was asked to stop; the state is saved, and another process may go on
     */
    static Ended run(List<String> words) {
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said);
        int exitCode = Main.commandLine().setOut(out).setErr(out).execute(words.toArray(String[]::new));
        out.flush();
        if (exitCode == Main.EXIT_STOPPED) {
            throw new StoppedException(said.toString(), true);
        }
        return new Ended(exitCode, said.toString());
    }
}
