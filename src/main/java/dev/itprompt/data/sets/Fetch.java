package dev.itprompt.data.sets;

import dev.itprompt.FailureException;
import dev.itprompt.WriteException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fetches published files over http and https. What arrived before a connection was cut stays in {@code NAME.part} and is gone on with,
 * if the server says that the file is still the same; a file gets its name when its length and hash are right. Servers are not trusted:
 * redirections lead to http and https only and never from https to http, and no more is written than was announced, or than the limit.
 *
 * @param stall   how long a server may send nothing
 * @param pause   before another attempt
 * @param tries   that bring nothing, one after the other, before giving up
 * @param largest bytes of a file
 */
public record Fetch(Duration stall, Duration pause, int tries, long largest) {

    /** For servers on the internet. */
    public static final Fetch USUAL = new Fetch(Duration.ofSeconds(60), Duration.ofSeconds(3), 5, 100L << 30);

    private static final int MOST_REDIRECTS = 5;
    private static final Pattern RANGE = Pattern.compile("bytes (\\d+)-\\d+/(\\d+|\\*)");

    /** Hears how far a file is. */
    @FunctionalInterface
    public interface Progress {
        /**
         * @param done  bytes that are there
         * @param total bytes of the whole; -1 if the server does not say
         */
        void report(long done, long total);
    }

    /** What a server said wrongly: it makes no sense to ask it again. */
    private static final class LyingServer extends IOException {

        private static final long serialVersionUID = 1;

        LyingServer(String message) {
            super(message);
        }
    }

