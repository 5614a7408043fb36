package dev.itprompt.checkpoint;

import dev.itprompt.NearestMatch;
import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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
 * @param sources    by the name in this program: the stored tensors that make one
 * @param dropped    names that are left out, in the order of the file
 */
record KeyMatch(Checkpoint checkpoint, KeyMap map, String prefix, List<String> prefixes, Map<String, KeyMatch.Source> sources,
                List<String> dropped) {

    private static final String BLOCK = "{i}";

    /**
     * Stored tensors to be put below each other.
     *
     * @param axes how each is rearranged before, or null
     */
    record Source(List<StoredTensor> parts, AxisPattern axes) {}

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
        throw new CheckpointException(checkpoint.file(), null, "tensors named as in " + String.join(", ", KeyMap.ALL.stream()
                .map(KeyMap::name).toList()), checkpoint.tensors().size() + " others" + (names.isEmpty() ? "" : ", such as "
                + String.join(", ", names)), "only vision transformers and CLIP with one can be read");
    }

    private static String choose(Checkpoint checkpoint, KeyMap map, List<String> prefixes, String branch) {
        List<String> wanted = branch == null && prefixes.size() > 1 ? map.branches().stream().limit(1).toList()
                : branch == null ? List.of() : List.of(branch);
        List<String> fitting = wanted.isEmpty() ? prefixes : prefixes.stream()
                .filter(prefix -> KeyMap.isPart(prefix, wanted.getFirst())).toList();
        if (fitting.size() != 1) {
            throw new CheckpointException(checkpoint.file(), null, "one copy of the model" + (branch == null ? "" : " below '"
                    + branch + "'"), prefixes.size() + " below " + prefixes.stream().map(p -> "'" + p + "'").toList(),
                    "choose one by a part of its prefix (--branch)");
        }
        return fitting.getFirst();
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
        Map<String, Source> sources = new LinkedHashMap<>();
        names.forEach((target, from) -> sources.put(target,
                new Source(from.stream().map(name -> required(checkpoint, map, name, used)).toList(), axes.get(target))));
        List<String> dropped = checkpoint.tensors().keySet().stream().filter(name -> !used.contains(name)).toList();
        for (String name : dropped) {
            if (name.startsWith(prefix) && !map.drops(name.substring(prefix.length()))) {
                throw new CheckpointException(checkpoint.file(), name, "only tensors of " + map.title(), "this one of shape "
                        + checkpoint.tensor(name).shape(), "the model has another architecture and would compute something else");
            }
        }
        return new KeyMatch(checkpoint, map, prefix, prefixes, sources, dropped);
    }

    /** @param used names that have a meaning of their own, so that they are no misspelling of this one */
    private static StoredTensor required(Checkpoint checkpoint, KeyMap map, String name, Set<String> used) {
        StoredTensor tensor = checkpoint.tensors().get(name);
        if (tensor == null) {
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

    /** The shape of a tensor in this program, without reading it. */
    List<Long> shape(String name) {
        List<Long> whole = null;
        Source source = sources.get(name);
        for (StoredTensor stored : source.parts) {
            List<Long> part = source.axes == null ? stored.shape() : source.axes.shape(stored.shape());
            boolean fits = part != null && (whole == null || (!part.isEmpty() && part.size() == whole.size()
                    && part.subList(1, part.size()).equals(whole.subList(1, whole.size()))));
            if (!fits) {
                throw new CheckpointException(checkpoint.file(), stored.name(), "a shape like "
                        + (part == null ? source.axes : whole), String.valueOf(stored.shape()), "the model has another architecture");
            }
            if (whole == null) {
                whole = new ArrayList<>(part);
            } else {
                whole.set(0, whole.getFirst() + part.getFirst());
            }
        }
        return whole;
    }

    /** Reads all tensors of the backbone under the names of this program, with all processors: fresh memory is what takes time. */
    Map<String, Tensor> load() {
        Map<Path, Long> elements = new HashMap<>();
        sources.values().stream().flatMap(source -> source.parts.stream())
                .forEach(part -> part.checkGrowth(elements.merge(part.file(), part.elements(), Long::sum)));
        return new TreeMap<>(sources.keySet().parallelStream().collect(Collectors.toConcurrentMap(name -> name, this::load)));
    }

    private Tensor load(String name) {
        Source source = sources.get(name);
        List<Long> shape = shape(name);
        List<Tensor> parts = source.parts.stream().map(StoredTensor::load)
                .map(tensor -> source.axes == null ? tensor : source.axes.apply(tensor)).toList();
        return parts.size() == 1 ? parts.getFirst() : below(parts, Shape.of(shape.stream().mapToInt(Math::toIntExact).toArray()));
    }

    private static Tensor below(List<Tensor> parts, Shape shape) {
        Tensor whole = Tensor.zeros(shape);
        int row = 0;
        for (Tensor part : parts) {
            int rows = part.shape().dim(0);
            whole.slice(row, rows).copyFrom(part);
            row += rows;
        }
        return whole;
    }
}
