package org.innerkeep.channel.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.innerkeep.evidence.Bytes;

/**
 * The textual header of a sealed file (age specification, section "Header"). What {@link #read} accepts, {@link #write} writes
 * back byte for byte; therefore a MAC over the written form is a MAC over what was read.
 *
 * @param stanzas one or more
 * @param mac HMAC-SHA-256 under a key derived from the file key, 32 bytes; proven only by {@link #verify}
 */
record Header(List<Stanza> stanzas, Bytes mac) {
    static final String VERSION = "age-encryption.org/v1";
    static final String MAC_MARK = "---";
    static final int MAC_LENGTH = 32;
    /** Limits of this implementation, on reading and writing; the format has none. */
    static final int MAX_BYTES = 1 << 21;
    static final int MAX_STANZAS = 1024;
    /** The argument line of a hybrid stanza has 1,512 characters. */
    static final int MAX_LINE = 8192;

    private static final String MAC_KEY = "header";

    Header {
        stanzas = List.copyOf(stanzas);
    }

    /**
     * Reads a header and not a byte more.
     *
     * @throws SealedFileException if the bytes are not a header
     * @throws IOException if reading fails
     */
    static Header read(InputStream from) throws IOException {
        return new HeaderReader(from).read();
    }

    /** Makes the header that carries these stanzas. */
    static Header of(List<Stanza> stanzas, FileKey key) {
        return new Header(stanzas, Bytes.of(mac(stanzas, key)));
    }

    /**
     * Proves that whoever made the header knew the file key.
     *
     * @throws SealedFileException with code HEADER_MAC if not
     */
    void verify(FileKey key) throws SealedFileException {
        if (!MessageDigest.isEqual(mac(stanzas, key), mac.toArray())) {
            throw new SealedFileException(Code.HEADER_MAC,
                "the header's MAC does not fit the file key: the header was changed after sealing, or the key is that of another file");
        }
    }

    byte[] write() {
        return (upToMac(stanzas) + " " + RawBase64.encode(mac.toArray()) + "\n").getBytes(ISO_8859_1);
    }

    private static byte[] mac(List<Stanza> stanzas, FileKey key) {
        byte[] secret = key.exposeSecretBytes();
        try {
            return Kdf.hmac(secret, MAC_KEY, upToMac(stanzas).getBytes(ISO_8859_1));
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private static String upToMac(List<Stanza> stanzas) {
        StringBuilder text = new StringBuilder(VERSION).append('\n');
        for (Stanza stanza : stanzas) {
            stanza.writeTo(text);
        }
        return text.append(MAC_MARK).toString();
    }
}
