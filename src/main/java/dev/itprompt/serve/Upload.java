package dev.itprompt.serve;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The picture in a request's body: the body itself, or the one file of a form (multipart/form-data, RFC 7578).
 *
 * @param name  of the file; empty if it is not said
 * @param bytes of the picture
 */
record Upload(String name, byte[] bytes) {

    private static final Pattern BOUNDARY = Pattern.compile("(?i)multipart/form-data\\s*;.*?boundary=(?:\"([^\"]{1,70})\"|([^;\\s]{1,70})).*");
    private static final Pattern FILE = Pattern.compile("(?is).*content-disposition\\s*:[^\\r\\n]*;\\s*filename=\"([^\"\\r\\n]*)\".*");
    private static final int LONGEST_HEAD = 1 << 12;
    private static final String LINE = "\r\n";

    /**
     * Finds it.
     *
     * @param type the body's content type; null if it is not said
     * @throws Refusal if a form has no file or several, or ends too early
     */
    static Upload of(String type, byte[] body) {
        if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("multipart/")) {
            return new Upload("", body);
        }
        Matcher boundary = BOUNDARY.matcher(type);
        if (!boundary.matches()) {
            throw new Refusal(400, "expected multipart/form-data with a boundary, found another content type");
        }
        return file(body, "--" + (boundary.group(1) == null ? boundary.group(2) : boundary.group(1)));
    }

    private static Upload file(byte[] body, String mark) {
        String text = new String(body, StandardCharsets.ISO_8859_1); // a character a byte
        Optional<Upload> found = Optional.empty();
        int first = text.startsWith(mark) ? 0 : text.indexOf(LINE + mark) + LINE.length();
        if (!text.startsWith(mark, first)) {
            throw new Refusal(400, "expected a form with its boundary, found none");
        }
        int from = first + mark.length();
        while (!text.startsWith("--", from)) {
            int content = text.indexOf(LINE + LINE, from);
            int end = content < 0 ? -1 : text.indexOf(LINE + mark, content + LINE.length());
            if (end < 0 || content - from > LONGEST_HEAD) {
                throw new Refusal(400, "expected a whole form, found one that ends too early");
            }
            Matcher file = FILE.matcher(text.substring(from, content));
            if (file.matches()) {
                if (found.isPresent()) {
                    throw new Refusal(400, "expected one picture, found several; send a request for each");
                }
                int begin = Math.min(content + 2 * LINE.length(), end);
                String name = new String(file.group(1).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
                found = Optional.of(new Upload(name, Arrays.copyOfRange(body, begin, end)));
            }
            from = end + LINE.length() + mark.length();
        }
        return found.orElseThrow(() -> new Refusal(400, "expected a form with a picture's file, found none"));
    }
}
