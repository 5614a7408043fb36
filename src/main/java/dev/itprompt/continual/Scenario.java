package dev.itprompt.continual;

import dev.itprompt.Excerpt;
import dev.itprompt.InputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A class-incremental scenario: the classes in the order in which they are learned, cut into tasks. Labels are re-mapped to
 * their position in the order, so that the classes of a task, and all classes seen so far, are contiguous.
 *
 * @param classOrder original labels, each of 0 to C-1 once
 * @param tasks      the same labels, one list a task
 * @param distinct   number of different classes: learned labels that are equal modulo it are one class in different domains; the number
 *                   of labels where each is a class of its own
 */
public record Scenario(List<Integer> classOrder, List<List<Integer>> tasks, int distinct) {

    private static final Pattern EQUAL = Pattern.compile("(\\d{1,6})\\s*x\\s*(\\d{1,6})");
    private static final Pattern TASKS = Pattern.compile("\\d{1,6}");
    private static final String AUTO = "auto";
    private static final int USUAL_TASKS = 5;
    private static final Pattern NAMED = Pattern.compile("[Bb](\\d{1,6})[ _-]?[Ii]nc(\\d{1,6})");
    private static final Pattern BASE = Pattern.compile("(\\d{1,6})\\s*\\+\\s*(\\d{1,6})");

    /**
     * Copies and checks.
     *
     * @throws InputException if the tasks are not the class order cut into pieces of at least one class
     */
    public Scenario {
        classOrder = List.copyOf(classOrder);
        tasks = tasks.stream().map(List::copyOf).toList();
        if (!new HashSet<>(classOrder).equals(IntStream.range(0, classOrder.size()).boxed().collect(Collectors.toSet()))) {
            throw new InputException("class order: expected each label of 0 to " + (classOrder.size() - 1) + " once, found "
                    + classOrder);
        }
        if (tasks.isEmpty() || tasks.stream().anyMatch(List::isEmpty)
                || !tasks.stream().flatMap(List::stream).toList().equals(classOrder)) {
            throw new InputException("tasks: expected the class order " + Excerpt.of(classOrder.toString(), 80) + " cut into pieces, found "
                    + Excerpt.of(tasks.toString(), 80));
        }
        if (distinct < 1 || classOrder.size() % distinct != 0) {
            throw new IllegalArgumentException(classOrder.size() + " labels of " + distinct + " classes");
        }
    }

    /** A class-incremental scenario, see the other constructor. */
    public Scenario(List<Integer> classOrder, List<List<Integer>> tasks) {
        this(classOrder, tasks, Math.max(1, classOrder.size()));
    }

    /** Whether two learned labels stand for the same class. */
    public boolean isSameClass(int learnedLabel, int other) {
        return learnedLabel % distinct == other % distinct;
    }

    /**
     * Cuts shuffled classes into tasks.
     *
     * @param classes how many the data set has
     * @param seed    of the class order, see {@link ClassOrder}
     * @param split   {@code "5x2"} for 5 tasks of 2 classes, {@code "4+2"} for 4 classes first and 2 in each further task, of which the last
     *                may have less, {@code "5"} for 5 tasks as equal as possible, larger ones first, {@code "auto"} for 5 tasks or
     *                fewer where they would have a single class
     * @throws InputException if the split does not fit the classes; says what would fit
     */
    public static Scenario of(int classes, long seed, String split) {
        return of(ClassOrder.of(classes, seed), split, List.of());
    }

    /**
     * Cuts classes into tasks.
     *
     * @param order  of the classes
     * @param split  as above; also {@code "B50Inc10"} for 50 classes first and 10 in each further task, {@code "B0Inc10"} for 10 in each
     * @param groups sizes of the tasks for {@code "auto"} where the data set has them, else empty
     * @throws InputException if the split does not fit the classes; says what would fit
     */
    public static Scenario of(List<Integer> order, String split, List<Integer> groups) {
        List<List<Integer>> tasks = new ArrayList<>();
        int from = 0;
        for (int size : split.strip().equals(AUTO) && !groups.isEmpty() ? groups : taskSizes(order.size(), split)) {
            tasks.add(order.subList(from, from + size));
            from += size;
        }
        return new Scenario(order, tasks);
    }

