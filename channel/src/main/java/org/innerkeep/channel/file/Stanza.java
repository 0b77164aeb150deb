package org.innerkeep.channel.file;

import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;

/**
 * One recipient stanza of a header: the file key, wrapped for one recipient in the way that the first argument names.
 *
 * @param arguments at least one, each of one or more visible ASCII characters
 * @param body any number of bytes
 */
record Stanza(List<String> arguments, Bytes body) {
    static final String X25519_TYPE = "X25519";
    static final String SCRYPT_TYPE = "scrypt";
    /** A file key and its tag. */
    static final int WRAPPED_KEY = FileKey.LENGTH + ChaCha20Poly1305.TAG;

    private static final int COLUMNS = 64;

    Stanza {
        arguments = List.copyOf(arguments);
    }

    /** Makes an X25519 stanza; age specification, section "X25519 recipient stanza". */
    static Stanza x25519(byte[] share, byte[] wrappedKey) {
        return new Stanza(List.of(X25519_TYPE, RawBase64.encode(share)), Bytes.of(wrappedKey));
    }

    String type() {
        return arguments.getFirst();
    }

    /** {@return the ephemeral share, or nothing if this stanza of type X25519 does not have the form of one} */
    Optional<byte[]> x25519Share() {
        // The body's length is part of the form: were longer ones tried, one file could be made to open under two keys.
        if (arguments.size() != 2 || body.length() != WRAPPED_KEY) {
            return Optional.empty();
        }
        return RawBase64.decode(arguments.get(1)).filter(share -> share.length == X25519.LENGTH);
    }

    void writeTo(StringBuilder header) {
        header.append("->");
        for (String argument : arguments) {
            header.append(' ').append(argument);
        }
        header.append('\n');
        String text = RawBase64.encode(body.toArray());
        int at = 0;
        for (; text.length() - at >= COLUMNS; at += COLUMNS) {
            header.append(text, at, at + COLUMNS).append('\n');
        }
        // The last line is always shorter than the others, if need be empty: so a reader knows it to be the last.
        header.append(text, at, text.length()).append('\n');
    }
}
