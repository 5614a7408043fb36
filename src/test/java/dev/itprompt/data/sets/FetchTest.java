package dev.itprompt.data.sets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.itprompt.FailureException;
import dev.itprompt.data.DataFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link Fetch} against servers on loopback that break off and lie. */
class FetchTest {

    private static final Fetch QUICK = new Fetch(Duration.ofMillis(1500), Duration.ofMillis(1), 3, 1 << 20);

    @TempDir
    Path folder;
    private HttpServer server;
    private byte[] content;
    private String md5;
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void start() throws IOException {
        content = new byte[3000];
        new Random(4).nextBytes(content);
        md5 = HexFormat.of().formatHex(DataFiles.digest("MD5").digest(content));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/honest.bin", exchange -> serve(exchange, content, "\"v1\""));
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void serve(HttpExchange exchange, byte[] bytes, String tag) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        asked.add(String.valueOf(range));
        exchange.getResponseHeaders().add("ETag", tag);
        int from = range == null || !tag.equals(exchange.getRequestHeaders().getFirst("If-Range")) ? 0
                : Integer.parseInt(range.replaceAll("\\D", ""));
        if (from > 0) {
            exchange.getResponseHeaders().add("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, bytes.length - from);
        exchange.getResponseBody().write(bytes, from, bytes.length - from);
        exchange.close();
    }

    private String url(String path) {
        return "http://localhost:" + server.getAddress().getPort() + path;
    }

    private DatasetFacts.Download download(String path) {
        return DatasetFacts.Download.md5(url(path), md5);
    }

    private void assertFails(String part, DatasetFacts.Download download) {
        FailureException e = assertThrows(FailureException.class, () -> QUICK.get(download, folder, (_, _) -> { }));
        assertTrue(e.getMessage().contains(part), e.getMessage());
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
        assertFalse(Files.exists(folder.resolve(download.file())), "no file under its name");
    }

    @Test
    void aFileIsFetchedOnceAndAgainIfItIsAnother() throws IOException {
        List<Long> seen = new ArrayList<>();
        Path file = QUICK.get(download("/honest.bin"), folder.resolve("new"), (done, total) -> {
            seen.add(done);
            assertEquals(3000, total);
        });
        assertArrayEquals(content, Files.readAllBytes(file));
        assertEquals(3000, seen.getLast());
        QUICK.get(download("/honest.bin"), folder.resolve("new"), (_, _) -> { });
        assertEquals(1, asked.size(), "what is there is not fetched");
        Files.write(file, new byte[3000]);
        QUICK.get(download("/honest.bin"), folder.resolve("new"), (_, _) -> { });
        assertArrayEquals(content, Files.readAllBytes(file));
        assertEquals(List.of("honest.bin"), List.of(file.getParent().toFile().list()));
    }

    /** A server that sends so many bytes of each answer and breaks off, wherever that is. */
    @Test
    void aConnectionCutAnywhereIsGoneOnWith() throws IOException {
        for (int most : new int[] {1, 7, 1499, 1500, 2999}) {
            try (CuttingServer cutting = new CuttingServer(content, most)) {
                Path target = folder.resolve("cut" + most);
                byte[] expected = most == 1 ? java.util.Arrays.copyOf(content, 40) : content;
                cutting.content = expected;
                String hash = HexFormat.of().formatHex(DataFiles.digest("MD5").digest(expected));
                Path file = QUICK.get(DatasetFacts.Download.md5("http://localhost:" + cutting.port() + "/x.bin", hash), target, (_, _) -> { });
                assertArrayEquals(expected, Files.readAllBytes(file), "after " + most);
                assertTrue(cutting.answers >= expected.length / most, "answers: " + cutting.answers);
            }
        }
    }

    @Test
    void aKilledFetchIsGoneOnWithUnlessTheFileHasChanged() throws IOException {
        Files.write(folder.resolve("honest.bin.part"), java.util.Arrays.copyOf(content, 1000));
        Files.writeString(folder.resolve("honest.bin.part.tag"), "\"v1\"");
        QUICK.get(download("/honest.bin"), folder, (_, _) -> { });
        assertEquals(List.of("bytes=1000-"), asked);
        Files.delete(folder.resolve("honest.bin"));
        Files.write(folder.resolve("honest.bin.part"), new byte[1000]);
        Files.writeString(folder.resolve("honest.bin.part.tag"), "\"v0\"");
        QUICK.get(download("/honest.bin"), folder, (_, _) -> { });
        assertArrayEquals(content, Files.readAllBytes(folder.resolve("honest.bin")));
        Files.delete(folder.resolve("honest.bin"));
        Files.write(folder.resolve("honest.bin.part"), new byte[5000]);
        QUICK.get(download("/honest.bin"), folder, (_, _) -> { });
        assertArrayEquals(content, Files.readAllBytes(folder.resolve("honest.bin")));
    }

    @Test
    void lyingServersAreFoundOut() throws IOException {
        server.createContext("/other.bin", exchange -> serve(exchange, new byte[3000], "\"x\""));
        assertFails("expected a file with MD5 " + md5 + ", the server sent one with", download("/other.bin"));
        server.createContext("/file.bin", exchange -> redirect(exchange, "file:///etc/passwd"));
        assertFails("a redirection from http to 'file:///etc/passwd'", download("/file.bin"));
        server.createContext("/ftp.bin", exchange -> redirect(exchange, "ftp://localhost/x"));
        assertFails("a redirection from http to 'ftp:", download("/ftp.bin"));
        server.createContext("/round.bin", exchange -> redirect(exchange, "/round.bin"));
        assertFails("more than 5 redirections", download("/round.bin"));
        server.createContext("/gone.bin", exchange -> {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        assertFails("the server answers 404); try again, or where there is a connection: curl -L -C - -o gone.bin http", download("/gone.bin"));
        server.createContext("/huge.bin", exchange -> {
            exchange.sendResponseHeaders(200, 1L << 40);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            exchange.close();
        });
        assertFails("the server announces 1,099,511,627,776 bytes", download("/huge.bin"));
        server.createContext("/endless.bin", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream body = exchange.getResponseBody()) {
                for (int i = 0; i < 1000; i++) {
                    body.write(new byte[1 << 14]);
                }
            } catch (IOException _) {
                // nobody listens any more
            }
        });
        assertFails("more than 1,048,576 bytes without an end", download("/endless.bin"));
        assertEquals(0, Files.size(folder.resolve("endless.bin.part")));
        server.createContext("/moved.bin", exchange -> redirect(exchange, "/honest.bin"));
        assertArrayEquals(content, Files.readAllBytes(QUICK.get(download("/moved.bin"), folder, (_, _) -> { })));
        server.createContext("/range.bin", exchange -> {
            exchange.getResponseHeaders().add("Content-Range", "bytes 5-9/10");
            exchange.sendResponseHeaders(206, 5);
            exchange.getResponseBody().write(new byte[5]);
            exchange.close();
        });
        assertFails("it was asked for the bytes from 0 on and sent 'bytes 5-9/10'", download("/range.bin"));
    }

    @Test
    void aServerThatStallsOrIsNotThereIsGivenUp() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            assertFails("cannot be fetched (", DatasetFacts.Download.md5("http://localhost:" + silent.getLocalPort() + "/x.bin", md5));
        }
        int port;
        try (ServerSocket closed = new ServerSocket(0)) {
            port = closed.getLocalPort();
        }
        assertFails("cannot be fetched (", DatasetFacts.Download.md5("http://localhost:" + port + "/x.bin", md5));
    }

    /** Announces the whole length and sends less. */
    private static final class CuttingServer implements AutoCloseable {

        private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final int most;
        private volatile byte[] content;
        private volatile int answers;

        CuttingServer(byte[] content, int most) throws IOException {
            this.content = content;
            this.most = most;
            Thread.ofPlatform().daemon().start(this::serve);
        }

        int port() {
            return socket.getLocalPort();
        }

        private void serve() {
            while (!socket.isClosed()) {
                try (Socket client = socket.accept()) {
                    client.setTcpNoDelay(true);
                    StringBuilder request = new StringBuilder();
                    InputStream in = client.getInputStream();
                    while (request.indexOf("\r\n\r\n") < 0) {
                        request.append((char) in.read());
                    }
                    int at = request.toString().toLowerCase().indexOf("range: bytes=");
                    int from = at < 0 ? 0 : Integer.parseInt(request.substring(at + 13, request.indexOf("-", at + 13)));
                    int count = Math.min(most, content.length - from);
                    String head = (from > 0 ? "HTTP/1.1 206 Partial\r\nContent-Range: bytes " + from + "-" + (content.length - 1) + "/"
                            + content.length : "HTTP/1.1 200 OK") + "\r\nETag: \"a\"\r\nConnection: close\r\nContent-Length: " + (content.length - from)
                            + "\r\n\r\n";
                    client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
                    client.getOutputStream().write(content, from, count);
                    client.getOutputStream().flush();
                    answers++;
                } catch (IOException _) {
                    // the next one
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static void redirect(HttpExchange exchange, String to) throws IOException {
        exchange.getResponseHeaders().add("Location", to);
        exchange.sendResponseHeaders(302, -1);
        exchange.close();
    }
}
