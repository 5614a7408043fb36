package dev.itprompt.spark;

import dev.itprompt.FailureException;
import dev.itprompt.InputException;
import dev.itprompt.cluster.Cluster;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;

/**
 * A Spark cluster: a job is a task. Answers are collected, which keeps the order of the jobs; sums that Spark makes would be those of
 * numbers in the order in which they arrive. Tasks that die with their process are tried again; what a user or the work is to blame for
 * is an answer like any other. Every task sees for itself that its process computes the bits that all others do.
 */
final class SparkCluster implements Cluster {

    private static final String CPUS = "spark.task.cpus";
    /** Tasks that ask a process how it computes, for each place; and how long each stays there, so that others come to other places. */
    private static final int ROUNDS = 4;
    private static final long STAY_MILLIS = 100;
    /** A message of Spark's may hold whole stack traces. */
    private static final int LONGEST = 300;

    private final JavaSparkContext context;
    private final int width;
    private final Arithmetic expected;

    private SparkCluster(JavaSparkContext context, int width, Arithmetic expected) {
        this.context = context;
        this.width = width;
        this.expected = expected;
    }

    /**
     * Joins a cluster and asks its processes how they compute.
     *
     * @param threads processors of a task
     * @throws InputException if they do not compute the same bits, or the cluster cannot be reached
     */
    static SparkCluster open(String master, int threads) {
        SparkConf conf = new SparkConf().setIfMissing("spark.app.name", "itprompt").setMaster(master)
                .setIfMissing("spark.executor.cores", Integer.toString(threads)).setIfMissing(CPUS, Integer.toString(threads))
                .setIfMissing("spark.scheduler.mode", "FIFO").set("spark.speculation", "false")
                .setIfMissing("spark.task.maxDirectResultSize", "8m").setIfMissing("spark.broadcast.compress", "false");
        JavaSparkContext context;
        try {
            context = new JavaSparkContext(conf);
        } catch (RuntimeException e) {
            throw new InputException("--on: " + master + " cannot be joined (" + reason(e) + ")", e);
        }
        try {
            int width = Math.max(1, context.defaultParallelism() / conf.getInt(CPUS, 1));
            List<Arithmetic> all = context.parallelize(IntStream.range(0, ROUNDS * width).boxed().toList(), ROUNDS * width).map(_ -> {
                Thread.sleep(STAY_MILLIS);
                return Arithmetic.here();
            }).collect();
            Arithmetic.difference(all).ifPresent(difference -> {
                throw new InputException(difference);
            });
            return new SparkCluster(context, width, all.getFirst());
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
    }

    /** What comes of a task. */
    sealed interface Answer<R> extends Serializable {
        /** The work was done. */
        record Done<R>(R result) implements Answer<R> {}

        /** The job cannot be done as given. */
        record Refused<R>(String message) implements Answer<R> {}

        /** The work has failed. */
        record Failed<R>(String message) implements Answer<R> {}

        /** The process computes other bits than the first ones. */
        record Other<R>(Arithmetic found) implements Answer<R> {}
    }

    /** Does a job where it has come to. */
    record Task<J, R>(Work<J, R> work, Arithmetic expected) implements Function<J, Answer<R>> {
        @Override
        public Answer<R> call(J job) {
            Arithmetic here = Arithmetic.here();
            if (!here.isLike(expected)) {
                return new Answer.Other<>(here);
            }
            try {
                return new Answer.Done<>(work.of(job));
            } catch (InputException e) {
                return new Answer.Refused<>(e.getMessage());
            } catch (FailureException e) {
                return new Answer.Failed<>(e.getMessage());
            }
        }
    }

    @Override
    public <J, R> List<R> map(List<J> jobs, Work<J, R> work) {
        List<Answer<R>> answers;
        try {
            answers = context.parallelize(new ArrayList<>(jobs), Math.max(1, jobs.size())).map(new Task<>(work, expected)).collect();
        } catch (Exception e) { // Spark's own is checked, though no method of its Java interface says so
            throw e instanceof SparkException || e instanceof IllegalStateException ? new FailureException("the cluster gave up: " + reason(e), e)
                    : (RuntimeException) e;
        }
        return answers.stream().map(this::result).toList();
    }

    /** A value that Spark hands to each process. */
    private record Sent<T>(Broadcast<T> broadcast) implements Shared<T> {
        @Override
        public T value() {
            return broadcast.value();
        }

        @Override
        public void close() {
            broadcast.destroy();
        }
    }

    @Override
    public <T extends Serializable> Shared<T> share(T value) {
        return new Sent<>(context.broadcast(value));
    }

    private <R> R result(Answer<R> answer) {
        return switch (answer) {
            case Answer.Done<R> done -> done.result();
            case Answer.Refused<R> refused -> throw new InputException(refused.message());
            case Answer.Failed<R> failed -> throw new FailureException(failed.message());
            case Answer.Other<R> other -> throw new InputException(Arithmetic.difference(List.of(expected, other.found())).orElseThrow());
        };
    }

    /** The first line of what Spark says. */
    private static String reason(Exception e) {
        String line = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "...";
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public void close() {
        context.close();
    }
}
