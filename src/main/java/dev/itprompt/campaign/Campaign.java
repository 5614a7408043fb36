package dev.itprompt.campaign;

import dev.itprompt.Fingerprint;
import dev.itprompt.config.ConfigException;
import dev.itprompt.config.Configuration;
import dev.itprompt.config.YamlNode;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.experiment.ProjectFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Methods on benchmarks with several settings and seeds: what a campaign's file says. A job is one benchmark with one choice of settings
 * and one seed; its methods share the frozen model's features.
 *
 * @param name   of the campaign
 * @param folder of all it writes
 * @param jobs   benchmark by benchmark, settings by settings, seed by seed
 */
public record Campaign(String name, Path folder, List<CampaignJob> jobs) {

    /** Names the settings of a campaign that varies none. */
    static final String AS_THEY_ARE = "base";

    private static final List<String> KEYS = List.of("name", "base", "benchmarks", "methods", "variants", "seeds", "grid", "list");
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]*";
    /** Characters of the longest name of a choice of settings, which is a folder's too. */
    private static final int LONGEST = 80;
    private static final int HASH = 8;

    /**
     * Reads a campaign and the configurations it names.
     *
     * @param output  folder of all it writes; empty for output/NAME
     * @param project where paths begin
     * @throws ConfigException if a key is not known, a value cannot be used, or two jobs are the same
     */
    public static Campaign read(Path file, Optional<Path> output, ProjectFolder project) {
        YamlNode root = YamlNode.read(project.resolve(file.toString()));
        if (!(root instanceof YamlNode.Mapping mapping)) {
            throw ConfigException.expected(root.source(), "", "the keys " + String.join(", ", KEYS), root.describe());
        }
        return new Reader(mapping, project).campaign(output);
    }

    /** One choice of settings: values by their full keys. */
    private record Choice(String source, Map<String, YamlNode> values) {}

    /** Takes a file apart. */
    private record Reader(YamlNode.Mapping root, ProjectFolder project) {

        private Reader {
            root.entries().forEach((key, node) -> {
                if (!KEYS.contains(key)) {
                    throw ConfigException.unknownKey(node.source(), key, KEYS);
                }
            });
        }

        private Optional<YamlNode> node(String key) {
            return Optional.ofNullable(root.entries().get(key));
        }

        private static YamlNode.Mapping section(String key, YamlNode node) {
            if (node instanceof YamlNode.Mapping mapping) {
                return mapping;
            }
            throw ConfigException.expected(node.source(), key, "a section", node.describe());
        }

        private static List<YamlNode> items(String key, YamlNode node) {
            if (node instanceof YamlNode.Sequence list && !list.items().isEmpty()) {
                return list.items();
            }
            throw ConfigException.expected(node.source(), key, "a list with at least one value", node.describe());
        }

        private static String text(String key, YamlNode node) {
            if (node instanceof YamlNode.Scalar scalar && scalar.text() != null) {
                return scalar.text();
            }
            throw ConfigException.expected(node.source(), key, "one value", node.describe());
        }

        private static String named(String source, String key, String name) {
            if (!name.matches(NAME)) {
                throw ConfigException.expected(source, key, "a name of letters, digits, '.', '_' and '-'", "'" + name + "'");
            }
            return name;
        }

        private Campaign campaign(Optional<Path> output) {
            YamlNode name = node("name").orElseThrow(() -> new ConfigException(root.source(), "name", "must be given: what the campaign is called"));
            String title = named(name.source(), "name", text("name", name));
            Path folder = output.orElse(project.root().resolve("output").resolve(title)).toAbsolutePath().normalize();
            Map<String, Choice> choices = choices();
            List<CampaignJob> jobs = new ArrayList<>();
            benchmarks().forEach((benchmark, settings) -> choices.forEach((label, choice) -> {
                for (Optional<YamlNode> seed : seeds()) {
                    jobs.add(job(folder, benchmark, settings, label, choice, seed));
                }
            }));
            return new Campaign(title, folder, List.copyOf(jobs));
        }

        private CampaignJob job(Path folder, String benchmark, Consumer<Configuration.Builder<ExperimentSettings>> settings, String label,
                                Choice choice, Optional<YamlNode> seed) {
            Configuration.Builder<ExperimentSettings> builder = start();
            settings.accept(builder);
            methods().ifPresent(builder::section);
            builder.section(new YamlNode.Mapping(choice.source(), choice.values()));
            seed.ifPresent(value -> builder.section(new YamlNode.Mapping(value.source(), Map.of("seed", value))));
            Configuration<ExperimentSettings> all = builder.build();
            Path runs = folder.resolve("runs");
            return new CampaignJob(benchmark, label, new RunJob(all, runs.resolve(CampaignJob.path(benchmark, label, all.settings().seed()))));
        }

        /** Defaults with what the campaign starts from. */
        private Configuration.Builder<ExperimentSettings> start() {
            Configuration.Builder<ExperimentSettings> builder = ExperimentSettings.configuration();
            node("base").ifPresent(base -> take("base", base, builder));
            return builder;
        }

        /** A configuration's file, or a section with its keys. */
        private void take(String key, YamlNode node, Configuration.Builder<ExperimentSettings> builder) {
            switch (node) {
                case YamlNode.Scalar scalar when scalar.text() != null -> builder.file(project.resolve(scalar.text()));
                case YamlNode.Mapping settings -> builder.section(settings);
                default -> throw ConfigException.expected(node.source(), key, "a configuration's file, or a section with its keys", node.describe());
            }
        }

        /** What is set for each benchmark; without any, what the campaign starts from is one under its own name. */
        private Map<String, Consumer<Configuration.Builder<ExperimentSettings>>> benchmarks() {
            if (node("benchmarks").isEmpty()) {
                return Map.of(start().build().settings().name(), _ -> {});
            }
            Map<String, Consumer<Configuration.Builder<ExperimentSettings>>> benchmarks = new LinkedHashMap<>();
            section("benchmarks", node("benchmarks").get()).entries().forEach((name, node) ->
                    benchmarks.put(named(node.source(), "benchmarks", name), builder -> take("benchmarks." + name, node, builder)));
            return benchmarks;
        }

        /** The section of methods as a configuration has it: what is run, and own variants. */
        private Optional<YamlNode.Mapping> methods() {
            Optional<YamlNode.Mapping> variants = node("variants").map(node -> section("variants", node));
            if (node("methods").isEmpty() && variants.isEmpty()) {
                return Optional.empty();
            }
            String source = node("methods").or(() -> node("variants")).get().source();
            Map<String, YamlNode> entries = new LinkedHashMap<>();
            List<YamlNode> run = new ArrayList<>(node("methods").map(node -> items("methods", node)).orElse(List.of()));
            variants.ifPresent(section -> section.entries().forEach((name, node) -> {
                run.add(new YamlNode.Scalar(node.source(), name));
                entries.put(name, node);
            }));
            entries.put("run", new YamlNode.Sequence(source, run));
            return Optional.of(new YamlNode.Mapping(source, Map.of("methods", new YamlNode.Mapping(source, entries))));
        }

        private List<Optional<YamlNode>> seeds() {
            if (node("seeds").isEmpty()) {
                return List.of(Optional.empty());
            }
            List<YamlNode> seeds = items("seeds", node("seeds").get());
            requireDifferent("seeds", seeds.stream().map(seed -> text("seeds", seed)).toList());
            return seeds.stream().map(Optional::of).toList();
        }

        private void requireDifferent(String key, List<String> values) {
            values.stream().filter(value -> Collections.frequency(values, value) > 1).findFirst().ifPresent(value -> {
                throw new ConfigException(node(key).get().source(), key, "expected different ones, found " + value + " more than once");
            });
        }

        /** Choices of settings by their names. */
        private Map<String, Choice> choices() {
            if (node("grid").isPresent() && node("list").isPresent()) {
                throw new ConfigException(node("list").get().source(), "list", "expected one of grid and list, found both");
            }
            List<Choice> choices = node("grid").map(this::grid).or(() -> node("list").map(this::list)).orElse(List.of(new Choice(root.source(),
                    Map.of())));
            List<String> keys = choices.stream().flatMap(choice -> choice.values().keySet().stream()).distinct().toList();
            List<String> labels = choices.stream().map(choice -> label(choice, keys)).toList();
            requireDifferent(node("grid").isPresent() ? "grid" : "list", labels);
            Map<String, Choice> named = new LinkedHashMap<>();
            for (int c = 0; c < labels.size(); c++) {
                named.put(labels.get(c), choices.get(c));
            }
            return named;
        }

        /** Every combination of the values that the keys have; the last key changes first. */
        private List<Choice> grid(YamlNode node) {
            List<Choice> choices = List.of(new Choice(node.source(), Map.of()));
            for (Map.Entry<String, YamlNode> axis : section("grid", node).entries().entrySet()) {
                requireSetting("grid", axis.getKey(), axis.getValue());
                List<YamlNode> values = items("grid." + axis.getKey(), axis.getValue());
                choices = choices.stream().flatMap(choice -> values.stream().map(value -> {
                    Map<String, YamlNode> with = new LinkedHashMap<>(choice.values());
                    with.put(axis.getKey(), value);
                    return new Choice(value.source(), with);
                })).toList();
            }
            return choices;
        }

        private List<Choice> list(YamlNode node) {
            return items("list", node).stream().map(item -> {
                Map<String, YamlNode> values = new LinkedHashMap<>();
                flatten("", section("list", item), values);
                values.forEach((key, value) -> requireSetting("list", key, value));
                return new Choice(item.source(), values);
            }).toList();
        }

        private static void flatten(String prefix, YamlNode.Mapping section, Map<String, YamlNode> values) {
            section.entries().forEach((key, node) -> {
                if (node instanceof YamlNode.Mapping nested) {
                    flatten(prefix + key + ".", nested, values);
                } else {
                    values.put(prefix + key, node);
                }
            });
        }

        /** What a campaign says by keys of its own is no setting that it varies. */
        private static void requireSetting(String where, String key, YamlNode node) {
            if (key.equals("seed") || key.equals("methods") || key.equals("methods.run")) {
                throw new ConfigException(node.source(), where, "'" + key + "' is no setting to vary; the campaign's own key "
                        + (key.equals("seed") ? "seeds" : "methods") + " says it");
            }
        }

        /** The values by the last parts of their keys, or by the whole keys where those are ambiguous; also a folder's name. */
        private static String label(Choice choice, List<String> keys) {
            String label = choice.values().entrySet().stream().map(value -> shortKey(value.getKey(), keys) + "=" + shown(value.getValue()))
                    .collect(Collectors.joining(","));
            if (label.isEmpty()) {
                return AS_THEY_ARE;
            }
            String safe = label.replaceAll("[^A-Za-z0-9.=,+_-]", "_");
            return safe.equals(label) && label.length() <= LONGEST ? label : safe.substring(0, Math.min(safe.length(), LONGEST - HASH - 1)) + "-"
                    + new Fingerprint().add(label).hex().substring(0, HASH);
        }

        private static String shortKey(String key, List<String> keys) {
            String last = key.substring(key.lastIndexOf('.') + 1);
            return keys.stream().filter(other -> other.substring(other.lastIndexOf('.') + 1).equals(last)).count() == 1 ? last : key;
        }

        private static String shown(YamlNode node) {
            return switch (node) {
                case YamlNode.Scalar scalar -> scalar.text() == null ? "" : scalar.text();
                case YamlNode.Sequence list -> list.items().stream().map(Reader::shown).collect(Collectors.joining("+"));
                case YamlNode.Mapping mapping -> mapping.entries().entrySet().stream().map(e -> e.getKey() + "=" + shown(e.getValue()))
                        .collect(Collectors.joining("+"));
            };
        }
    }
}
