package dev.itprompt.report;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.itprompt.JsonText;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A tracking server in memory that answers as MLflow's documentation of its REST interface says ("REST API", version 2.0): the endpoints
 * for experiments and runs that are needed here, their fields, limits, error codes and statuses. Faults are set by the tests.
 */
public final class MlflowServer implements AutoCloseable {

    /** A run as it was sent. */
    static final class Run {
        final String experiment;
        final String name;
        final Map<String, String> tags = new LinkedHashMap<>();
        final Map<String, String> params = new LinkedHashMap<>();
        final Map<String, Map<Long, Double>> metrics = new LinkedHashMap<>();
        String status = "RUNNING";
        int batches;

        private Run(String experiment, String name) {
            this.experiment = experiment;
            this.name = name;
        }
    }

    /** What goes wrong at a path: the answer, or nothing where a thread sleeps or the connection is cut. */
    interface Fault {
        void answer(HttpExchange exchange) throws IOException;
    }

    private static final class Bad extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final int status;
        private final String code;

        private Bad(int status, String code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }
    }

    private static final String REST = "/api/2.0/mlflow/";

    final Map<String, String> experiments = new LinkedHashMap<>();
    final Map<String, Run> runs = new LinkedHashMap<>();
    final Map<String, Fault> faults = new HashMap<>();
    final List<String> problems = new ArrayList<>();
    final List<String> authorizations = new ArrayList<>();
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    public MlflowServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    public String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Runs that have ended well. */
    public long finished() {
        return runs.values().stream().filter(run -> run.status.equals("FINISHED")).count();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            byte[] body = exchange.getRequestBody().readAllBytes();
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            Fault fault = path.startsWith(REST) ? faults.get(path.substring(REST.length())) : null;
            if (fault != null) {
                fault.answer(exchange);
                return;
            }
            try {
                if (!path.startsWith(REST)) {
                    throw new Bad(404, "ENDPOINT_NOT_FOUND", "no such endpoint");
                }
                answer(exchange, 200, answer(path.substring(REST.length()), exchange, body).toString());
            } catch (Bad e) {
                if (e.status == 400 && !e.code.equals("RESOURCE_ALREADY_EXISTS")) {
                    problems.add(path + ": " + e.getMessage());
                }
                answer(exchange, e.status, JsonText.MAPPER.createObjectNode().put("error_code", e.code).put("message", e.getMessage()).toString());
            }
        }
    }

    static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    private synchronized ObjectNode answer(String endpoint, HttpExchange exchange, byte[] body) {
        ObjectNode answer = JsonText.MAPPER.createObjectNode();
        if (endpoint.equals("experiments/get-by-name")) {
            require(exchange.getRequestMethod().equals("GET"), "GET");
            String name = exchange.getRequestURI().getQuery().replaceFirst("^experiment_name=", "");
            if (!experiments.containsKey(name)) {
                throw new Bad(404, "RESOURCE_DOES_NOT_EXIST", "Could not find experiment with name '" + name + "'");
            }
            answer.putObject("experiment").put("experiment_id", experiments.get(name)).put("name", name).put("lifecycle_stage", "active");
            return answer;
        }
        require(exchange.getRequestMethod().equals("POST"), "POST");
        require("application/json".equals(exchange.getRequestHeaders().getFirst("Content-Type")), "Content-Type: application/json");
        require(body.length <= 1 << 20, "at most 1 MB");
        JsonNode json = JsonText.MAPPER.readTree(body);
        switch (endpoint) {
            case "experiments/create" -> {
                String name = text(json, "name");
                if (experiments.containsKey(name)) {
                    throw new Bad(400, "RESOURCE_ALREADY_EXISTS", "Experiment already exists");
                }
                experiments.put(name, Integer.toString(experiments.size() + 1));
                return answer.put("experiment_id", experiments.get(name));
            }
            case "runs/create" -> {
                require(experiments.containsValue(text(json, "experiment_id")), "an experiment");
                require(json.path("start_time").isIntegralNumber(), "start_time in milliseconds");
                Run run = new Run(text(json, "experiment_id"), text(json, "run_name"));
                json.path("tags").forEach(tag -> run.tags.put(key(tag), text(tag, "value")));
                String id = "run" + runs.size();
                runs.put(id, run);
                answer.putObject("run").putObject("info").put("run_id", id).put("status", run.status);
                return answer;
            }
            case "runs/log-batch" -> {
                Run run = run(json);
                require(json.path("metrics").size() <= 1000, "at most 1000 metrics");
                require(json.path("params").size() <= 100, "at most 100 params");
                json.path("params").forEach(param -> {
                    require(param.required("value").asString().length() <= 500, "params of at most 500 letters");
                    String before = run.params.put(key(param), param.required("value").asString());
                    require(before == null || before.equals(param.required("value").asString()), "a param that does not change");
                });
                json.path("metrics").forEach(metric -> {
                    require(metric.path("value").isNumber() && metric.path("timestamp").isIntegralNumber() && metric.path("step").isIntegralNumber(),
                            "numbers for value, timestamp and step");
                    run.metrics.computeIfAbsent(key(metric), _ -> new LinkedHashMap<>()).put(metric.path("step").asLong(), metric.path("value").asDouble());
                });
                run.batches++;
                return answer;
            }
            case "runs/update" -> {
                Run run = run(json);
                run.status = text(json, "status");
                require(Stream.of("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED").anyMatch(run.status::equals), "a status");
                require(json.path("end_time").isIntegralNumber(), "end_time in milliseconds");
                return answer;
            }
            default -> throw new Bad(404, "ENDPOINT_NOT_FOUND", endpoint);
        }
    }

    private Run run(JsonNode json) {
        Run run = runs.get(text(json, "run_id"));
        require(run != null, "a run");
        return run;
    }

    private static String key(JsonNode pair) {
        String key = text(pair, "key");
        require(key.length() <= 250 && key.matches("[\\w./: -]+") && !key.startsWith("/") && !key.contains(".."),
                "keys of letters, digits, _ - . / : and blanks, found '" + key + "'");
        return key;
    }

    private static String text(JsonNode json, String key) {
        require(json.path(key).isString() && !json.path(key).asString().isEmpty(), key);
        return json.path(key).asString();
    }

    private static void require(boolean there, String expected) {
        if (!there) {
            throw new Bad(400, "INVALID_PARAMETER_VALUE", "expected " + expected);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
