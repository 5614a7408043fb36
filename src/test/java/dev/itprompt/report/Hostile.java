package dev.itprompt.report;

import java.util.List;

/** Texts that mean something in some format; they have to be shown, not obeyed. */
final class Hostile {

    static final List<String> TEXTS = List.of("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "'=1", "\t=1", "<script>alert(1)</script>", "</title><b>",
            "\"><img src=x onerror=alert(1)>", "'", "\"", "a\"b", "a,b;c", "\\input{/etc/passwd}", "\\\\ & % $ # _ { } ~ ^", "two\nlines", "two\r\nlines", "|a|b|",
            "`code` *bold* [link](http://x)", "\u202Eevil\u202C", "\u05D0\u05D1\u05D2 \u0627\u0644", "bell\u0007", "&lt;&amp;", "{{x}}", "]]>", "-->",
            "日本語 😀", "x".repeat(200), "e\u0301", "../../etc", "a  b");

    private Hostile() {}
}
