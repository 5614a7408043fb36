package dev.itprompt.experiment;

import dev.itprompt.continual.Spread;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.node.ObjectNode;

/** The same experiment with several seeds: mean and population standard deviation of every metric. */
public final class SeedSummary {

    private final List<Integer> seeds;
    private final Map<String, Map<String, Spread>> methods = new LinkedHashMap<>();

    /**
     * @param seeds one a run
     * @param runs  results of each run, the same methods in the same order
     */
    public SeedSummary(List<Integer> seeds, List<List<MethodResult>> runs) {
        this.seeds = List.copyOf(seeds);
        for (int m = 0; m < runs.getFirst().size(); m++) {
            int index = m;
            List<MethodResult> results = runs.stream().map(run -> run.get(index)).toList();
            Map<String, Spread> metrics = new LinkedHashMap<>();
            for (String key : MethodResult.definitions().keySet()) {
                metrics.put(key, spread(results.stream().map(result -> result.metrics().get(key)).toList()));
            }
            metrics.put(MethodResult.SECONDS, spread(results.stream().map(MethodResult::seconds).toList()));
            methods.put(results.getFirst().method(), metrics);
        }
    }

    private static Spread spread(List<Double> values) {
        return values.stream().anyMatch(Objects::isNull) ? null
                : Spread.of(values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** One line per method with {@code mean ± deviation}. */
    public String table() {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("method"));
        head.addAll(Report.headings().values());
        rows.add(head);
        methods.forEach((method, metrics) -> {
            List<String> row = new ArrayList<>(List.of(method));
            metrics.forEach((key, spread) -> row.add(spread == null ? "-" : Report.number(key, spread.mean()) + " ± "
                    + String.format(Locale.ROOT, "%.2f", spread.deviation())));
            rows.add(row);
        });
        return Report.table(rows);
    }

    /**
     * {@code {"seeds": [..], "runs": [..], "methods": {name: {metric: {"mean": .., "deviation": .., "runs": ..}}}}}.
     *
     * @param folders of the runs, relative to the summary's
     */
    public String json(List<String> folders) {
        ObjectNode root = ResultFiles.JSON.createObjectNode();
        root.set("seeds", ResultFiles.JSON.valueToTree(seeds));
        root.set("runs", ResultFiles.JSON.valueToTree(folders));
        ObjectNode all = root.putObject("methods");
        methods.forEach((method, metrics) -> {
            ObjectNode node = all.putObject(method);
            metrics.forEach((key, spread) -> {
                if (spread == null) {
                    node.putNull(key);
                } else {
                    node.putObject(key).put("mean", MethodResult.rounded(spread.mean()))
                            .put("deviation", MethodResult.rounded(spread.deviation())).put("runs", spread.runs());
                }
            });
        });
        return ResultFiles.JSON.writeValueAsString(root) + "\n";
    }
}
