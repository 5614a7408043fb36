package dev.itprompt.experiment;

import dev.itprompt.InputException;
import dev.itprompt.checkpoint.Checkpoint;
import dev.itprompt.checkpoint.Inspection;
import dev.itprompt.checkpoint.ModelFolder;
import dev.itprompt.checkpoint.StoredTensor;
import dev.itprompt.model.TextTransformer;
import dev.itprompt.model.VisionTransformer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Formatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a checkpoint holds, as text and as JSON. */
public final class CheckpointReport {

    private CheckpointReport() {}

    /** A table of everything but the hash, each line ended. */
    public static String text(Inspection inspection) {
        Checkpoint checkpoint = inspection.checkpoint();
        Collection<StoredTensor> tensors = checkpoint.tensors().values();
        Formatter out = new Formatter(new StringBuilder(), Locale.ROOT);
        checkpoint.files().forEach(file -> out.format("file        %s\n", file));
        out.format("size        %,d bytes\n", checkpoint.bytes());
        out.format("container   %s\n", checkpoint.container());
        Optional<OwnState> own = OwnState.of(checkpoint);
        content(checkpoint, own).ifPresent(content -> out.format("content     %s\n", content));
        own.ifPresent(state -> out.format("holds       %s\n", state.holds()));
        if (own.isEmpty()) {
            out.format("family      %s\n", inspection.family().orElse("none that is known"));
            inspection.problem().ifPresent(problem -> out.format("problem     %s\n", problem));
        }
        inspection.vision().ifPresent(vision -> out.format("image side  %s\n", describe(vision)));
        inspection.text().ifPresent(text -> out.format("text side   %s\n", describe(text)));
        List<String> others = inspection.prefixes().stream().filter(prefix -> !prefix.equals(inspection.prefix())).toList();
        if (!inspection.prefix().isEmpty() || !others.isEmpty()) {
            out.format("prefix      '%s'%s\n", inspection.prefix(), others.isEmpty() ? "" : ", another copy below '"
                    + String.join("', '", others) + "' (--branch)");
        }
        checkpoint.metadata().forEach((key, value) -> out.format("metadata    %s: %s\n", key, value));
        List<StoredTensor> taken = tensors.stream().filter(tensor -> inspection.taken().contains(tensor.name())).toList();
        List<StoredTensor> dropped = tensors.stream().filter(tensor -> !inspection.taken().contains(tensor.name())).toList();
        table(out, inspection.family().isPresent() ? "taken" : "tensors", inspection.family().isPresent() ? taken : dropped);
        if (inspection.family().isPresent()) {
            table(out, "dropped", dropped);
        }
        if (!checkpoint.others().isEmpty()) {
            out.format("\nno tensors\n");
            others(out, checkpoint.others());
        }
        out.format("\n");
        return out.toString();
    }

    /** What a file of this program is; empty for any other. */
    private static Optional<String> content(Checkpoint checkpoint, Optional<OwnState> own) {
        return own.map(OwnState::what).or(() -> isModelFolder(checkpoint.file().toAbsolutePath().getParent())
                ? Optional.of("model folder as convert and pretrain write it") : Optional.empty());
    }

    private static boolean isModelFolder(Path folder) {
        try {
            return ModelFolder.accepts(folder);
        } catch (InputException _) { // another program's configuration, or a damaged one, is no matter of this file
            return false;
        }
    }

    /** By the first part of their names; training states and TorchScript modules have hundreds. */
    private static void others(Formatter out, Map<String, String> others) {
        Map<String, Long> groups = others.keySet().stream().collect(Collectors.groupingBy(name -> name.split("\\.", 2)[0],
                LinkedHashMap::new, Collectors.counting()));
        groups.forEach((top, count) -> {
            String own = others.get(top);
            long below = own == null ? count : count - 1;
            out.format("  %s: %s%s\n", top.isEmpty() ? "(the file)" : top, own == null ? "" : own,
                    below == 0 ? "" : (own == null ? "" : ", ") + below + " values (--json lists them)");
        });
    }

    private static void table(Formatter out, String title, List<StoredTensor> tensors) {
        if (tensors.isEmpty()) {
            return;
        }
        int width = tensors.stream().mapToInt(tensor -> tensor.name().length()).max().orElse(0);
        out.format("\n%s: %d tensors, %,d numbers, %,d bytes\n", title, tensors.size(),
                tensors.stream().mapToLong(StoredTensor::elements).sum(), tensors.stream().mapToLong(StoredTensor::bytes).sum());
        for (StoredTensor tensor : tensors) {
            out.format("  %-" + Math.max(1, Math.min(width, 80)) + "s  %-4s  %12d bytes  %s\n", tensor.name(), tensor.type(),
                    tensor.bytes(), tensor.shape());
        }
    }

    private static String describe(VisionTransformer v) {
        return String.format(Locale.ROOT, "%dx%d pixels, patches of %d, width %d, %d blocks, %d heads, embedding of %d", v.imageSize(),
                v.imageSize(), v.patchSize(), v.width(), v.layers(), v.heads(), v.features());
    }

    private static String describe(TextTransformer t) {
        return String.format(Locale.ROOT, "%d tokens, vocabulary of %d, width %d, %d blocks, %d heads, embedding of %d", t.context(),
                t.vocabulary(), t.width(), t.layers(), t.heads(), t.embedding());
    }

    /**
     * Everything as a JSON object.
     *
     * @param sha256 the hash, or null to leave it out
     */
    public static String json(Inspection inspection, String sha256) {
        Checkpoint checkpoint = inspection.checkpoint();
        ObjectNode root = ResultFiles.JSON.createObjectNode();
        ArrayNode files = root.putArray("files");
        checkpoint.files().forEach(file -> files.add(file.toString()));
        root.put("bytes", checkpoint.bytes()).put("container", checkpoint.container().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        Optional<OwnState> own = OwnState.of(checkpoint);
        root.put("content", content(checkpoint, own).orElse(null)).put("family", inspection.family().orElse(null))
                .put("problem", own.isPresent() ? null : inspection.problem().orElse(null));
        Optional<VisionTransformer> vision = inspection.vision();
        if (vision.isPresent()) {
            VisionTransformer v = vision.get();
            root.putObject("vision").put("imageSize", v.imageSize()).put("patchSize", v.patchSize()).put("width", v.width())
                    .put("layers", v.layers()).put("heads", v.heads()).put("features", v.features());
        }
        if (inspection.text().isPresent()) {
            TextTransformer t = inspection.text().get();
            root.putObject("text").put("context", t.context()).put("vocabulary", t.vocabulary()).put("width", t.width())
                    .put("layers", t.layers()).put("heads", t.heads()).put("features", t.embedding());
        }
        root.put("prefix", inspection.prefix());
        ArrayNode prefixes = root.putArray("prefixes");
        inspection.prefixes().forEach(prefixes::add);
        ArrayNode tensors = root.putArray("tensors");
        for (StoredTensor tensor : checkpoint.tensors().values()) {
            ObjectNode node = tensors.addObject().put("name", tensor.name()).put("type", tensor.type().name());
            ArrayNode shape = node.putArray("shape");
            tensor.shape().forEach(shape::add);
            node.put("bytes", tensor.bytes()).put("offset", tensor.position()).put("taken", inspection.taken().contains(tensor.name()));
        }
        ObjectNode others = root.putObject("others");
        checkpoint.others().forEach(others::put);
        ObjectNode metadata = root.putObject("metadata");
        checkpoint.metadata().forEach(metadata::put);
        if (sha256 != null) {
            root.put("sha256", sha256);
        }
        return ResultFiles.JSON.writeValueAsString(root);
    }
}
