package dev.itprompt.campaign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.experiment.ProjectFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a campaign's file means, and what follows from the times that jobs took. */
class CampaignTest {

    @TempDir
    private Path root;

    private Campaign read(String yaml) {
        try {
            return Campaign.read(Files.writeString(root.resolve("campaign.yaml"), yaml), Optional.empty(), new ProjectFolder(root));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> paths(Campaign campaign) {
        return campaign.jobs().stream().map(CampaignJob::path).toList();
    }

    @Test
    void everyBenchmarkIsRunWithEverySettingAndSeed() throws IOException {
        Files.writeString(root.resolve("b.yaml"), "name: other\nscenario: {split: 2x5}\nmethods: [joint]\n");
        Campaign campaign = read("""
                name: all
                base: {encodeBatch: 7, methods: {lda: {}}}
                benchmarks: {a: {dataset: {trainPerClass: 9}}, b: b.yaml}
                methods: [ncm, lda]
                variants: {mine: {of: ncm, power: 0.25}}
                seeds: [3, 1]
                grid:
                  methods.ncm.power: [1, 0.5]
                  image.flip: [true, false]
                """);
        assertEquals(root.resolve("output/all").toAbsolutePath(), campaign.folder());
        assertEquals(16, campaign.jobs().size());
        assertEquals(List.of("a/power=1,flip=true/seed-3", "a/power=1,flip=true/seed-1", "a/power=1,flip=false/seed-3"), paths(campaign).subList(0, 3));
        CampaignJob last = campaign.jobs().getLast();
        assertEquals("b/power=0.5,flip=false/seed-1", last.path());
        assertEquals("b, power=0.5,flip=false, seed 1", last.title());
        assertEquals(List.of("ncm", "lda", "mine"), last.methods());
        String yaml = last.run().configuration().toYaml();
        for (String line : List.of("encodeBatch: 7", "split: \"2x5\"", "flip: false", "    power: 0.5", "    power: 0.25", "trainPerClass: 0", "seed: 1", "name: other")) {
            assertTrue(yaml.contains(line), line + " in\n" + yaml);
        }
        assertEquals(campaign.folder().resolve("runs/b/power=0.5,flip=false/seed-1"), last.run().folder());
    }

    @Test
    void settingsHaveNamesThatFoldersMayHave() {
        Campaign campaign = read("""
                name: names
                list:
                  - {template: "a photo/of {}"}
                  - methods: {ncm: {power: 0.5}}
                  - {methods.it-prompt.layers: [0, 1], methods.it-prompt.length: 4, methods.joint.length: 5}
                """);
        List<String> paths = paths(campaign);
        assertTrue(paths.get(0).matches("experiment/template=a_photo_of___-[0-9a-f]{8}/seed-0"), paths.toString());
        assertEquals("experiment/power=0.5/seed-0", paths.get(1));
        assertEquals("experiment/layers=0+1,methods.it-prompt.length=4,methods.joint.length=5/seed-0", paths.get(2));
        assertEquals(List.of("experiment/base/seed-0"), paths(read("name: plain\n")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "seeds: [1]                          | name: must be given",
        "name: a/b                           | name: expected a name of letters",
        "{name: a, benchmark: {}}            | unknown key 'benchmark'; did you mean 'benchmarks'?",
        "{name: a, seeds: []}                | seeds: expected a list with at least one value",
        "{name: a, seeds: [1, 1]}            | seeds: expected different ones, found 1 more than once",
        "{name: a, seeds: [x]}               | seed: expected a whole number",
        "{name: a, grid: {seed: [1]}}        | 'seed' is no setting to vary; the campaign's own key seeds says it",
        "{name: a, grid: {methods: [[lda]]}} | 'methods' is no setting to vary",
        "{name: a, grid: {imag.flip: [true]}}| unknown key 'imag.flip'",
        "{name: a, grid: {image.flip: true}} | grid.image.flip: expected a list with at least one value",
        "{name: a, grid: {}, list: [{}]}     | expected one of grid and list, found both",
        "{name: a, list: [{image.flip: true}, {image.flip: true}]} | list: expected different ones, found flip=true more than once",
        "{name: a, methods: [ldaa]}          | unknown method 'ldaa'; did you mean 'lda'?",
        "{name: a, variants: {x: {of: y}}}   | unknown method 'y'",
        "{name: a, base: [1]}                | base: expected a configuration's file, or a section with its keys, found a list",
        "{name: a, benchmarks: {x: none.yaml}} | none.yaml: no such file",
        "[1]                                 | expected the keys name, base"})
    void whatCannotBeMeantIsRefusedInALine(String yaml, String message) {
        InputException refused = assertThrows(InputException.class, () -> read(yaml));
        assertTrue(refused.getMessage().contains(message) && refused.getMessage().contains(message.contains("none.yaml") ? "none" : "campaign.yaml"),
                refused.getMessage());
    }

    @Test
    void timesAreThoseOfTheJobsMostAlike() {
        List<CampaignJob> jobs = read("""
                name: times
                benchmarks: {a: {}, b: {}}
                seeds: [0, 1]
                grid: {image.flip: [true, false]}
                """).jobs();
        Map<CampaignJob, JobState> states = new LinkedHashMap<>();
        jobs.forEach(job -> states.put(job, new JobState.Waiting()));
        assertEquals(OptionalDouble.empty(), new CampaignStatus(states, Map.of()).left(1));
        states.put(jobs.get(0), new JobState.Done());
        states.put(jobs.get(2), new JobState.Done());
        states.put(jobs.get(7), new JobState.Failed("no"));
        states.put(jobs.get(1), new JobState.Running(4));
        CampaignStatus status = new CampaignStatus(states, Map.of(jobs.get(0), 10.0, jobs.get(2), 30.0));
        assertEquals(10, status.estimate(jobs.get(1)).orElseThrow());
        assertEquals(30, status.estimate(jobs.get(3)).orElseThrow());
        assertEquals(20, status.estimate(jobs.get(4)).orElseThrow());
        assertEquals(6 + 30 + 3 * 20, status.left(1).orElseThrow());
        assertEquals(48, status.left(2).orElseThrow());
        assertEquals(30, status.left(50).orElseThrow());
    }
}
