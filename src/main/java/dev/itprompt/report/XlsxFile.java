package dev.itprompt.report;

import dev.itprompt.WriteException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;

/** Tables as a workbook, a sheet each: texts as texts, numbers as numbers, headings bold and always in view. */
final class XlsxFile {

    /** Longest text of a cell. */
    private static final int LONGEST_TEXT = 32_000;
    private static final double WIDEST_COLUMN = 60;
    /** The first moment that a zip archive can name. */
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private XlsxFile() {}

    /** The bytes of the file, which depend on the tables alone. */
    static byte[] of(List<Table> tables) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (Workbook workbook = new Workbook(bytes, "itprompt", null)) {
            tables.forEach(table -> sheet(workbook.newWorksheet(table.id()), table));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory can be written to
        }
        return withoutTimes(bytes.toByteArray());
    }

    private static void sheet(Worksheet sheet, Table table) {
        for (int c = 0; c < table.head().size(); c++) {
            sheet.value(0, c, shown(table.head().get(c)));
            sheet.style(0, c).bold().set();
            int column = c;
            int longest = Math.max(table.head().get(c).length(), table.rows().stream().mapToInt(row -> row.get(column).plain().length()).max().orElse(0));
            sheet.width(c, Math.min(WIDEST_COLUMN, longest + 2.0));
        }
        sheet.freezePane(0, 1);
        for (int r = 0; r < table.rows().size(); r++) {
            for (int c = 0; c < table.head().size(); c++) {
                cell(sheet, r + 1, c, table.rows().get(r).get(c));
            }
        }
    }

    private static void cell(Worksheet sheet, int row, int column, Cell cell) {
        switch (cell) {
            case Cell.Text text -> sheet.value(row, column, shown(text.text()));
            case Cell.Number number -> number(sheet, row, column, number.value(), number.places());
            case Cell.Spread spread -> sheet.value(row, column, spread.plain());
            case Cell.Probability p -> number(sheet, row, column, p.value(), 6);
            case Cell.None _ -> { }
        }
    }

    private static void number(Worksheet sheet, int row, int column, double value, int places) {
        sheet.value(row, column, value);
        sheet.style(row, column).format(places == 0 ? "0" : "0." + "0".repeat(places)).set();
    }

    private static String shown(String text) {
        String shown = VisibleText.of(text);
        return shown.length() <= LONGEST_TEXT ? shown : VisibleText.shortened(text, LONGEST_TEXT);
    }

    /** The same archive, with no moment of writing in it; read as a file, since sizes stand at the end of the library's archives alone. */
    private static byte[] withoutTimes(byte[] workbook) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            Path written = Files.createTempFile("itprompt", ".xlsx");
            try {
                Files.write(written, workbook);
                copy(written, bytes);
            } finally {
                Files.delete(written);
            }
        } catch (IOException e) {
            throw new WriteException(Path.of(System.getProperty("java.io.tmpdir")), e);
        }
        return bytes.toByteArray();
    }

    private static void copy(Path workbook, ByteArrayOutputStream target) throws IOException {
        try (ZipFile in = new ZipFile(workbook.toFile()); ZipOutputStream out = new ZipOutputStream(target)) {
            for (ZipEntry entry : Collections.list(in.entries())) {
                byte[] content = in.getInputStream(entry).readAllBytes();
                if (entry.getName().startsWith("docProps/core")) {
                    content = new String(content, StandardCharsets.UTF_8)
                            .replaceAll("(?<tag><dcterms:(?:created|modified)[^>]*>)[^<]*", "${tag}1980-01-01T00:00:00Z").getBytes(StandardCharsets.UTF_8);
                }
                ZipEntry fixed = new ZipEntry(entry.getName());
                fixed.setTimeLocal(NO_TIME);
                out.putNextEntry(fixed);
                out.write(content);
                out.closeEntry();
            }
        }
    }
}
