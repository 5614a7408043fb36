package dev.itprompt.experiment;

import dev.itprompt.InputException;
import dev.itprompt.checkpoint.Checkpoint;
import dev.itprompt.checkpoint.Fact;
import dev.itprompt.checkpoint.Inspection;
import dev.itprompt.checkpoint.ModelFacts;
import dev.itprompt.checkpoint.ModelFolder;
import dev.itprompt.checkpoint.ModelSizes;
import dev.itprompt.checkpoint.StoredTensor;
import dev.itprompt.data.Preprocess;
import dev.itprompt.data.PreprocessorConfig;
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
        inspection.sizes().ifPresent(sizes -> {
            ModelFacts facts = inspection.facts().orElseThrow();
            out.format("image side  %s\n", describe(sizes.image(), facts.image().heads()));
            sizes.text().ifPresent(text -> out.format("text side   %s\n", describe(text, facts.text().orElseThrow().heads())));
        });
        List<String> others = inspection.prefixes().stream().filter(prefix -> !prefix.equals(inspection.prefix())).toList();
        if (!inspection.prefix().isEmpty() || !others.isEmpty()) {
            out.format("prefix      '%s'%s\n", inspection.prefix(), others.isEmpty() ? "" : ", another copy below '"
                    + String.join("', '", others) + "' (--branch)");
        }
        checkpoint.metadata().forEach((key, value) -> out.format("metadata    %s: %s\n", key, value));
        inspection.sizes().ifPresent(sizes -> facts(out, facts(sizes, inspection.facts().orElseThrow())));
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

    private static String describe(ModelSizes.Image v, Fact<Integer> heads) {
        return String.format(Locale.ROOT, "%dx%d pixels, patches of %d, width %d, %d blocks, %s, embedding of %d", v.side(), v.side(),
                v.patch(), v.width(), v.layers(), describe(heads), v.features());
    }

    private static String describe(ModelSizes.Text t, Fact<Integer> heads) {
        return String.format(Locale.ROOT, "%d tokens, vocabulary of %d, width %d, %d blocks, %s, embedding of %d", t.context(),
                t.vocabulary(), t.width(), t.layers(), describe(heads), t.embedding());
    }

    private static String describe(Fact<Integer> heads) {
        return heads.known() ? heads.value() + " heads" : "unknown heads";
    }

    /** What the shapes of tensors do not tell, and the size of images, which they do. */
    private static Map<String, Fact<?>> facts(ModelSizes sizes, ModelFacts facts) {
        ModelSizes.Image image = sizes.image();
        Map<String, Fact<?>> named = new LinkedHashMap<>();
        named.put("imageSize", new Fact<>(image.side(), image.grid() + " x " + image.grid() + " position embeddings, patches of "
                + image.patch() + " pixels"));
        named.put("heads", facts.image().heads());
        named.put("activation", facts.image().activation());
        named.put("epsilon", facts.image().epsilon());
        named.put("pooling", facts.pooling());
        named.put("preprocess", facts.preprocess());
        facts.text().ifPresent(text -> {
            named.put("textHeads", text.heads());
            named.put("textActivation", text.activation());
            named.put("textEpsilon", text.epsilon());
        });
        return named;
    }

    private static void facts(Formatter out, Map<String, Fact<?>> facts) {
        out.format("\nfacts, and where they come from\n");
        facts.forEach((name, fact) -> {
            if (fact.value() instanceof Preprocess p) {
                String square = switch (p.fit()) {
                    case CROP -> "shorter side to " + p.resize() + ", middle of " + p.side();
                    case SQUASH -> "both sides to " + p.resize() + ", middle of " + p.side();
                    case PAD -> "whole image in a square of " + p.side();
                };
                fact(out, "images", square + ", " + word(p.filter()), fact.source());
                fact(out, "mean", p.normalization().mean().toString(), fact.source());
                fact(out, "deviation", p.normalization().deviation().toString(), fact.source());
            } else {
                fact(out, name, fact.value() instanceof Enum<?> constant ? word(constant) : String.valueOf(fact.value()),
                        fact.known() ? fact.source() : "told nowhere; give " + fact.source());
            }
        });
    }

    private static void fact(Formatter out, String name, String value, String source) {
        out.format("  %-15s %-46s %s\n", name, value.equals("null") ? "unknown" : value, source);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static void facts(ObjectNode node, Map<String, Fact<?>> facts) {
        facts.forEach((name, fact) -> {
            ObjectNode inner = node.putObject(name);
            switch (fact.value()) {
                case Integer number -> inner.put("value", number);
                case Float number -> inner.put("value", Double.parseDouble(number.toString()));
                case Preprocess preprocess -> inner.set("value", PreprocessorConfig.write(preprocess));
                case Enum<?> constant -> inner.put("value", word(constant));
                case null -> inner.putNull("value");
                default -> inner.put("value", fact.value().toString());
            }
            inner.put(fact.known() ? "source" : "option", fact.source());
        });
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
        inspection.sizes().ifPresent(sizes -> {
            ModelFacts facts = inspection.facts().orElseThrow();
            ModelSizes.Image v = sizes.image();
            root.putObject("vision").put("imageSize", v.side()).put("patchSize", v.patch()).put("width", v.width())
                    .put("hidden", v.hidden()).put("layers", v.layers()).put("heads", facts.image().heads().value())
                    .put("features", v.features());
            sizes.text().ifPresent(t -> root.putObject("text").put("context", t.context()).put("vocabulary", t.vocabulary())
                    .put("width", t.width()).put("hidden", t.hidden()).put("layers", t.layers())
                    .put("heads", facts.text().orElseThrow().heads().value()).put("features", t.embedding()));
            facts(root.putObject("facts"), facts(sizes, facts));
        });
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
