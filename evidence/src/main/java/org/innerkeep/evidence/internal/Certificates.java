package org.innerkeep.evidence.internal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/** Certificates in PEM (RFC 7468), one after the other. */
public final class Certificates {
    /** The most certificates in one text. */
    public static final int MAX_COUNT = 16;

    private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
    private static final String END = "-----END CERTIFICATE-----";

    private static final String BEGIN_LIST = "-----BEGIN X509 CRL-----";
    private static final String END_LIST = "-----END X509 CRL-----";
    private static final String BEGIN_ANY = "-----BEGIN ";

    private Certificates() {}

    /**
     * Tells whether bytes look like PEM: printable text, perhaps with zeros after it, in which a certificate or a revocation list begins.
     * A quote that has certificates inside is none.
     *
     * @param bytes hostile bytes
     * @return whether they do
     */
    public static boolean looksLikePem(byte[] bytes) {
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        for (int i = 0; i < end; i++) {
            if ((bytes[i] < ' ' || bytes[i] > '~') && bytes[i] != '\n' && bytes[i] != '\r' && bytes[i] != '\t') {
                return false;
            }
        }
        String text = new String(bytes, 0, end, StandardCharsets.US_ASCII);
        return text.contains(BEGIN) || text.contains(BEGIN_LIST);
    }

    /**
     * Reads certificates. Between them only white space may stand, and zeros at the end, as Intel's libraries write them.
     *
     * @param field its name, for messages
     * @param pem hostile bytes
     * @return the DER of each, in order; not parsed yet
     * @throws MalformedException if it is anything else
     */
    public static List<Bytes> ofPem(String field, byte[] pem) throws MalformedException {
        String text = new String(pem, StandardCharsets.ISO_8859_1);
        List<Bytes> found = new ArrayList<>();
        int position = 0;
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == 0) {
            end--;
        }
        while (true) {
            while (position < end && " \t\r\n".indexOf(text.charAt(position)) >= 0) {
                position++;
            }
            if (position == end) {
                break;
            }
            int close = text.indexOf(END, position + BEGIN.length());
            if (!text.startsWith(BEGIN, position) || close < 0) {
                throw new MalformedException(field, position, "expected a PEM certificate");
            }
            if (found.size() == MAX_COUNT) {
                throw new MalformedException(field, position, "expected at most " + MAX_COUNT + " certificates");
            }
            found.add(decode(field, position, text.substring(position + BEGIN.length(), close)));
            position = close + END.length();
        }
        if (found.isEmpty()) {
            throw new MalformedException(field, 0, "expected a PEM certificate, found none");
        }
        return List.copyOf(found);
    }

    /**
     * Reads certificates, or one revocation list. What is labelled as something else, such as a key, is left out.
     *
     * @param field its name, for messages
     * @param pem hostile bytes
     * @return the DER of each, in order; not parsed yet
     * @throws MalformedException if it breaks the form of what it is labelled as
     */
    public static List<Bytes> certificatesAndLists(String field, byte[] pem) throws MalformedException {
        String text = new String(pem, StandardCharsets.ISO_8859_1).strip();
        if (text.startsWith(BEGIN_LIST)) {
            if (!text.endsWith(END_LIST)) {
                throw new MalformedException(field, 0, "expected one PEM revocation list");
            }
            int end = Math.max(BEGIN_LIST.length(), text.length() - END_LIST.length());
            return List.of(decode(field, 0, text.substring(BEGIN_LIST.length(), end)));
        }
        boolean isOther = text.startsWith(BEGIN_ANY) && !text.startsWith(BEGIN);
        return isOther ? List.of() : ofPem(field, pem);
    }

    private static Bytes decode(String field, int position, String body) throws MalformedException {
        try {
            return Bytes.of(Base64.getDecoder().decode(body.replaceAll("[\\r\\n\\t ]", "")));
        } catch (IllegalArgumentException e) {
            throw new MalformedException(field, position, "expected base64 in PEM");
        }
    }
}
