package org.innerkeep.inside;

import java.security.SecureRandom;
import java.util.Arrays;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * What the beginning of each chapter carries on, so that it is true of whatever is in the chapter. Encoded as three items, one
 * after another: secrets, acceptance, and {@code [security version, settings]}.
 *
 * @param secrets of the service, encoded; whoever has this wipes it by {@link #close}
 * @param acceptance of a state that was knowingly not the newest: which one, 16 random bytes; empty where that never happened.
 *     The vault writes it down when it begins the life after it, and begins that life at every start until it has
 * @param settings whose state this is
 */
@SuppressWarnings("ArrayRecordComponent")
record Carried(byte[] secrets, Bytes acceptance, Settings settings) implements AutoCloseable {
    static final int MAX_SECRETS = 16 << 10;

    private static final int ACCEPTANCE_BYTES = 16;
    private static final int DIGEST_BYTES = 32;
    private static final long MAX_VERSION = 0xffffffffL;

    /**
     * Which settings the service runs by.
     *
     * @param securityVersion of the bundle that has them
     * @param digest of them, {@link MeasuredSettings#digest}, 32 bytes
     */
    record Settings(long securityVersion, Bytes digest) {}

    /** The same, from the moment on when something older was accepted. */
    Carried accepting(SecureRandom random) {
        byte[] which = new byte[ACCEPTANCE_BYTES];
        random.nextBytes(which);
        return new Carried(secrets.clone(), Bytes.of(which), settings);
    }

    Carried under(Settings others) {
        return new Carried(secrets.clone(), acceptance, others);
    }

    Carried copy() {
        return under(settings);
    }

    /** Appends the three items. */
    CborWriter writeTo(CborWriter writer) {
        if (secrets.length < 1 || secrets.length > MAX_SECRETS) {
            throw new IllegalArgumentException("expected 1 to " + MAX_SECRETS + " bytes of secrets, found " + secrets.length);
        }
        return writer.bytes(secrets)
                .bytes(acceptance.toArray())
                .array(2)
                .integer(settings.securityVersion())
                .bytes(settings.digest().toArray());
    }

    static Carried read(CborReader reader) throws MalformedException {
        byte[] secrets = reader.bytes("secrets", 1, MAX_SECRETS);
        boolean read = false;
        try {
            int start = reader.offset();
            Bytes acceptance = Bytes.of(reader.bytes("acceptance", 0, ACCEPTANCE_BYTES));
            if (acceptance.length() != 0 && acceptance.length() != ACCEPTANCE_BYTES) {
                throw new MalformedException("acceptance", start, "expected none, or " + ACCEPTANCE_BYTES + " bytes");
            }
            reader.arrayOf("settings", 2);
            long version = reader.integer("security version", 0, MAX_VERSION);
            Carried carried = new Carried(
                    secrets, acceptance, new Settings(version, Bytes.of(reader.bytes("digest", DIGEST_BYTES, DIGEST_BYTES))));
            read = true;
            return carried;
        } finally {
            if (!read) {
                Arrays.fill(secrets, (byte) 0);
            }
        }
    }

    /** {@return nothing of its secrets} */
    @Override
    public String toString() {
        return "carried under " + settings;
    }

    /** Wipes the secrets. */
    @Override
    public void close() {
        Arrays.fill(secrets, (byte) 0);
    }
}
