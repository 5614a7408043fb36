package dev.itprompt.checkpoint;

import dev.itprompt.Excerpt;
import dev.itprompt.NearestMatch;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A checkpoint whose family is known: which tensors make the backbone and which are left out. Strict: every tensor the family
 * has must be there, and nothing below the same prefix may be left over unless the family says so.
 *
 * @param checkpoint the file
 * @param map        the family
 * @param prefix     before all names
 * @param prefixes   all prefixes below which the file holds such a model, this one among them
 * @param tensors    those of the model
 * @param dropped    names that are left out, in the order of the file
 */
record KeyMatch(Checkpoint checkpoint, KeyMap map, String prefix, List<String> prefixes, ModelTensors tensors, List<String> dropped) {

    private static final String BLOCK = "{i}";

    /**
     * Finds the family.
     *
     * @param branch part of the prefix of the wanted copy, such as {@code student}; null for the family's default
     * @throws CheckpointException if no family fits, no or several copies do, or a tensor is missing or unknown
     */
    static KeyMatch of(Checkpoint checkpoint, String branch) {
        for (KeyMap map : KeyMap.ALL) {
            List<String> prefixes = map.prefixes(checkpoint);
            if (!prefixes.isEmpty()) {
                return of(checkpoint, map, choose(checkpoint, map, prefixes, branch), prefixes);
            }
        }
        List<String> names = checkpoint.tensors().keySet().stream().limit(3).toList();
        throw foreign(checkpoint, "", "tensors of a plain vision transformer or a CLIP with one").orElseGet(() ->
                new CheckpointException(checkpoint.file(), null, "tensors named as in " + String.join(", ", KeyMap.ALL.stream()
                        .map(KeyMap::name).toList()), checkpoint.tensors().size() + " others" + (names.isEmpty() ? "" : ", such as "
                        + String.join(", ", names)), "only plain vision transformers and CLIP are read"));
    }

    private static String choose(Checkpoint checkpoint, KeyMap map, List<String> prefixes, String branch) {
        List<String> wanted = branch == null && prefixes.size() > 1 ? map.branches().stream().limit(1).toList()
                : branch == null ? List.of() : List.of(branch);
        List<String> fitting = wanted.isEmpty() ? prefixes : prefixes.stream()
                .filter(prefix -> KeyMap.isPart(prefix, wanted.getFirst())).toList();
        if (fitting.size() != 1) {
            throw new CheckpointException(checkpoint.file(), null, "one copy of the model" + (branch == null ? "" : " below '"
                    + branch + "'"), String.valueOf(prefixes.size()), "choose one by a part of its prefix (--branch), out of "
                    + prefixes.stream().limit(3).map(KeyMatch::brief).collect(Collectors.joining(", ")));
        }
        return fitting.getFirst();
    }

    private static String brief(String prefix) {
        return "'" + Excerpt.of(prefix, 50) + "'";
    }

    private static KeyMatch of(Checkpoint checkpoint, KeyMap map, String prefix, List<String> prefixes) {
        Map<String, List<String>> names = new LinkedHashMap<>();
        Map<String, AxisPattern> axes = new HashMap<>();
        Map<String, Integer> blocks = new HashMap<>();
        map.rules().forEach((target, rule) -> {
            int count = target.contains(BLOCK) ? blocks.computeIfAbsent(tower(target), t -> blocks(checkpoint, map, prefix, t)) : 1;
            for (int i = 0; i < count; i++) {
                String number = Integer.toString(i);
                names.put(target.replace(BLOCK, number), rule.from().stream().map(from -> prefix + from.replace(BLOCK, number)).toList());
                axes.put(target.replace(BLOCK, number), rule.axes());
            }
        });
        Set<String> used = names.values().stream().flatMap(List::stream).collect(Collectors.toSet());
        Map<String, ModelTensors.Source> sources = new LinkedHashMap<>();
        names.forEach((target, from) -> sources.put(target, new ModelTensors.Source(
                from.stream().map(name -> required(checkpoint, map, prefix, name, used)).toList(), axes.get(target))));
        List<String> dropped = checkpoint.tensors().keySet().stream().filter(name -> !used.contains(name)).toList();
        for (String name : dropped) {
            if (name.startsWith(prefix) && !map.drops(name.substring(prefix.length()))) {
                throw foreign(checkpoint, prefix, "only tensors of " + map.title()).orElseGet(() -> new CheckpointException(
                        checkpoint.file(), name, "only tensors of " + map.title(), "this one of shape "
                        + checkpoint.tensor(name).shape(), "the model has another architecture and would compute something else"));
            }
        }
        return new KeyMatch(checkpoint, map, prefix, prefixes, new ModelTensors(checkpoint, sources), dropped);
    }

    /** The refusal of an architecture that a tensor gives away by its name. */
    private static Optional<CheckpointException> foreign(Checkpoint checkpoint, String prefix, String expected) {
        return KeyMap.foreign(checkpoint, prefix).map(found -> new CheckpointException(checkpoint.file(), found.tensor(), expected,
                "that of " + found.architecture(), "it computes something else and is not read"));
    }

    /** @param used names that have a meaning of their own, so that they are no misspelling of this one */
    private static StoredTensor required(Checkpoint checkpoint, KeyMap map, String prefix, String name, Set<String> used) {
        StoredTensor tensor = checkpoint.tensors().get(name);
        if (tensor == null) {
            foreign(checkpoint, prefix, "all and only tensors of " + map.title()).ifPresent(refusal -> {
                throw refusal;
            });
            Optional<String> near = NearestMatch.of(name, checkpoint.tensors().keySet().stream().filter(n -> !used.contains(n)).toList());
            throw new CheckpointException(checkpoint.file(), name, "all tensors of " + map.title(), "none of that name"
                    + near.map(n -> ", but '" + n + "'").orElse(""), "the file is incomplete, or of another architecture");
        }
        return tensor;
    }

    /** What the names of one stack of blocks begin with. */
    private static String tower(String target) {
        return target.substring(0, target.indexOf(BLOCK));
    }

    /** One more than the largest number that stands for {@code {i}} in any name of a stack. */
    private static int blocks(Checkpoint checkpoint, KeyMap map, String prefix, String tower) {
        Pattern any = Pattern.compile(map.rules().entrySet().stream().filter(rule -> rule.getKey().startsWith(tower + BLOCK))
                .map(rule -> rule.getValue().from().getFirst().replace(BLOCK, "\\E([0-9]{1,4})\\Q"))
                .map(name -> Pattern.quote(prefix) + "\\Q" + name + "\\E").collect(Collectors.joining("|")));
        return checkpoint.tensors().keySet().stream().map(any::matcher).filter(Matcher::matches)
                .mapToInt(matcher -> IntStream.rangeClosed(1, matcher.groupCount()).mapToObj(matcher::group)
                        .filter(Objects::nonNull).mapToInt(Integer::parseInt).max().orElse(0) + 1).max().orElse(0);
    }
}
