package dev.itprompt.cli;

import dev.itprompt.Progress;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows progress with rate and time left, and what was reached: on a terminal one line that is written over again and again, with
 * lasting ones above it; elsewhere a line now and then that tells all that was reached since the last. Used by one thread.
 */
final class ProgressPrinter implements Progress, AutoCloseable {

    /** How progress is shown. */
    enum Style {
        LIVE(100_000_000L), PLAIN(10_000_000_000L), SPARSE(60_000_000_000L), OFF(Long.MAX_VALUE);

        private final long interval;

        Style(long nanos) {
            this.interval = nanos;
        }
    }

    private static final int BAR = 12;
    private static final int DEFAULT_WIDTH = 80;

    private final PrintWriter out;
    private final Style style;
    private final LongSupplier nanos;
    private final int width;
    private String prefix = "";
    private String stage = "";
    private long stageStart;
    private long doneAtStart;
    private long lastShown;
    private Expected expected;
    private int shownLength;
    private final List<String> reached = new ArrayList<>();

    /**
     * How long all that is left takes.
     *
     * @param since when that was known, by the clock
     * @param least seconds from then on
     * @param most  seconds from then on
     */
    private record Expected(long since, double least, double most) {

        private String left(long now) {
            double passed = (now - since) / 1e9;
            String from = duration(least - passed);
            String to = duration(most - passed);
            return from.equals(to) ? to : from + " to " + to;
        }
    }

    /**
     * @param nanos the clock, as {@link System#nanoTime}
     */
    ProgressPrinter(PrintWriter out, Style style, LongSupplier nanos) {
        this.out = out;
        this.style = style;
        this.nanos = nanos;
        this.lastShown = nanos.getAsLong() - (style == Style.SPARSE ? 0 : style.interval); // what is short needs no line a minute
        String columns = System.getenv("COLUMNS");
        this.width = columns != null && columns.matches("[1-9]\\d{1,3}") ? Integer.parseInt(columns) : DEFAULT_WIDTH;
    }

    @Override
    public void begins(String what) {
        prefix = what.isEmpty() ? "" : what + ": ";
        stage = "";
        expected = null;
    }

    @Override
    public void expects(double least, double most) {
        expected = new Expected(nanos.getAsLong(), least, most);
    }

    @Override
    public void report(String stage, long done, long total, String note) {
        if (style == Style.OFF) {
            return;
        }
        long now = nanos.getAsLong();
        if (!stage.equals(this.stage)) {
            this.stage = stage;
            stageStart = now;
            doneAtStart = done;
        }
        if (now - lastShown < style.interval) {
            return;
        }
        lastShown = now;
        show(line(done, total, note, (now - stageStart) / 1e9) + String.join("", reached));
        reached.clear();
    }

    @Override
    public void reached(String what) {
        if (style == Style.LIVE) {
            clear();
            out.println(prefix + what);
            out.flush();
        } else if (style != Style.OFF) {
            reached.add("; " + what);
        }
    }

    private String line(long done, long total, String note, double seconds) {
        StringBuilder line = new StringBuilder(prefix).append(stage).append("  ");
        if (style == Style.LIVE && total > 0) {
            int filled = Math.clamp(BAR * done / total, 0, BAR);
            line.append('[').append("#".repeat(filled)).append(".".repeat(BAR - filled)).append("] ");
        }
        line.append(done).append('/').append(total);
        double rate = (done - doneAtStart) / seconds;
        if (done > doneAtStart && seconds > 0) {
            line.append(String.format(Locale.ROOT, rate >= 10 ? "  %.0f/s" : "  %.2f/s", rate));
            line.append("  ").append(duration((total - done) / rate)).append(" left");
        }
        if (expected != null) {
            line.append(", ").append(expected.left(nanos.getAsLong())).append(prefix.isEmpty() ? " in all" : " for " + prefix.substring(0, prefix.length() - 2));
        }
        return line.append(note.isEmpty() ? "" : "  " + note).toString();
    }

    /** {@code 1:02:03} or {@code 2:03}. */
    static String duration(double seconds) {
        long s = Math.max(0, Math.round(seconds));
        return s >= 3600 ? String.format(Locale.ROOT, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60)
                : String.format(Locale.ROOT, "%d:%02d", s / 60, s % 60);
    }

    private void show(String text) {
        String line = text;
        if (style == Style.LIVE) {
            // A line that wraps could not be written over.
            line = line.substring(0, Math.min(line.length(), width - 1));
            out.print("\r" + line + " ".repeat(Math.max(0, shownLength - line.length())));
            shownLength = line.length();
        } else {
            out.println(line);
        }
        out.flush();
    }

    /** Wipes the live line, so that ordinary output can follow. */
    void clear() {
        if (shownLength > 0) {
            out.print("\r" + " ".repeat(shownLength) + "\r");
            out.flush();
            shownLength = 0;
        }
    }

    @Override
    public void close() {
        clear();
    }
}
