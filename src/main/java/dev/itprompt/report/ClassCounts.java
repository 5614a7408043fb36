package dev.itprompt.report;

/**
 * How a method's answers after the last task fall on classes, or on tasks.
 *
 * @param confusion row: the true class or task, column: the answer; [C, C]
 */
public record ClassCounts(long[][] confusion) {

    /** Over classes. */
    public static ClassCounts of(RunRecord run, MethodRecord method) {
        long[][] confusion = new long[run.classes().size()][run.classes().size()];
        for (int i = 0; i < run.images().size(); i++) {
            confusion[run.images().get(i).label()][method.answers().classes()[i]]++;
        }
        return new ClassCounts(confusion);
    }

    /** Over tasks, of a method that infers them. */
    public static ClassCounts ofTasks(RunRecord run, MethodRecord method) {
        long[][] confusion = new long[run.tasks().size()][run.tasks().size()];
        for (int i = 0; i < method.answers().tasks().length; i++) {
            confusion[run.images().get(i).task()][method.answers().tasks()[i]]++;
        }
        return new ClassCounts(confusion);
    }

    /** Test images of a class. */
    public long total(int label) {
        long total = 0;
        for (long count : confusion[label]) {
            total += count;
        }
        return total;
    }

    /** Right answers among them. */
    public long correct(int label) {
        return confusion[label][label];
    }

    /** Accuracy in percent on a class's test images; NaN without any. */
    public double accuracy(int label) {
        return 100.0 * correct(label) / total(label);
    }
}
