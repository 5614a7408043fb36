package dev.itprompt.cli;

import dev.itprompt.FailureException;
import dev.itprompt.InputException;
import dev.itprompt.WriteException;
import dev.itprompt.experiment.ProjectFolder;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Spark's own start of a program: this program knows no class of Spark, the one it starts is compiled against it.
 *
 * @param program of Spark that starts others
 * @param master  of the cluster
 * @param threads processors that a job takes
 * @param core    this program's jar
 * @param root    folder that paths of configurations begin in, on all machines
 */
record SparkSubmit(Path program, String master, int threads, Path core, Path root) {

    private static final String BUILD = "./mvnw -q -B -Pspark -Dmaven.test.skip package";
    private static final String JAR = "itprompt-spark.jar";
    /** What each process of the cluster is started with, beside what Spark gives it; {@code itprompt} says why. */
    private static final String JAVA = "--add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED -XX:Tier3DelayOn=1000000"
            + " -XX:MaxDirectMemorySize=1t";

    /** Whether Spark knows such masters. */
    static boolean takes(String master) {
        return master.matches("spark://.+|k8s://.+|yarn|local-cluster\\[\\d+,\\d+,\\d+]");
    }

    /**
     * As this machine has it.
     *
     * @throws InputException if SPARK_HOME does not name Spark's folder, or the jar for it has not been built
     */
    static SparkSubmit here(String master, int threads) {
        SparkSubmit submit = new SparkSubmit(program(System.getenv("SPARK_HOME")), master, threads, ownJar(), ProjectFolder.find().root());
        if (!Files.isRegularFile(submit.spark())) {
            throw new InputException("--on: found no " + submit.spark() + "; build it with " + BUILD);
        }
        newer(submit.spark(), submit.root()).ifPresent(source -> {
            throw new InputException("--on: " + submit.spark() + " is older than " + source + "; build it again with " + BUILD);
        });
        return submit;
    }

    /** A source of what joins clusters that has changed since a jar was made of it; empty where there are no sources. */
    static Optional<Path> newer(Path jar, Path root) {
        try {
            FileTime made = Files.getLastModifiedTime(jar);
            for (Path sources : List.of(root.resolve("src/spark"), root.resolve("src/main/java/dev/itprompt/cluster"))) {
                if (Files.isDirectory(sources)) {
                    try (Stream<Path> files = Files.walk(sources)) {
                        for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                            if (Files.getLastModifiedTime(file).compareTo(made) > 0) {
                                return Optional.of(file);
                            }
                        }
                    }
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new FailureException(jar + ": cannot be compared with its sources (" + WriteException.reason(e) + ")", e);
        }
    }

    /** @param home Spark's folder; null if nobody has named it */
    static Path program(String home) {
        boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
        Path program = home == null ? null : Path.of(home, "bin", windows ? "spark-submit.cmd" : "spark-submit");
        if (program == null || !Files.isRegularFile(program)) {
            throw new InputException("--on: expected SPARK_HOME to name the folder of Spark 4.2, found "
                    + (program == null ? "it is not set" : "no " + program) + "; see docs/cluster.md");
        }
        return program;
    }

    /** The jar that these classes are in, or the one beside them that is made of them. */
    private static Path ownJar() {
        try {
            return Path.of(SparkSubmit.class.getProtectionDomain().getCodeSource().getLocation().toURI()).resolveSibling("itprompt.jar");
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The jar with what joins a cluster. */
    private Path spark() {
        return core.resolveSibling(JAR);
    }

    /** The command line that does the same words in a process that can join the cluster. */
    List<String> command(List<String> words) {
        List<String> command = new ArrayList<>(List.of(program.toString(), "--master", master, "--class", "dev.itprompt.spark.Main", "--name", "itprompt",
                "--jars", core.toString(), "--driver-java-options", JAVA,
                "--conf", "spark.executor.defaultJavaOptions=" + JAVA + " \"-Ditprompt.root=" + root + "\"",
                "--conf", "spark.executor.cores=" + threads, "--conf", "spark.task.cpus=" + threads, "--conf", "spark.log.level=WARN",
                spark().toString()));
        command.addAll(words);
        return command;
    }

    /**
     * Does the words there and waits.
     *
     * @return the exit code
     */
    int run(List<String> words) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command(words)).inheritIO();
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            Process process = builder.start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "stop-spark-submit"));
            return process.waitFor();
        } catch (IOException e) {
            throw new FailureException(program + ": cannot be started (" + WriteException.reason(e) + ")", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FailureException("interrupted while waiting for " + program, e);
        }
    }
}
