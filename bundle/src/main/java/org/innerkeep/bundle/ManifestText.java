package org.innerkeep.bundle;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.List;
import org.innerkeep.bundle.BundleException.Code;
import org.jspecify.annotations.Nullable;

/**
 * The canonical form of a manifest. Syntax is decided here, meaning by the constructors of the records; together they accept only
 * what {@link #write} writes.
 */
final class ManifestText {
    private static final String FORMAT = "innerkeep bundle ";
    private static final String FORMAT_LINE = FORMAT + "1";
    private static final int MAX_DIGITS = 18;

    private ManifestText() {}

    static byte[] write(Manifest manifest) {
        StringBuilder text = new StringBuilder(1024);
        text.append(FORMAT_LINE).append('\n');
        line(text, "name", manifest.name());
        line(text, "product", Long.toString(manifest.productId()));
        line(text, "svn", Long.toString(manifest.svn()));
        line(text, "program", manifest.program());
        line(text, "heap", Long.toString(manifest.heapBytes()));
        line(text, "threads", Integer.toString(manifest.threads()));
        line(text, "debug", manifest.debug() ? "yes" : "no");
        // The default is not written: a manifest from before there was the choice means the same.
        if (!manifest.secretHeap()) {
            line(text, Manifest.SECRET_HEAP, "no");
        }
        for (String mechanism : manifest.demands()) {
            line(text, "demands", mechanism);
        }
        line(text, "java", Integer.toString(manifest.javaRelease()));
        for (String module : manifest.javaModules()) {
            line(text, "module", module);
        }
        for (OfferedInterface offered : manifest.interfaces()) {
            line(text, "interface", offered.side() + " " + offered.name() + " " + offered.schema());
        }
        for (BundleFile file : manifest.files()) {
            line(text, "file", file.digest() + " " + file.sizeBytes() + " " + file.path());
        }
        return text.toString().getBytes(US_ASCII);
    }

    private static void line(StringBuilder text, String key, String value) {
        text.append(key).append(' ').append(value).append('\n');
    }

    static Manifest parse(byte[] bytes) throws BundleException {
        if (bytes.length > Manifest.MAX_BYTES) {
            throw new BundleException(
                    Code.TOO_LARGE, "manifest: expected at most " + Manifest.MAX_BYTES + " bytes, found " + bytes.length);
        }
        for (int i = 0; i < bytes.length; i++) {
            if (!Text.isPrintable(bytes[i]) && bytes[i] != '\n') {
                throw new BundleException(
                        Code.MALFORMED, "manifest at byte " + i + ": expected printable ASCII, found byte " + (bytes[i] & 0xff));
            }
        }
        if (bytes.length == 0 || bytes[bytes.length - 1] != '\n') {
            throw new BundleException(Code.MALFORMED, "manifest: expected a line feed at the end");
        }
        Lines lines = new Lines(new String(bytes, 0, bytes.length - 1, US_ASCII).split("\n", -1));
        checkFormatLine(lines.next());
        try {
            return new Manifest(
                    lines.value("name"),
                    number(lines.value("product")),
                    number(lines.value("svn")),
                    lines.value("program"),
                    number(lines.value("heap")),
                    Math.toIntExact(number(lines.value("threads"))),
                    yesOrNo(lines.value("debug")),
                    secretHeap(lines),
                    lines.values("demands"),
                    Math.toIntExact(number(lines.value("java"))),
                    lines.values("module"),
                    interfaces(lines),
                    files(lines));
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw lines.malformed(String.valueOf(e.getMessage()), e);
        }
    }

    /** Refuses what is no bundle, or one of a later format, before more of it is read. */
    static void checkFormatLine(String line) throws BundleException {
        if (line.equals(FORMAT_LINE)) {
            return;
        }
        if (line.startsWith(FORMAT)) {
            throw new BundleException(
                    Code.UNSUPPORTED,
                    "bundle: expected format 1, found " + Text.quote(line.substring(FORMAT.length())) + "; use a newer Innerkeep");
        }
        throw new BundleException(Code.MALFORMED, "this is not an Innerkeep bundle: it does not begin with " + Text.quote(FORMAT_LINE));
    }

