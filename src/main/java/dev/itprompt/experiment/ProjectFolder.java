package dev.itprompt.experiment;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.CodeSource;

/**
 * The folder that holds {@code configs}, {@code datasets}, {@code models} and {@code output}.
 *
 * @param root absolute
 */
public record ProjectFolder(Path root) {

    private static final int LONGEST_PATH = 80;

    /** Names the folder explicitly. */
    public static final String PROPERTY = "itprompt.root";

    /**
     * The folder named by the system property {@value #PROPERTY}, else the one above {@code target} that this program was
     * built in, else the current folder.
     */
    public static ProjectFolder find() {
        String named = System.getProperty(PROPERTY);
        if (named != null) {
            return new ProjectFolder(Path.of(named).toAbsolutePath().normalize());
        }
        CodeSource source = ProjectFolder.class.getProtectionDomain().getCodeSource();
        if (source != null && source.getLocation() != null) {
            try {
                Path target = Path.of(source.getLocation().toURI()).toAbsolutePath().getParent();
                if (target != null && target.getParent() != null && Files.isDirectory(target.resolveSibling("configs"))) {
                    return new ProjectFolder(target.getParent());
                }
            } catch (URISyntaxException | IllegalArgumentException | java.nio.file.FileSystemNotFoundException _) {
                // not started from files: the current folder it is
            }
        }
        return new ProjectFolder(Path.of("").toAbsolutePath());
    }

    /** Where a kind of things is kept that can be made again, such as {@code images}. */
    public Path cache(String kind) {
        return root.resolve("output/cache").resolve(kind);
    }

    /**
     * What a path in a configuration means: an absolute path itself; a relative one is looked for in the current folder,
     * then here.
     *
     * @return an existing file or folder, or where it would be here
     * @throws InputException if the text is no path
     */
    public Path resolve(String path) {
        try {
            Path given = Path.of(path);
            return given.isAbsolute() || Files.exists(given) ? given : root.resolve(given);
        } catch (InvalidPathException e) {
            throw new InputException("'" + Excerpt.of(path, LONGEST_PATH) + "' is no path: " + e.getReason(), e);
        }
    }
}
