package dev.itprompt.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.Setting;
import dev.itprompt.experiment.ExperimentSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationTest {

    enum Mode { PLAIN, TWO_WORDS }

    record Inner(
            @Setting(meaning = "steps", byDefault = "3", min = 1, max = 10) int steps,
            @Setting(meaning = "rate", byDefault = "2.5e-4", min = 0) double rate,
            @Setting(meaning = "layers", byDefault = "[0, 1]", min = 0) List<Integer> layers) {
        Inner {
            if (steps == 7) {
                throw new IllegalArgumentException("seven is forbidden");
            }
        }
    }

    record Outer(
            @Setting(meaning = "a name", byDefault = "''") String name,
            @Setting(meaning = "inner things") Inner inner,
            @Setting(meaning = "mode", byDefault = "plain") Mode mode,
            @Setting(meaning = "on", byDefault = "true") boolean on) {}

    record Strict(@Setting(meaning = "where") String path) {}

    private static Configuration<Outer> read(String yaml, String... sets) {
        Configuration.Builder<Outer> builder = Configuration.of(Outer.class).text("x.yaml", yaml);
        for (String set : sets) {
            builder.set("--set", set);
        }
        return builder.build();
    }

    private static ConfigException refused(String yaml, String... sets) {
        ConfigException e = assertThrows(ConfigException.class, () -> read(yaml, sets));
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        return e;
    }

    @Test
    void laterLayersOverrideEarlierOnes() {
        Configuration<Outer> c = read("inner:\n  steps: 4\n  rate: 1e-3\nmode: two-words", "inner.steps=5", "inner.steps=6");
        assertEquals(new Outer("", new Inner(6, 1e-3, List.of(0, 1)), Mode.TWO_WORDS, true), c.settings());
        assertEquals("--set inner.steps=6", c.values().get("inner.steps").source());
        assertEquals("x.yaml:3", c.values().get("inner.rate").source());
        assertEquals("x.yaml:4", c.values().get("mode").source());
        assertEquals("default", c.values().get("on").source());
    }

    @Test
    void emptyTextIsAllDefaults() {
        Outer defaults = Configuration.of(Outer.class).build().settings();
        for (String yaml : List.of("", "# nothing\n", "---\n", "inner:\n", "null", "{}")) {
            assertEquals(defaults, read(yaml).settings(), yaml);
        }
    }

    @Test
    void unknownKeysAreRefusedWithTheNearestMatch() {
        assertEquals("x.yaml:2: unknown key 'inner.stepz'; did you mean 'inner.steps'? (itprompt config lists all keys)",
                refused("inner:\n  stepz: 4").getMessage());
        assertEquals("x.yaml:1: unknown key 'iner'; did you mean 'inner'? (itprompt config lists all keys)",
                refused("iner:\n  steps: 4").getMessage());
        assertEquals("x.yaml:1: unknown key 'steps'; did you mean 'inner.steps'? (itprompt config lists all keys)",
                refused("steps: 4").getMessage());
        assertEquals("x.yaml:1: unknown key 'somethingElse' (itprompt config lists all keys)",
                refused("somethingElse: 4").getMessage());
        assertEquals("--set mod=plain: unknown key 'mod'; did you mean 'mode'? (itprompt config lists all keys)",
                refused("", "mod=plain").getMessage());
    }

    @Test
    void wrongTypesNameKeyPlaceExpectedAndFound() {
        ConfigException e = refused("inner:\n  steps: many");
        assertEquals("x.yaml:2: inner.steps: expected a whole number from 1 to 10, found 'many'", e.getMessage());
        assertEquals("inner.steps", e.key());
        assertEquals("x.yaml:2", e.source());
        for (String yaml : List.of("inner: 3", "inner: [1]", "inner: {steps: 2.5}", "inner: {steps: }", "inner: {steps: [1]}",
                "inner: {steps: 99999999999}", "inner: {steps: 0x3}", "inner: {rate: fast}", "inner: {rate: 1e999}",
                "inner: {rate: .nan}", "inner: {layers: 3}", "inner: {layers: [a]}", "inner: {layers: [[1]]}", "on: yes", "on: 1",
                "mode: plane", "name: {a: b}", "name:", "[1, 2]", "just text")) {
            assertTrue(refused(yaml).getMessage().contains(": expected "), yaml);
        }
        assertTrue(refused("mode: plane").getMessage().endsWith("found 'plane'; did you mean 'plain'?"));
    }

    @Test
    void valuesOutOfRangeAreRefused() {
        for (String set : List.of("inner.steps=0", "inner.steps=11", "inner.rate=-1e-9", "inner.layers=[0, -1]", "inner.layers=3,-1")) {
            ConfigException e = refused("", set);
            assertTrue(e.getMessage().startsWith("--set " + set + ": inner."), e.getMessage());
        }
    }

    @Test
    void whatTheRecordRefusesNamesFileAndSection() {
        assertEquals("x.yaml: inner: seven is forbidden", refused("inner: {steps: 7}").getMessage());
    }

    @Test
    void brokenYamlIsOneLineWithItsPlace() {
        assertTrue(refused("on: true\nmode: [").getMessage().startsWith("x.yaml:2: not YAML: "));
        assertTrue(refused("\tinner: 3").getMessage().startsWith("x.yaml:1: not YAML: "));
        assertEquals("x.yaml:3: key 'on' is given a second time (first at x.yaml:1)",
                refused("on: true\nmode: plain\non: false").getMessage());
        assertTrue(refused("name: &a x\nmode: *a").getMessage().contains("aliases"));
        assertTrue(refused("on: true\n---\non: false").getMessage().contains("one YAML document"));
        assertTrue(refused("a: ".repeat(1) + "[".repeat(5000)).getMessage().startsWith("x.yaml"));
    }

    @Test
    void assignmentsNeedAKeyAndAValue() {
        assertTrue(refused("", "inner.steps").getMessage().contains("expected key=value"));
        assertTrue(refused("", "=3").getMessage().contains("expected key=value"));
        assertTrue(refused("", "inner=3").getMessage().contains("such as inner.steps"));
        assertTrue(refused("", "inner.steps=").getMessage().contains("found ''"));
        assertEquals("a: b # c", read("", "name=a: b # c").settings().name());
        assertEquals(List.of(2, 3), read("", "inner.layers=2, 3").settings().inner().layers());
        assertEquals(List.of(), read("", "inner.layers=").settings().inner().layers());
    }

    @Test
    void keysWithoutDefaultMustBeGiven() {
        ConfigException e = assertThrows(ConfigException.class,
                () -> Configuration.of(Strict.class).text("y.yaml", "").build());
        assertEquals("y.yaml: path: must be given: where", e.getMessage());
    }

    @Test
    void writtenYamlGivesTheSameSettings() {
        for (String name : List.of("", "x", "true", "null", "2024", "a photo of {}", "quote \" and \\", "tab\tnew\nline", "~", "# no",
                "Grüße, 世界 😀")) {
            Outer settings = new Outer(name, new Inner(2, 1.0 / 3, List.of(4, 5)), Mode.TWO_WORDS, false);
            Configuration<Outer> c = read("inner: {steps: 2, rate: " + 1.0 / 3 + ", layers: [4, 5]}\nmode: two-words\non: false");
            String yaml = c.toYaml().replace("name: \"\"", new Named(name).yaml());
            assertEquals(settings, read(yaml).settings(), yaml);
        }
    }

    /** One text as the writer writes it. */
    private record Named(@Setting(meaning = "a name") String name) {
        String yaml() {
            return Configuration.of(Named.class).set("--set", "name='" + name + "'").build().toYaml().strip();
        }
    }

    @Test
    void filesAreNamedInComplaints(@TempDir Path folder) throws Exception {
        Path missing = folder.resolve("none.yaml");
        assertTrue(assertThrows(InputException.class, () -> Configuration.of(Outer.class).file(missing)).getMessage()
                .startsWith(missing + ": no such file"));
        assertTrue(assertThrows(InputException.class, () -> Configuration.of(Outer.class).file(folder)).getMessage()
                .contains("is a folder"));
        Path binary = Files.write(folder.resolve("b.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 3});
        assertThrows(InputException.class, () -> Configuration.of(Outer.class).file(binary));
        Path huge = Files.write(folder.resolve("l.yaml"), new byte[(1 << 20) + 1]);
        assertEquals(huge + ": expected a configuration of at most 1048576 bytes, found more; check that it is the right file",
                assertThrows(InputException.class, () -> Configuration.of(Outer.class).file(huge)).getMessage());
        Path good = Files.writeString(folder.resolve("g.yaml"), "on: false");
        assertEquals(good + ":1", Configuration.of(Outer.class).file(good).build().values().get("on").source());
    }

    @Test
    void experimentSettingsHaveDefaultsAndCheckNames() {
        ExperimentSettings settings = ExperimentSettings.configuration().build().settings();
        assertEquals(0, settings.seed());
        ConfigException e = assertThrows(ConfigException.class, () -> ExperimentSettings.configuration()
                .text("e.yaml", "methods: [it-promt]").build());
        assertEquals("e.yaml:1: methods: unknown method 'it-promt'; did you mean 'it-prompt'?", e.getMessage());
        String yaml = ExperimentSettings.configuration().build().toYaml();
        assertEquals(settings, ExperimentSettings.configuration().text("again", yaml).build().settings());
    }

    @Test
    void listingShowsEveryKeyWithinTheWidth() {
        String listing = SettingsListing.keys(ExperimentSettings.schema(), _ -> true, 120);
        for (SettingsSchema.Key key : ExperimentSettings.schema().keys().values()) {
            assertTrue(listing.contains("  " + key.name() + " "), key.path());
        }
        assertTrue(listing.lines().allMatch(line -> line.length() <= 130), listing);
    }

    /** A preset takes the place of defaults, gives way to what is given beside it, and reaches variants. */
    @Test
    void presetsStandAmongTheSettingsOfTheirMethod() {
        Configuration<ExperimentSettings> c = ExperimentSettings.configuration().text("p.yaml", """
                methods:
                  it-prompt: {preset: hide-cub, headRate: 0.5}
                  it-prompt-no-text:
                  mine: {of: it-prompt, preset: hide-cifar, epochs: 3}
                """).build();
        assertEquals("20", c.values().get("methods.it-prompt.length").text());
        assertEquals("preset hide-cub", c.values().get("methods.it-prompt.replay.statistics").source());
        assertEquals("0.5", c.values().get("methods.it-prompt.headRate").text());
        assertEquals("20", c.values().get("methods.it-prompt-no-text.length").text());
        assertEquals("5", c.values().get("methods.mine.length").text());
        assertEquals("3", c.values().get("methods.mine.epochs").text());
        assertEquals("0.0015", c.values().get("methods.mine.headRate").text());
        assertEquals(c.toYaml(), ExperimentSettings.configuration().text("again", c.toYaml()).build().toYaml());
        assertTrue(refusedPreset("hide-cubs").endsWith("methods.it-prompt.preset: expected a preset, found 'hide-cubs'; did you mean hide-cub?"));
    }

    private static String refusedPreset(String name) {
        return assertThrows(ConfigException.class, () -> ExperimentSettings.configuration()
                .set("--set", "methods.it-prompt.preset=" + name).build()).getMessage();
    }
}