    /**
     * Fetches a file unless it is there already.
     *
     * @param folder into which it goes; made if needed
     * @return the file
     * @throws FailureException if it cannot be fetched, or what was fetched is not what is published
     */
    public Path get(DatasetFacts.Download download, Path folder, Progress progress) {
        Path file = folder.resolve(download.file());
        Path part = folder.resolve(download.file() + ".part");
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new WriteException(folder, e);
        }
        if (Files.exists(file) && isRight(download, file)) {
            return file;
        }
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(stall).followRedirects(HttpClient.Redirect.NEVER).build()) {
            fetch(client, download, part, progress);
            if (!isRight(download, part)) {
                String found = DatasetFolder.hash(part, download.algorithm());
                Files.delete(part);
                throw new FailureException(download.url() + ": expected a file with " + download.algorithm() + " " + download.hash()
                        + ", the server sent one with " + found + "; it was deleted, try again or fetch it elsewhere");
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Files.deleteIfExists(tag(part));
            return file;
        } catch (IOException e) {
            throw new WriteException(file, e);
        }
    }

    private static boolean isRight(DatasetFacts.Download download, Path file) {
        return download.algorithm().isEmpty() || DatasetFolder.hash(file, download.algorithm()).equals(download.hash());
    }

    private void fetch(HttpClient client, DatasetFacts.Download download, Path part, Progress progress) {
        int vain = 0;
        while (true) {
            long before = size(part);
            try {
                if (attempt(client, URI.create(download.url()), part, progress)) {
                    return;
                }
                throw new IOException("the connection was cut");
            } catch (LyingServer e) {
                throw failed(download, part, e);
            } catch (IOException | IllegalArgumentException e) {
                vain = size(part) > before ? 0 : vain + 1;
                if (vain >= tries) {
                    throw failed(download, part, e);
                }
                sleep();
            }
        }
    }

    private FailureException failed(DatasetFacts.Download download, Path part, Exception e) {
        String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new FailureException(download.url() + ": cannot be fetched (" + reason.replaceAll("\\p{Cntrl}+", " ") + "); try again, "
                + "or where there is a connection: curl -L -C - -o " + download.file() + " " + download.url() + ", and put it into "
                + part.toAbsolutePath().getParent(), e);
    }

    private void sleep() {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FailureException("interrupted while fetching; the same command goes on where it stopped", e);
        }
    }

    private static long size(Path part) {
        try {
            return Files.exists(part) ? Files.size(part) : 0;
        } catch (IOException e) {
            throw new WriteException(part, e);
        }
    }

    /** What the server calls the version of the file that a part is of. */
    private static Path tag(Path part) {
        return part.resolveSibling(part.getFileName() + ".tag");
    }

    /** Whether the file is whole afterwards. */
    private boolean attempt(HttpClient client, URI start, Path part, Progress progress) throws IOException {
        String known = Files.exists(tag(part)) ? Files.readString(tag(part)) : "";
        long have = known.isEmpty() ? 0 : size(part);
        HttpResponse<InputStream> response = follow(client, start, have, known);
        try (InputStream body = response.body()) {
            String tag = tagOf(response);
            long from = 0;
            long total = response.headers().firstValueAsLong("Content-Length").orElse(-1);
            switch (response.statusCode()) {
                case 200 -> { }
                case 206 -> {
                    Matcher range = RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
                    if (!range.matches() || Long.parseLong(range.group(1)) != have) {
                        throw new LyingServer("it was asked for the bytes from " + have + " on and sent '"
                                + response.headers().firstValue("Content-Range").orElse("no range") + "'");
                    }
                    from = have;
                    total = range.group(2).equals("*") ? -1 : Long.parseLong(range.group(2));
                }
                case 416 -> {
                    Files.deleteIfExists(tag(part)); // what there is does not fit: from the beginning
                    return false;
                }
                case 408, 425, 429, 500, 502, 503, 504 -> throw new IOException("the server answers " + response.statusCode());
                default -> throw new LyingServer("the server answers " + response.statusCode());
            }
            if (total > largest) {
                throw new LyingServer(String.format(Locale.ROOT, "the server announces %,d bytes, more than %,d", total, largest));
            }
            Files.writeString(tag(part), tag.isEmpty() ? "" : tag, StandardCharsets.UTF_8);
            return copy(body, part, from, total, progress);
        }
    }

    private HttpResponse<InputStream> follow(HttpClient client, URI start, long have, String known) throws IOException {
        URI uri = start;
        for (int i = 0; i <= MOST_REDIRECTS; i++) {
            HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(stall).header("Accept-Encoding", "identity");
            if (have > 0) {
                request.header("Range", "bytes=" + have + "-").header("If-Range", known);
            }
            HttpResponse<InputStream> response;
            try {
                response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new FailureException("interrupted while fetching; the same command goes on where it stopped", e);
            }
            if (response.statusCode() / 100 != 3 || response.statusCode() == 304) {
                return response;
            }
            response.body().close();
            uri = redirected(uri, response.headers().firstValue("Location").orElse(""));
        }
        throw new LyingServer("more than " + MOST_REDIRECTS + " redirections");
    }

    private static URI redirected(URI from, String location) throws IOException {
        URI to;
        try {
            to = from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new LyingServer("a redirection to '" + location + "'");
        }
        String scheme = String.valueOf(to.getScheme()).toLowerCase(Locale.ROOT);
        boolean safe = scheme.equals("https") || scheme.equals("http") && !from.getScheme().equalsIgnoreCase("https");
        if (!safe || to.getHost() == null) {
            throw new LyingServer("a redirection from " + from.getScheme() + " to '" + location + "'");
        }
        return to;
    }

    /** A strong tag, or the date; empty if the server tells neither. */
    private static String tagOf(HttpResponse<?> response) {
        return response.headers().firstValue("ETag").filter(tag -> !tag.startsWith("W/"))
                .or(() -> response.headers().firstValue("Last-Modified")).orElse("");
    }

    private boolean copy(InputStream body, Path part, long from, long total, Progress progress) throws IOException {
        AtomicLong last = new AtomicLong(System.nanoTime());
        Thread watch = Thread.ofVirtual().start(() -> watch(body, last));
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.truncate(from).position(from);
            byte[] buffer = new byte[1 << 16];
            long done = from;
            long limit = total >= 0 ? total : largest;
            for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                if (done + count > limit) {
                    channel.truncate(0);
                    throw new LyingServer(total >= 0 ? "more than the " + total + " bytes that the server announced"
                            : String.format(Locale.ROOT, "more than %,d bytes without an end", largest));
                }
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, count);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                done += count;
                last.set(System.nanoTime());
                progress.report(done, total);
            }
            return total < 0 || done == total;
        } finally {
            watch.interrupt();
        }
    }

    /** Closes a body that brings nothing for too long. */
    private void watch(InputStream body, AtomicLong last) {
        try {
            while (System.nanoTime() - last.get() < stall.toNanos()) {
                Thread.sleep(Math.max(1, stall.toMillis() / 4));
            }
            body.close();
        } catch (InterruptedException | IOException _) {
            // the body has ended
        }
    }
}
