package dev.itprompt.cli;

import dev.itprompt.JsonText;
import dev.itprompt.data.ImageLoading;
import dev.itprompt.data.sets.DatasetFacts;
import dev.itprompt.data.sets.DatasetOptions;
import dev.itprompt.data.sets.DatasetSpec;
import dev.itprompt.data.sets.Datasets;
import dev.itprompt.data.sets.Split;
import dev.itprompt.experiment.ProjectFolder;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lists the data sets that experiments can name. */
@Command(
        name = "datasets",
        description = {"Lists, fetches, checks and shows data sets.", ""},
        subcommands = {DatasetsCheckCommand.class, DatasetsGetCommand.class, DatasetsShowCommand.class},
        footer = {"", "Examples:", "  itprompt datasets", "  itprompt datasets --json", "  itprompt datasets get cifar-100",
            "  itprompt datasets check cub-200 --path ~/CUB_200_2011", "  itprompt datasets show cifar-100 --output output/cifar-100.html"})
final class DatasetsCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(ProjectFolder.find()));
        } else {
            print(out, ProjectFolder.find());
        }
        out.flush();
    }

    private static void print(PrintWriter out, ProjectFolder project) {
        out.printf(Locale.ROOT, "%-14s %7s %9s %8s  %-7s  %s\n", "name", "classes", "training", "test", "present", "licence; where it is published");
        for (DatasetSpec set : Datasets.all()) {
            DatasetFacts facts = set.facts();
            out.printf(Locale.ROOT, "%-14s %7s %9s %8s  %-7s  %s\n", facts.name(), number(facts.classes()), number(facts.train()),
                    number(facts.test()), facts.home().isEmpty() ? "" : isPresent(project, facts) ? "yes" : "no",
                    facts.home().isEmpty() ? facts.title() + ", of your own images" : facts.licence() + "; " + facts.home());
        }
        out.println("\npresent: there is a folder datasets/NAME; dataset.path may name any other");
    }

    /** What is not fixed, or not known, of a format that users fill themselves is null. */
    private static String json(ProjectFolder project) {
        ArrayNode array = JsonText.MAPPER.createArrayNode();
        for (DatasetSpec set : Datasets.all()) {
            DatasetFacts facts = set.facts();
            boolean own = facts.home().isEmpty();
            ObjectNode node = array.addObject().put("name", facts.name()).put("title", facts.title());
            node.put("classes", known(facts.classes())).put("training", known(facts.train())).put("test", known(facts.test()));
            node.put("present", own ? null : isPresent(project, facts));
            node.put("licence", own ? null : facts.licence()).put("home", own ? null : facts.home());
        }
        return JsonText.MAPPER.writeValueAsString(array);
    }

    private static boolean isPresent(ProjectFolder project, DatasetFacts facts) {
        return Files.isDirectory(project.resolve("datasets/" + facts.name()));
    }

    private static Integer known(int value) {
        return value == 0 ? null : value;
    }

    private static String number(int value) {
        return value == 0 ? "" : String.format(Locale.ROOT, "%,d", value);
    }

    /** Which data set, and where it is. */
    static final class Chosen {

        @Parameters(index = "0", paramLabel = "NAME", description = "A data set by the name that 'itprompt datasets' lists.")
        private String name;

        @Option(names = "--path", paramLabel = "DIR", description = "Its folder; default: datasets/NAME.")
        private Path path;

        @Option(names = "--any", description = "Accept other counts and hashes than the published ones.")
        private boolean any;

        @Option(names = "--class-names", split = ",", paramLabel = "NAME", hideParamSyntax = true,
                description = "Names of the classes for formats that have none, by label.")
        private List<String> classNames = List.of();

        @Option(names = "--threads", paramLabel = "N", description = "Threads that decode; default: all processors.")
        private int threads = Runtime.getRuntime().availableProcessors();

        DatasetFacts facts() {
            return Datasets.of(name).facts();
        }

        Path folder() {
            facts();
            return path != null ? path : ProjectFolder.find().resolve("datasets/" + name);
        }

        Split open(CommandSpec spec) {
            ImageLoading loading = ImageLoading.asStored(threads, Main.warnings(spec.commandLine()));
            DatasetOptions all = DatasetOptions.of(folder(), loading);
            return Datasets.open(name, new DatasetOptions(all.path(), null, classNames, null, !any, all.testShare(), all.splitSeed(),
                    ProjectFolder.find().cache("encoded"), loading, loading));
        }
    }
}
