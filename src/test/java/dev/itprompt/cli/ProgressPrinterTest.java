package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.cli.ProgressPrinter.Style;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
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
            printer.begins("it-prompt");
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

    /** Not a line of what takes less than a minute, then one a minute that tells all that was reached. */
    @Test
    void sparseLinesComeEveryMinuteAndTellWhatWasReached() {
        try (ProgressPrinter printer = printer(Style.SPARSE)) {
            printer.begins("lda");
            for (int i = 0; i < 200; i++, now += 1_000_000_000L) {
                printer.report("task 1", i, 200, "");
                if (i == 10 || i == 20 || i == 100) {
                    printer.reached("after task " + i + ": lda 50.00");
                }
            }
        }
        assertEquals(List.of("lda: task 1  60/200  1.00/s  2:20 left; after task 10: lda 50.00; after task 20: lda 50.00",
                "lda: task 1  120/200  1.00/s  1:20 left; after task 100: lda 50.00", "lda: task 1  180/200  1.00/s  0:20 left"),
                text.toString().lines().toList());
    }

    /** Beside what is left of a stage stands what is left of the training, as soon as that is known. */
    @Test
    void theTrainingsTimeLeftPassesWithTheClock() {
        try (ProgressPrinter printer = printer(Style.PLAIN)) {
            printer.begins("it-prompt");
            printer.report("task 1", 0, 100, "");
            printer.expects(100, 400);
            now += 10_000_000_000L;
            printer.report("task 2", 1, 100, "");
            now += 10_000_000_000L;
            printer.report("task 2", 21, 100, "loss 0.5");
            printer.expects(300, 300);
            now += 10_000_000_000L;
            printer.report("task 3", 1, 100, "");
            printer.begins("lda");
            now += 10_000_000_000L;
            printer.report("task 1", 1, 100, "");
        }
        assertEquals(List.of("it-prompt: task 1  0/100", "it-prompt: task 2  1/100, 1:30 to 6:30 for it-prompt",
                "it-prompt: task 2  21/100  2.00/s  0:40 left, 1:20 to 6:20 for it-prompt  loss 0.5",
                "it-prompt: task 3  1/100, 4:50 for it-prompt", "lda: task 1  1/100"), text.toString().lines().toList());
    }

    @Test
    void whatWasReachedStaysOnATerminal() {
        try (ProgressPrinter printer = printer(Style.LIVE)) {
            printer.begins("lda");
            printer.report("task 1", 1, 2, "");
            printer.reached("after task 1: lda 50.00");
            printer.report("task 2", 1, 2, "");
        }
        assertTrue(text.toString().contains("\rlda: after task 1: lda 50.00\n"), text.toString());
    }

    @Test
    void offIsSilent() {
        try (ProgressPrinter printer = printer(Style.OFF)) {
            printer.report("encode", 1, 2, "");
            printer.reached("something");
            now += 100_000_000_000L;
            printer.report("encode", 2, 2, "");
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
