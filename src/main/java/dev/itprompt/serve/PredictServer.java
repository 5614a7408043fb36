package dev.itprompt.serve;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.itprompt.Excerpt;
import dev.itprompt.FailureException;
import dev.itprompt.InputException;
import dev.itprompt.WriteException;
import dev.itprompt.data.ClassNames;
import dev.itprompt.data.ImageDecoder;
import dev.itprompt.data.RgbImage;
import dev.itprompt.experiment.LearnedRun;
import dev.itprompt.experiment.PredictionFile;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers over HTTP by what a run has learned: {@code GET /} a page that classifies a picture, {@code POST /predict} the picture of its
 * body, {@code GET /health} what serves and how much waits. Whatever is wrong with a request is said in one line of JSON. Each request
 * has a virtual thread; connections, sizes and times are bounded.
 */
public final class PredictServer implements AutoCloseable {

    /**
     * What is served at most.
     *
     * @param bodyBytes   of a request
     * @param connections at a time; further ones wait to be accepted
     * @param waiting     pictures before the model; further ones are refused
     * @param seconds     until a request must have come in whole, and until its answer must have been taken
     */
    public record Limits(int bodyBytes, int connections, int waiting, int seconds) {}

    private static final String JSON = "application/json; charset=utf-8";
    private static final JsonMapper LINE = JsonMapper.builder().build();
    private static final int MOST_LABELS = 100;
    private static final int LONGEST_LABEL = 200;
    private static final int LONGEST_REASON = 300;
    private static final int STOP_SECONDS = 10;
    /** Parts of the heap that bodies may take together. */
    private static final int SHARE = 8;
    private static final int UNIT = 1 << 10;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ModelQueue queue;
    private final LearnedRun learned;
    private final Limits limits;
    private final Page page;
    private final Semaphore heap;
    private final Semaphore decoders = new Semaphore(Runtime.getRuntime().availableProcessors());

    private PredictServer(HttpServer server, LearnedRun learned, Limits limits) {
        this.server = server;
        this.learned = learned;
        this.limits = limits;
        this.heap = new Semaphore((int) Math.clamp(Runtime.getRuntime().maxMemory() / SHARE / UNIT, Math.ceilDiv(limits.bodyBytes(), UNIT), Integer.MAX_VALUE));
        this.queue = new ModelQueue(learned, limits.waiting());
        this.page = Page.of(learned);
    }

