package org.innerkeep.vault.key;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.evidence.Bytes;

/** An age identity as a version of a key. Close it to wipe its secret. */
public final class IdentityKeys implements AutoCloseable {
    /** What clients call such a key. */
    public static final String KTY = "identity";

    private final NewVersion version;

    private IdentityKeys(NewVersion version) {
        this.version = version;
    }

    /**
     * Takes an identity over.
     *
     * @param identity stays the caller's to close
     * @return the version, to be closed
     */
    public static IdentityKeys of(Identity identity) {
        return new IdentityKeys(new NewVersion(
                KeyType.IDENTITY,
                KTY,
                parameter(identity.recipient().kind()),
                Bytes.of(identity.recipient().toString().getBytes(StandardCharsets.US_ASCII)),
                KeySecret.owning(text(identity)),
                KeySettings.PLAIN));
    }

    /**
     * The parameter of such a key.
     *
     * @param kind the kind of identity
     * @return {@code hybrid} or {@code classic}
     */
    public static String parameter(KeyKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /** The one line of an identity file that is no comment. */
    private static byte[] text(Identity identity) {
        Lines file = new Lines();
        try {
            identity.writeFile(file, Instant.EPOCH);
            return file.last();
        } catch (IOException e) {
            throw new IllegalStateException("an array takes everything", e);
        } finally {
            file.wipe();
        }
    }

    /** A stream to an array that can be wiped. */
    private static final class Lines extends ByteArrayOutputStream {
        Lines() {
            // Larger than any identity file, so that no copy stays behind when it grows.
            super(8192);
        }

        /** The last line, without its end. */
        byte[] last() {
            int end = count - 1;
            int start = end;
            while (start > 0 && buf[start - 1] != '\n') {
                start--;
            }
            return Arrays.copyOfRange(buf, start, end);
        }

        void wipe() {
            Arrays.fill(buf, (byte) 0);
        }
    }

    /** {@return the version to be made} */
    public NewVersion version() {
        return version;
    }

    @Override
    public void close() {
        version.secret().close();
    }
}
