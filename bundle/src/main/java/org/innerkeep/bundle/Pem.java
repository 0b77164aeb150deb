package org.innerkeep.bundle;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import org.innerkeep.bundle.BundleException.Code;

/** PEM files of one block (RFC 7468, section 3). The JDK's own support is still a preview in release 25. */
final class Pem {
    private static final int MAX_BYTES = 4096;

    private Pem() {}

    static String encode(String label, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }

    /** Decodes one block. What is found in its place is never shown: it may be a secret. */
    static byte[] decode(String label, String pem) throws BundleException {
        String begin = "-----BEGIN " + label + "-----\n";
        String end = "\n-----END " + label + "-----";
        String text = pem.replace("\r\n", "\n").strip();
        if (!text.startsWith(begin) || !text.endsWith(end) || text.length() < begin.length() + end.length()) {
            throw new BundleException(
                    Code.KEY_INVALID,
                    "key file: expected one PEM block " + label + " and nothing else; openssl pkcs8 -topk8 -nocrypt makes a PRIVATE KEY"
                            + " of other forms, openssl pkey -pubout a PUBLIC KEY");
        }
        String body = text.substring(begin.length(), text.length() - end.length()).replace("\n", "");
        return decodeBase64(body, Code.KEY_INVALID, "key file");
    }

    /** Decodes the one base64 text of these bytes: with padding, without line breaks, unused bits zero (RFC 4648, section 3.5). */
    static byte[] decodeBase64(String text, Code code, String where) throws BundleException {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            // The decoder lets missing padding and stray bits pass, and two texts for one signature would be malleable.
            if (Arrays.equals(Base64.getEncoder().encode(bytes), text.getBytes(US_ASCII))) {
                return bytes;
            }
        } catch (IllegalArgumentException _) {
            // Refused below. The decoder's message would show a character of what may be a private key.
        }
        throw new BundleException(code, where + ": expected base64 with padding, found something else");
    }

    static String read(Path file) throws IOException, BundleException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new BundleException(Code.KEY_INVALID, "key file " + file + ": expected at most " + MAX_BYTES + " bytes, found more");
            }
            return new String(bytes, ISO_8859_1);
        }
    }
}
