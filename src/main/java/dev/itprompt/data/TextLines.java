package dev.itprompt.data;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reading of text files line by line, in UTF-8, with or without a byte-order mark. */
public final class TextLines {

    /** Characters of the longest line allowed. */
    private static final int LONGEST = 1 << 20;
    private static final int BYTE_ORDER_MARK = 0xfeff;

    private TextLines() { }

    /** Takes a line. */
    @FunctionalInterface
    public interface Line {
        /**
         * @param number from 1
         * @param text   without what ends the line
         */
        void take(int number, String text);
    }

    /**
     * Reads a file.
     *
     * @param expected what the file should be, for the message
     * @throws DataException if it cannot be read, is not in UTF-8, or a line has over a million characters
     */
    public static void read(Path file, String expected, Line each) {
        DataFiles.size(file, expected);
        try (Reader in = Files.newBufferedReader(file)) {
            StringBuilder line = new StringBuilder();
            int number = 1;
            int before = -1;
            for (int c = in.read(); c >= 0; before = c, c = in.read()) {
                if (c == '\n' && before == '\r' || c == BYTE_ORDER_MARK && before < 0) {
                    continue;
                }
                if (c == '\n' || c == '\r') {
                    each.take(number++, line.toString());
                    line.setLength(0);
                } else if (line.length() == LONGEST) {
                    throw new DataException(file, "lines of at most " + LONGEST + " characters", "a longer one in line " + number,
                            "check that it is the right file");
                } else {
                    line.append((char) c);
                }
            }
            if (!line.isEmpty()) {
                each.take(number, line.toString());
            }
        } catch (CharacterCodingException e) {
            throw new DataException(file, "text in UTF-8", "other bytes", "save it as UTF-8", e);
        } catch (IOException e) {
            throw DataFiles.unreadable(file, expected, e);
        }
    }
}
