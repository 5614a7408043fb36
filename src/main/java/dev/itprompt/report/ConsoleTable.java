package dev.itprompt.report;

import dev.itprompt.JsonText;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Tables for the console and for other programs. */
public final class ConsoleTable {

    private ConsoleTable() {}

    /** Title, headings, a rule and aligned rows: texts to the left, numbers to the right. */
    public static String of(Table table) {
        List<List<String>> rows = Stream.concat(Stream.of(table.head()), table.rows().stream().map(row -> row.stream().map(Cell::plain).toList()))
                .toList();
        int[] widths = IntStream.range(0, table.head().size()).map(c -> rows.stream().mapToInt(row -> row.get(c).length()).max().orElse(0)).toArray();
        boolean[] left = new boolean[widths.length];
        for (int c = 0; c < left.length; c++) {
            int column = c;
            left[c] = !table.rows().isEmpty() && table.rows().stream().map(row -> row.get(column))
                    .allMatch(cell -> cell instanceof Cell.Text || cell instanceof Cell.None);
        }
        StringBuilder text = new StringBuilder(table.title()).append('\n');
        for (int r = 0; r < rows.size(); r++) {
            List<String> row = rows.get(r);
            text.append(IntStream.range(0, widths.length).mapToObj(c -> {
                String blanks = " ".repeat(widths[c] - row.get(c).length());
                return left[c] ? row.get(c) + blanks : blanks + row.get(c);
            }).collect(Collectors.joining("  ")).stripTrailing()).append('\n');
            if (r == 0) {
                text.append("-".repeat(IntStream.of(widths).sum() + 2 * (widths.length - 1))).append('\n');
            }
        }
        return text.toString();
    }

    /** An object with an array of rows for each table; numbers are not rounded, what is not known is null. */
    public static String json(List<Table> tables) {
        ObjectNode root = JsonText.MAPPER.createObjectNode();
        for (Table table : tables) {
            ArrayNode rows = root.putArray(table.id());
            for (List<Cell> row : table.rows()) {
                ObjectNode node = rows.addObject();
                for (int c = 0; c < row.size(); c++) {
                    put(node, table.head().get(c), row.get(c));
                }
            }
        }
        return JsonText.MAPPER.writeValueAsString(root);
    }

    private static void put(ObjectNode node, String key, Cell cell) {
        switch (cell) {
            case Cell.Text text -> node.put(key, text.text());
            case Cell.Number number when number.places() == 0 -> node.put(key, Math.round(number.value()));
            case Cell.Number number -> node.put(key, number.value());
            case Cell.Spread spread -> node.putObject(key).put("mean", spread.mean()).put("deviation", spread.deviation());
            case Cell.Probability p -> node.put(key, p.value());
            case Cell.None _ -> node.putNull(key);
        }
    }
}
