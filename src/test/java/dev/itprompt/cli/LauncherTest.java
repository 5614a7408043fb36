package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's search for a JDK, and what it gives the JVM; the JDKs are scripts that say which version they are and what they see. */
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

    /** Where the locale is ASCII, Java would lose all other letters of words and file names: it gets one with UTF-8. */
    @Test
    void javaGetsALocaleWithUtf8() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/locale")), "no locale command to ask");
        Path jdk = jdk("jvm/new", "25.0.3", "echo \"LC_ALL=${LC_ALL-unset}\"");
        Path launcher = launcherWithJar();
        for (Map<String, String> ascii : List.of(Map.<String, String>of(), Map.of("LC_ALL", "POSIX"), Map.of("LANG", "C"),
                Map.of("LC_ALL", "xx_YY.UTF-8"))) { // the last one is not installed
            String said = launch(launcher, environment(ascii, jdk, "/usr/bin:/bin")).output();
            assertTrue(said.matches("(?s).*LC_ALL=\\S+\\.(UTF-8|utf8)\\s.*") && !said.contains("xx_YY"), ascii + ": " + said);
        }
        String kept = launch(launcher, environment(Map.of("LANG", "C.UTF-8"), jdk, "/usr/bin:/bin")).output();
        assertTrue(kept.contains("LC_ALL=unset"), kept);
        String asked = launch(launcher, environment(Map.of(), jdk, folder.resolve("nothing").toString())).output();
        assertTrue(asked.contains("LC_ALL=C.UTF-8"), "without the locale command: " + asked);
        String named = launch(launcher, environment(Map.of("LANG", "de_DE.ISO-8859-1"), jdk, folder.resolve("nothing").toString())).output();
        assertTrue(named.contains("LC_ALL=unset"), "without the locale command: " + named);
    }

    /** On a terminal one line of what the JVM says is dropped, everything else comes through; elsewhere nothing is dropped. */
    @Test
    void theIncubatorWarningIsKeptFromTheTerminal() throws Exception {
        Path script = Path.of("/usr/bin/script");
        assumeTrue(Files.isExecutable(script) && System.getProperty("os.name").equals("Linux"), "no script command of util-linux");
        String warning = "WARNING: Using incubator modules: jdk.incubator.vector";
        Path jdk = jdk("jvm/new", "25.0.3", """
                echo 'WARNING' >&2
                printf '%s\\n' 'another line: \\n' >&2
                echo 'WARNING, jdk.incubator.other' >&2
                [ ! -e /dev/fd/3 ] || echo 'from the program' >/dev/fd/3
                [ ! -t 3 ] || echo 'to a terminal' >/dev/fd/3
                printf 'an unfinished line' >&2
                exec 2>&-
                sleep 2 # the filter has time to write before the terminal closes
                exit 7
                """.replace("WARNING", warning));
        Path launcher = launcherWithJar();
        Map<String, String> environment = environment(Map.of(), jdk, "/usr/bin:/bin");
        Outcome plain = run(List.of("/bin/sh", launcher.toString(), "methods"), environment);
        assertEquals(7, plain.exitCode(), plain.output());
        assertTrue(plain.output().startsWith(warning + "\n") && !plain.output().contains("itprompt.terminal"), plain.output());
        Outcome terminal = run(List.of(script.toString(), "-qec", "'" + launcher + "' methods", "/dev/null"), environment);
        assertEquals(7, terminal.exitCode(), terminal.output());
        List<String> lines = terminal.output().lines().map(String::strip).sorted().toList();
        assertEquals(List.of(warning + ", jdk.incubator.other", "an unfinished line", "another line: \\n", "from the program", "to a terminal"),
                lines);
        assertEquals(List.of(), left(launcher.resolveSibling("target"), ".errors"));
    }

    /** Help and the list of settings need no vectors, and no optimized code; a word that only looks like the option does not make it help. */
    @Test
    void helpIsStartedWithLess() throws Exception {
        Path launcher = launcherWithJar();
        Map<String, String> environment = environment(Map.of(), jdk("jvm/new", "25.0.3", "echo \"$@\""), "/usr/bin:/bin");
        for (List<String> words : List.of(List.of("--help"), List.of("--version"), List.of("-h"), List.of("train", "--help"),
                List.of("campaign", "run", "--help"), List.of("train", "-h", "-V"), List.of("config"), List.of("config", "--set", "seed=3"))) {
            String said = runWith(launcher, words, environment);
            assertTrue(said.contains("-XX:TieredStopAtLevel=1") && !said.contains("jdk.incubator.vector"), said);
            assertTrue(said.strip().endsWith("dev.itprompt.cli.Main " + String.join(" ", words)), said);
        }
        for (List<String> words : List.of(List.<String>of(), List.of("methods"), List.of("help"), List.of("embed", "--text", "--help"),
                List.of("inspect", "--", "--help"), List.of("inspect", "config"), List.of("train", "--help", "--config", "x"))) {
            String said = runWith(launcher, words, environment);
            assertTrue(said.contains("--add-modules jdk.incubator.vector") && !said.contains("TieredStopAtLevel"), said);
        }
    }

    private String runWith(Path launcher, List<String> words, Map<String, String> environment) throws Exception {
        List<String> command = new ArrayList<>(List.of("/bin/sh", launcher.toString()));
        command.addAll(words);
        return run(command, environment).output();
    }

    private static List<Path> left(Path directory, String prefix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
        }
    }

    private static Map<String, String> environment(Map<String, String> variables, Path jdk, String path) {
        Map<String, String> all = new HashMap<>(variables);
        all.put("ITPROMPT_JAVA_HOME", jdk.toString());
        all.put("PATH", path);
        return all;
    }

    /** A copy of the launcher in a folder as the bundle's: with a jar, without sources. */
    private Path launcherWithJar() throws IOException {
        Files.createDirectories(folder.resolve("bundle/target"));
        Files.writeString(folder.resolve("bundle/target/itprompt.jar"), "");
        return executable(folder.resolve("bundle/itprompt"), Files.readString(LAUNCHER));
    }

    /** A copy of the launcher that takes the given folder for the one that JDKs are installed in. */
    private Path launcherSearching(Path jdks) throws IOException {
        String script = Files.readString(LAUNCHER).replace("/usr/lib/jvm/*", "\"" + jdks + "\"/*").replace("/Library/", "/no/")
                .replace("/opt/homebrew/", "/no/");
        return executable(folder.resolve("project/itprompt"), script);
    }

    private Path jdk(String name, String version) throws IOException {
        return jdk(name, version, "");
    }

    /** A JDK that says its version when asked and does what the script says when it is to start a program. */
    private Path jdk(String name, String version, String script) throws IOException {
        Path home = folder.resolve(name);
        executable(home.resolve("bin/java"), "#!/bin/sh\ncase \"$*\" in\n-version) echo 'openjdk version \"" + version
                + "\" 2023-10-17' >&2; exit ;;\n*AOTCacheOutput*) exit ;;\nesac\n" + script);
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
        return run(List.of("/bin/sh", launcher.toString(), "--help"), variables);
    }

    private Outcome run(List<String> command, Map<String, String> variables) throws IOException, InterruptedException {
        Path output = folder.resolve("output.txt");
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", folder.resolve("nothing").toString());
        builder.environment().putAll(variables);
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
