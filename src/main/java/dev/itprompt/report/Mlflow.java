package dev.itprompt.report;

import dev.itprompt.Excerpt;
import dev.itprompt.FailureException;
import dev.itprompt.InputException;
import dev.itprompt.JsonText;
import dev.itprompt.Program;
import dev.itprompt.WriteException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sends results to an MLflow tracking server over its REST interface (version 2.0): an experiment of the run's name, and in it a run for
 * each seed and method with the settings as parameters, all curves as metrics by step, and hashes as tags.
 *
 * @param server        its address, http or https, without a slash at its end
 * @param authorization what the server is told of who asks, if anything
 * @param patience      for each answer, whole
 */
public record Mlflow(URI server, Optional<String> authorization, Duration patience) {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String REST = "/api/2.0/mlflow/";
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final String EXISTS = "RESOURCE_ALREADY_EXISTS";

    /** What one request may hold, by the interface's documentation. */
    private static final int MOST_METRICS = 1000;
    private static final int MOST_PARAMETERS = 100;
    private static final int LONGEST_KEY = 250;
    private static final int LONGEST_VALUE = 500;
    private static final long LONGEST_ANSWER = 1 << 20;
    private static final int LONGEST_REASON = 200;

    /** An answer that says that something is wrong. */
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;
        private final int status;
        private final String code;

