package org.innerkeep.channel.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.file.SealedFileException.Code;
import org.innerkeep.channel.internal.hpke.X25519;
import org.innerkeep.channel.internal.hpke.XWing;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.jspecify.annotations.Nullable;

/**
 * The secret key that opens what was sealed to its {@link Recipient}, of either {@link KeyKind}. In text {@code
 * AGE-SECRET-KEY-PQ-1…} (hybrid: the seed of X-Wing) or {@code AGE-SECRET-KEY-1…} (classic: a scalar of X25519, RFC 7748), as the
 * age specification has it.
 *
 * <p>Wiped when closed, after which every use throws {@link IllegalStateException}, except that a {@link #recipient} that was asked
 * for before, or of an identity that was made here, stays known. Not equal to anything
 * but itself; compare recipients. Safe for use by several threads.
 */
public final class Identity implements AutoCloseable {
    /** Enough for some ten thousand identities; bounds what a hostile file costs. */
    private static final int MAX_FILE = 1 << 20;

    private final KeyKind kind;
    private final SecretBytes secret;
    /** Computed when it is first asked for: it takes as long as opening a file, for which nobody needs it. */
    private volatile @Nullable Recipient recipient;

    private Identity(KeyKind kind, byte[] owned) {
        this.kind = kind;
        this.secret = new SecretBytes(owned);
    }

    private static byte[] publicKey(KeyKind kind, byte[] secret) {
        return switch (kind) {
            case HYBRID -> {
                try (XWing key = new XWing(secret)) {
                    yield key.publicKey();
                }
            }
            case CLASSIC -> X25519.publicKey(secret);
        };
    }

    /**
     * Makes a new identity of the kind {@link KeyKind#HYBRID}.
     *
     * @param random where its 32 bytes come from
     * @return the identity, to be closed by the caller
     */
    public static Identity generate(SecureRandom random) {
        return generate(KeyKind.HYBRID, random);
    }

    /**
     * Makes a new identity.
     *
     * @param kind classic only where a tool must open or seal that does not know hybrid keys
     * @param random where its 32 bytes come from
     * @return the identity, to be closed by the caller
     */
    public static Identity generate(KeyKind kind, SecureRandom random) {
        byte[] secret = new byte[KeyKind.SECRET];
        random.nextBytes(secret);
        Identity made = new Identity(kind, secret);
        made.recipient();
        return made;
    }

    /**
     * Reads the text form. Pass a {@link java.nio.CharBuffer} over an array that is wiped afterwards where the text should not
     * stay in memory; a {@code String} cannot be wiped.
     *
     * @param text {@code AGE-SECRET-KEY-PQ-1} or {@code AGE-SECRET-KEY-1} and 58 more characters, upper case, without surrounding
     *     space
     * @return the identity, to be closed by the caller
     * @throws SealedFileException with code IDENTITY_MALFORMED if the text is anything else, or UNSUPPORTED if it looks like an
     *     identity of another kind
     */
    public static Identity parse(CharSequence text) throws SealedFileException {
        byte[] ascii = new byte[text.length()];
        try {
            for (int i = 0; i < ascii.length; i++) {
                char character = text.charAt(i);
                ascii[i] = (byte) (character < 0x80 ? character : '?');
            }
            return parse(ascii, "");
        } finally {
            Arrays.fill(ascii, (byte) 0);
        }
    }

    /**
     * Reads an identity file as {@code age-keygen} writes it: one identity a line, of either kind, lines that are empty or start
     * with {@code #} are ignored, lines end with LF or CRLF.
     *
     * @param from read to its end, at most 1 MiB, and not closed
     * @return one or more identities, to be closed by the caller
     * @throws SealedFileException if there is no identity in the file, or a line is none; names the line, never its content
     * @throws IOException if reading fails
     */
    public static List<Identity> readFile(InputStream from) throws IOException {
        byte[] file = from.readNBytes(MAX_FILE + 1);
        List<Identity> identities = new ArrayList<>();
        boolean complete = false;
        try {
            if (file.length > MAX_FILE) {
                throw new SealedFileException(Code.IDENTITY_MALFORMED, "an identity file has at most " + MAX_FILE + " bytes");
            }
            int number = 1;
            for (int start = 0; start < file.length; number++) {
                int end = start;
                while (end < file.length && file[end] != '\n') {
                    end++;
                }
                readLine(file, start, end, number).ifPresent(identities::add);
                start = end + 1;
            }
            if (identities.isEmpty()) {
                throw new SealedFileException(Code.IDENTITY_MALFORMED,
                    "the identity file holds no identity, a line AGE-SECRET-KEY-PQ-1… or AGE-SECRET-KEY-1… is wanted");
            }
            complete = true;
            return List.copyOf(identities);
        } finally {
            Arrays.fill(file, (byte) 0);
            if (!complete) {
                identities.forEach(Identity::close);
            }
        }
    }

    private static Optional<Identity> readLine(byte[] file, int start, int end, int number) throws SealedFileException {
        int last = end > start && file[end - 1] == '\r' ? end - 1 : end;
        if (last == start || file[start] == '#') {
            return Optional.empty();
        }
        byte[] line = Arrays.copyOfRange(file, start, last);
        try {
            return Optional.of(parse(line, "line " + number + " of the identity file: "));
        } finally {
            Arrays.fill(line, (byte) 0);
        }
    }