    /**
     * Begins to serve. The times and the number of connections are those of the first server in a process.
     *
     * @param learned not used by anybody else until the server is closed; it is not closed with it
     * @param host    name or address to listen at
     * @param port    0 for any that is free
     * @throws InputException if that is not possible
     */
    public static PredictServer start(LearnedRun learned, String host, int port, Limits limits) {
        Map.of("jdk.httpserver.maxConnections", limits.connections(), "sun.net.httpserver.maxReqTime", limits.seconds(),
                "sun.net.httpserver.maxRspTime", limits.seconds(), "sun.net.httpserver.maxReqHeaderSize", 1 << 15)
                .forEach((name, value) -> System.setProperty(name, Integer.toString(value)));
        try {
            HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getByName(host), port), limits.connections());
            PredictServer server = new PredictServer(http, learned, limits);
            http.createContext("/", server::answer);
            http.setExecutor(server.threads);
            http.start();
            return server;
        } catch (IOException e) {
            throw new InputException("--host, --port: " + Excerpt.of(host, LONGEST_LABEL) + ":" + port + " cannot be listened at ("
                    + WriteException.reason(e) + "); choose another", e);
        }
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /** Takes no more requests, answers those at hand, and leaves the run free. */
    @Override
    public void close() {
        server.stop(STOP_SECONDS);
        threads.shutdown();
        queue.close();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Response response;
            try {
                response = response(exchange);
            } catch (Refusal e) {
                response = refused(exchange, e.status(), e.getMessage());
            } catch (InputException e) {
                response = refused(exchange, 400, e.getMessage());
            } catch (OutOfMemoryError e) {
                response = refused(exchange, 503, "out of memory; try again later");
            } catch (RuntimeException e) {
                response = refused(exchange, 500, e instanceof FailureException ? e.getMessage() : "the picture could not be classified");
            }
            exchange.getResponseHeaders().set("Content-Type", response.type());
            exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            exchange.sendResponseHeaders(response.status(), response.body().length);
            exchange.getResponseBody().write(response.body());
        }
    }

    private record Response(int status, String type, byte[] body) {

        static Response of(int status, String type, String body) {
            return new Response(status, type, body.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static Response refused(HttpExchange exchange, int status, String reason) {
        exchange.getResponseHeaders().set("Connection", "close"); // what is left of the body is of no use
        if (status == 503) {
            exchange.getResponseHeaders().set("Retry-After", "1");
        }
        ObjectNode node = LINE.createObjectNode().put("error", Excerpt.of(reason, LONGEST_REASON));
        return Response.of(status, JSON, LINE.writeValueAsString(node) + "\n");
    }

    private Response response(HttpExchange exchange) throws IOException {
        return switch (exchange.getRequestURI().getPath()) {
            case "/" -> {
                require(exchange, "GET");
                exchange.getResponseHeaders().set("Content-Security-Policy", page.policy());
                yield Response.of(200, "text/html; charset=utf-8", page.html());
            }
            case "/health" -> {
                require(exchange, "GET");
                ObjectNode node = LINE.createObjectNode().put("status", "ok").put("method", learned.method())
                        .put("classes", learned.classes().size()).put("waiting", queue.size());
                yield Response.of(200, JSON, LINE.writeValueAsString(node) + "\n");
            }
            case "/predict" -> {
                require(exchange, "POST");
                yield Response.of(200, JSON, predict(exchange));
            }
            default -> throw new Refusal(404, "expected /, /health or /predict, found " + Excerpt.of(exchange.getRequestURI().getPath(), LONGEST_LABEL));
        };
    }

    private static void require(HttpExchange exchange, String method) {
        if (!exchange.getRequestMethod().equals(method)) {
            exchange.getResponseHeaders().set("Allow", method);
            throw new Refusal(405, "expected " + method + ", found " + Excerpt.of(exchange.getRequestMethod(), LONGEST_LABEL));
        }
    }

    private String predict(HttpExchange exchange) throws IOException {
        Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
        int top = top(query.getOrDefault("top", "5"));
        List<String> labels = labels(query.getOrDefault("labels", ""));
        int units = Math.ceilDiv(announced(exchange), UNIT);
        if (!heap.tryAcquire(units)) {
            throw new Refusal(503, "expected fewer pictures at a time; try again later");
        }
        LearnedRun.Answer answer;
        try {
            Upload upload = Upload.of(exchange.getRequestHeaders().getFirst("Content-Type"), body(exchange.getRequestBody()));
            LearnedRun.Answer unnamed = await(queue.classify(decode(upload), labels));
            answer = new LearnedRun.Answer(upload.name(), unnamed.ranked(), unnamed.task());
        } finally {
            heap.release(units);
        }
        return PredictionFile.line(answer, top);
    }

    private RgbImage decode(Upload upload) {
        decoders.acquireUninterruptibly();
        try {
            return learned.square(ImageDecoder.decode(upload.bytes(), Path.of("picture")));
        } finally {
            decoders.release();
        }
    }

    private static LearnedRun.Answer await(CompletableFuture<LearnedRun.Answer> answer) {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refusal(503, "the server is stopping");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case OutOfMemoryError cause -> throw cause;
                default -> throw new IllegalStateException(e);
            }
        }
    }

    /** Bytes that a body may have: those it says, or the most there may be. */
    private int announced(HttpExchange exchange) {
        String length = exchange.getRequestHeaders().getFirst("Content-Length");
        if (length == null) {
            return limits.bodyBytes();
        }
        long bytes = length.matches("\\d{1,18}") ? Long.parseLong(length) : Long.MAX_VALUE;
        if (bytes > limits.bodyBytes()) {
            throw new Refusal(413, "expected a picture of at most " + limits.bodyBytes() + " bytes, found " + Excerpt.of(length, LONGEST_LABEL));
        }
        return (int) bytes;
    }

    private byte[] body(InputStream in) throws IOException {
        byte[] body = in.readNBytes(limits.bodyBytes() + 1);
        if (body.length > limits.bodyBytes()) {
            throw new Refusal(413, "expected a picture of at most " + limits.bodyBytes() + " bytes, found more");
        }
        if (body.length == 0) {
            throw new Refusal(400, "expected a picture's bytes in the body, found none");
        }
        return body;
    }

    private static Map<String, String> query(String raw) {
        Map<String, String> query = new LinkedHashMap<>();
        for (String part : raw == null || raw.isEmpty() ? new String[0] : raw.split("&")) {
            int equals = part.indexOf('=');
            String name = equals < 0 ? part : part.substring(0, equals);
            if (!name.equals("top") && !name.equals("labels")) {
                throw new Refusal(400, "expected top and labels in the query, found " + Excerpt.of(name, LONGEST_LABEL));
            }
            try {
                query.put(name, URLDecoder.decode(equals < 0 ? "" : part.substring(equals + 1), StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                throw new Refusal(400, name + ": expected percent-encoded text, found something else");
            }
        }
        return query;
    }

    private static int top(String text) {
        if (!text.matches("[1-9]\\d{0,8}")) {
            throw new Refusal(400, "top: expected a whole number of at least 1, found '" + Excerpt.of(text, LONGEST_LABEL) + "'");
        }
        return Integer.parseInt(text);
    }

    private static List<String> labels(String list) {
        List<String> labels = Arrays.stream(list.split(",")).map(ClassNames::clean).filter(label -> !label.isEmpty()).distinct().toList();
        if (labels.size() > MOST_LABELS || labels.stream().anyMatch(label -> label.length() > LONGEST_LABEL)) {
            throw new Refusal(400, "labels: expected at most " + MOST_LABELS + " labels of at most " + LONGEST_LABEL + " characters each, found more");
        }
        return labels;
    }
}
