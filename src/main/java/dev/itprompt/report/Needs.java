package dev.itprompt.report;

import dev.itprompt.continual.AccuracyMatrix;
import java.util.function.Predicate;

/** What must be stored of a method for a metric to be known. */
enum Needs {
    NOTHING("nothing", _ -> true),
    LAST("accuracies after the last task", m -> m.hasColumn(m.accuracy().tasks() - 1)),
    COMPLETE("accuracies on all earlier tasks after every task", MethodRecord::isComplete),
    FUTURE("accuracies on tasks not learned yet", m -> isFull(m.accuracy())),
    FUTURE_AND_INITIAL("accuracies on tasks not learned yet and before anything was learned",
            m -> hasNext(m.accuracy()) && m.initial().size() == m.accuracy().tasks()),
    TOLD("accuracies with the task of each test image told", m -> m.told().isPresent()),
    FUTURE_TOLD("accuracies on tasks not learned yet with the task of each test image told", m -> m.told().filter(Needs::isFull).isPresent()),
    ANSWERS("answers to every test image", m -> m.answers().classes().length > 0),
    TASKS("inferred tasks", m -> m.inferred().isPresent()),
    CONFIDENCE("confidences of the answers, which methods have whose scores a softmax makes into probabilities", m -> m.answers().confidence().length > 0),
    HELD_OUT("the zero-shot check on held-out images", m -> m.zeroShot().isPresent()),
    STATE("the learned state beside the results", m -> m.cost().stateBytes().isPresent()),
    QUERIES("the number of query passes", m -> m.cost().queryPasses().isPresent()),
    TIMES("times", m -> !m.cost().learnSeconds().isEmpty() && !m.cost().testSeconds().isEmpty());

    private final String text;
    private final Predicate<MethodRecord> there;

    Needs(String text, Predicate<MethodRecord> there) {
        this.text = text;
        this.there = there;
    }

    String text() {
        return text;
    }

    boolean isThere(MethodRecord method) {
        return there.test(method);
    }

    private static boolean isFull(AccuracyMatrix a) {
        for (int j = 0; j < a.tasks(); j++) {
            for (int t = 0; t < a.tasks(); t++) {
                if (!a.has(j, t)) {
                    return false;
                }
            }
        }
        return a.tasks() > 1;
    }

    private static boolean hasNext(AccuracyMatrix a) {
        for (int j = 1; j < a.tasks(); j++) {
            if (!a.has(j, j - 1)) {
                return false;
            }
        }
        return a.tasks() > 1;
    }
}
