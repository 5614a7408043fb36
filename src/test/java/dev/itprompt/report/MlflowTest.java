package dev.itprompt.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.FailureException;
import dev.itprompt.InputException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MlflowTest {

    @TempDir
    private Path root;

    private RunSet set() throws IOException {
        return RunSet.read(List.of(SampleRun.of(1).write(root.resolve("one"), "methods.x: 1"), SampleRun.of(2).write(root.resolve("two"))));
    }

    private static Mlflow at(MlflowServer server) {
        return Mlflow.at(server.address() + "/", Map.of());
    }

    private static Mlflow impatient(MlflowServer server) {
        return new Mlflow(URI.create(server.address()), Optional.empty(), Duration.ofMillis(300));
    }

    @Test
    void everySeedAndMethodIsARun() throws IOException {
        RunSet set = set();
        StringBuilder log = new StringBuilder();
        for (int i = 1; i <= 1500; i++) {
            log.append("{\"time\":\"2026-01-01T00:00:01Z\",\"event\":\"step\",\"training\":\"it-prompt\",\"stage\":\"task 1 prompt\",\"step\":%d,\"steps\":1500,"
                    .formatted(i)).append("\"loss\":0.5,\"rate\":0.1}\n");
        }
        Files.writeString(set.runs().getFirst().folder().resolve("log.jsonl"), log);
        try (MlflowServer server = new MlflowServer()) {
            assertEquals(6, at(server).send(set));
            assertEquals(List.of(), server.problems);
            assertEquals(Map.of("sample", "1"), server.experiments);
            assertEquals(6, server.finished());
            MlflowServer.Run first = server.runs.get("run0");
            assertEquals("it-prompt, seed 1", first.name);
            assertEquals("it-prompt", first.tags.get("method"));
            assertEquals("sha256 00ff", first.tags.get("checkpoint"));
            assertEquals("idx", first.params.get("dataset.kind"));
            assertEquals(5, first.batches, "a batch of parameters, and four of some 3000 metrics");
            assertEquals(1500, first.metrics.get("loss/prompt").size());
            RunRecord run = set.runs().getFirst();
            assertEquals(Definition.FAA.of(run, run.method("it-prompt")).orElseThrow(), first.metrics.get("metrics/FAA").get(3L));
            assertEquals(run.method("it-prompt").accuracy().accuracy(0, 1), first.metrics.get("accuracy/task 1").get(2L));
            assertFalse(server.runs.get("run1").metrics.containsKey("loss/prompt"));
            assertEquals(6, at(server).send(set), "again");
            assertEquals(1, server.experiments.size());
            assertEquals(12, server.finished());
        }
    }

    @Test
    void methodsHaveTheirOwnSettingsOnly() throws IOException {
        Path folder = new SampleRun("names", SampleRun.CLASSES, List.of("l2p++-deep", "l2p", "joint"), 1).write(root.resolve("run"));
        Files.writeString(folder.resolve("config.yaml"), "methods:\n  run: [l2p]\n  l2p++:\n    rate: 1\n  l2p++-deep:\n    rate: 2\n  l2p:\n    rate: "
                + "3\nname: names\nempty: ''\nlong: " + "x".repeat(5000) + "\n");
        try (MlflowServer server = new MlflowServer()) {
            at(server).send(RunSet.read(List.of(folder)));
            assertEquals(List.of(), server.problems);
            Map<String, String> params = server.runs.get("run0").params;
            assertEquals("2", params.get("methods.l2p__-deep.rate"));
            assertTrue(params.keySet().stream().noneMatch(key -> key.startsWith("methods.") && !key.startsWith("methods.l2p__-deep")), params.toString());
            assertEquals("3", server.runs.get("run1").params.get("methods.l2p.rate"));
            assertTrue(server.runs.get("run2").params.keySet().stream().noneMatch(key -> key.startsWith("methods.")));
        }
    }

    @Test
    void hostileNamesArrive() throws IOException {
        Path folder = new SampleRun("<b>&\"'=1+1\\input{x}\u202E", SampleRun.CLASSES, List.of("=1+1", "<script>", "\\input{x}"), 1).write(root.resolve("run"));
        try (MlflowServer server = new MlflowServer()) {
            at(server).send(RunSet.read(List.of(folder)));
            at(server).send(RunSet.read(List.of(folder)));
            assertEquals(List.of(), server.problems);
            assertEquals(List.of("<b>&\"'=1+1\\input{x}\u202E"), List.copyOf(server.experiments.keySet()));
            assertEquals("<script>", server.runs.get("run1").tags.get("method"));
        }
    }

    @Test
    void anExperimentThatAnotherMakesFirstIsTaken() throws IOException {
        try (MlflowServer server = new MlflowServer()) {
            server.faults.put("experiments/get-by-name", exchange -> {
                server.faults.clear();
                server.experiments.put("sample", "7");
                MlflowServer.answer(exchange, 404, "{\"error_code\":\"RESOURCE_DOES_NOT_EXIST\"}");
            });
            at(server).send(set());
            assertEquals("7", server.runs.get("run0").experiment);
        }
    }

    /** Each is one line that names server, fault and what to do; a run that was begun is marked as failed. */
    @Test
    void whatGoesWrongIsALineAndTheRunIsMarkedAsFailed() throws IOException {
        RunSet set = set();
        Map<String, MlflowServer.Fault> faults = new LinkedHashMap<>();
        faults.put("/api/2.0/mlflow/runs/log-batch answered 503", exchange -> MlflowServer.answer(exchange, 503, "<html>busy</html>"));
        faults.put("answered 500, out of space", exchange -> MlflowServer.answer(exchange, 500, "{\"message\":\"out of\\nspace\"}"));
        faults.put("answered 302", exchange -> {
            exchange.getResponseHeaders().set("Location", "file:///etc/passwd");
            MlflowServer.answer(exchange, 302, "");
        });
        faults.put("expected a JSON object as MLflow answers, found '<html>'", exchange -> MlflowServer.answer(exchange, 200, "<html>"));
        faults.put("", exchange -> exchange.close());
        faults.put("   ", exchange -> { // endless
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                for (int i = 0; i < 1 << 16; i++) {
                    out.write(" ".repeat(1 << 10).getBytes(StandardCharsets.UTF_8));
                }
            }
        });
        for (Map.Entry<String, MlflowServer.Fault> fault : faults.entrySet()) {
            try (MlflowServer server = new MlflowServer()) {
                server.faults.put("runs/log-batch", fault.getValue());
                String message = failure(at(server), set);
                assertTrue(message.startsWith("mlflow: " + server.address() + ": ") && message.contains("the results are complete in "), message);
                assertTrue(message.contains(fault.getKey().strip()), message);
                assertEquals(List.of("FAILED"), server.runs.values().stream().map(run -> run.status).toList(), fault.getKey());
            }
        }
    }

    @Test
    void eachRequestMayFail() throws IOException {
        RunSet set = set();
        for (String endpoint : List.of("experiments/get-by-name", "experiments/create", "runs/create", "runs/update")) {
            try (MlflowServer server = new MlflowServer()) {
                server.faults.put(endpoint, exchange -> MlflowServer.answer(exchange, 500, "{}"));
                assertTrue(failure(at(server), set).contains(endpoint + " answered 500"));
            }
            try (MlflowServer server = new MlflowServer()) {
                server.faults.put(endpoint, exchange -> MlflowServer.answer(exchange, 200, "{}"));
                if (!endpoint.equals("runs/update")) {
                    assertTrue(failure(at(server), set).contains("expected an answer with "), endpoint);
                }
            }
        }
    }

    @Test
    void aServerThatIsSlowOrDownIsGivenUp() throws IOException {
        RunSet set = set();
        try (MlflowServer server = new MlflowServer()) {
            server.faults.put("runs/create", exchange -> sleep());
            assertTrue(failure(impatient(server), set).contains(": "));
            server.faults.put("runs/create", exchange -> { // begins to answer
                exchange.sendResponseHeaders(200, 10);
                exchange.getResponseBody().write('{');
                exchange.getResponseBody().flush();
                sleep();
            });
            assertTrue(failure(impatient(server), set).contains("no answer within"));
        }
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        assertTrue(failure(Mlflow.at("http://127.0.0.1:" + free, Map.of()), set).contains("127.0.0.1:" + free + ": no connection;"));
        assertTrue(failure(Mlflow.at("http://no-such-host.invalid", Map.of()), set).contains("no-such-host.invalid: no connection;"));
    }

    private static void sleep() {
        try {
            Thread.sleep(3000);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static String failure(Mlflow to, RunSet set) {
        String message = assertThrows(FailureException.class, () -> to.send(set)).getMessage();
        assertEquals(1, message.lines().count(), message);
        assertFalse(message.contains("null"), message);
        return message;
    }

    @Test
    void whoAsksIsToldAsMlflowsProgramsTellIt() throws IOException {
        RunSet set = set();
        for (Map.Entry<String, Map<String, String>> expected : Map.of("Bearer t0", Map.of("MLFLOW_TRACKING_TOKEN", "t0"), "Basic dTpww7Y=",
                Map.of("MLFLOW_TRACKING_USERNAME", "u", "MLFLOW_TRACKING_PASSWORD", "pö"), "null", Map.<String, String>of()).entrySet()) {
            try (MlflowServer server = new MlflowServer()) {
                Mlflow.at(server.address(), expected.getValue()).send(set);
                assertEquals(List.of(expected.getKey()), server.authorizations.stream().distinct().toList());
            }
        }
        for (String bad : List.of("", "localhost:5000", "ftp://host", "http://", "http://u:secret@host", "http://host/?a=b", "http://a b", "file:///tmp")) {
            String message = assertThrows(InputException.class, () -> Mlflow.at(bad, Map.of()), bad).getMessage();
            assertFalse(message.contains("secret"), message);
        }
    }
}
