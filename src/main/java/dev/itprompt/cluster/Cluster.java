package dev.itprompt.cluster;

import dev.itprompt.FailureException;
import dev.itprompt.InputException;
import java.io.Serializable;
import java.util.List;

/**
 * Does jobs that do not depend on each other: in this process, or in those of several machines that see the same files under the same
 * names. May be used by several threads.
 */
public interface Cluster extends AutoCloseable {

    /**
     * What is to be done for a job: a pure function, since a job whose process dies is done again, and two processes may be at the same
     * job for a while.
     *
     * @param <J> a job; it and the work are {@link Serializable} where other processes do them
     * @param <R> what comes of it, serializable as well
     */
    @FunctionalInterface
    interface Work<J, R> extends Serializable {
        /** Does a job. */
        R of(J job);
    }

    /**
     * Does all jobs.
     *
     * @return what comes of each, in the order of the jobs
     * @throws InputException   if the work of a job does: the first in the order of the jobs that did; it is not tried again
     * @throws FailureException the same, or if the processes of a job died several times
     */
    <J, R> List<R> map(List<J> jobs, Work<J, R> work);

    /**
     * A value that the works of many calls need.
     *
     * @param <T> its type
     */
    interface Shared<T> extends Serializable, AutoCloseable {

        /** The value, in any process. */
        T value();

        /** Takes the value back; nobody needs it any more. */
        @Override
        void close();
    }

    /** Gives a value to all processes once, before the first job that asks for it. */
    <T extends Serializable> Shared<T> share(T value);

    /** How many jobs it does at a time. */
    int width();

    @Override
    void close();
}
