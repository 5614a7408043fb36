package dev.itprompt.data;

import dev.itprompt.Excerpt;
import dev.itprompt.Warnings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a folder holds and is not read: kinds of entries with their number and the first names, in one line. */
final class Unread {

    private static final int NAMES = 3;

    private final Path root;
    private final Map<Kind, List<Path>> entries = new LinkedHashMap<>();

    /**
     * What entries are.
     *
     * @param noun  of one of them, such as {@code file}
     * @param which such as {@code of other kinds}; may be empty
     */
    record Kind(String noun, String which) {

        private String of(int count) {
            return count + " " + noun + (count == 1 ? "" : "s") + (which.isEmpty() ? "" : " " + which);
        }
    }

    Unread(Path root) {
        this.root = root;
    }

    void add(Kind kind, Path entry) {
        entries.computeIfAbsent(kind, _ -> new ArrayList<>()).add(entry);
    }

    /** Passes the line on, if there is anything to say. */
    void report(Warnings warnings) {
        if (!entries.isEmpty()) {
            warnings.warn(root + ": not read: " + this);
        }
    }

    @Override
    public String toString() {
        return entries.entrySet().stream().map(kind -> kind.getKey().of(kind.getValue().size())
                + " (" + names(kind.getValue()) + ")").collect(Collectors.joining(", "));
    }

    private String names(List<Path> paths) {
        return paths.stream().limit(NAMES).map(path -> Excerpt.line(root.relativize(path).toString()
                .replace('\\', '/'))).collect(Collectors.joining(", ")) + (paths.size() > NAMES ? ", ..." : "");
    }
}
