package dev.itprompt.data;

import java.text.Normalizer;

/** Names of classes as people write them, in one form. */
public final class ClassNames {

    private static final String BYTE_ORDER_MARK = "\ufeff";

    private ClassNames() { }

    /**
     * A name without blanks or a byte-order mark around it, its letters composed: two that look the same are the same, whichever
     * system wrote them.
     */
    public static String clean(String name) {
        return Normalizer.normalize(name.replace(BYTE_ORDER_MARK, ""), Normalizer.Form.NFC).strip();
    }
}
