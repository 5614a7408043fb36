package dev.itprompt.serve;

/** A request that is not answered as asked. */
final class Refusal extends RuntimeException {

    private final int status;

    /**
     * @param status of HTTP
     * @param reason one line: what was expected, what was found
     */
    Refusal(int status, String reason) {
        super(reason, null, false, false);
        this.status = status;
    }

    int status() {
        return status;
    }
}
