package org.innerkeep.evidence.token;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.JsonValue;
import org.innerkeep.evidence.internal.SignatureScheme;

/**
 * A JSON Web Signature in compact form (RFC 7515 section 7.1): header, payload and signature in base64url without padding, with dots
 * between. Strict: one text for the same bytes, no name twice in the header, no {@code crit} and no {@code b64}, since what they
 * would ask for is not known here.
 *
 * <p>Immutable, safe for use by several threads. Nothing of it is verified.
 *
 * @param header the header, all of which is signed
 * @param headerBytes the header as it stands, UTF-8
 * @param algorithm the name of the algorithm, {@code alg}
 * @param keyId which of its keys the issuer signed with, {@code kid}; text, whatever it looks like
 * @param type the media type, {@code typ}
 * @param certificates the certificate chain of the key, {@code x5c}: DER, leaf first, not parsed; hostile, as all of the header
 * @param payload what is signed, of any form
 * @param signature the signature; empty for {@code alg} {@code none}
 * @param lineEnd what follows the signature: nothing, LF or CR LF, as files that hold a token end in one; not signed
 */
public record Jws(
        JsonValue.Obj header,
        Bytes headerBytes,
        String algorithm,
        Optional<String> keyId,
        Optional<String> type,
        List<Bytes> certificates,
        Bytes payload,
        Bytes signature,
        String lineEnd) {
    /** The most bytes of a token. */
    public static final int MAX_BYTES = 1 << 20;

    /** The most certificates in a header. */
    public static final int MAX_CERTIFICATES = 16;

    private static final int MAX_HEADER_BYTES = 128 << 10;
    private static final int MAX_ALGORITHM = 32;
    private static final int MAX_KEY_ID = 1024;

    /** Copies the list. */
    public Jws {
        certificates = List.copyOf(certificates);
    }

    /**
     * Tells by the first bytes alone whether bytes want to be read as a token.
     *
     * @param bytes hostile bytes
     * @return whether base64url of something that begins as a JSON object comes first, and a dot after it
     */
    public static boolean looksLike(byte[] bytes) {
        // The first six bits of '{' are 'e'; what follows it in a header is a quote or white space.
        if (bytes.length < 3 || bytes[0] != 'e' || bytes[1] != 'y' && bytes[1] != 'w') {
            return false;
        }
        int end = 0;
        while (end < bytes.length && isBase64Url(bytes[end])) {
            end++;
        }
        return end < bytes.length && bytes[end] == '.';
    }

    private static boolean isBase64Url(byte c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_';
    }

    /**
     * Reads the form that {@link #toByteArray} writes.
     *
     * @param bytes hostile bytes
     * @return the token, of which nothing is verified
     * @throws MalformedException if the bytes are anything else
     */
    public static Jws parse(byte[] bytes) throws MalformedException {
        if (bytes.length > MAX_BYTES) {
            throw new MalformedException("token", -1, "expected at most " + MAX_BYTES + " bytes, found " + bytes.length);
        }
        int end = bytes.length;
        if (end > 0 && bytes[end - 1] == '\n') {
            end -= end > 1 && bytes[end - 2] == '\r' ? 2 : 1;
        }
        int[] dots = new int[2];
        int found = 0;
        for (int i = 0; i < end; i++) {
            if (bytes[i] == '.') {
                if (found == 2) {
                    throw new MalformedException("token", i, "expected three parts with two dots between, found more");
                }
                dots[found++] = i;
            } else if (!isBase64Url(bytes[i])) {
                throw new MalformedException("token", i, "expected base64url and dots");
            }
        }
        if (found != 2) {
            throw new MalformedException("token", end, "expected three parts with two dots between, found fewer");
        }
        String text = new String(bytes, StandardCharsets.US_ASCII);
        Bytes header = Base64Text.url("header", text.substring(0, dots[0]));
        Bytes payload = Base64Text.url("payload", text.substring(dots[0] + 1, dots[1]));
        Bytes signature = Base64Text.url("signature", text.substring(dots[1] + 1, end));
        if (header.length() > MAX_HEADER_BYTES) {
            throw new MalformedException("header", 0, "expected at most " + MAX_HEADER_BYTES + " bytes, found " + header.length());
        }
        return of(JsonValue.object("header", header.toArray()), header, payload, signature, text.substring(end));
    }

    private static Jws of(JsonValue.Obj header, Bytes headerBytes, Bytes payload, Bytes signature, String lineEnd)
            throws MalformedException {
        for (String name : List.of("crit", "b64")) {
            if (header.find(name).isPresent()) {
                throw new MalformedException(name, header.start(), "expected no such extension of the header");
            }
        }
        String algorithm = header.text("alg");
        if (algorithm.isEmpty() || algorithm.length() > MAX_ALGORITHM) {
            throw new MalformedException("alg", header.start(), "expected the name of an algorithm");
        }
        Optional<String> keyId = text(header, "kid");
        if (keyId.isPresent() && (keyId.get().isEmpty() || keyId.get().length() > MAX_KEY_ID)) {
            throw new MalformedException("kid", header.start(), "expected 1 to " + MAX_KEY_ID + " characters");
        }
        List<Bytes> certificates = header.find("x5c").isPresent() ? certificates(header) : List.of();
        return new Jws(
                header, headerBytes, algorithm, keyId, text(header, "typ"), certificates, payload, signature, lineEnd);
    }

    /** Text that may be absent. */
    static Optional<String> text(JsonValue.Obj object, String name) throws MalformedException {
        return object.find(name).isPresent() ? Optional.of(object.text(name)) : Optional.empty();
    }

    /** The certificates of an {@code x5c}. */
    static List<Bytes> certificates(JsonValue.Obj object) throws MalformedException {
        List<Bytes> found = new ArrayList<>();
        for (JsonValue each : object.array("x5c", MAX_CERTIFICATES)) {
            if (!(each instanceof JsonValue.Text text)) {
                throw new MalformedException("x5c", each.start(), "expected certificates as JSON text");
            }
            found.add(Base64Text.padded("x5c", text.value()));
        }
        if (found.isEmpty()) {
            throw new MalformedException("x5c", object.start(), "expected a certificate, found none");
        }
        return found;
    }

    /** {@return the bytes that are signed: header and payload in base64url with the dot between} */
    public byte[] signedBytes() {
        return (Base64Text.url(headerBytes) + "." + Base64Text.url(payload)).getBytes(StandardCharsets.US_ASCII);
    }

    /** {@return the token, of the one form that {@link #parse} accepts} */
    public byte[] toByteArray() {
        return (new String(signedBytes(), StandardCharsets.US_ASCII) + "." + Base64Text.url(signature) + lineEnd)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Finds how a token is signed (RFC 7518 section 3.1). Those by a shared secret, and none, are no signatures.
     *
     * @param algorithm the name
     * @return the scheme, or nothing for every other name
     */
    public static Optional<SignatureScheme> scheme(String algorithm) {
        return switch (algorithm) {
            case "RS256" -> Optional.of(SignatureScheme.RS256);
            case "RS384" -> Optional.of(SignatureScheme.RS384);
            case "RS512" -> Optional.of(SignatureScheme.RS512);
            case "PS256" -> Optional.of(SignatureScheme.PS256);
            case "PS384" -> Optional.of(SignatureScheme.PS384);
            case "PS512" -> Optional.of(SignatureScheme.PS512);
            case "ES256" -> Optional.of(SignatureScheme.ES256);
            case "ES384" -> Optional.of(SignatureScheme.ES384);
            case "ES512" -> Optional.of(SignatureScheme.ES512);
            default -> Optional.empty();
        };
    }
}
