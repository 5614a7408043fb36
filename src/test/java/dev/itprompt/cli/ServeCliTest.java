package dev.itprompt.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.itprompt.cli.TinyProject.Outcome;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command {@code serve} in a process of its own: right answers, one line for what is wrong, no harm from clients that misbehave. */
class ServeCliTest {

    private static final int LIMIT = 100_000;
    private static final int TIMEOUT_SECONDS = 2;
    private static final String LABELS = "a cat,tac";

    @TempDir
    private static Path root;
    private static Path said;
    private static Process server;
    private static URI address;
    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final List<Path> PICTURES = new ArrayList<>();
    /** What predict says of each picture, without further labels and with them. */
    private static final Map<String, JsonNode> EXPECTED = new HashMap<>();

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        TinyProject project = TinyProject.create(root);
        for (int c = 0; c < 2; c++) {
            Path folder = Files.createDirectories(root.resolve("pictures/kind" + c));
            for (int i = 0; i < 6; i++) {
                project.writePicture(folder.resolve(i + ".png"), c);
            }
        }
        Path config = Files.writeString(root.resolve("pictures.yaml"), """
                name: pictures
                dataset: {kind: image-folder, path: %s}
                checkpoint: %s
                scenario: {split: 2x1, classOrderSeed: 0}
                heldOut: {path: ''}
                encodeBatch: 24
                methods:
                  it-prompt: {length: 2, layers: [0], batch: 4, epochs: 2, replay: {epochs: 1}}
                """.formatted(root.resolve("pictures"), project.model()));
        Path run = root.resolve("run");
        succeed("train", "--config", config.toString(), "--output", run.toString());
        Path asked = Files.createDirectories(root.resolve("asked"));
        for (int i = 0; i < 8; i++) {
            Path picture = asked.resolve(i + ".png");
            project.writePicture(picture, i % 2);
            byte[] bytes = Files.readAllBytes(i < 2 ? picture : root.resolve("heldout/" + i % 2 + ".png"));
            PICTURES.add(Files.write(picture, bytes));
        }
        for (String labels : List.of("", LABELS)) {
            List<String> words = new ArrayList<>(List.of("predict", "--run", run.toString(), "--folder", asked.toString(), "--top", "3", "--output",
                    root.resolve("answers.jsonl").toString(), "--progress", "off"));
            if (!labels.isEmpty()) {
                words.addAll(List.of("--labels", labels));
            }
            succeed(words.toArray(String[]::new));
            for (String line : Files.readAllLines(root.resolve("answers.jsonl"))) {
                JsonNode answer = JsonMapper.shared().readTree(line);
                EXPECTED.put(answer.get("image").asString() + labels, answer);
            }
        }
        said = root.resolve("said");
        server = TinyProject.start(said, "serve", "--run", run.toString(), "--port", "0", "--limit", Integer.toString(LIMIT), "--timeout",
                Integer.toString(TIMEOUT_SECONDS));
        Matcher matcher = null;
        for (int i = 0; i < 6_000 && server.isAlive() && (matcher == null || !matcher.find()); i++) {
            Thread.sleep(10);
            matcher = Pattern.compile("http://127\\.0\\.0\\.1:\\d+/").matcher(Files.readString(said));
        }
        address = URI.create(matcher.group());
    }

    private static void succeed(String... words) {
        Outcome outcome = TinyProject.run(words);
        assertEquals(0, outcome.exitCode(), outcome.err());
    }

    @AfterAll
    static void stop() throws InterruptedException {
        server.destroyForcibly().waitFor();
    }

    private static HttpResponse<String> post(String path, BodyPublisher body, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address.resolve(path)).POST(body);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return CLIENT.send(HttpRequest.newBuilder(address.resolve(path)).build(), BodyHandlers.ofString());
    }

    private static byte[] form(String... parts) {
        StringBuilder form = new StringBuilder();
        for (String part : parts) {
            form.append("--AaB03x\r\n").append(part).append("\r\n");
        }
        return form.append("--AaB03x--\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String file(String name, byte[] bytes) {
        return "Content-Disposition: form-data; name=\"image\"; filename=\"" + name + "\"\r\nContent-Type: image/png\r\n\r\n"
                + new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static void assertAnswers(Path picture, int kind) throws IOException, InterruptedException {
        String labels = kind % 3 == 1 ? LABELS : "";
        byte[] bytes = Files.readAllBytes(picture);
        HttpResponse<String> response = kind % 2 == 0
                ? post("predict?top=3" + (labels.isEmpty() ? "" : "&labels=" + URLEncoder.encode(labels, StandardCharsets.UTF_8)), BodyPublishers.ofByteArray(bytes))
                : post("predict?top=3&labels=" + labels.replace(" ", "%20"), BodyPublishers.ofByteArray(form("Content-Disposition: form-data; name=\"x\"\r\n\r\ny",
                        file(picture.getFileName().toString(), bytes))), "Content-Type", "multipart/form-data; boundary=AaB03x");
        assertEquals(200, response.statusCode(), response.body());
        JsonNode answer = JsonMapper.shared().readTree(response.body());
        JsonNode expected = EXPECTED.get(picture + labels);
        assertEquals(expected.get("classes"), answer.get("classes"), picture + " with " + labels);
        assertEquals(expected.get("task"), answer.get("task"));
        assertEquals(kind % 2 == 0 ? "" : picture.getFileName().toString(), answer.get("image").asString());
    }

    /** The resident memory of the server in KiB; 0 where the system does not tell. */
    private static long resident() throws IOException {
        Path status = Path.of("/proc/" + server.pid() + "/status");
        return !Files.exists(status) ? 0 : Files.readAllLines(status).stream().filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", ""))).findFirst().orElse(0);
    }

    /** A thousand requests by eight clients are answered as predict does, to the last digit, and leave no memory behind. */
    @Test
    void answersAreThoseOfPredict() throws Exception {
        try (ExecutorService clients = Executors.newFixedThreadPool(8)) {
            ask(clients, 200);
            long before = resident();
            ask(clients, 1_000);
            long after = resident();
            assertTrue(after <= before * 1.15 + 8_192, before + " KiB before, " + after + " KiB after");
        }
        assertTrue(get("health").body().startsWith("{\"status\":\"ok\",\"method\":\"it-prompt\",\"classes\":2,\"waiting\":"), get("health").body());
    }

    private static void ask(ExecutorService clients, int requests) throws Exception {
        List<Callable<Void>> calls = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            Path picture = PICTURES.get(i % PICTURES.size());
            int kind = i;
            calls.add(() -> {
                assertAnswers(picture, kind / PICTURES.size());
                return null;
            });
        }
        for (Future<Void> call : clients.invokeAll(calls)) {
            call.get();
        }
    }

    private static void assertRefused(int status, String part, HttpResponse<String> response) {
        assertEquals(status, response.statusCode(), response.body());
        assertEquals(1, response.body().lines().count(), response.body());
        assertTrue(JsonMapper.shared().readTree(response.body()).get("error").asString().contains(part), response.body());
    }

    private static BodyPublisher stream(int bytes) {
        return BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[bytes]));
    }

    @Test
    void whatIsWrongIsSaidInALine() throws IOException, InterruptedException {
        byte[] picture = Files.readAllBytes(PICTURES.getFirst());
        BodyPublisher good = BodyPublishers.ofByteArray(picture);
        assertRefused(400, "expected a picture's bytes in the body, found none", post("predict", BodyPublishers.noBody()));
        assertRefused(400, "found 5 bytes of something else", post("predict", BodyPublishers.ofString("hello")));
        assertRefused(400, "picture: expected", post("predict", BodyPublishers.ofByteArray(Arrays.copyOf(picture, picture.length / 2))));
        assertRefused(413, "expected a picture of at most 100000 bytes, found 100001", post("predict", BodyPublishers.ofByteArray(new byte[LIMIT + 1])));
        assertRefused(413, "expected a picture of at most 100000 bytes, found more", post("predict", stream(LIMIT + 1)));
        assertRefused(400, "found " + LIMIT + " bytes of something else", post("predict", stream(LIMIT)));
        assertRefused(400, "top: expected a whole number of at least 1, found '0'", post("predict?top=0", good));
        assertRefused(400, "expected top and labels in the query, found tpo", post("predict?tpo=1", good));
        assertRefused(400, "labels: expected at most 100 labels", post("predict?labels=" + IntStream.range(0, 101).mapToObj(Integer::toString)
                .collect(Collectors.joining(",")), good));
    }

    private static HttpResponse<String> form(byte[] body, String type) throws IOException, InterruptedException {
        return post("predict", BodyPublishers.ofByteArray(body), "Content-Type", type);
    }

    @Test
    void formsHaveOneFile() throws IOException, InterruptedException {
        byte[] picture = Files.readAllBytes(PICTURES.getFirst());
        String type = "multipart/form-data; boundary=AaB03x";
        byte[] two = form(file("a.png", picture), file("b.png", picture));
        assertRefused(400, "expected one picture, found several", form(two, type));
        assertRefused(400, "expected a form with a picture's file, found none", form(form("Content-Disposition: form-data; name=\"x\"\r\n\r\ny"), type));
        assertRefused(400, "expected a whole form, found one that ends too early", form(Arrays.copyOf(two, 300), type));
        assertRefused(400, "expected a form with its boundary, found none", form(two, "multipart/form-data; boundary=other"));
        assertRefused(400, "expected multipart/form-data with a boundary", form(two, "multipart/mixed; boundary=AaB03x"));
        assertRefused(400, "found an empty file", form(form(file("a.png", new byte[0])), type));
        assertEquals(200, form(form(file("a.png", picture)), "Multipart/Form-Data; charset=utf-8; boundary=\"AaB03x\"").statusCode());
    }

    @Test
    void pathsAndMethodsAreKnown() throws IOException, InterruptedException {
        assertRefused(404, "expected /, /health or /predict, found /etc", get("etc"));
        HttpResponse<String> get = get("predict");
        assertRefused(405, "expected POST, found GET", get);
        assertEquals("POST", get.headers().firstValue("Allow").orElseThrow());
        assertRefused(405, "expected GET, found POST", post("", BodyPublishers.ofString("x")));
        assertRefused(400, "labels that were not learned, found 'kind0'", post("predict?labels=kind0", BodyPublishers.ofByteArray(Files.readAllBytes(
                PICTURES.getFirst()))));
    }

    /** A browser is told to run what is in the page and nothing else. */
    @Test
    void thePageStandsAlone() throws Exception {
        HttpResponse<String> page = get("");
        assertEquals(200, page.statusCode());
        assertTrue(page.body().contains("it-prompt, 2 classes") && page.body().contains("<label for=\"labels\">"), page.body());
        String policy = page.headers().firstValue("Content-Security-Policy").orElseThrow();
        assertTrue(policy.startsWith("default-src 'none'; connect-src 'self'; "), policy);
        for (String part : List.of("style", "script")) {
            Matcher matcher = Pattern.compile("(?s)<" + part + ">(.*?)</" + part + ">").matcher(page.body());
            assertTrue(matcher.find(), part);
            String hash = Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(matcher.group(1).getBytes(StandardCharsets.UTF_8)));
            assertTrue(policy.contains(part + "-src 'sha256-" + hash + "'"), policy);
        }
        assertTrue(!page.body().contains("http://") && !page.body().contains("https://"), "asks for nothing elsewhere");
    }

    private static Socket open(String head) throws IOException {
        Socket socket = new Socket(address.getHost(), address.getPort());
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }

    /** Clients that are slow are left after the time they have, those that go away are forgotten, and others are answered all the while. */
    @Test
    void slowAndCutConnectionsHarmNobody() throws IOException, InterruptedException {
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            slow.add(open("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\nabc"));
            slow.add(open("GET /health HT"));
            open("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc").close();
            open("POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").close();
        }
        for (int i = 0; i < 20; i++) {
            assertAnswers(PICTURES.get(i % PICTURES.size()), i);
        }
        for (Socket socket : slow) {
            socket.setSoTimeout(10_000 * TIMEOUT_SECONDS);
            try (socket; InputStream in = socket.getInputStream()) {
                assertEquals(-1, in.read(), "is left without an answer");
            } catch (SocketException _) {
                // reset: left as well
            }
        }
        assertAnswers(PICTURES.getFirst(), 0);
    }

    @Test
    void itStopsWhenItIsAskedTo() throws IOException, InterruptedException {
        Path other = root.resolve("said-other");
        Process process = TinyProject.start(other, "serve", "--run", root.resolve("run").toString(), "--port", "0");
        for (int i = 0; i < 6_000 && process.isAlive() && !Files.readString(other).contains("http://"); i++) {
            Thread.sleep(10);
        }
        process.destroy();
        assertEquals(143, TinyProject.exitCode(process), Files.readString(other));
        assertTrue(Files.readString(other).endsWith("itprompt: stopped\n"), Files.readString(other));
        Outcome taken = TinyProject.run("serve", "--run", root.resolve("run").toString(), "--port", Integer.toString(address.getPort()));
        assertEquals(2, taken.exitCode());
        assertTrue(taken.err().matches("itprompt: --host, --port: 127\\.0\\.0\\.1:\\d+ cannot be listened at \\(.*\\); choose another\\R"), taken.err());
    }
}
