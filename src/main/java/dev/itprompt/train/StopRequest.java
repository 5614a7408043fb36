package dev.itprompt.train;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The wish that the process stops (SIGINT, SIGTERM), heard of by trainings at their next step. The JVM's exit waits until
 * {@link #answered} is called or the process has nothing left that listens; its exit code is the signal's (130, 143).
 */
public final class StopRequest {

    private static final long LONGEST_WAIT_MINUTES = 30;

    private static volatile boolean made;
    private static volatile CountDownLatch listening;

    private StopRequest() {}

    /** Whether the process has been asked to stop. */
    public static boolean isMade() {
        return made;
    }

    /**
     * Leaves a piece of work in which nothing is saved.
     *
     * @throws StoppedException if the process has been asked to stop
     */
    public static void check() {
        if (made) {
            throw new StoppedException(false);
        }
    }

    /**
     * From now until {@link #answered}, a request to stop waits for the work at hand.
     *
     * @param atOnce called on another thread as soon as the request comes, such as to say what will happen
     */
    public static void listen(Runnable atOnce) {
        boolean first = listening == null;
        listening = new CountDownLatch(1);
        if (first) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                CountDownLatch answer = listening;
                if (answer.getCount() > 0) {
                    made = true;
                    atOnce.run();
                    await(answer);
                }
            }, "stop-request"));
        }
    }

    private static void await(CountDownLatch answer) {
        try {
            answer.await(LONGEST_WAIT_MINUTES, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The work has come to its end, or has been saved and what there is to say has been said. */
    public static void answered() {
        CountDownLatch answer = listening;
        if (answer != null) {
            answer.countDown();
        }
    }
}