    /**
     * Tasks that come after others.
     *
     * @param earlier tasks that are learned
     * @param further classes of the tasks to come, in their order
     * @param split   of these, as above
     * @throws InputException if there are no further classes, or the split does not fit them
     */
    public static Scenario after(List<List<Integer>> earlier, List<Integer> further, String split) {
        List<List<Integer>> tasks = new ArrayList<>(earlier);
        int from = 0;
        for (int size : taskSizes(further.size(), split)) {
            tasks.add(further.subList(from, from + size));
            from += size;
        }
        return new Scenario(tasks.stream().flatMap(List::stream).toList(), tasks);
    }

    /**
     * Domain-incremental tasks: each has all classes, in a domain of its own. A class of a domain has a label of its own, {@code domain *
     * classes + class}, so that learners see new labels in each task; an answer is right if it is the class, in whichever domain.
     *
     * @param classes how many the data set has
     * @param order   of the domains
     */
    public static Scenario domains(int classes, List<Integer> order) {
        List<List<Integer>> tasks = order.stream().map(domain -> IntStream.range(0, classes).mapToObj(c -> domain * classes + c).toList())
                .toList();
        return new Scenario(tasks.stream().flatMap(List::stream).toList(), tasks, classes);
    }

    private static List<Integer> taskSizes(int classes, String split) {
        Matcher equal = EQUAL.matcher(split.strip());
        if (equal.matches()) {
            long tasks = Long.parseLong(equal.group(1));
            int size = Integer.parseInt(equal.group(2));
            if (tasks * size == classes && classes > 0) {
                return Collections.nCopies((int) tasks, size);
            }
            throw impossible(classes, split);
        }
        if (split.strip().equals(AUTO) && classes > 0) {
            return equalTasks(classes, Math.clamp(classes / 2, 1, USUAL_TASKS));
        }
        if (TASKS.matcher(split.strip()).matches()) {
            int tasks = Integer.parseInt(split.strip());
            if (tasks < 1 || tasks > classes) {
                throw impossible(classes, split);
            }
            return equalTasks(classes, tasks);
        }
        Matcher named = NAMED.matcher(split.strip());
        Matcher base = named.matches() ? named : BASE.matcher(split.strip());
        if (!base.matches()) {
            throw new InputException("split '" + split + "': expected tasks x classes such as '5x2', first + further such as '4+2',"
                    + " a number of tasks or auto; " + fitting(classes));
        }
        int further = Integer.parseInt(base.group(2));
        int first = base == named && Integer.parseInt(base.group(1)) == 0 ? Math.min(further, classes) : Integer.parseInt(base.group(1));
        if (first < 1 || further < 1 || first > classes) {
            throw impossible(classes, split);
        }
        List<Integer> sizes = new ArrayList<>(List.of(first));
        for (int left = classes - first; left > 0; left -= further) {
            sizes.add(Math.min(further, left));
        }
        return sizes;
    }

    private static List<Integer> equalTasks(int classes, int tasks) {
        return IntStream.range(0, tasks).mapToObj(task -> classes / tasks + (task < classes % tasks ? 1 : 0)).toList();
    }

    private static InputException impossible(int classes, String split) {
        return new InputException("split '" + split + "': expected a split of exactly " + classes + " classes; "
                + fitting(classes));
    }

    private static String fitting(int classes) {
        String equal = IntStream.rangeClosed(1, classes).filter(tasks -> classes % tasks == 0)
                .mapToObj(tasks -> tasks + "x" + classes / tasks).collect(Collectors.joining(", "));
        return "for " + classes + " classes these fit: " + equal + ", F+N, or a number of tasks";
    }

    /** Number of tasks. */
    public int size() {
        return tasks.size();
    }

    /** Number of classes in all tasks. */
    public int classes() {
        return classOrder.size();
    }

    /** The label under which an original label is learned: its position in the class order. */
    public int learnedLabel(int originalLabel) {
        return classOrder.indexOf(originalLabel);
    }

    /** The first learned label of a task; its last is the one before {@code seen(task)}. */
    public int firstLabel(int task) {
        return task == 0 ? 0 : seen(task - 1);
    }

    /** How many classes have been seen once a task is learned; their learned labels are 0 to {@code seen - 1}. */
    public int seen(int task) {
        return tasks.subList(0, task + 1).stream().mapToInt(List::size).sum();
    }

    /** The task that teaches a learned label. */
    public int taskOf(int learnedLabel) {
        return IntStream.range(0, size()).filter(task -> learnedLabel < seen(task)).findFirst()
                .orElseThrow(() -> new IndexOutOfBoundsException("learned label " + learnedLabel + " of " + classes()));
    }
}
