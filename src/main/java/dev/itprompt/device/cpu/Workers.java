package dev.itprompt.device.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed team: the calling thread and {@code threads - 1} daemons. Work is split statically into one range per member.
 * Waiting members spin briefly, then park, so that idle devices cost nothing. Used by one calling thread at a time.
 *
 * <p>How items are split depends on the number of threads; bodies must give results that do not.
 */
final class Workers implements AutoCloseable {

    /** A piece of work on items {@code from} (inclusive) to {@code to} (exclusive), done by one member. */
    @FunctionalInterface
    interface Range {
        void run(int worker, int from, int to);
    }

    /** Below this many element visits, waking others costs more than it saves. */
    private static final long SMALL = 1 << 14;
    private static final int SPINS = 4_000;

    private final Thread[] daemons;
    private final boolean[] parked;
    private final AtomicInteger open = new AtomicInteger();
    private volatile int epoch;
    private volatile boolean closed;
    private volatile boolean callerParked;
    private volatile Throwable failure;
    private Thread caller;
    private Range body;
    private int items;

    /** @param threads members, the caller included; at least 1 */
    Workers(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, got " + threads);
        }
        daemons = new Thread[threads - 1];
        parked = new boolean[threads - 1];
        for (int i = 0; i < daemons.length; i++) {
            int member = i + 1;
            daemons[i] = Thread.ofPlatform().daemon().name("cpu-device-" + member).start(() -> serve(member));
        }
    }

    /** Members, the caller included. */
    int threads() {
        return daemons.length + 1;
    }

    /**
     * Runs the body over {@code [0, count)}, in parallel if it is worth it; returns when all is done.
     *
     * @param cost element visits (or multiply-adds) per item
     * @throws RuntimeException the first failure of any member
     */
    void split(int count, long cost, Range work) {
        if (daemons.length == 0 || count < 2 || count * cost < SMALL) {
            work.run(0, 0, count);
            return;
        }
        body = work;
        items = count;
        failure = null;
        caller = Thread.currentThread();
        open.set(daemons.length);
        epoch++;
        synchronized (parked) {
            for (int i = 0; i < daemons.length; i++) {
                if (parked[i]) {
                    LockSupport.unpark(daemons[i]);
                }
            }
        }
        Throwable own = attempt(0);
        awaitOthers();
        body = null;
        Throwable failed = own != null ? own : failure;
        switch (failed) {
            case null -> { }
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failed);
        }
    }

    private Throwable attempt(int member) {
        int threads = daemons.length + 1;
        int from = (int) ((long) items * member / threads);
        int to = (int) ((long) items * (member + 1) / threads);
        try {
            if (from < to) {
                body.run(member, from, to);
            }
            return null;
        } catch (RuntimeException | Error e) {
            return e;
        }
    }

    private void awaitOthers() {
        for (int spin = 0; open.get() > 0; spin++) {
            if (spin < SPINS) {
                Thread.onSpinWait();
            } else {
                callerParked = true;
                if (open.get() > 0) {
                    LockSupport.park(this);
                }
                callerParked = false;
            }
        }
    }

    private void serve(int member) {
        int seen = 0;
        while (true) {
            awaitEpoch(member, seen);
            if (closed) {
                return;
            }
            seen++;
            Throwable failed = attempt(member);
            if (failed != null) {
                failure = failed;
            }
            if (open.decrementAndGet() == 0 && callerParked) {
                LockSupport.unpark(caller);
            }
        }
    }

    private void awaitEpoch(int member, int seen) {
        for (int spin = 0; epoch == seen && !closed; spin++) {
            if (spin < SPINS) {
                Thread.onSpinWait();
            } else {
                setParked(member, true);
                if (epoch == seen && !closed) {
                    LockSupport.park(this);
                }
                setParked(member, false);
            }
        }
    }

    private void setParked(int member, boolean value) {
        synchronized (parked) {
            parked[member - 1] = value;
        }
    }

    /** Ends the daemons. */
    @Override
    public void close() {
        closed = true;
        for (Thread daemon : daemons) {
            LockSupport.unpark(daemon);
        }
    }
}
