package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is said where the program cannot start. */
class StartTest {

    private static final int JAVA_8 = 52;

    @Test
    void theEntryPointIsForOldJvms() throws IOException {
        try (InputStream in = Start.class.getResourceAsStream("Start.class"); DataInputStream data = new DataInputStream(in)) {
            assertEquals(0xcafebabe, data.readInt());
            data.readUnsignedShort();
            assertEquals(JAVA_8, data.readUnsignedShort());
        }
    }

    @Test
    void anOldJvmIsRefusedInOneLine() throws Exception {
        Optional<Path> old = oldJava();
        assumeTrue(old.isPresent(), "no older JDK in /usr/lib/jvm");
        Path classes = Path.of(Start.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Process process = new ProcessBuilder(old.get().toString(), "-cp", classes.toString(), "dev.itprompt.cli.Start", "--help")
                .redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(2, process.exitValue(), said);
        assertEquals(1, said.lines().count(), said);
        assertTrue(said.startsWith("itprompt: needs Java 25 or newer, found ") && said.contains("./itprompt"), said);
    }

    private static Optional<Path> oldJava() throws IOException {
        Path folder = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> jdks = Files.list(folder)) {
            return jdks.filter(jdk -> jdk.getFileName().toString().matches(".*\\b(1\\.8\\.0|8|11|17|21)\\b.*")).map(jdk -> jdk.resolve("bin/java"))
                    .filter(Files::isExecutable).findFirst();
        }
    }

    @Test
    void missingOptionsAreNamed() {
        assertEquals(Optional.empty(), StartCheck.missingOptions(true, true));
        assertEquals("java was started without --add-modules jdk.incubator.vector; start with ./itprompt, or give java this option",
                StartCheck.missingOptions(false, true).orElseThrow());
        assertEquals("java was started without --enable-native-access=ALL-UNNAMED; start with ./itprompt, or give java this option",
                StartCheck.missingOptions(true, false).orElseThrow());
    }

    /** Without the JVM's options there is help, and everything else is refused before it begins. */
    @Test
    void helpNeedsNoOptions() throws Exception {
        Outcome help = java("train", "--help");
        assertEquals(0, help.exitCode(), help.said());
        assertTrue(help.said().startsWith("Usage: itprompt train"), help.said());
        assertEquals(0, java("config").exitCode());
        Outcome methods = java("methods");
        assertEquals(2, methods.exitCode(), methods.said());
        assertTrue(methods.said().startsWith("itprompt: java was started without --add-modules jdk.incubator.vector "), methods.said());
        assertEquals(1, methods.said().lines().count(), methods.said());
    }

    private record Outcome(int exitCode, String said) {
    }

    private static Outcome java(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp", System.getProperty("java.class.path"), "dev.itprompt.cli.Main"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return new Outcome(process.exitValue(), said);
    }

    @Test
    void wordsThatWereNotReadAreNamed() {
        assertEquals(Optional.empty(), StartCheck.unreadable("UTF-8", "classify", "犬,dog"));
        assertEquals("'\uFFFD,dog': expected text in the encoding of the locale, UTF-8, found other bytes",
                StartCheck.unreadable("UTF-8", "classify", "\uFFFD,dog").orElseThrow());
        assertTrue(StartCheck.unreadable("ANSI_X3.4-1968", "\uFFFD").orElseThrow().endsWith("set LC_ALL to a locale with UTF-8, such as C.UTF-8"));
    }

    /** On Windows, Java gets question marks; the launcher's copy of the words tells. */
    @Test
    void lettersThatACodePageLacksAreNamed() {
        assertEquals(Optional.empty(), StartCheck.lost("Cp1252", null));
        assertEquals(Optional.empty(), StartCheck.lost("Cp1252", "classify --labels \"Käfer, ?\" x.png"));
        assertEquals(Optional.empty(), StartCheck.lost("UTF-8", "犬,🐕"));
        for (String letter : List.of("犬", "🐕", "ł")) {
            assertTrue(StartCheck.lost("Cp1252", "--labels " + letter + ",dog").orElseThrow().startsWith("'" + letter + "': expected letters of "
                    + "Windows' code page, Cp1252; "), letter);
        }
    }
}
