package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.InputException;
import dev.itprompt.campaign.Campaign;
import dev.itprompt.campaign.CampaignRun;
import dev.itprompt.campaign.ClusterProcesses;
import dev.itprompt.campaign.JobState;
import dev.itprompt.cli.TinyProject.Outcome;
import dev.itprompt.cluster.LocalCluster;
import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.train.StoppedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs that are done elsewhere: how another process is started for them, and that a campaign cares not where they are done. */
class ClusterCliTest {

    @TempDir
    private Path root;

    private Path campaign(TinyProject project) throws IOException {
        return Files.writeString(root.resolve("campaign.yaml"), "name: far\nmethods: [ncm, lda]\nseeds: [0, 1]\nbase: " + project.config()
                + "\nbenchmarks: {good: {}, bad: {dataset: {path: " + root.resolve("missing") + "}}}\n");
    }

    @Test
    void theProcessesOfAClusterGiveTheSameBytes() throws IOException {
        Path file = campaign(TinyProject.create(root));
        Path near = root.resolve("near");
        assertEquals(1, TinyProject.run("campaign", "run", file.toString(), "--output", near.toString(), "--device", "reference").exitCode());
        Path far = root.resolve("far");
        List<String> ended = new ArrayList<>();
        new CampaignRun(Campaign.read(file, Optional.of(far), new ProjectFolder(root)), new ClusterProcesses(new LocalCluster(),
                (configuration, folder) -> List.of("train", "--config", configuration.toString(), "--output", folder.toString(), "--device", "reference"),
                InProcess::run, 1), (job, state, left) -> ended.add(job.title() + (state instanceof JobState.Failed failed ? ": " + failed.reason() : "")
                + " " + left)).run();
        assertEquals(4, ended.size(), ended.toString());
        assertEquals(List.of("good, seed 0 3", "good, seed 1 2"), ended.subList(0, 2));
        assertTrue(ended.getLast().startsWith("bad, seed 1: ") && ended.getLast().contains(root.resolve("missing").toString()), ended.toString());
        for (String name : List.of("results.csv", "table.md", "runs/good/base/seed-1/predictions.csv", "runs/good/base/seed-1/methods/lda.safetensors")) {
            assertEquals(-1, Files.mismatch(near.resolve(name), far.resolve(name)), name);
        }
        assertTrue(Files.readString(far.resolve("jobs/good/base/seed-1.log")).contains("results: "), "what a job said is kept");
    }

    /** What another process may finish is no result. */
    @Test
    void aStoppedJobIsNotDone() {
        assertThrows(StoppedException.class, () -> new LocalCluster().map(List.of(1), _ -> {
            throw new StoppedException(true);
        }));
        assertEquals(2, InProcess.run(List.of("train", "--config", root.resolve("none.yaml").toString())).exitCode());
        assertEquals(List.of(2, 4, 6), new LocalCluster().map(List.of(1, 2, 3), number -> 2 * number));
    }

    @Test
    void whatIsMissingIsSaidInALine() throws IOException {
        Path file = campaign(TinyProject.create(root));
        refused("--on: expected spark://host:port, k8s://", file, "--on", "spork://head:7077", "--threads", "2");
        refused("--on: needs --threads N as well", file, "--on", "spark://head:7077");
        refused("--jobs: expected 1 to 1024, found 0", file, "--jobs", "0");
        assertEquals("--on: expected SPARK_HOME to name the folder of Spark 4.2, found it is not set; see docs/cluster.md",
                assertThrows(InputException.class, () -> SparkSubmit.program(null)).getMessage());
        assertTrue(assertThrows(InputException.class, () -> SparkSubmit.program(root.toString())).getMessage().contains("found no " + root));
        if (System.getenv("SPARK_HOME") == null) {
            refused("--on: expected SPARK_HOME to name", file, "--on", "local-cluster[2,1,1024]", "--threads", "1");
        }
    }

    private static void refused(String message, Path file, String... more) {
        Outcome outcome = TinyProject.run(Stream.concat(Stream.of("campaign", "run", file.toString()), Stream.of(more)).toArray(String[]::new));
        assertEquals(2, outcome.exitCode());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().startsWith("itprompt: " + message), outcome.err());
    }

    @Test
    void sparkSubmitIsGivenTheSameWords() {
        List<String> command = new SparkSubmit(Path.of("/spark/bin/spark-submit"), "spark://head:7077", 8, Path.of("/it/target/itprompt.jar"), Path.of("/it x"))
                .command(List.of("campaign", "run", "a.yaml", "--on", "spark://head:7077"));
        assertEquals(List.of("/spark/bin/spark-submit", "--master", "spark://head:7077"), command.subList(0, 3));
        assertEquals(List.of("/it/target/itprompt-spark.jar", "campaign", "run", "a.yaml", "--on", "spark://head:7077"),
                command.subList(command.size() - 6, command.size()));
        assertTrue(command.containsAll(List.of("--jars", "/it/target/itprompt.jar", "spark.executor.cores=8", "spark.task.cpus=8")), command.toString());
        assertTrue(command.stream().anyMatch(word -> word.startsWith("spark.executor.defaultJavaOptions=--add-modules=jdk.incubator.vector ")
                && word.endsWith(" \"-Ditprompt.root=/it x\"")), command.toString());
    }

    /** Without the profile for it, nothing of Spark is needed to compile or to run. */
    @Test
    void noClassOfTheProgramNamesSpark() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("target/classes/dev/itprompt"))) {
            List<Path> classes = files.filter(file -> file.toString().endsWith(".class")).toList();
            assertTrue(classes.size() > 400, classes.size() + " classes only");
            for (Path file : classes) {
                String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                assertTrue(!bytes.contains("org/apache/spark") && !bytes.contains("org.apache.spark"), file.toString());
            }
        }
    }

    /** What is not cut into parts, or not trained on images, has nothing for a cluster to do. */
    @Test
    void stepsOfOnePartAreRefused() throws IOException {
        TinyProject project = TinyProject.create(root);
        for (String[] more : new String[][] {{}, {"--set", "methods=ncm"}}) {
            Outcome outcome = TinyProject.run(Stream.concat(Stream.of("train", "--config", project.config().toString(), "--on", "spark://h:7077",
                    "--threads", "1", "--output", root.resolve("on").toString()), Stream.of(more)).toArray(String[]::new));
            assertEquals(2, outcome.exitCode(), outcome.err());
            assertEquals("itprompt: --on: expected --parts P of at least 2 for methods that are trained on images by gradients, found "
                    + (more.length == 0 ? "1" : "ncm"), outcome.err().strip());
        }
    }

    /** A jar that was built before what joins clusters has changed is refused by name; other sources do not matter to it. */
    @Test
    void anOldJarIsNoticed() throws IOException {
        Path jar = Files.createFile(root.resolve("itprompt-spark.jar"));
        Path own = Files.createDirectories(root.resolve("src/spark")).resolve("A.java");
        Path other = Files.createDirectories(root.resolve("src/main/java/dev/itprompt/model")).resolve("B.java");
        Files.setLastModifiedTime(jar, FileTime.fromMillis(2000));
        Files.setLastModifiedTime(Files.createFile(own), FileTime.fromMillis(1000));
        Files.setLastModifiedTime(Files.createFile(other), FileTime.fromMillis(3000));
        assertEquals(Optional.empty(), SparkSubmit.newer(jar, root));
        Files.setLastModifiedTime(own, FileTime.fromMillis(3000));
        assertEquals(Optional.of(own), SparkSubmit.newer(jar, root));
    }
}
