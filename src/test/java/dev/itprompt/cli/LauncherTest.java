package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's search for a JDK; the JDKs are scripts that only say which version they are. */
class LauncherTest {

    private static final Path LAUNCHER = Path.of("itprompt").toAbsolutePath();

    @TempDir
    private Path folder;

    private record Outcome(int exitCode, String output) {
    }

    @BeforeEach
    void needsAPosixShell() {
        assumeFalse(System.getProperty("os.name").startsWith("Windows"), "the launcher under test is a POSIX shell script");
    }

    @Test
    void namedJdkThatIsTooOldIsRefusedInOneLine() throws Exception {
        Path old = jdk("old", "17.0.9");
        Outcome outcome = launch(LAUNCHER, Map.of("ITPROMPT_JAVA_HOME", old.toString()));
        assertRefused(outcome, "needs a JDK 25.0.3 or newer", "has 17.0.9", "ITPROMPT_JAVA_HOME=" + old);
    }

    @Test
    void namedFolderWithoutJdkIsRefusedInOneLine() throws Exception {
        Outcome outcome = launch(LAUNCHER, Map.of("ITPROMPT_JAVA_HOME", folder.toString()));
        assertRefused(outcome, "needs a JDK 25.0.3 or newer", "no bin/java");
    }

    @Test
    void searchListsWhatItFoundAndWhereItLooked() throws Exception {
        jdk("jvm/a", "21.0.8");
        jdk("jvm/b", "25.0.2");
        jdk("jvm/c", "1.8.0_452");
        Path old = jdk("java home", "17.0.9");
        Outcome outcome = launch(launcherSearching(folder.resolve("jvm")), Map.of("JAVA_HOME", old.toString()));
        assertRefused(outcome, "found 17.0.9 in ", "21.0.8 in ", "25.0.2 in ", "1.8.0_452 in ", "~/.sdkman/candidates/java", "install one");
    }

    @Test
    void searchThatFindsNothingSaysSo() throws Exception {
        assertRefused(launch(launcherSearching(folder.resolve("jvm")), Map.of()), "found none");
    }

    /** A copy of the launcher that takes the given folder for the one that JDKs are installed in. */
    private Path launcherSearching(Path jdks) throws IOException {
        String script = Files.readString(LAUNCHER).replace("/usr/lib/jvm/*", "\"" + jdks + "\"/*").replace("/Library/", "/no/")
                .replace("/opt/homebrew/", "/no/");
        return executable(folder.resolve("project/itprompt"), script);
    }

    private Path jdk(String name, String version) throws IOException {
        Path home = folder.resolve(name);
        executable(home.resolve("bin/java"), "#!/bin/sh\necho 'openjdk version \"" + version + "\" 2023-10-17' >&2\n");
        return home.toRealPath();
    }

    private static Path executable(Path file, String script) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, script);
        assertTrue(file.toFile().setExecutable(true));
        return file;
    }

    /** Runs the launcher with nothing in its environment but the given variables and a PATH that leads nowhere. */
    private Outcome launch(Path launcher, Map<String, String> variables) throws IOException, InterruptedException {
        Path output = folder.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder(List.of("/bin/sh", launcher.toString(), "--help"))
                .directory(folder.toFile()).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().clear();
        builder.environment().putAll(variables);
        builder.environment().put("PATH", folder.resolve("nothing").toString());
        Process process = builder.start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the launcher still runs after 60 s; it said: " + Files.readString(output));
        }
        return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }

    private static void assertRefused(Outcome outcome, String... parts) {
        assertEquals(2, outcome.exitCode(), outcome.output());
        assertEquals(1, outcome.output().lines().count(), outcome.output());
        for (String part : parts) {
            assertTrue(outcome.output().contains(part), "'" + part + "' in: " + outcome.output());
        }
    }
}
