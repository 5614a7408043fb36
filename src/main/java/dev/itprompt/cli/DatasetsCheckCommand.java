package dev.itprompt.cli;

import dev.itprompt.AtomicFile;
import dev.itprompt.JsonText;
import dev.itprompt.Writable;
import dev.itprompt.data.sets.ContactSheet;
import dev.itprompt.data.sets.Split;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** Sees whether a data set is as published. */
@Command(
        name = "check",
        description = {"Opens a data set, compares counts and hashes with the published ones and decodes every image.", ""},
        footer = {"", "Examples:", "  itprompt datasets check cifar-100", "  itprompt datasets check imagenet-r --path ~/imagenet-r --sheet sheet.png"})
final class DatasetsCheckCommand implements Runnable {

    private static final int NAMES = 10;

    @Mixin
    private DatasetsCommand.Chosen chosen;

    @Option(names = "--sheet", paramLabel = "FILE", description = "Write a picture with an image of each class (PNG).")
    private Path sheet;

    @Option(names = "--json", description = "Print JSON, with the names of all classes.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        if (sheet != null) {
            Writable.requireFile("--sheet", sheet);
        }
        PrintWriter out = spec.commandLine().getOut();
        Split split = chosen.open(spec);
        List<String> names = split.train().classNames();
        if (!json) {
            print(out, split, names);
        }
        split.train().prepare();
        split.test().prepare();
        if (json) {
            out.println(json(split, names));
        } else {
            out.println("every image can be decoded");
        }
        if (sheet != null) {
            AtomicFile.write(sheet, ContactSheet.png(split.train()));
            if (!json) {
                out.println("an image of each class: " + sheet);
            }
        }
        out.flush();
    }

    private void print(PrintWriter out, Split split, List<String> names) {
        out.printf(Locale.ROOT, "%s in %s: %,d classes, %,d training and %,d test images\n", chosen.facts().name(), chosen.folder(), names.size(),
                split.train().size(), split.test().size());
        out.println("split: " + split.origin() + ", list sha256 " + split.hash());
        if (split.domains() != null) {
            out.println("domains: " + String.join(", ", split.domains().names()));
        }
        out.println("classes: " + String.join(", ", names.subList(0, Math.min(NAMES, names.size()))) + (names.size() > NAMES ? ", ..." : ""));
        out.flush();
    }

    /** What was found, once every image has been decoded. */
    private String json(Split split, List<String> names) {
        ObjectNode node = JsonText.MAPPER.createObjectNode().put("name", chosen.facts().name()).put("folder", chosen.folder().toString())
                .put("training", split.train().size()).put("test", split.test().size()).put("split", split.origin()).put("listSha256", split.hash());
        names.forEach(node.putArray("classes")::add);
        if (split.domains() != null) {
            split.domains().names().forEach(node.putArray("domains")::add);
        }
        return JsonText.MAPPER.writeValueAsString(node);
    }
}
