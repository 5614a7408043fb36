package dev.itprompt.report;

/** What the number of a metric counts. */
public enum Unit {
    /** Of 100. */
    PERCENT("%", 2),
    /** Difference of two percentages. */
    POINTS("points", 2),
    /** Quotient of two like numbers. */
    RATIO("ratio", 4),
    /** Numbers. */
    COUNT("numbers", 0),
    /** Bytes. */
    BYTES("bytes", 0),
    /** Seconds of wall time. */
    SECONDS("s", 1),
    /** Images per second of wall time. */
    RATE("images/s", 1);

    private final String text;
    private final int places;

    Unit(String text, int places) {
        this.text = text;
        this.places = places;
    }

    /** As it stands behind a number. */
    public String text() {
        return text;
    }

    /** Decimal places in tables. */
    public int places() {
        return places;
    }
}
