package dev.itprompt.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Images that are in two sets, under whatever names: the same files, or others with the same bytes. */
public final class SharedFiles {

    private SharedFiles() { }

    /**
     * A pair of equal images.
     *
     * @param first  of the first set
     * @param second of the second set
     */
    public record Pair(Path first, Path second) { }

    /**
     * The images of the second set that are in the first one, in their order. Only images of the same encoded size are read, and only
     * those whose hash no cache knows.
     *
     * @throws DataException if one cannot be read
     */
    public static List<Pair> of(StoredImages first, StoredImages second) {
        long[] sizes = sizes(first);
        long[] others = sizes(second);
        Set<Long> known = IntStream.range(0, sizes.length).mapToObj(i -> sizes[i]).collect(Collectors.toSet());
        int[] suspects = IntStream.range(0, others.length).filter(i -> known.contains(others[i])).toArray();
        Set<Long> wanted = IntStream.of(suspects).mapToObj(i -> others[i]).collect(Collectors.toSet());
        Map<String, Path> contents = new HashMap<>();
        IntStream.range(0, sizes.length).filter(i -> wanted.contains(sizes[i]))
                .forEach(i -> contents.putIfAbsent(first.sha256(i), path(first, i)));
        List<Pair> shared = new ArrayList<>();
        for (int i : suspects) {
            Path same = contents.get(second.sha256(i));
            if (same != null) {
                shared.add(new Pair(same, path(second, i)));
            }
        }
        return shared;
    }

    private static long[] sizes(StoredImages images) {
        return images.stored().stream()
                .mapToLong(image -> image.isFile() ? DataFiles.size(image.file(), "a readable file") : image.length()).toArray();
    }

    private static Path path(StoredImages images, int index) {
        return images.stored().get(index).shown();
    }
}
