package dev.itprompt.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows of cells, to be written in any format.
 *
 * @param id    short name: of a sheet, a section, a CSV's table column
 * @param title in words
 * @param head  column headings, as many as a row has cells
 * @param rows  the cells
 */
public record Table(String id, String title, List<String> head, List<List<Cell>> rows) {

    /** Collects rows. */
    public static final class Builder {

        private final String id;
        private final String title;
        private final List<String> head;
        private final List<List<Cell>> rows = new ArrayList<>();

        /** Of no rows yet. */
        public Builder(String id, String title, List<String> head) {
            this.id = id;
            this.title = title;
            this.head = List.copyOf(head);
        }

        /** Adds a row of as many cells as there are headings. */
        public Builder row(List<Cell> cells) {
            if (cells.size() != head.size()) {
                throw new IllegalArgumentException(id + ": " + cells.size() + " cells for " + head.size() + " columns");
            }
            rows.add(List.copyOf(cells));
            return this;
        }

        /** Adds a row of as many cells as there are headings. */
        public Builder row(Cell... cells) {
            return row(List.of(cells));
        }

        /** The table. */
        public Table build() {
            return new Table(id, title, head, List.copyOf(rows));
        }
    }
}