    private static Identity parse(byte[] text, String where) throws SealedFileException {
        KeyKind kind = KeyKind.ofIdentity(text);
        try {
            byte[] secret = Bech32.decode(kind.identityPrefix(), text);
            if (secret.length != KeyKind.SECRET) {
                Arrays.fill(secret, (byte) 0);
                throw new MalformedException("value", -1, "it does not have " + KeyKind.SECRET + " bytes");
            }
            return new Identity(kind, secret);
        } catch (MalformedException e) {
            if (Bech32.startsWith(text, "AGE-PLUGIN-")) {
                throw new SealedFileException(Code.UNSUPPORTED, where + "the identity is of a plugin: only hybrid ones, "
                    + "AGE-SECRET-KEY-PQ-1…, and X25519, AGE-SECRET-KEY-1…, are implemented");
            }
            if (Bech32.startsWith(text, "-----BEGIN ") || Bech32.startsWith(text, Header.VERSION)) {
                throw new SealedFileException(Code.UNSUPPORTED,
                    where + "the file is encrypted or of another kind: decrypt it first, for instance with the age tool");
            }
            throw new SealedFileException(Code.IDENTITY_MALFORMED, where + "this is not an identity (AGE-SECRET-KEY-PQ-1… or "
                + "AGE-SECRET-KEY-1…): " + e.getMessage());
        }
    }

    /**
     * Writes an identity file as {@code age-keygen} does: two comments and the secret. The caller makes sure that only its owner
     * can read the file.
     *
     * @param to not closed
     * @param created the time the first comment gives, in whole seconds
     * @throws IOException if writing fails
     */
    public void writeFile(OutputStream to, Instant created) throws IOException {
        byte[] bytes = secret.copy();
        byte[] text = {};
        try {
            text = Bech32.encode(kind.identityPrefix(), bytes);
            to.write(("# created: " + created.truncatedTo(ChronoUnit.SECONDS) + "\n# public key: " + recipient() + "\n").getBytes(US_ASCII));
            to.write(text);
            to.write('\n');
        } finally {
            Arrays.fill(bytes, (byte) 0);
            Arrays.fill(text, (byte) 0);
        }
    }

    /**
     * Tells to whom files for this identity are sealed.
     *
     * @return the public key
     * @throws IllegalStateException if this is asked for the first time, of an identity that was read, after it was closed
     */
    public Recipient recipient() {
        Recipient known = recipient;
        if (known == null) {
            byte[] bytes = secret.copy();
            try {
                known = new Recipient(Bytes.of(publicKey(kind, bytes)));
            } finally {
                Arrays.fill(bytes, (byte) 0);
            }
            recipient = known;
        }
        return known;
    }

    /**
     * Tries to unwrap the file key from the stanzas of this identity's kind, in order.
     *
     * @return the key, to be closed by the caller, or nothing if no stanza is for this identity
     * @throws SealedFileException if a stanza holds a point of low order
     */
    Optional<FileKey> unwrap(List<Stanza> stanzas) throws SealedFileException {
        byte[] bytes = secret.copy();
        try {
            return switch (kind) {
                case HYBRID -> {
                    // Expanded once for all stanzas: there may be a thousand, and a hostile sealer writes as many as it likes.
                    try (XWing key = new XWing(bytes)) {
                        yield first(stanzas, (share, wrapped) -> HybridKeys.unwrap(key, share, wrapped));
                    }
                }
                case CLASSIC -> first(stanzas,
                    (share, wrapped) -> ClassicKeys.unwrap(bytes, recipient().publicKey().toArray(), share, wrapped));
            };
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private interface Unwrapping {
        Optional<byte[]> unwrap(byte[] share, byte[] wrapped) throws InvalidKeyException;
    }

    private Optional<FileKey> first(List<Stanza> stanzas, Unwrapping unwrapping) throws SealedFileException {
        for (Stanza stanza : stanzas) {
            Optional<byte[]> share = stanza.share(kind);
            if (share.isEmpty()) {
                continue;
            }
            byte[] plain = {};
            try {
                Optional<byte[]> unwrapped = unwrapping.unwrap(share.get(), stanza.body().toArray());
                if (unwrapped.isPresent()) {
                    plain = unwrapped.get();
                    return Optional.of(FileKey.fromSecretBytes(plain));
                }
            } catch (InvalidKeyException e) {
                throw new SealedFileException(Code.HEADER_MALFORMED, "the share of a stanza of type " + stanza.type()
                    + " is a point of low order: its sealer is broken or hostile");
            } finally {
                Arrays.fill(plain, (byte) 0);
            }
        }
        return Optional.empty();
    }

    /** Wipes the secret. */
    @Override
    public void close() {
        secret.close();
    }

    @Override
    public String toString() {
        try {
            return "Identity[" + recipient() + "]";
        } catch (IllegalStateException e) {
            return "Identity[closed]";
        }
    }
}
