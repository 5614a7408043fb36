package dev.itprompt.report;

import dev.itprompt.AtomicFile;
import dev.itprompt.FailureException;
import dev.itprompt.data.RgbImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.IntFunction;

/**
 * The files that show results to people and other programs, made of the result files alone. The same results give the same bytes, but in
 * {@code accuracy.png}, whose letters are the system's.
 */
public final class ReportFiles {

    /** A kind of file. */
    public enum Format {
        /** The page. */
        HTML("report.html", (set, times) -> utf8(HtmlReport.of(set, times))),
        /** The workbook. */
        XLSX("results.xlsx", (set, times) -> XlsxFile.of(sheets(set, times))),
        /** All metrics in long form. */
        CSV("results.csv", (set, times) -> utf8(TextFormats.csv(set, definitions(times)))),
        /** The summary for LaTeX. */
        TEX("table.tex", (set, _) -> utf8(TextFormats.latex(set))),
        /** The summary in Markdown. */
        MD("table.md", (set, _) -> utf8(TextFormats.markdown(set))),
        /** The curves. */
        SVG("accuracy.svg", (set, _) -> utf8(AccuracyChart.svg(set))),
        /** The curves as pixels. */
        PNG("accuracy.png", (set, _) -> PngChart.of(AccuracyChart.svg(set)));

        private final String file;
        private final BiFunction<RunSet, Boolean, byte[]> content;

        Format(String file, BiFunction<RunSet, Boolean, byte[]> content) {
            this.file = file;
            this.content = content;
        }

        /** The file's name. */
        public String file() {
            return file;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private ReportFiles() {}

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Names of all files that may be written into a run's folder. */
    public static List<String> names() {
        List<String> names = new ArrayList<>(Arrays.stream(Format.values()).map(Format::file).toList());
        names.add(Mistakes.NAME);
        return names;
    }

    /** The metrics that stand in the files: all, or those that are the same when the same run is done again. */
    static List<Definition> definitions(boolean times) {
        return Arrays.stream(Definition.values()).filter(definition -> times || !definition.isTiming()).toList();
    }

    private static List<Table> sheets(RunSet set, boolean times) {
        Tables tables = new Tables(set);
        List<Definition> definitions = definitions(times);
        return List.of(tables.summary(), tables.metrics(definitions), tables.statistics(definitions), tables.accuracy(), tables.classes(), tables.confusion(),
                tables.taskConfusion(), tables.selection(), tables.tests(), tables.settings(), Tables.definitions(definitions));
    }

    /**
     * Writes files.
     *
     * @param folder  where to, which exists
     * @param formats which
     * @param times   whether times, machine and memory stand in them, which are others when the same run is done again
     * @throws FailureException if one cannot be made here
     */
    public static void write(RunSet set, Path folder, List<Format> formats, boolean times) {
        formats.forEach(format -> AtomicFile.write(folder.resolve(format.file()), format.content.apply(set, times)));
    }

    /**
     * Writes all files into the folder of a run whose results are there, and the pictures of the hardest mistakes.
     *
     * @param pictures a test image by its number
     * @return what could not be made here, if so
     */
    public static Optional<String> write(Path run, IntFunction<RgbImage> pictures) {
        RunRecord read = RunReader.read(run);
        AtomicFile.write(run.resolve(Mistakes.NAME), utf8(Mistakes.json(read, pictures)));
        return writeAll(new RunSet(List.of(read)), run);
    }

    /**
     * Writes all files.
     *
     * @return what could not be made here, if so
     */
    public static Optional<String> writeAll(RunSet set, Path folder) {
        write(set, folder, Arrays.stream(Format.values()).filter(format -> format != Format.PNG).toList(), false);
        try {
            write(set, folder, List.of(Format.PNG), false);
            return Optional.empty();
        } catch (FailureException e) {
            return Optional.of(e.getMessage());
        }
    }

    /**
     * Writes the files of a study: the page, the workbook, all metrics, and the summary for papers.
     *
     * @param folder where to, which exists
     */
    public static void write(Study study, Path folder) {
        List<Definition> definitions = definitions(false);
        AtomicFile.write(folder.resolve(Format.HTML.file()), utf8(StudyPage.of(study, folder)));
        AtomicFile.write(folder.resolve(Format.XLSX.file()), XlsxFile.of(study.sheets(definitions)));
        AtomicFile.write(folder.resolve(Format.CSV.file()), utf8(study.csv(definitions)));
        AtomicFile.write(folder.resolve(Format.TEX.file()), utf8(TextFormats.latex(study.name(), study.summary(), study.spread())));
        AtomicFile.write(folder.resolve(Format.MD.file()), utf8(TextFormats.markdown(study.name(), study.summary(), study.spread())));
    }
}