        private Refusal(int status, String code, String message) {
            super(message);
            this.status = status;
            this.code = code;
        }
    }

    /**
     * A server that is named on the command line; who asks is told by {@code MLFLOW_TRACKING_TOKEN}, or {@code MLFLOW_TRACKING_USERNAME} and
     * {@code MLFLOW_TRACKING_PASSWORD}, as MLflow's own programs do it.
     *
     * @param address     such as {@code http://localhost:5000}
     * @param environment variables by name
     * @throws InputException if it is no such address
     */
    public static Mlflow at(String address, Map<String, String> environment) {
        String expected = "--mlflow: expected the address of a tracking server, such as http://localhost:5000, found ";
        URI uri;
        try {
            uri = URI.create(address.replaceFirst("/+$", ""));
        } catch (IllegalArgumentException e) {
            throw new InputException(expected + "'" + Excerpt.of(address, 80) + "'", e);
        }
        boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!web || uri.getHost() == null || uri.getQuery() != null || uri.getFragment() != null) {
            throw new InputException(expected + "'" + Excerpt.of(address, 80) + "'");
        }
        if (uri.getUserInfo() != null) {
            throw new InputException(expected + "one with a user's name in it; set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD instead");
        }
        String token = environment.getOrDefault("MLFLOW_TRACKING_TOKEN", "");
        String user = environment.getOrDefault("MLFLOW_TRACKING_USERNAME", "");
        String pair = user + ":" + environment.getOrDefault("MLFLOW_TRACKING_PASSWORD", "");
        Optional<String> authorization = !token.isEmpty() ? Optional.of("Bearer " + token) : user.isEmpty() ? Optional.empty()
                : Optional.of("Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        return new Mlflow(uri, authorization, PATIENCE);
    }

    /**
     * Sends the results of runs; sent again they become further runs of the experiment.
     *
     * @return how many runs the server has got
     * @throws FailureException if the server cannot be reached or refuses something; a run that was begun there is then marked as failed
     */
    public int send(RunSet set) {
        int sent = 0;
        try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(patience).build()) {
            try {
                for (RunRecord run : set.runs()) {
                    String experiment = experiment(client, run.name());
                    RunLog log = RunLog.read(run.folder());
                    for (MethodRecord method : run.methods()) {
                        send(client, experiment, run, method, log);
                        sent++;
                    }
                }
                return sent;
            } catch (IOException | Refusal | TimeoutException e) {
                String reason = e instanceof TimeoutException ? "no answer within " + patience.toSeconds() + " s"
                        : e instanceof IOException io ? WriteException.reason(io) : e.getMessage();
                throw new FailureException("mlflow: " + server + ": " + Excerpt.of(reason, LONGEST_REASON) + "; the results are complete in "
                        + set.runs().getFirst().folder() + ", itprompt report with --mlflow sends them again", e);
            } finally {
                client.shutdownNow();
            }
        }
    }

    private String experiment(HttpClient client, String name) throws IOException, Refusal, TimeoutException {
        Optional<String> known = find(client, name);
        if (known.isPresent()) {
            return known.get();
        }
        try {
            return text(post(client, "experiments/create", JsonText.MAPPER.createObjectNode().put("name", name)), "experiment_id");
        } catch (Refusal e) {
            if (e.code.equals(EXISTS)) { // another process was faster
                return find(client, name).orElseThrow(() -> e);
            }
            throw e;
        }
    }

    private Optional<String> find(HttpClient client, String name) throws IOException, Refusal, TimeoutException {
        try {
            return Optional.of(text(ask(client, request("experiments/get-by-name?experiment_name="
                    + URLEncoder.encode(name, StandardCharsets.UTF_8)).GET().build()).path("experiment"), "experiment_id"));
        } catch (Refusal e) {
            if (e.status == NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private void send(HttpClient client, String experiment, RunRecord run, MethodRecord method, RunLog log)
            throws IOException, Refusal, TimeoutException {
        ObjectNode create = JsonText.MAPPER.createObjectNode().put("experiment_id", experiment).put("start_time", milliseconds(log.begin()))
                .put("run_name", method.name() + ", seed " + run.seed());
        ArrayNode tags = create.putArray("tags");
        add(tags, "mlflow.source.name", "itprompt " + Program.version());
        add(tags, "method", method.name());
        add(tags, "seed", Long.toString(run.seed()));
        run.facts().forEach((name, value) -> add(tags, name, value));
        String id = text(post(client, "runs/create", create).path("run").path("info"), "run_id");
        try {
            batches(client, id, "params", parameters(run, method.name()), MOST_PARAMETERS);
            batches(client, id, "metrics", metrics(run, method), MOST_METRICS);
            end(client, id, "FINISHED", log);
        } catch (IOException | Refusal | TimeoutException e) {
            try {
                end(client, id, "FAILED", log);
            } catch (IOException | Refusal | TimeoutException further) {
                e.addSuppressed(further);
            }
            throw e;
        }
    }

    private void batches(HttpClient client, String id, String what, ArrayNode all, int most) throws IOException, Refusal, TimeoutException {
        for (int from = 0; from < all.size(); from += most) {
            ObjectNode batch = JsonText.MAPPER.createObjectNode().put("run_id", id);
            ArrayNode part = batch.putArray(what);
            for (int i = from; i < Math.min(all.size(), from + most); i++) {
                part.add(all.get(i));
            }
            post(client, "runs/log-batch", batch);
        }
    }

    private void end(HttpClient client, String id, String status, RunLog log) throws IOException, Refusal, TimeoutException {
        post(client, "runs/update", JsonText.MAPPER.createObjectNode().put("run_id", id).put("status", status)
                .put("end_time", milliseconds(log.end())));
    }

    /** Settings, but for those of other methods. */
    private static ArrayNode parameters(RunRecord run, String method) {
        String sections = "methods.";
        String own = run.settings().keySet().stream().filter(key -> key.startsWith(sections) && key.indexOf('.', sections.length()) > 0)
                .map(key -> key.substring(sections.length(), key.indexOf('.', sections.length())))
                .filter(section -> method.equals(section) || method.startsWith(section + "-"))
                .max((a, b) -> Integer.compare(a.length(), b.length())).orElse("");
        ArrayNode parameters = JsonText.MAPPER.createArrayNode();
        run.settings().forEach((key, value) -> {
            if (!key.startsWith(sections) || !own.isEmpty() && key.startsWith(sections + own + ".")) {
                add(parameters, key, value);
            }
        });
        return parameters;
    }

    private static void add(ArrayNode pairs, String key, String value) {
        pairs.addObject().put("key", key(key)).put("value", Excerpt.of(value, LONGEST_VALUE));
    }

    /** The letters that keys may have. */
    private static String key(String name) {
        String key = name.replaceAll("[^A-Za-z0-9_./: -]", "_");
        return key.substring(0, Math.min(LONGEST_KEY, key.length()));
    }

    private static ArrayNode metrics(RunRecord run, MethodRecord method) {
        ArrayNode metrics = JsonText.MAPPER.createArrayNode();
        TensorBoard.scalars(run).getOrDefault(method.name(), List.of()).forEach(scalar -> metrics.addObject().put("key", key(scalar.tag())).put("value", scalar.value())
                .put("timestamp", milliseconds(scalar.seconds())).put("step", scalar.step()));
        return metrics;
    }

    /** Since 1970; of what no log tells, now. */
    private static long milliseconds(double seconds) {
        return seconds == 0 ? Instant.now().toEpochMilli() : Math.round(1000 * seconds);
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + REST + path)).timeout(patience)
                .header("User-Agent", "itprompt");
        authorization.ifPresent(who -> request.header("Authorization", who));
        return request;
    }

    private JsonNode post(HttpClient client, String path, ObjectNode body) throws IOException, Refusal, TimeoutException {
        return ask(client, request(path).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JsonText.MAPPER.writeValueAsString(body))).build());
    }

    private JsonNode ask(HttpClient client, HttpRequest request) throws IOException, Refusal, TimeoutException {
        CompletableFuture<HttpResponse<String>> asked = client.sendAsync(request,
                HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8), LONGEST_ANSWER));
        HttpResponse<String> answer;
        try {
            answer = asked.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } finally {
            asked.cancel(true);
        }
        String path = request.uri().getPath();
        JsonNode json;
        try {
            json = JsonText.MAPPER.readTree(answer.body());
        } catch (JacksonException _) {
            json = JsonText.MAPPER.missingNode();
        }
        if (answer.statusCode() != OK) {
            String said = json.path("message").asString("");
            throw new Refusal(answer.statusCode(), json.path("error_code").asString(""), path + " answered " + answer.statusCode()
                    + (said.isEmpty() ? "" : ", " + said));
        }
        if (!json.isObject()) {
            throw new Refusal(OK, "", path + ": expected a JSON object as MLflow answers, found '" + Excerpt.of(answer.body(), 40) + "'");
        }
        return json;
    }

    private static String text(JsonNode node, String key) throws Refusal {
        String text = node.path(key).asString("");
        if (text.isEmpty()) {
            throw new Refusal(OK, "", "expected an answer with " + key + " as MLflow gives it, found none");
        }
        return text;
    }
}
