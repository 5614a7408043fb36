package dev.itprompt.device.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed team: the calling thread and {@code threads - 1} daemons. Work is cut into chunks that members claim one after the
 * other, so that a member that the system keeps from running delays the others by one chunk at most. Waiting members spin
 * briefly, then park, so that idle devices cost nothing. Used by one calling thread at a time.
 *
 * <p>Who does what, and in how many chunks, differs between runs and numbers of threads; bodies must give results that do not.
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
    /** Chunks per member. */
    private static final int CHUNKS = 4;

    /** One call of {@link #split}. A daemon that comes late finds no chunk left and does nothing. */
    private static final class Job {
        final Range body;
        final int items;
        final int chunks;
        final Thread caller = Thread.currentThread();
        final AtomicInteger next = new AtomicInteger();
        final AtomicInteger done = new AtomicInteger();
        volatile Throwable failure;
        volatile boolean callerParked;

        Job(Range body, int items, int chunks) {
            this.body = body;
            this.items = items;
            this.chunks = chunks;
        }

        void work(int member) {
            for (int chunk = next.getAndIncrement(); chunk < chunks; chunk = next.getAndIncrement()) {
                try {
                    body.run(member, (int) ((long) items * chunk / chunks), (int) ((long) items * (chunk + 1) / chunks));
                } catch (RuntimeException | Error e) {
                    failure = e;
                }
                if (done.incrementAndGet() == chunks && callerParked) {
                    LockSupport.unpark(caller);
                }
            }
        }

        void await() {
            for (int spin = 0; done.get() < chunks; spin++) {
                if (spin < SPINS) {
                    Thread.onSpinWait();
                } else {
                    callerParked = true;
                    if (done.get() < chunks) {
                        LockSupport.park(this);
                    }
                    callerParked = false;
                }
            }
        }
    }

    private final Thread[] daemons;
    private final AtomicIntegerArray parked;
    private volatile Job job;
    private volatile boolean closed;

    /** @param threads members, the caller included; at least 1 */
    Workers(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, got " + threads);
        }
        daemons = new Thread[threads - 1];
        parked = new AtomicIntegerArray(threads);
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
     * @throws RuntimeException a failure of any member
     */
    void split(int count, long cost, Range body) {
        if (daemons.length == 0 || count < 2 || count * cost < SMALL) {
            body.run(0, 0, count);
            return;
        }
        Job now = new Job(body, count, (int) Math.min((long) count, (long) CHUNKS * threads()));
        job = now;
        for (int member = 1; member <= daemons.length; member++) {
            if (parked.get(member) != 0) {
                LockSupport.unpark(daemons[member - 1]);
            }
        }
        now.work(0);
        now.await();
        switch (now.failure) {
            case null -> { }
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(now.failure);
        }
    }

    private void serve(int member) {
        Job last = null;
        while (!closed) {
            Job now = awaitJob(member, last);
            if (now != last) {
                now.work(member);
                last = now;
            }
        }
    }

    /** The next job; the last one when the team is closed. */
    private Job awaitJob(int member, Job last) {
        for (int spin = 0; job == last && !closed; spin++) {
            if (spin < SPINS) {
                Thread.onSpinWait();
            } else {
                parked.set(member, 1);
                if (job == last && !closed) {
                    LockSupport.park(this);
                }
                parked.set(member, 0);
            }
        }
        return job;
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
