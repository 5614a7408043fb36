package dev.itprompt.serve;

import dev.itprompt.InputException;
import dev.itprompt.data.RgbImage;
import dev.itprompt.experiment.LearnedRun;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;

/** Pictures that wait for the model. One thread uses it and takes what waits together. */
final class ModelQueue implements AutoCloseable {

    /** Lists of further labels whose texts are kept. */
    private static final int KEPT_LABELS = 16;

    private record Waiting(RgbImage square, List<String> labels, CompletableFuture<LearnedRun.Answer> answer) {}

    private final LearnedRun learned;
    private final BlockingQueue<Waiting> waiting;
    private final Thread worker = new Thread(this::work, "model");
    private final Map<List<String>, LearnedRun.Further> further = new LinkedHashMap<>(KEPT_LABELS, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<List<String>, LearnedRun.Further> eldest) {
            return size() > KEPT_LABELS;
        }
    };
    private volatile boolean closed;

    /**
     * @param learned to classify with; nobody else uses it until this is closed
     * @param places  most pictures that wait
     */
    ModelQueue(LearnedRun learned, int places) {
        this.learned = learned;
        this.waiting = new ArrayBlockingQueue<>(places);
        worker.setDaemon(true);
        worker.start();
    }

    /** How many pictures wait. */
    int size() {
        return waiting.size();
    }

    /**
     * Classifies a picture once it is its turn.
     *
     * @param labels that it may be of beside the classes
     * @return fails with an {@link InputException} if the labels cannot be used
     * @throws Refusal if too many pictures wait
     */
    CompletableFuture<LearnedRun.Answer> classify(RgbImage square, List<String> labels) {
        Waiting one = new Waiting(square, labels, new CompletableFuture<>());
        if (closed || !waiting.offer(one)) {
            throw new Refusal(503, closed ? "the server is stopping" : "expected fewer pictures at a time, found " + size() + " waiting; try again later");
        }
        return one.answer();
    }

    private void work() {
        List<Waiting> block = new ArrayList<>();
        try {
            while (true) {
                block.clear();
                block.add(waiting.take());
                waiting.drainTo(block, learned.block() - 1);
                classify(block);
            }
        } catch (InterruptedException _) {
            block.addAll(waiting);
            block.forEach(one -> one.answer().completeExceptionally(new Refusal(503, "the server is stopping")));
        }
    }

    private void classify(List<Waiting> block) {
        List<Waiting> usable = new ArrayList<>();
        List<LearnedRun.Picture> pictures = new ArrayList<>();
        for (Waiting one : block) {
            try {
                pictures.add(new LearnedRun.Picture("", one.square(), further(one.labels())));
                usable.add(one);
            } catch (Throwable e) {
                one.answer().completeExceptionally(e);
            }
        }
        try {
            List<LearnedRun.Answer> answers = pictures.isEmpty() ? List.of() : learned.classify(pictures);
            for (int i = 0; i < answers.size(); i++) {
                usable.get(i).answer().complete(answers.get(i));
            }
        } catch (Throwable e) { // whoever waits has to hear of it
            usable.forEach(one -> one.answer().completeExceptionally(e));
        }
    }

    private LearnedRun.Further further(List<String> labels) {
        LearnedRun.Further known = further.get(labels);
        if (known == null) {
            known = learned.further(labels);
            further.put(labels, known);
        }
        return known;
    }

    /** Ends with the block at hand; what waits is refused. */
    @Override
    public void close() {
        closed = true;
        worker.interrupt();
        try {
            worker.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
