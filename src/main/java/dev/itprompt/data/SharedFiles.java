package dev.itprompt.data;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Files that are in two lists, under whatever names: the same files, or others with the same bytes. */
public final class SharedFiles {

    private SharedFiles() { }

    /**
     * A pair of equal files.
     *
     * @param first  of the first list
     * @param second of the second list
     */
    public record Pair(Path first, Path second) { }

    /**
     * The files of the second list that are in the first one, in their order. Only files of the same size are read.
     *
     * @throws DataException if one cannot be read
     */
    public static List<Pair> of(List<Path> first, List<Path> second) {
        Map<Path, Long> sizes = new HashMap<>();
        first.forEach(file -> sizes.put(file, size(file)));
        Set<Long> known = Set.copyOf(sizes.values());
        List<Path> suspects = second.stream().filter(file -> known.contains(size(file))).toList();
        Set<Long> wanted = suspects.stream().map(SharedFiles::size).collect(Collectors.toSet());
        Map<String, Path> contents = new HashMap<>();
        first.stream().filter(file -> wanted.contains(sizes.get(file))).forEach(file -> contents.putIfAbsent(hash(file), file));
        List<Pair> shared = new ArrayList<>();
        for (Path file : suspects) {
            Path same = contents.get(hash(file));
            if (same != null) {
                shared.add(new Pair(same, file));
            }
        }
        return shared;
    }

    private static long size(Path file) {
        return DataFiles.size(file, "a readable file");
    }

    private static String hash(Path file) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256")
                    .digest(DataFiles.bytes(file, "a readable file", MemoryBudget.HEAP)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
