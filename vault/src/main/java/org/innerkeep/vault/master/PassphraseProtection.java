package org.innerkeep.vault.master;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/** Under a passphrase: Argon2id derives a key for AES-256-GCM. Salt and cost are in the store, with the wrapped key. */
final class PassphraseProtection implements Protection {
    /** Of a new one. Five words of a dice list have more; nothing here can tell a good passphrase from a long one. */
    static final int LEAST_CHARACTERS = 16;

    static final int MOST_CHARACTERS = 1024;

    private static final int MOST_BYTES_OF_A_CHARACTER = 3;

    private final byte[] passphrase;
    private final Argon2 cost;
    private final SecureRandom random;

    private PassphraseProtection(byte[] passphrase, Argon2 cost, SecureRandom random) {
        this.passphrase = passphrase;
        this.cost = cost;
        this.random = random;
    }

    /**
     * Takes a passphrase that the store was made with.
     *
     * @param passphrase stays the caller's to wipe
     * @param cost of what is wrapped now; what was wrapped before says its own
     * @throws IOException if it cannot be one
     */
    static PassphraseProtection of(char[] passphrase, Argon2 cost, SecureRandom random) throws IOException {
        if (passphrase.length == 0 || passphrase.length > MOST_CHARACTERS) {
            throw new IOException("vault: its passphrase has " + passphrase.length + " characters, expected 1 to " + MOST_CHARACTERS);
        }
        for (char each : passphrase) {
            if (Character.isISOControl(each)) {
                throw new IOException("vault: its passphrase has a control character in it; expected one line");
            }
        }
        byte[] room = new byte[passphrase.length * MOST_BYTES_OF_A_CHARACTER];
        try {
            ByteBuffer encoded = ByteBuffer.wrap(room);
            if (StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(passphrase), encoded, true).isError()) {
                throw new IOException("vault: its passphrase has half a character in it");
            }
            return new PassphraseProtection(Arrays.copyOf(room, encoded.position()), cost, random);
        } finally {
            Arrays.fill(room, (byte) 0);
        }
    }

    /** Takes a passphrase that is chosen now. */
    static PassphraseProtection ofNew(char[] passphrase, Argon2 cost, SecureRandom random) throws IOException {
        if (passphrase.length < LEAST_CHARACTERS) {
            throw new IOException("vault: a new passphrase must have at least " + LEAST_CHARACTERS + " characters, found "
                    + passphrase.length + ": whoever has a copy of the store can try as many as they like");
        }
        return of(passphrase, cost, random);
    }

    private static String label(Bytes id, Argon2 cost, Bytes salt) {
        return Wrap.label(id, Way.PASSPHRASE, cost + "|" + salt.hex());
    }

    private WrappingKey key(Argon2 of, Bytes salt) {
        byte[] derived = of.derive(passphrase, salt.toArray());
        try {
            return WrappingKey.of(derived, random);
        } finally {
            Arrays.fill(derived, (byte) 0);
        }
    }

    @Override
    public Wrap wrap(Bytes id, byte[] master) {
        byte[] fresh = new byte[Argon2.SALT_BYTES];
        random.nextBytes(fresh);
        Bytes salt = Bytes.of(fresh);
        try (WrappingKey key = key(cost, salt)) {
            return new Wrap.UnderPassphrase(cost, salt, key.wrap(label(id, cost, salt), master));
        }
    }

    @Override
    public byte[] unwrap(Bytes id, Wrap wrap) throws IOException {
        if (!(wrap instanceof Wrap.UnderPassphrase under)) {
            throw Protection.otherWay(wrap);
        }
        try (WrappingKey key = key(under.cost(), under.salt())) {
            return key.unwrap(label(id, under.cost(), under.salt()), under.wrapped());
        } catch (MalformedException e) {
            throw new IOException("vault: this is not the passphrase of this store; nothing was changed", e);
        }
    }

    @Override
    public void close() {
        Arrays.fill(passphrase, (byte) 0);
    }

    /** {@return nothing of the passphrase} */
    @Override
    public String toString() {
        return "a passphrase";
    }
}
