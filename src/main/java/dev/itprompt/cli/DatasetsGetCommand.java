package dev.itprompt.cli;

import dev.itprompt.InputException;
import dev.itprompt.WriteException;
import dev.itprompt.data.sets.DatasetFacts;
import dev.itprompt.data.sets.Fetch;
import dev.itprompt.data.sets.Unpack;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Fetches a data set. */
@Command(
        name = "get",
        description = {"Fetches a data set from where it is published, verifies and unpacks it. An interrupted fetch goes on where it stopped.", ""},
        footer = {"", "Examples:", "  itprompt datasets get cifar-100", "  itprompt datasets get cub-200 --path /data/cub-200"})
final class DatasetsGetCommand implements Runnable {

    private static final long REPORT = 50_000_000;

    @Mixin
    private DatasetsCommand.Chosen chosen;

    @Option(names = "--keep", description = "Keep archives after they are unpacked.")
    private boolean keep;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        get(chosen.facts(), chosen.folder(), Fetch.USUAL, keep, spec.commandLine().getOut());
    }

    /** Fetches and unpacks all files of a data set. */
    static void get(DatasetFacts facts, Path folder, Fetch fetch, boolean keep, PrintWriter out) {
        if (facts.downloads().isEmpty()) {
            throw new InputException(facts.name() + ": cannot be fetched by this program; " + (facts.home().isEmpty() ? "it is a format of your own images"
                    : "it is published at " + facts.home() + "; put it into " + folder));
        }
        out.println(facts.title() + ": licence " + facts.licence() + "; " + facts.home());
        for (DatasetFacts.Download download : facts.downloads()) {
            Path into = download.folder().isEmpty() ? folder : folder.resolve(download.folder());
            out.println("fetching " + download.url());
            out.flush();
            AtomicLong next = new AtomicLong(REPORT);
            Path file = fetch.get(download, into, (done, total) -> {
                if (done >= next.get()) {
                    next.set(done + REPORT);
                    out.printf(Locale.ROOT, "  %,d of %s MB\n", done / 1_000_000, total < 0 ? "?" : String.format(Locale.ROOT, "%,d", total / 1_000_000));
                    out.flush();
                }
            });
            out.println(download.algorithm().isEmpty() ? "no hash is published for it" : download.algorithm() + " is right");
            if (Unpack.isArchive(file)) {
                out.println("unpacking " + file);
                out.flush();
                Unpack.USUAL.into(file, into);
                if (!keep) {
                    delete(file);
                }
            }
        }
        out.println("in " + folder + "; see whether it is whole: itprompt datasets check " + facts.name());
        out.flush();
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new WriteException(file, e);
        }
    }
}
