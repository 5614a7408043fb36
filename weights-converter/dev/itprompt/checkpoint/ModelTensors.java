package dev.itprompt.checkpoint;

import dev.itprompt.tensor.Shape;
import dev.itprompt.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The tensors of a model under the names of this program, each made of one or more stored ones.
 *
 * @param checkpoint the file
 * @param sources    by the name in this program
 */
record ModelTensors(Checkpoint checkpoint, Map<String, Source> sources) {

    /** Elements that are not finite are counted up to this. */
    private static final int MAX_PLACES = 1_000_000;
    private static final Set<ElementType> FLOATS = Set.of(ElementType.F16, ElementType.BF16, ElementType.F32, ElementType.F64);

    /**
     * Stored tensors to be put below each other.
     *
     * @param axes how each is rearranged before, or null
     */
    record Source(List<StoredTensor> parts, AxisPattern axes) {}

    /** Of a checkpoint whose names and shapes are those of this program. */
    static ModelTensors asStored(Checkpoint checkpoint) {
        Map<String, Source> sources = new LinkedHashMap<>();
        checkpoint.tensors().forEach((name, tensor) -> sources.put(name, new Source(List.of(tensor), null)));
        return new ModelTensors(checkpoint, sources);
    }

    boolean has(String name) {
        return sources.containsKey(name);
    }

    /** Names of the stored tensors that are used. */
    Set<String> stored() {
        return sources.values().stream().flatMap(source -> source.parts.stream()).map(StoredTensor::name).collect(Collectors.toSet());
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

    /**
     * The shape of a tensor with so many axes.
     *
     * @throws CheckpointException if it is missing, has another number of axes, or an extent that is none
     */
    List<Long> extents(String name, int rank) {
        if (!has(name)) {
            throw new CheckpointException(checkpoint.file(), name, "a tensor of that name", "none", "the file is incomplete");
        }
        List<Long> shape = shape(name);
        if (shape.size() != rank || shape.stream().anyMatch(extent -> extent < 1 || extent > Integer.MAX_VALUE)) {
            throw new CheckpointException(checkpoint.file(), sources.get(name).parts.getFirst().name(), rank + " axes", "shape " + shape,
                    "the model has another architecture");
        }
        return shape;
    }

    /**
     * The extent of the axis that attention kernels have for their heads in some formats; empty if they have none.
     *
     * @throws CheckpointException if they differ
     */
    OptionalInt headAxis() {
        int heads = 0;
        for (Map.Entry<String, Source> entry : sources.entrySet()) {
            Source source = entry.getValue();
            for (StoredTensor part : entry.getKey().contains(".attn.") && source.axes != null ? source.parts : List.<StoredTensor>of()) {
                long extent = source.axes.extent("h", part.shape()).orElse(heads);
                if (extent < 1 || extent > Integer.MAX_VALUE || (heads > 0 && extent != heads)) {
                    throw new CheckpointException(checkpoint.file(), part.name(), "the same number of heads in all blocks"
                            + (heads > 0 ? ", " + heads : ""), String.valueOf(extent), "the model has another architecture");
                }
                heads = (int) extent;
            }
        }
        return heads > 0 ? OptionalInt.of(heads) : OptionalInt.empty();
    }

    /**
     * Reads all tensors, with all processors: fresh memory is what takes time.
     *
     * @throws CheckpointException if one is no floating-point tensor, damaged or not finite
     */
    Map<String, Tensor> load() {
        Map<Path, Long> elements = new HashMap<>();
        sources.values().stream().flatMap(source -> source.parts.stream())
                .forEach(part -> part.checkGrowth(elements.merge(part.file(), part.elements(), Long::sum)));
        return new TreeMap<>(sources.keySet().parallelStream().collect(Collectors.toConcurrentMap(name -> name, this::load)));
    }

    /** Reads one tensor. */
    Tensor load(String name) {
        Source source = sources.get(name);
        List<Long> shape = shape(name);
        List<Tensor> parts = source.parts.stream().map(this::load)
                .map(tensor -> source.axes == null ? tensor : source.axes.apply(tensor)).toList();
        return parts.size() == 1 ? parts.getFirst() : below(parts, Shape.of(shape.stream().mapToInt(Math::toIntExact).toArray()));
    }

    private Tensor load(StoredTensor stored) {
        if (!FLOATS.contains(stored.type())) {
            throw new CheckpointException(stored.file(), stored.name(), "weights in floating point", stored.type().name(),
                    "if they were quantised, fetch or export the original");
        }
        Tensor tensor = stored.load();
        if (!tensor.isFinite()) {
            throw notFinite(stored, tensor);
        }
        return tensor;
    }

    private static CheckpointException notFinite(StoredTensor stored, Tensor tensor) {
        int[] places = IntStream.range(0, tensor.shape().size()).filter(i -> !Float.isFinite(tensor.get(i))).limit(MAX_PLACES).toArray();
        int first = places[0];
        int[] dims = tensor.shape().dims();
        int[] index = new int[dims.length];
        for (int axis = dims.length - 1, rest = first; axis >= 0; rest /= dims[axis--]) {
            index[axis] = rest % dims[axis];
        }
        String count = (places.length < MAX_PLACES ? "" : "at least ") + places.length + " of " + tensor.shape().size();
        return new CheckpointException(stored.file(), stored.name(), "finite numbers", count + " that are not, the first "
                + tensor.get(first) + " at " + Arrays.toString(index),
                "its training diverged or it is damaged: take an earlier one or fetch it again");
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
