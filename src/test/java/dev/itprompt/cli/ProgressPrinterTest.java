package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.cli.ProgressPrinter.Style;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressPrinterTest {

    private long now;
    private final StringWriter text = new StringWriter();

    private ProgressPrinter printer(Style style) {
        return new ProgressPrinter(new PrintWriter(text), style, () -> now);
    }

    @Test
    void liveLineTellsRateAndTimeLeftAndIsWiped() {
        try (ProgressPrinter printer = printer(Style.LIVE)) {
            printer.prefix("it-prompt");
            printer.report("task 1", 0, 400, "");
            now += 2_000_000_000L;
            printer.report("task 1", 100, 400, "loss 0.5");
            String line = text.toString().substring(text.toString().lastIndexOf('\r') + 1);
            assertEquals("it-prompt: task 1  [###.........] 100/400  50/s  0:06 left  loss 0.5", line.stripTrailing());
            int before = text.toString().length();
            now += 1000;
            printer.report("task 1", 101, 400, "");
            assertEquals(before, text.toString().length());
        }
        assertTrue(text.toString().endsWith(" \r"), "the line was not wiped");
    }

    @Test
    void plainLinesComeEveryTenSeconds() {
        try (ProgressPrinter printer = printer(Style.PLAIN)) {
            for (int i = 0; i < 30; i++, now += 1_000_000_000L) {
                printer.report("encode", i, 30, "");
            }
        }
        assertEquals(3, text.toString().lines().count(), text.toString());
    }

    @Test
    void offIsSilent() {
        try (ProgressPrinter printer = printer(Style.OFF)) {
            printer.report("encode", 1, 2, "");
        }
        assertEquals("", text.toString());
    }

    @Test
    void durationsAreReadable() {
        assertEquals("0:00", ProgressPrinter.duration(0.2));
        assertEquals("2:05", ProgressPrinter.duration(125));
        assertEquals("1:01:05", ProgressPrinter.duration(3665));
    }
}
