package dev.itprompt.cli;

import dev.itprompt.InputException;
import dev.itprompt.device.Device;
import dev.itprompt.experiment.LearnedRun;
import dev.itprompt.experiment.ProjectFolder;
import dev.itprompt.serve.PredictServer;
import dev.itprompt.train.StopRequest;
import dev.itprompt.train.StoppedException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Classifies pictures over HTTP. */
@Command(
        name = "serve",
        description = {"Classifies pictures over HTTP by what a finished run has learned, until it is stopped (Ctrl-C, SIGTERM). Answers are those of predict.", ""},
        footer = {"", "GET /                            a page that classifies a picture", "POST /predict?top=3&labels=a,b   the picture in the body, or in a form "
                + "(multipart/form-data)", "GET /health                      what serves, and how many pictures wait", "",
            "What is wrong with a request is said as {\"error\": \"...\"}, with status 4xx; 503 means: try again.", "", "Examples:",
            "  itprompt serve --run output/demo-0", "  itprompt serve --run output/demo-0 --method lda --port 9000",
            "  curl --data-binary @shoe.png http://127.0.0.1:8080/predict?top=3", "  curl -F image=@shoe.png http://127.0.0.1:8080/predict"})
final class ServeCommand implements Runnable {

    private static final int LARGEST_PORT = 65_535;
    private static final int CONNECTIONS = 256;
    private static final int WAITING = 256;

    @Spec
    private CommandSpec spec;

    @Option(names = "--run", required = true, paramLabel = "DIR", description = "Folder of the run.")
    private Path run;

    @Option(names = "--method", paramLabel = "NAME", description = "The method that answers; default: the first that the run compares.")
    private String method;

    @Option(names = "--host", paramLabel = "NAME", defaultValue = "127.0.0.1",
            description = "Name or address to listen at; default: 127.0.0.1, for this machine alone. There is no encryption and no password.")
    private String host;

    @Option(names = "--port", paramLabel = "N", defaultValue = "8080", description = "Port to listen at, 0 for any that is free; default: 8080.")
    private int port;

    @Option(names = "--limit", paramLabel = "SIZE", converter = ByteSize.class, defaultValue = "20MB", description = "Largest request; default: 20MB.")
    private long limit;

    @Option(names = "--timeout", paramLabel = "SECONDS", defaultValue = "30",
            description = "Until a request must have come in whole, and until its answer must have been taken; default: 30.")
    private int timeout;

    @Mixin
    private DeviceOptions device;

    @Override
    public void run() {
        requireWithin("--port", port, 0, LARGEST_PORT);
        requireWithin("--limit", limit, 1, 1 << 30);
        requireWithin("--timeout", timeout, 1, 86_400);
        PrintWriter out = spec.commandLine().getOut();
        CountDownLatch stop = new CountDownLatch(1);
        try (Device opened = device.open();
                LearnedRun learned = LearnedRun.open(run, Optional.ofNullable(method), opened, ProjectFolder.find());
                PredictServer server = PredictServer.start(learned, host, port, new PredictServer.Limits((int) limit, CONNECTIONS, WAITING, timeout))) {
            StopRequest.listen(stop::countDown);
            String address = server.address().getHostString();
            out.println(learned.method() + " of " + run + ", " + learned.classes().size() + " classes: http://"
                    + (address.contains(":") ? "[" + address + "]" : address) + ":" + server.address().getPort() + "/");
            out.flush();
            stop.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new StoppedException("stopped", false);
    }

    private static void requireWithin(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new InputException(option + ": expected " + least + " to " + most + ", found " + value);
        }
    }
}
