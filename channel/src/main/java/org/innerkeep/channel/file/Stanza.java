package org.innerkeep.channel.file;

import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.internal.hpke.ChaCha20Poly1305;
import org.innerkeep.evidence.Bytes;

/**
 * One recipient stanza of a header: the file key, wrapped for one recipient in the way that the first argument names.
 *
 * @param arguments at least one, each of one or more visible ASCII characters
 * @param body any number of bytes
 */
record Stanza(List<String> arguments, Bytes body) {
    static final String SCRYPT_TYPE = "scrypt";
    /** A file key and its tag. */
    static final int WRAPPED_KEY = FileKey.LENGTH + ChaCha20Poly1305.TAG;

    private static final int COLUMNS = 64;

    Stanza {
        arguments = List.copyOf(arguments);
    }

    /** Makes a stanza of a kind that is implemented: what the wrapping key comes from, and the wrapped file key. */
    static Stanza of(KeyKind kind, byte[] share, byte[] wrappedKey) {
        return new Stanza(List.of(kind.stanzaType(), RawBase64.encode(share)), Bytes.of(wrappedKey));
    }

    String type() {
        return arguments.getFirst();
    }

    /** {@return the share, or nothing if this stanza does not have the form that its kind has} */
    Optional<byte[]> share(KeyKind kind) {
        // The body's length is part of the form: were longer ones tried, one file could be made to open under two keys.
        if (!type().equals(kind.stanzaType()) || arguments.size() != 2 || body.length() != WRAPPED_KEY) {
            return Optional.empty();
        }
        return RawBase64.decode(arguments.get(1)).filter(share -> share.length == kind.shareLength());
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
