package dev.itprompt.checkpoint;

import dev.itprompt.data.Normalization;
import dev.itprompt.graph.Op.Activation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How a family of checkpoints names its tensors: one JSON file in {@code keymaps}. Names may stand below a prefix, such as
 * {@code teacher.backbone.}, which is found from the names in {@code requires}.
 *
 * @param name        of the family
 * @param title       in words
 * @param requires    tensors that a checkpoint of this family has
 * @param branches    a file may hold several copies of the model below prefixes with these parts; the first is the default
 * @param convention  in whose code all models of the family are the same in what follows
 * @param activation  of the MLPs, or null if the names do not tell
 * @param epsilon     of layer norms
 * @param headWidth   columns of an attention head in both towers; 0 if that differs
 * @param preprocessing how images were prepared when the models were trained, or null if that differs
 * @param prepared    which models were trained so
 * @param config      kind of the configuration that may lie beside the weights
 * @param drop        tensors of the family that are no part of the backbone; {@code *} stands for any text
 * @param rules       by the name in this program; both names hold {@code {i}} for the number of a block
 */
record KeyMap(String name, String title, List<String> requires, List<String> branches, String convention, Activation activation,
              float epsilon, int headWidth, Normalization.Name preprocessing, String prepared, ModelConfig.Kind config, List<String> drop,
              Map<String, Rule> rules) {

    /** All families; the first that fits a checkpoint is taken, so those that ask for more come first. */
    static final List<KeyMap> ALL = List.of(of("google-vit"), of("huggingface-clip"), of("openai-clip"), of("open-clip"),
            of("moco-v3"), of("dino-training"), of("timm-vit-supervised"), of("timm-vit"));

    /** Tensors that only other architectures have, by the end of their names or, before a star, a part; and what those are called. */
    private static final Map<String, String> OTHERS = others();

    /**
     * Where a tensor comes from.
     *
     * @param from one name, or several tensors to be put below each other
     * @param axes how each is rearranged before; null to take it as it is
     */
    record Rule(List<String> from, AxisPattern axes) {}

    /**
     * A tensor that gives another architecture away.
     *
     * @param tensor       its name
     * @param architecture what has such tensors
     */
    record Foreign(String tensor, String architecture) {}

    private static KeyMap of(String name) {
        JsonNode json = resource(name);
        JsonNode base = json.has("extends") ? resource(json.get("extends").stringValue()) : json;
        Map<String, Rule> rules = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> rule : base.get("tensors").properties()) {
            JsonNode value = rule.getValue();
            JsonNode from = value.isObject() ? value.get("from") : value;
            rules.put(rule.getKey(), new Rule(from.isArray() ? strings(from) : List.of(from.stringValue()),
                    value.has("axes") ? new AxisPattern(value.get("axes").stringValue()) : null));
        }
        return new KeyMap(name, json.get("title").stringValue(), strings(own(json, base, "requires")), strings(own(json, base, "branches")),
                own(json, base, "convention").stringValue(), constant(Activation.class, own(json, base, "activation")),
                (float) own(json, base, "layerNormEpsilon").doubleValue(), own(json, base, "headWidth").asInt(0),
                constant(Normalization.Name.class, own(json, base, "preprocessing")), own(json, base, "prepared").asString(null),
                constant(ModelConfig.Kind.class, own(json, base, "config")), strings(own(json, base, "drop")), rules);
    }

    private static <E extends Enum<E>> E constant(Class<E> type, JsonNode name) {
        return name.isString() ? Enum.valueOf(type, name.stringValue().toUpperCase(Locale.ROOT)) : null;
    }

    private static Map<String, String> others() {
        Map<String, String> others = new LinkedHashMap<>();
        resource("others").properties().forEach(entry -> others.put("." + entry.getKey(), entry.getValue().stringValue()));
        return others;
    }

    private static JsonNode own(JsonNode json, JsonNode base, String key) {
        return json.has(key) ? json.get(key) : base.path(key);
    }

    private static List<String> strings(JsonNode list) {
        return list.valueStream().map(JsonNode::stringValue).toList();
    }

    private static JsonNode resource(String name) {
        try (InputStream in = KeyMap.class.getResourceAsStream("keymaps/" + name + ".json")) {
            return JsonMapper.shared().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The prefixes below which all required names are found, in the order of the checkpoint. */
    List<String> prefixes(Checkpoint checkpoint) {
        String first = requires.getFirst();
        return checkpoint.tensors().keySet().stream().filter(name -> name.equals(first) || name.endsWith("." + first)
                        || name.endsWith("/" + first))
                .map(name -> name.substring(0, name.length() - first.length()))
                .filter(prefix -> requires.stream().allMatch(name -> checkpoint.tensors().containsKey(prefix + name)))
                .filter(prefix -> branches.isEmpty() || branches.stream().anyMatch(branch -> isPart(prefix, branch)))
                .toList();
    }

    /** The first tensor below a prefix that gives away another architecture than those of all families. */
    static Optional<Foreign> foreign(Checkpoint checkpoint, String prefix) {
        for (String name : checkpoint.tensors().keySet()) {
            String dotted = "." + name.replace('/', '.');
            for (Map.Entry<String, String> other : name.startsWith(prefix) ? OTHERS.entrySet() : Set.<Map.Entry<String, String>>of()) {
                String end = other.getKey();
                if (end.endsWith("*") ? dotted.contains(end.substring(0, end.length() - 1)) : dotted.endsWith(end)) {
                    return Optional.of(new Foreign(name, other.getValue()));
                }
            }
        }
        return Optional.empty();
    }

    /** Whether a branch is one of the parts, separated by dots or slashes, of a prefix. */
    static boolean isPart(String prefix, String branch) {
        return List.of(prefix.split("[./]")).contains(branch);
    }

    /** Whether a name below the prefix is known to be no part of the backbone. */
    boolean drops(String name) {
        return drop.stream().anyMatch(pattern -> name.matches("\\Q" + pattern.replace("*", "\\E.*\\Q") + "\\E"));
    }
}
