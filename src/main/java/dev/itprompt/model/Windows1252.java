package dev.itprompt.model;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Windows-1252 with the five bytes it leaves undefined taken for control characters, as browsers do. */
final class Windows1252 {

    /** What the bytes 128 to 159 mean; all others mean the character of the same number. */
    private static final String FROM_128 = "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039"
            + "\u0152\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d"
            + "\u017e\u0178";

    private Windows1252() { }

    /** The character of a byte from 0 to 255. */
    static char character(int value) {
        return value >= 0x80 && value < 0xA0 ? FROM_128.charAt(value - 0x80) : (char) value;
    }

    /**
     * A text in UTF-8 that was read as Windows-1252 or Latin-1, once or several times, read right; any other text as it is.
     * A text that is meant as it stands hardly ever has bytes that are valid UTF-8 beyond ASCII.
     */
    static String mend(String text) {
        String mended = text;
        for (byte[] bytes = bytes(text); bytes != null; bytes = bytes(mended)) {
            try {
                String decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
                if (decoded.length() == mended.length()) {
                    return mended;
                }
                mended = decoded;
            } catch (CharacterCodingException _) {
                return mended;
            }
        }
        return mended;
    }

    /** One byte a character; null if a character has none. */
    private static byte[] bytes(String text) {
        byte[] bytes = new byte[text.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = text.charAt(i);
            int value = c < 256 ? c : FROM_128.indexOf(c) + 128;
            if (c >= 256 && value < 128) {
                return null;
            }
            bytes[i] = (byte) value;
        }
        return bytes;
    }
}
