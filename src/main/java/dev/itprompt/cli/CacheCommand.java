package dev.itprompt.cli;

import dev.itprompt.CacheFolder;
import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.WriteException;
import dev.itprompt.data.ImageCache;
import dev.itprompt.data.UnpackedImages;
import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.report.Cell;
import dev.itprompt.report.ConsoleTable;
import dev.itprompt.report.Table;
import dev.itprompt.store.FeatureCache;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What runs keep for each other. */
@Command(
        name = "cache",
        description = {"Lists, verifies and prunes what runs keep for each other in output/cache: features of images, decoded images, and "
                + "encoded ones that are read one at a time. All of it can be made again; no result depends on it.", ""},
        subcommands = {CacheCommand.Verify.class, CacheCommand.Prune.class},
        footer = {"", "Examples:", "  itprompt cache", "  itprompt cache verify", "  itprompt cache prune --cache-size 1GB",
            "  itprompt cache prune --cache-size 0"})
final class CacheCommand implements Runnable {

    private static final double MEBIBYTE = 1 << 20;

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    /**
     * Files of one kind.
     *
     * @param name   of the kind
     * @param folder they are in
     * @param whole  whether one is as it was written
     */
    private record Kind(String name, CacheFolder folder, Predicate<Path> whole) {

        private List<Path> files() {
            try {
                return folder.files();
            } catch (IOException e) {
                throw unreadable(e);
            }
        }

        private InputException unreadable(IOException e) {
            return new InputException(Excerpt.of(folder.path()) + ": cannot be read (" + WriteException.reason(e) + ")", e);
        }

        private static long bytes(List<Path> files) {
            return files.stream().mapToLong(file -> file.toFile().length()).sum();
        }

        private List<Path> damaged() {
            return files().stream().filter(file -> !whole.test(file) && Files.exists(file)).toList();
        }
    }

    private static List<Kind> kinds() {
        ProjectFolder project = ProjectFolder.find();
        return List.of(new Kind("features", FeatureCache.shards(project.cache("features")), FeatureCache::isWhole),
                new Kind("images", ImageCache.packs(project.cache("images")), ImageCache::isWhole),
                new Kind("encoded", UnpackedImages.folder(project.cache("encoded")), UnpackedImages::isWhole));
    }

    @Override
    public void run() {
        List<Kind> kinds = kinds();
        Table.Builder all = new Table.Builder("cache", "kept for other runs", List.of("kind", "files", "MiB", "lastUsed", "folder"));
        for (Kind kind : kinds) {
            List<Path> files = kind.files();
            all.row(new Cell.Text(kind.name()), new Cell.Number(files.size(), 0), new Cell.Number(Kind.bytes(files) / MEBIBYTE, 1),
                    files.isEmpty() ? Cell.NONE : new Cell.Text(Instant.ofEpochMilli(files.getLast().toFile().lastModified())
                            .truncatedTo(ChronoUnit.SECONDS).toString()), new Cell.Text(kind.folder().path().toString()));
        }
        Table.Builder features = new Table.Builder("features", "features by what they were computed with",
                List.of("images", "prompts", "files", "MiB", "checkpoint", "arithmetic", "program"));
        try {
            for (FeatureCache.Contents contents : FeatureCache.contents(kinds.getFirst().folder().path())) {
                features.row(new Cell.Number(contents.images(), 0), new Cell.Text(contents.prompted() ? "finished" : "none"), new Cell.Number(contents.files(), 0),
                        new Cell.Number(contents.bytes() / MEBIBYTE, 1), fact(contents, "checkpoint"), fact(contents, "arithmetic"), fact(contents, "program"));
            }
        } catch (IOException e) {
            throw kinds.getFirst().unreadable(e);
        }
        print(spec, json, List.of(all.build(), features.build()));
    }

    private static void print(CommandSpec spec, boolean json, List<Table> tables) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? ConsoleTable.json(tables) + "\n" : String.join("\n", tables.stream().map(ConsoleTable::of).toList()));
        out.flush();
    }

    private static Cell fact(FeatureCache.Contents contents, String what) {
        return contents.facts().containsKey(what) ? new Cell.Text(contents.facts().get(what)) : Cell.NONE;
    }

    /** Reads all of it. */
    @Command(name = "verify", description = {"Compares every file with the checksums that were written with it. Exit code 1 if one is damaged; "
            + "who needs its content makes it again.", ""}, footer = {"", "Examples:", "  itprompt cache verify"})
    static final class Verify implements Callable<Integer> {

        @Spec
        private CommandSpec spec;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public Integer call() {
            Table.Builder all = new Table.Builder("cache", "kept for other runs", List.of("kind", "files", "damaged"));
            Table.Builder broken = new Table.Builder("damaged", "damaged files", List.of("kind", "file"));
            boolean whole = true;
            for (Kind kind : kinds()) {
                List<Path> damaged = kind.damaged();
                all.row(new Cell.Text(kind.name()), new Cell.Number(kind.files().size(), 0), new Cell.Number(damaged.size(), 0));
                damaged.forEach(file -> broken.row(new Cell.Text(kind.name()), new Cell.Text(file.toString())));
                whole &= damaged.isEmpty();
            }
            print(spec, json, whole && !json ? List.of(all.build()) : List.of(all.build(), broken.build()));
            return whole ? 0 : Main.EXIT_FAILURE;
        }
    }

    /** Makes room. */
    @Command(name = "prune", description = {"Deletes damaged files and, with --cache-size, what was used least recently.", ""},
            footer = {"", "Examples:", "  itprompt cache prune", "  itprompt cache prune --cache-size 1GB", "  itprompt cache prune --cache-size 0"})
    static final class Prune implements Runnable {

        @Spec
        private CommandSpec spec;

        @Option(names = "--cache-size", paramLabel = "SIZE", converter = ByteSize.class,
                description = "Most that stays of features, of decoded images and of encoded ones out of Parquet files, each, such as 1GB; 0 deletes all.")
        private Long size;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @Override
        public void run() {
            Table.Builder all = new Table.Builder("cache", "kept for other runs", List.of("kind", "deleted MiB", "MiB"));
            for (Kind kind : kinds()) {
                long before = Kind.bytes(kind.files());
                try {
                    for (Path file : kind.damaged()) {
                        Files.deleteIfExists(file);
                    }
                    kind.folder().evict(size == null ? Long.MAX_VALUE : size);
                } catch (IOException e) {
                    throw new WriteException(kind.folder().path(), e);
                }
                long after = Kind.bytes(kind.files());
                all.row(new Cell.Text(kind.name()), new Cell.Number((before - after) / MEBIBYTE, 1), new Cell.Number(after / MEBIBYTE, 1));
            }
            print(spec, json, List.of(all.build()));
        }
    }
}