    private static List<OfferedInterface> interfaces(Lines lines) throws BundleException {
        List<OfferedInterface> interfaces = new ArrayList<>();
        for (String value : lines.values("interface")) {
            String[] parts = parts(value, "interface", "SIDE NAME SCHEMA");
            OfferedInterface.Side side =
                    switch (parts[0]) {
                        case "client" -> OfferedInterface.Side.CLIENT;
                        case "host" -> OfferedInterface.Side.HOST;
                        default -> throw new IllegalArgumentException(
                                "interface: expected client or host, found " + Text.quote(parts[0]));
                    };
            interfaces.add(new OfferedInterface(side, parts[1], Digest.parse(parts[2])));
        }
        return interfaces;
    }

    private static List<BundleFile> files(Lines lines) throws BundleException {
        List<BundleFile> files = new ArrayList<>();
        for (String value : lines.values("file")) {
            String[] parts = parts(value, "file", "DIGEST SIZE PATH");
            files.add(new BundleFile(parts[2], number(parts[1]), Digest.parse(parts[0])));
        }
        lines.checkEnd();
        return files;
    }

    private static String[] parts(String value, String key, String wanted) {
        String[] parts = value.split(" ", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException(key + ": expected " + wanted + ", found " + Text.quote(value));
        }
        return parts;
    }

    private static long number(String digits) {
        boolean canonical = !digits.isEmpty()
                && digits.length() <= MAX_DIGITS
                && digits.chars().allMatch(c -> c >= '0' && c <= '9')
                && (digits.length() == 1 || digits.charAt(0) != '0');
        if (!canonical) {
            throw new IllegalArgumentException("expected a decimal number without leading zeros, found " + Text.quote(digits));
        }
        return Long.parseLong(digits);
    }

    private static boolean secretHeap(Lines lines) throws BundleException {
        if (!lines.nextIs(Manifest.SECRET_HEAP)) {
            return true;
        }
        if (!lines.value(Manifest.SECRET_HEAP).equals("no")) {
            throw new IllegalArgumentException("secret-heap: expected no, or no such line");
        }
        return false;
    }

    private static boolean yesOrNo(String word) {
        return switch (word) {
            case "yes" -> true;
            case "no" -> false;
            default -> throw new IllegalArgumentException("expected yes or no, found " + Text.quote(word));
        };
    }

    /** A position among the lines. */
    private static final class Lines {
        private final String[] lines;
        private int at;

        Lines(String[] lines) {
            this.lines = lines;
        }

        String next() {
            return lines[at++];
        }

        String value(String key) throws BundleException {
            if (!nextIs(key)) {
                String found = at < lines.length ? Text.quote(lines[at]) : "the end";
                at++;
                throw malformed("expected " + Text.quote(key + " …") + ", found " + found, null);
            }
            return next().substring(key.length() + 1);
        }

        List<String> values(String key) throws BundleException {
            List<String> values = new ArrayList<>();
            while (nextIs(key)) {
                values.add(value(key));
            }
            return values;
        }

        void checkEnd() throws BundleException {
            if (at < lines.length) {
                at++;
                throw malformed("expected the end of the manifest, found " + Text.quote(lines[at - 1]), null);
            }
        }

        private boolean nextIs(String key) {
            return at < lines.length && lines[at].startsWith(key) && lines[at].startsWith(" ", key.length());
        }

        BundleException malformed(String problem, @Nullable Throwable cause) {
            String message = "manifest, up to line " + at + ": " + problem;
            return cause == null
                    ? new BundleException(Code.MALFORMED, message)
                    : new BundleException(Code.MALFORMED, message, cause);
        }
    }
}
