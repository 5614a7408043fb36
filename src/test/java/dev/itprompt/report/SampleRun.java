package dev.itprompt.report;

import dev.itprompt.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes the result files of a run with random answers that are right six times out of ten: two classes a task, five test images a class,
 * two methods that learn task after task, of which the first infers tasks, and one that learns all at once.
 *
 * @param name    of the experiment
 * @param classes names of an even number of classes
 * @param methods names of three methods
 * @param seed    of the answers
 */
record SampleRun(String name, List<String> classes, List<String> methods, long seed) {

    static final int PER_CLASS = 5;
    static final List<String> CLASSES = List.of("cat", "dog", "hen", "emu", "ant", "bee");

    static SampleRun of(long seed) {
        return new SampleRun("sample", CLASSES, List.of("it-prompt", "ncm", "joint"), seed);
    }

    private int tasks() {
        return classes.size() / 2;
    }

    /** Writes metrics.json, predictions.csv and config.yaml; {@code further} are more settings. */
    Path write(Path folder, String... further) throws IOException {
        Files.createDirectories(folder);
        ObjectNode root = JsonText.MAPPER.createObjectNode().put("name", name).put("seed", seed);
        ObjectNode scenario = root.putObject("scenario");
        ArrayNode taskNames = scenario.putArray("tasks");
        ArrayNode trainImages = scenario.putArray("trainImages");
        for (int t = 0; t < tasks(); t++) {
            taskNames.addArray().add(classes.get(2 * t)).add(classes.get(2 * t + 1));
            trainImages.add(20);
        }
        root.putObject("heldOut").put("images", 8).put("labels", 4).put("top1", 25.0).put("top5", 100.0);
        StringBuilder csv = new StringBuilder("method,image,trueClass,predictedClass,trueTask,inferredTask\n");
        Random random = new Random(seed);
        ObjectNode all = root.putObject("methods");
        ObjectNode timings = root.putObject("timings");
        for (String method : methods) {
            int index = methods.indexOf(method);
            all.set(method, method(index, method, random, csv));
            ObjectNode times = timings.putObject(method);
            times.putArray("learnSeconds").add(1.5 + index);
            times.putArray("testSeconds").add(0.25);
        }
        Files.writeString(folder.resolve("metrics.json"), JsonText.MAPPER.writeValueAsString(root));
        Files.writeString(folder.resolve("predictions.csv"), csv);
        Files.writeString(folder.resolve("config.yaml"), "# device: cpu\n# checkpoint: sha256 00ff\nname: " + JsonText.MAPPER.writeValueAsString(name)
                + "\ndataset:\n  kind: idx\n  path: data\nmethods: [it-prompt, ncm, joint]\nitPrompt:\n  rate: 0.005\n" + String.join("\n", further)
                + "\nseed: " + seed + "\n");
        return folder;
    }

    private ObjectNode method(int index, String method, Random random, StringBuilder csv) {
        int perTask = 2 * PER_CLASS;
        long[] right = new long[tasks()];
        long[] rightTasks = new long[tasks()];
        List<String> rows = new ArrayList<>();
        for (int c = 0; c < classes.size(); c++) {
            for (int i = 0; i < PER_CLASS; i++) {
                int answer = random.nextInt(10) < 6 ? c : random.nextInt(classes.size());
                int task = random.nextInt(10) < 7 ? c / 2 : random.nextInt(tasks());
                right[c / 2] += answer == c ? 1 : 0;
                rightTasks[c / 2] += task == c / 2 ? 1 : 0;
                rows.add(String.join(",", CsvCell.of(method), CsvCell.of("images/" + classes.get(c) + "/" + i + ".png"), CsvCell.of(classes.get(c)),
                        CsvCell.of(classes.get(answer)), Integer.toString(c / 2), index == 0 ? Integer.toString(task) : ""));
            }
        }
        rows.forEach(row -> csv.append(row).append('\n'));
        ObjectNode node = JsonText.MAPPER.createObjectNode();
        matrix(node.putObject("accuracy"), right, perTask, index < 2, random);
        if (index == 0) {
            matrix(node.putObject("taskInferenceAccuracy"), rightTasks, perTask, true, random);
        } else {
            node.putNull("taskInferenceAccuracy");
        }
        node.putObject("trainable").put("prompts", 30).put("keys", 12);
        node.putObject("zeroShot").put("before", 25.0).put("after", 25.0).put("identicalBits", true);
        return node;
    }

    private void matrix(ObjectNode node, long[] last, int total, boolean complete, Random random) {
        ArrayNode corrects = node.putArray("correct");
        ArrayNode totals = node.putArray("total");
        for (int j = 0; j < tasks(); j++) {
            ArrayNode correctRow = corrects.addArray();
            ArrayNode totalRow = totals.addArray();
            for (int t = 0; t < tasks(); t++) {
                if (t == tasks() - 1 || complete && t >= j) {
                    correctRow.add(t == tasks() - 1 ? last[j] : random.nextInt(total + 1));
                    totalRow.add(total);
                } else {
                    correctRow.addNull();
                    totalRow.addNull();
                }
            }
        }
    }
}
