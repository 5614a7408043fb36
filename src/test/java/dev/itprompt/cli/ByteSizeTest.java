package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ByteSizeTest {

    @ParameterizedTest
    @CsvSource({"0, 0", "17, 17", "17B, 17", "2k, 2048", "1.5 MiB, 1572864", "512MB, 536870912", "4GB, 4294967296", "4g, 4294967296",
        "1T, 1099511627776"})
    void readsWhatPeopleWrite(String text, long bytes) {
        assertEquals(bytes, new ByteSize().convert(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "GB", "-1GB", "4 GB more", "1e9", "4PB", "1234567890123456"})
    void refusesAnythingElse(String text) {
        var error = assertThrows(TypeConversionException.class, () -> new ByteSize().convert(text));
        assertEquals("expected bytes such as 4GB or 512MB, found '" + text + "'", error.getMessage());
    }
}
