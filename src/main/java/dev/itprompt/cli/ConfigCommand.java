package dev.itprompt.cli;

import dev.itprompt.InputException;
import dev.itprompt.JsonText;
import dev.itprompt.config.Chosen;
import dev.itprompt.config.Configuration;
import dev.itprompt.config.SettingsListing;
import dev.itprompt.config.SettingsSchema;
import dev.itprompt.experiment.ExperimentSettings;
import dev.itprompt.pretrain.PretrainSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;

/** Lists all settings, or explains those of a file. */
@Command(
        name = "config",
        description = {"Lists every setting with its default and meaning; with a file, shows every value and where it comes from.", ""},
        footer = {"", "Examples:",
            "  itprompt config                               all settings of train, of methods those that are run by default",
            "  itprompt config --method linear-probe         settings of a method",
            "  itprompt config --pretrain                    all settings of pretrain",
            "  itprompt config configs/demo.yaml             what demo.yaml sets, and what is left at its default",
            "  itprompt config configs/demo.yaml --set seed=3 --yaml > mine.yaml"})
final class ConfigCommand implements Runnable, TextCommand {

    private static final int WIDTH = 120;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", arity = "0..1", paramLabel = "FILE", description = "A configuration in YAML.")
    private Path file;

    @Option(names = "--pretrain", description = "The settings of pretrain instead of train's.")
    private boolean pretrain;

    @Option(names = "--method", paramLabel = "NAME", description = "The settings of a method alone; itprompt methods lists them.")
    private String method;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Override a key; can be repeated.")
    private List<String> assignments = List.of();

    @Option(names = "--yaml", description = "Write all values as YAML instead.")
    private boolean yaml;

    @Option(names = "--json", description = "Print JSON: an array of objects with key, default, expected and meaning; with a file or --set "
            + "with key, value and source.")
    private boolean json;

    @Override
    public void run() {
        if (json && yaml) {
            throw new InputException("--json, --yaml: expected one of them, found both");
        }
        PrintWriter out = spec.commandLine().getOut();
        boolean listing = file == null && assignments.isEmpty() && !yaml;
        if (method != null && (pretrain || !listing)) {
            throw new InputException("--method: expected no other words beside it, since it lists keys and their defaults only");
        }
        if (method != null) {
            SettingsSchema schema = ExperimentSettings.schema();
            String entry = schema.requireEntry("--method", method);
            out.print(keys(schema, section -> schema.entryAt(section).filter(entry::equals).isPresent()));
        } else if (listing && pretrain) {
            out.print(keys(new SettingsSchema(PretrainSettings.class), _ -> true));
        } else if (listing) {
            SettingsSchema schema = ExperimentSettings.schema();
            List<String> run = ExperimentSettings.configuration().build().settings().methods().entries().stream().map(Chosen.Entry::name)
                    .toList();
            out.print(keys(schema, section -> schema.concerns(section, run)));
        } else {
            Configuration<?> configuration = pretrain ? ConfigOptions.read(Configuration.of(PretrainSettings.class), file, assignments)
                    : ConfigOptions.read(ExperimentSettings.configuration(), file, assignments);
            out.print(yaml ? configuration.toYaml() : json ? origins(configuration) : SettingsListing.origins(configuration));
        }
        out.flush();
    }

    private String keys(SettingsSchema schema, Predicate<String> sections) {
        if (!json) {
            return SettingsListing.keys(schema, sections, WIDTH);
        }
        ArrayNode array = JsonText.MAPPER.createArrayNode();
        schema.keys().values().stream().filter(key -> sections.test(key.section())).forEach(key -> array.addObject().put("key", key.path())
                .put("default", key.setting().byDefault()).put("expected", key.expected()).put("meaning", key.setting().meaning()));
        return JsonText.MAPPER.writeValueAsString(array) + "\n";
    }

    private static String origins(Configuration<?> configuration) {
        ArrayNode array = JsonText.MAPPER.createArrayNode();
        configuration.values().forEach((key, value) -> array.addObject().put("key", key).put("value", value.text()).put("source", value.source()));
        return JsonText.MAPPER.writeValueAsString(array) + "\n";
    }
}
