package dev.itprompt.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.data.RgbImage;
import dev.itprompt.report.ReportFiles.Format;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.ZipFile;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

class ReportFilesTest {

    /** All but the picture that needs the system's fonts. */
    private static final List<Format> FORMATS = List.of(Format.HTML, Format.XLSX, Format.CSV, Format.TEX, Format.MD, Format.SVG);
    /** Elements that the page is made of; whatever else came from a name would be another. */
    private static final Set<String> ELEMENTS = Set.of("html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "h4", "p", "bdi", "nav",
            "ul", "li", "main", "section", "div", "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "figure", "figcaption", "svg", "line", "text",
            "circle", "polyline", "polygon", "rect", "img", "strong", "br", "span");

    @TempDir
    private Path root;

    private static RgbImage picture(int number) {
        byte[] rgb = new byte[3 * 100 * 50];
        Arrays.fill(rgb, (byte) number);
        return new RgbImage(100, 50, rgb);
    }

    private static Document parsed(byte[] xml) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder().parse(new ByteArrayInputStream(xml));
    }

    private static List<Element> elements(Document document, String name) {
        NodeList nodes = document.getElementsByTagName(name);
        return IntStream.range(0, nodes.getLength()).mapToObj(i -> (Element) nodes.item(i)).toList();
    }

    /** A run whose experiment, classes, images and methods all have hostile names. */
    private RunSet hostile(String folder, long seed) throws IOException {
        List<String> classes = new ArrayList<>(Hostile.TEXTS);
        if (classes.size() % 2 == 1) {
            classes.add("plain");
        }
        Path run = new SampleRun("<b>&\"'=1+1\\input{x}\u202E\n", classes, List.of("=1+1", "<script>alert(1)</script>", "\\input{x}|_|"), seed)
                .write(root.resolve(folder), "template: \"<i>{}</i>\"");
        ReportFiles.write(run, ReportFilesTest::picture);
        return RunSet.read(List.of(run));
    }

    private byte[] bytes(RunSet set, Format format) throws IOException {
        ReportFiles.write(set, root, List.of(format), false);
        return Files.readAllBytes(root.resolve(format.file()));
    }

    @Test
    void hostileNamesAreTextInThePage() throws Exception {
        Document page = parsed(bytes(hostile("run", 1), Format.HTML));
        Set<String> names = new TreeSet<>();
        Set<String> attributes = new TreeSet<>();
        for (Element element : elements(page, "*")) {
            names.add(element.getTagName());
            IntStream.range(0, element.getAttributes().getLength()).forEach(i -> attributes.add(element.getAttributes().item(i).getNodeName()));
        }
        names.removeAll(ELEMENTS);
        assertEquals(Set.of(), names);
        assertTrue(attributes.stream().noneMatch(name -> name.startsWith("on")), attributes.toString());
        Set<String> texts = elements(page, "bdi").stream().map(Element::getTextContent).collect(Collectors.toSet());
        Hostile.TEXTS.forEach(text -> assertTrue(texts.contains(VisibleText.of(text)), VisibleText.of(text)));
        assertTrue(elements(page, "a").stream().allMatch(a -> a.getAttribute("href").startsWith("#")));
        assertTrue(elements(page, "img").stream().allMatch(img -> img.getAttribute("src").startsWith("data:image/png;base64,")));
        assertFalse(page.getDocumentElement().getTextContent().codePoints().anyMatch(c -> c == 0x202E), "turns the direction of writing");
        Set<String> ids = new HashSet<>();
        elements(page, "*").stream().map(element -> element.getAttribute("id")).filter(id -> !id.isEmpty()).forEach(id -> assertTrue(ids.add(id), id));
        elements(page, "a").forEach(a -> assertTrue(ids.contains(a.getAttribute("href").substring(1)), a.getAttribute("href")));
    }

    @Test
    void hostileNamesAreTextInTheChart() throws Exception {
        Document svg = parsed(bytes(hostile("run", 1), Format.SVG));
        List<String> texts = elements(svg, "text").stream().map(Element::getTextContent).toList();
        assertTrue(texts.contains("=1+1") && texts.contains("<script>alert(1)</scr…") && texts.contains("\\input{x}|_|"), texts.toString());
        assertEquals(0, elements(svg, "script").size());
    }

    @Test
    void hostileNamesAreTextInTheWorkbook() throws Exception {
        ReportFiles.write(hostile("run", 1), root, List.of(Format.XLSX), false);
        try (ZipFile zip = new ZipFile(root.resolve("results.xlsx").toFile())) {
            Document strings = parsed(zip.getInputStream(zip.getEntry("xl/sharedStrings.xml")).readAllBytes());
            Set<String> texts = elements(strings, "t").stream().map(Element::getTextContent).collect(Collectors.toSet());
            Hostile.TEXTS.forEach(text -> assertTrue(texts.contains(VisibleText.of(text)), VisibleText.of(text)));
            long sheets = 0;
            for (var entry : Collections.list(zip.entries())) {
                if (entry.getName().startsWith("xl/worksheets/")) {
                    sheets++;
                    assertEquals(0, elements(parsed(zip.getInputStream(entry).readAllBytes()), "f").size(), "a formula in " + entry);
                }
            }
            assertEquals(11, sheets);
        }
    }

    @Test
    void hostileNamesAreTextInCsv() throws Exception {
        String csv = new String(bytes(hostile("run", 1), Format.CSV), StandardCharsets.UTF_8);
        try (MappingIterator<Map<String, String>> rows = new CsvMapper().readerForMapOf(String.class).with(CsvSchema.emptySchema().withHeader()).readValues(csv)) {
            Set<String> methods = new TreeSet<>();
            while (rows.hasNext()) {
                Map<String, String> row = rows.next();
                assertEquals(7, row.size());
                row.forEach((column, cell) -> assertTrue(column.equals("value") || !cell.matches("(?s)[=+\\-@\t\r].*"), cell));
                Double.parseDouble(row.get("value"));
                methods.add(row.get("method"));
            }
            assertEquals(Set.of("'=1+1", "<script>alert(1)</script>", "\\input{x}|_|"), methods);
        }
    }

    @Test
    void hostileNamesAreTextInLatexAndMarkdown() throws Exception {
        RunSet set = hostile("run", 1);
        String tex = new String(bytes(set, Format.TEX), StandardCharsets.UTF_8);
        assertTrue(tex.contains("\\caption{{$<$}b{$>$}\\&{\"}{'}{=}1+1\\textbackslash{}input\\{x\\}{[}U+202E{]}{[}U+000A{]}: "), tex);
        assertTrue(tex.contains("\n\\textbackslash{}input\\{x\\}{$|$}\\_{$|$} & "), tex);
        assertFalse(tex.contains("\\input"), tex);
        assertEquals("\\textbackslash{}\\textbackslash{} \\& \\% \\$ \\# \\_ \\{ \\} \\textasciitilde{} \\textasciicircum{}", TextFormats.latex("\\\\ & % $ # _ { } ~ ^"));
        String md = new String(bytes(set, Format.MD), StandardCharsets.UTF_8);
        assertTrue(md.startsWith("# &lt;b&gt;&amp;\"'=1\\+1\\\\input\\{x\\}\\[U\\+202E\\]\\[U\\+000A\\]\n"), md);
        assertTrue(md.contains("\n| &lt;script&gt;alert\\(1\\)&lt;/script&gt; | ") && md.contains("\n| \\\\input\\{x\\}\\|\\_\\| | "), md);
        assertTrue(md.lines().filter(line -> line.startsWith("|")).allMatch(line -> line.replace("\\|", "").chars().filter(c -> c == '|').count() == 9), md);
    }

    @Test
    void theSameResultsGiveTheSameBytesAndNoTimes() throws Exception {
        RunSet one = hostile("one", 1);
        Files.createDirectories(root.resolve("a"));
        Files.createDirectories(root.resolve("b"));
        ReportFiles.write(one, root.resolve("a"), FORMATS, false);
        Thread.sleep(2100); // a zip archive counts seconds in twos
        RunSet other = hostile("two", 1);
        Path metrics = root.resolve("two/metrics.json");
        Files.writeString(metrics, Files.readString(metrics).replace("1.5", "77.125"));
        ReportFiles.write(RunSet.read(List.of(root.resolve("two"))), root.resolve("b"), FORMATS, false);
        for (Format format : FORMATS) {
            assertArrayEquals(Files.readAllBytes(root.resolve("a").resolve(format.file())), Files.readAllBytes(root.resolve("b").resolve(format.file())),
                    format.file());
        }
        assertArrayEquals(Files.readAllBytes(root.resolve("one/mistakes.json")), Files.readAllBytes(root.resolve("two/mistakes.json")));
        ReportFiles.write(RunSet.read(List.of(root.resolve("two"))), root, List.of(Format.HTML, Format.CSV), true);
        assertTrue(Files.readString(root.resolve("results.csv")).contains("learnSeconds,s,77.125") && Files.readString(root.resolve("report.html"))
                .contains("learnSeconds"));
        assertTrue(other.runs().getFirst().find("=1+1").isPresent());
    }

    @Test
    void thePageOfSeveralSeedsHasBandsAndStatistics() throws Exception {
        RunSet set = RunSet.read(List.of(SampleRun.of(1).write(root.resolve("a")), SampleRun.of(2).write(root.resolve("b"))));
        Document page = parsed(bytes(set, Format.HTML));
        assertEquals(2, elements(page, "polygon").size());
        assertTrue(page.getDocumentElement().getTextContent().contains("population standard deviation over seeds 1, 2"));
        assertTrue(page.getDocumentElement().getTextContent().contains("95 % interval"));
        assertEquals(2, elements(parsed(bytes(set, Format.SVG)), "polygon").size());
        assertTrue(new String(bytes(set, Format.TEX), StandardCharsets.UTF_8).contains("$\\pm$"));
    }

    /** Hundreds of classes are drawn, not written, and the page stays small. */
    @Test
    void manyClassesStayReadable() throws Exception {
        List<String> classes = IntStream.range(0, 200).mapToObj(i -> "class " + i).toList();
        RunSet set = RunSet.read(List.of(new SampleRun("many", classes, List.of("a", "b", "c"), 5).write(root.resolve("many"))));
        byte[] html = bytes(set, Format.HTML);
        assertTrue(html.length < 3_000_000, html.length + " bytes");
        Document page = parsed(html);
        assertTrue(elements(page, "rect").size() > 600);
        assertTrue(page.getDocumentElement().getTextContent().contains("class 199"));
    }

    @Test
    void theHardestMistakesAreOneOfEachConfusion() throws Exception {
        Path folder = SampleRun.of(4).write(root.resolve("run"));
        RunRecord run = RunReader.read(folder);
        List<Integer> chosen = Mistakes.choose(run);
        int[] answers = run.methods().getFirst().answers().classes();
        Set<List<Integer>> confusions = new HashSet<>();
        for (int image : chosen) {
            int label = run.images().get(image).label();
            assertTrue(label != answers[image] && confusions.add(List.of(label, answers[image])));
            for (int other = 0; other < answers.length; other++) {
                if (run.images().get(other).label() == label && answers[other] == answers[image]) {
                    assertTrue(Mistakes.misses(run, other) < Mistakes.misses(run, image) || Mistakes.misses(run, other) == Mistakes.misses(run, image)
                            && other >= image, other + " is harder than " + image);
                }
            }
        }
        assertTrue(chosen.size() > 3 && chosen.size() <= Mistakes.LIMIT);
        Files.writeString(folder.resolve(Mistakes.NAME), Mistakes.json(run, ReportFilesTest::picture));
        Mistakes.Picture picture = Mistakes.read(run).getFirst();
        var image = ImageIO.read(new ByteArrayInputStream(picture.png()));
        assertEquals(List.of(64, 32, chosen.getFirst()), List.of(image.getWidth(), image.getHeight(), image.getRGB(5, 5) & 255));
        for (String bad : List.of("{", "{\"images\": [{\"image\": 99, \"png\": \"\"}]}", "{\"images\": [{\"image\": 1, \"png\": \"\\\"><script>\"}]}")) {
            Files.writeString(folder.resolve(Mistakes.NAME), bad);
            assertTrue(assertThrows(InputException.class, () -> Mistakes.read(run)).getMessage().endsWith("delete it"), bad);
        }
    }

    @Test
    void marksThatWouldActAreShownAsCodes() {
        assertEquals("a[U+000A]b[U+202E]c[U+0000][U+D800][U+200F]", VisibleText.of("a\nb\u202Ec\0\uD800\u200F"));
        assertEquals("\u05D0 é 😀", VisibleText.of("\u05D0 é 😀"));
        assertEquals("😀😀…", VisibleText.shortened("😀😀😀😀", 3));
        assertEquals("0.00", Cell.fixed(-0.001, 2));
    }

    /** Over several benchmarks: hostile names are text, links lead to pages that are there, every part has its lines. */
    @Test
    void aStudyHasAllPartsInEveryFile() throws Exception {
        RunSet several = new RunSet(List.of(RunReader.read(SampleRun.of(1).write(root.resolve("runs/a/x=1,y=2/seed-1"))),
                RunReader.read(SampleRun.of(2).write(root.resolve("runs/a/x=1,y=2/seed-2")))));
        Study study = new Study("study", List.of(new Study.Part("a", "x=1,y=2", several), new Study.Part("<b>", "=1+1", hostile("runs/b/c#?%/seed-1", 1))));
        for (RunRecord run : several.runs()) {
            ReportFiles.write(new RunSet(List.of(run)), run.folder(), FORMATS, false);
        }
        ReportFiles.write(study, root);
        Document page = parsed(Files.readAllBytes(root.resolve("report.html")));
        Set<String> names = new TreeSet<>(elements(page, "*").stream().map(Element::getTagName).toList());
        names.removeAll(ELEMENTS);
        assertEquals(Set.of(), names);
        List<String> links = elements(page, "a").stream().map(a -> a.getAttribute("href")).filter(href -> !href.startsWith("#")).toList();
        assertEquals(3, links.size());
        for (String link : links) {
            assertTrue(Files.exists(Path.of(root.toUri().resolve(link))), link);
        }
        String csv = Files.readString(root.resolve("results.csv"));
        assertTrue(csv.startsWith("benchmark,settings,name,seed,method,") && csv.contains("\na,\"x=1,y=2\",sample,2,ncm,FAA,") && csv.contains("\n<b>,'=1+1,"), csv);
        double faa = several.runs().stream().mapToDouble(run -> Definition.FAA.of(run, run.method("ncm")).orElseThrow()).average().orElseThrow();
        assertTrue(Files.readString(root.resolve("table.md")).contains("| a | x=1,y=2 | ncm | " + Cell.fixed(faa, 2) + " ± "));
        assertTrue(Files.readString(root.resolve("table.tex")).contains("\\begin{tabular}{lllrrrrrrr}"));
        try (ZipFile zip = new ZipFile(root.resolve("results.xlsx").toFile())) {
            assertEquals(8, zip.stream().filter(entry -> entry.getName().startsWith("xl/worksheets/")).count());
        }
        Table settings = study.settings();
        assertEquals(2, settings.rows().stream().filter(row -> row.get(2).plain().equals("name")).count(), "a line per part where parts differ");
        assertEquals(1, settings.rows().stream().filter(row -> row.get(2).plain().equals("dataset.kind")).count(), "one where they do not");
    }
}
