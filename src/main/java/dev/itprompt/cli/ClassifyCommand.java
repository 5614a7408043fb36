package dev.itprompt.cli;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import dev.itprompt.checkpoint.LoadedModel;
import dev.itprompt.checkpoint.ModelReader;
import dev.itprompt.data.ClassNames;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.TextLines;
import dev.itprompt.device.Device;
import dev.itprompt.experiment.LabelTexts;
import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.experiment.ZeroShot;
import dev.itprompt.model.Clip;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Names what is on images. */
@Command(
        name = "classify",
        description = {"Zero-shot classification: says which of the given labels fits each image best.", ""},
        footer = {"", "Examples:",
            "  itprompt classify --labels \"cat, dog, red car\" photo.png",
            "  itprompt classify --labels names.txt --json images/*.png"})
final class ClassifyCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(names = "--checkpoint", paramLabel = "PATH", defaultValue = "models/tiny-clip",
            description = "The CLIP: a model folder or a checkpoint file; default: ${DEFAULT-VALUE}.")
    private String checkpoint;

    @Mixin
    private CheckpointOptions options;
    @Mixin
    private PreprocessOption preprocess;

    @Option(names = "--labels", required = true, paramLabel = "LIST|FILE",
            description = "Labels separated by commas, or a text file with one a line.")
    private String labels;

    @Option(names = "--template", paramLabel = "TEXT", defaultValue = "a photo of {}",
            description = "Text of a label, {} for the label; default: ${DEFAULT-VALUE}.")
    private String template;

    @Option(names = "--fit", paramLabel = "HOW", defaultValue = "crop",
            description = "crop (as the model's own images were), squash (both sides to the model's) or pad (whole image on black); "
                    + "default: crop.")
    private Preprocess.Fit fit;

    @Option(names = "--top", paramLabel = "K", defaultValue = "5", description = "Labels shown per image; default: 5.")
    private int top;

    @Option(names = "--json", description = "Print JSON instead of a table.")
    private boolean json;

    @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "Image files.")
    private List<Path> images;

    @Mixin
    private DeviceOptions device;

    @Override
    public void run() {
        if (top < 1) {
            throw new InputException("--top: expected at least 1, found " + top);
        }
        if (!template.contains("{}")) {
            throw new InputException("--template: expected {} for the label in it, found '" + Excerpt.of(template, 80) + "'");
        }
        PrintWriter out = spec.commandLine().getOut();
        List<String> given = labels();
        requireTwo(given.stream().distinct().toList());
        LoadedModel model = ModelReader.read(ProjectFolder.find().resolve(checkpoint), options.load());
        List<String> different = different(given, model);
        requireTwo(different);
        ZeroShot.Request request = new ZeroShot.Request(different, template, preprocess.of(model).with(fit));
        try (Device opened = device.open()) {
            List<ZeroShot.Answer> answers = ZeroShot.classify(opened, model, request, images);
            if (json) {
                out.println(ZeroShot.json(answers, top));
            } else {
                answers.forEach(answer -> print(out, answer));
            }
        }
        out.flush();
    }

    private void print(PrintWriter out, ZeroShot.Answer answer) {
        out.println(answer.image());
        answer.ranked().stream().limit(top).forEach(s ->
                out.printf(Locale.ROOT, "  %6.2f %%  %s\n", 100 * s.probability(), s.label()));
    }

    private List<String> labels() {
        List<String> given = new ArrayList<>();
        if (isFile(labels)) {
            TextLines.read(Path.of(labels), "a file of labels", (_, line) -> given.add(line));
        } else {
            given.addAll(List.of(labels.split(",")));
        }
        return given.stream().map(ClassNames::clean).filter(name -> !name.isEmpty()).toList();
    }

    private static boolean isFile(String labels) {
        try {
            return !labels.contains(",") && Files.isRegularFile(Path.of(labels));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** The first of all labels that are one text to the model, which could not tell them apart. */
    private List<String> different(List<String> given, LoadedModel model) {
        if (!(model.model() instanceof Clip clip) || clip.tokenizer().isEmpty()) {
            return given.stream().distinct().toList();
        }
        List<List<String>> groups = LabelTexts.groups("--labels", given, template, clip.tokenizer().get());
        String alike = LabelTexts.alike(groups);
        if (!alike.isEmpty()) {
            Main.warnings(spec.commandLine()).warn("--labels: " + alike + " are the same text to the model; the first is kept");
        }
        return groups.stream().map(List::getFirst).toList();
    }

    private static void requireTwo(List<String> names) {
        if (names.size() < 2) {
            throw new InputException("--labels: expected two or more different labels separated by commas, or a file with one a "
                    + "line; found " + (names.isEmpty() ? "none" : "only '" + names.getFirst() + "'"));
        }
    }
}
