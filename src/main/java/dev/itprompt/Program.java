package dev.itprompt;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Which program this is. */
public final class Program {

    private Program() {}

    /** Its version; {@code (unpackaged)} if it does not run from its jar. */
    public static String version() {
        String version = Program.class.getPackage().getImplementationVersion();
        return version == null ? "(unpackaged)" : version;
    }

    /** The commit that it was built from, with {@code -changed} if files differed from it; {@code unknown} if it was built elsewhere. */
    public static String commit() {
        try (InputStream in = Program.class.getResourceAsStream("commit.txt")) {
            String commit = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
            return commit.isEmpty() ? "unknown" : commit;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
