package dev.itprompt.cli;

import dev.itprompt.InputException;
import dev.itprompt.Writable;
import dev.itprompt.data.ClassFolders;
import dev.itprompt.data.ClassNames;
import dev.itprompt.data.ImageDecoder;
import dev.itprompt.device.Device;
import dev.itprompt.experiment.LearnedRun;
import dev.itprompt.experiment.PredictionFile;
import dev.itprompt.experiment.ProjectFolder;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Classifies pictures by what a run has learned. */
@Command(
        name = "predict",
        description = {"Classifies pictures by what a finished run has learned.", ""},
        footer = {"", "Writes one line a picture and rank: image, rank, class, score (softmax over the method's scores) and the task that "
                + "was inferred, counted from 0 as in predictions.csv. The model must be where the run's configuration names it; its images are not needed.", "",
            "Examples:",
            "  itprompt predict --run output/demo-0 --image shoe.png bag.jpg",
            "  itprompt predict --run output/demo-0 --folder photos --output photos.csv --top 3",
            "  itprompt predict --run output/demo-0 --folder photos --labels \"a cat, a tree\" --output photos.jsonl"})
final class PredictCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(names = "--run", required = true, paramLabel = "DIR", description = "Folder of the run.")
    private Path run;

    @Option(names = "--method", paramLabel = "NAME", description = "The method that answers; default: the first that the run compares.")
    private String method;

    @ArgGroup(multiplicity = "1")
    private Pictures pictures;

    /** What to classify. */
    private static final class Pictures {
        @Option(names = "--image", arity = "1..*", required = true, paramLabel = "FILE", description = "Image files.")
        private List<Path> images = List.of();

        @Option(names = "--folder", required = true, paramLabel = "DIR", description = "All images in a folder and the folders in it.")
        private Path folder;
    }

    @Option(names = "--labels", paramLabel = "LIST",
            description = "Further labels, separated by commas, that were not learned: what CLIP's texts say of them is mixed in.")
    private String labels;

    @Option(names = "--top", paramLabel = "K", defaultValue = "1", description = "Classes per picture; default: 1.")
    private int top;

    @Option(names = "--output", paramLabel = "FILE", description = "File for the answers, ending in .csv, .jsonl or .json; default: a table.")
    private Path output;

    @Option(names = "--json", description = "Print JSON instead of the table.")
    private boolean json;

    @Mixin
    private DeviceOptions device;
    @Mixin
    private ProgressOptions progress;

    @Override
    public void run() {
        if (top < 1) {
            throw new InputException("--top: expected at least 1, found " + top);
        }
        if (progress.isQuiet() && output == null) {
            throw new InputException("--quiet: expected --output FILE for the answers, found none");
        }
        if (json && output != null) {
            throw new InputException("--json, --output: expected one of them, found both");
        }
        if (output != null) {
            PredictionFile.requireKnown(output);
            Writable.requireFile("--output", output);
        }
        List<Path> files = pictures.folder == null ? pictures.images : ClassFolders.imagesBelow(pictures.folder);
        PrintWriter out = progress.out(spec);
        try (Device opened = device.open();
                ProgressPrinter printer = progress.printer(spec.commandLine().getErr());
                LearnedRun learned = LearnedRun.open(run, Optional.ofNullable(method), opened, ProjectFolder.find())) {
            LearnedRun.Further further = labels == null ? LearnedRun.Further.NONE : learned.further(labels(labels));
            List<LearnedRun.Answer> answers = new ArrayList<>();
            for (int from = 0; from < files.size(); from += learned.block()) {
                answers.addAll(learned.classify(files.subList(from, Math.min(files.size(), from + learned.block())).stream().map(file ->
                        new LearnedRun.Picture(file.toString(), learned.square(ImageDecoder.read(file)), further)).toList()));
                printer.report("predict", answers.size(), files.size(), "");
            }
            printer.clear();
            if (json) {
                out.print(PredictionFile.array(answers, top));
            } else if (output == null) {
                answers.forEach(answer -> print(out, answer));
            } else {
                PredictionFile.write(output, answers, top);
                out.println(answers.size() + " pictures classified by " + learned.method() + ": " + output);
            }
        }
        out.flush();
    }

    private static List<String> labels(String list) {
        List<String> labels = Arrays.stream(list.split(",")).map(ClassNames::clean).filter(label -> !label.isEmpty()).toList();
        if (labels.isEmpty()) {
            throw new InputException("--labels: expected labels separated by commas, found none");
        }
        return labels;
    }

    private void print(PrintWriter out, LearnedRun.Answer answer) {
        out.println(answer.image() + answer.task().map(task -> " (task " + task + ")").orElse(""));
        answer.ranked().stream().limit(top).forEach(score ->
                out.printf(Locale.ROOT, "  %6.2f %%  %s\n", 100 * score.score(), score.label()));
    }
}
