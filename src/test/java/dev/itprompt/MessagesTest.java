package dev.itprompt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@link Excerpt} and {@link Reason}: what messages say of what somebody else wrote. */
class MessagesTest {

    @Test
    void aMessageIsOneLineThatATerminalOnlyShows() {
        assertEquals("a b c d e f", Excerpt.line(" a\nb\r\nc\td\u2028e\u0085f\n"));
        assertEquals("?[31mred?x?y?z?", Excerpt.line("\u001b[31mred\0x\u202ey\u007fz\ud800"));
        String kept = "Ünïcode  \ud83d\udc69\u200d\ud83d\ude80 e\u0301";
        assertEquals(kept, Excerpt.line(kept));
        assertEquals("two lines", new InputException("two\nlines").getMessage());
        assertEquals("two lines", new FailureException("two\nlines").getMessage());
        List<String> warnings = new ArrayList<>();
        Warnings once = Warnings.once(warnings::add);
        once.warn("two\nlines\u001b");
        once.warn("two lines\u001b");
        assertEquals(List.of("two lines?"), warnings);
    }

    @Test
    void ofALongTextTheMiddleIsLeftOut() {
        assertEquals("123456789", Excerpt.of("123456789", 9));
        assertEquals("1234...90", Excerpt.of("1234567890", 9));
        String faces = "\ud83d\ude00".repeat(10);
        assertEquals("\ud83d\ude00...\ud83d\ude00", Excerpt.of(faces, 9).replaceFirst("^\ud83d\ude00", ""));
        String message = new InputException("file.yaml:3: key: found '" + "x ".repeat(1000) + "'; correct it").getMessage();
        assertEquals(InputException.LONGEST, message.length());
        assertEquals("file.yaml:3: key: found ''; correct it", message.replaceAll("[x .]{9,}", ""));
        assertEquals("/" + "a".repeat(84) + "..." + "a".repeat(36) + ".yaml: no file",
                new InputException("/" + "a".repeat(2000) + ".yaml: no file").getMessage());
    }

    @Test
    void reasonsAreTheSystemsOrPlainWords() {
        assertEquals("permission denied", Reason.of(new AccessDeniedException("/a/b")));
        assertEquals("File name too long", Reason.of(new FileSystemException("/a/b", null, "File name too long")));
        assertEquals("refused by the system", Reason.of(new FileSystemException("/a/b")));
        assertEquals("it ends too early", Reason.of(new EOFException()));
        assertEquals("not in UTF-8", Reason.of(new MalformedInputException(1)));
        assertEquals("invalid block type", Reason.of(new ZipException("invalid block type")));
        assertEquals("damage", Reason.of(new IOException()));
        assertEquals("damage", Reason.of(new IllegalArgumentException("bad")));
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', value = {
        "d,    Unrecognized token 'd'",
        "[1}   , Unexpected close marker '}': expected ']'",
        "{\"a\", Unexpected end-of-input within/between Object entries",
        "{} {}, more than one value",
        ":,     Unexpected character (':' (code 58))"})
    void aParsersReasonNamesNothingOfJava(String json, String reason) {
        JsonMapper mapper = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
        assertEquals(reason, Reason.of(assertThrows(JacksonException.class, () -> mapper.readTree(json))));
    }

    @Test
    void nothingIsNull() {
        byte[] cut = {(byte) 0xec};
        assertEquals("Unexpected end-of-input", Reason.of(assertThrows(JacksonException.class, () -> JsonMapper.shared().readTree(cut))));
    }
}
