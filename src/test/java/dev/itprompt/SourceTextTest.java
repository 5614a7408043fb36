package dev.itprompt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The program's texts are the same whatever language, digits and line ends a machine has: the sources call nothing that asks for
 * the default locale or for the platform's line end.
 */
class SourceTextTest {

    private static final List<String> ROOTS = List.of("src/main", "src/build", "weights-converter", "kernels", "src/peers", "src/jmh", "src/spark");

    /** What must not stand in a source, and what to write instead. */
    private static final Map<Pattern, String> FAULTS = new LinkedHashMap<>();

    static {
        fault("\\bString\\s*\\.\\s*format\\s*\\((?!\\s*Locale\\.ROOT\\b)", "String.format(Locale.ROOT, ...)");
        fault("(?:\\.|::)\\s*formatted\\b", "String.format(Locale.ROOT, ...)");
        fault("\\.\\s*printf\\s*\\((?!\\s*Locale\\.ROOT\\b)", "printf(Locale.ROOT, ...)");
        fault("\\bnew\\s+Formatter\\s*\\((?![^;]*Locale\\.ROOT\\b)", "new Formatter(..., Locale.ROOT)");
        fault("(?:\\.|::)\\s*to(?:Upper|Lower)Case\\b(?!\\s*\\(\\s*Locale\\.ROOT\\b)", "Locale.ROOT as the argument");
        fault("\\bString\\s*::\\s*format\\b|\\bnew\\s+(?:DecimalFormat|MessageFormat|SimpleDateFormat)\\b|\\bNumberFormat\\b"
                + "|\\bofLocalized|\\bDateTimeFormatter\\.ofPattern\\b", "String.format(Locale.ROOT, ...), or Instant.toString");
        fault("%n", "\\n, the same in files on every platform");
        fault("\\blineSeparator\\b|\"line\\.separator\"", "\\n, the same in files on every platform");
        fault("\\bINDENT_OUTPUT\\b(?!\\)\\s*\\.defaultPrettyPrinter)|\\btoPrettyString\\b|\\bwriterWithDefaultPrettyPrinter\\b", "JsonText.MAPPER, whose line ends are fixed");
        fault("\\.getBytes\\(\\)|\\bdefaultCharset\\b|\\bnew\\s+(?:FileReader|FileWriter|Scanner)\\b", "StandardCharsets.UTF_8");
    }

    /** A call of another object's format(), which is a Formatter's or a workbook cell's where the file has one. */
    private static final Pattern FORMAT = Pattern.compile("(?<!\\bString)\\.\\s*format\\s*\\((?!\\s*Locale\\.ROOT\\b)");

    private static void fault(String pattern, String instead) {
        FAULTS.put(Pattern.compile(pattern), instead);
    }

    @Test
    void sourcesDependOnNoDefaultLocaleAndNoLineEnd() throws IOException {
        List<String> found = new ArrayList<>();
        int files = 0;
        for (String root : ROOTS) {
            try (Stream<Path> paths = Files.walk(Path.of(root))) {
                for (Path path : paths.filter(file -> file.toString().endsWith(".java")).sorted().toList()) {
                    found.addAll(faults(path.toString(), Files.readString(path)));
                    files++;
                }
            }
        }
        assertTrue(files > 200, files + " files only");
        assertEquals(List.of(), found);
    }

    /** The test's own test: each fault is seen, with its line, and what looks like one is not. */
    @Test
    void everyFaultIsSeen() {
        for (String bad : List.of("String.format(\"%d\", 1)", "String.format(\n    \"%d\", 1)", "\"%d\".formatted(1)", "map(\"%d\"::formatted)",
                "out.printf(\"%d\", 1)", "System.out.printf(Locale.GERMANY, \"%d\", 1)", "new Formatter(text)", "name.toUpperCase()",
                "map(String::toLowerCase)", "name.toLowerCase(Locale.getDefault())", "out.format(\"%d\", 1)", "String.format(Locale.ROOT, \"a%n\")",
                "System.lineSeparator()", "node.toPrettyString()", "text.getBytes()", "reduce(String::format)")) {
            assertEquals(1, faults("A.java", "class A {\n" + bad + ";\n}\n").size(), bad);
            assertTrue(faults("A.java", "class A {\n" + bad + ";\n}\n").getFirst().startsWith("A.java:2: "), bad);
        }
        for (String good : List.of("String.format(Locale.ROOT, \"%d\", 1)", "String.format(\n    Locale.ROOT, \"%d\", 1)",
                "out.printf(Locale.ROOT, \"%d\\n\", 1)", "name.toUpperCase(Locale.ROOT)", "HexFormat.of().formatHex(bytes)",
                "/** As {@code String.format(\"%n\")}. */", "// \"%d\".formatted(1)", "text.getBytes(StandardCharsets.UTF_8)",
                "Formatter out = new Formatter(new StringBuilder(), Locale.ROOT); out.format(\"%d\", 1)")) {
            assertEquals(List.of(), faults("A.java", "class A {\n" + good + ";\n}\n"), good);
        }
    }

    private static List<String> faults(String name, String source) {
        String code = withoutComments(source);
        List<String> found = new ArrayList<>();
        FAULTS.forEach((pattern, instead) -> find(name, code, pattern, instead, found));
        if (!code.contains("new Formatter(") && !code.contains("import org.dhatim.fastexcel.")) { // a workbook's number formats are no locale's
            find(name, code, FORMAT, "format(Locale.ROOT, ...)", found);
        }
        return found;
    }

    private static void find(String name, String code, Pattern pattern, String instead, List<String> found) {
        Matcher matcher = pattern.matcher(code);
        while (matcher.find()) {
            long line = 1 + code.substring(0, matcher.start()).chars().filter(c -> c == '\n').count();
            found.add(name + ":" + line + ": '" + matcher.group().strip() + "'; write " + instead);
        }
    }

    /** The code with blanks for comments; text blocks, strings and characters stay, since formats stand there. */
    private static String withoutComments(String source) {
        Matcher token = Pattern.compile("\"\"\"(?:\\\\.|[^\\\\])*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\\\n])*'|//[^\\n]*|(?s:/\\*.*?\\*/)")
                .matcher(source);
        return token.replaceAll(found -> found.group().startsWith("/") ? found.group().replaceAll("[^\\n]", " ")
                : Matcher.quoteReplacement(found.group()));
    }
}
