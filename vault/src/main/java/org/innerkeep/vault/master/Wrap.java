package org.innerkeep.vault.master;

import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * A wrapped master key, as the store has it: a CBOR array of the way's word, what the way needs, and the wrapped bytes. All but those are
 * additional data of the encryption, so nothing of it can be changed.
 */
sealed interface Wrap {
    /** More than any way needs. */
    int MAX_WRAPPED = 256;

    /** {@return the way} */
    Way way();

    /** {@return nonce, ciphertext and tag} */
    Bytes wrapped();

    /** Under a key in a file. */
    record UnderFile(Bytes wrapped) implements Wrap {
        @Override
        public Way way() {
            return Way.FILE;
        }
    }

    /**
     * Under a passphrase.
     *
     * @param cost of the derivation
     * @param salt of the derivation
     */
    record UnderPassphrase(Argon2 cost, Bytes salt, Bytes wrapped) implements Wrap {
        @Override
        public Way way() {
            return Way.PASSPHRASE;
        }
    }

    /**
     * Under a key in a token.
     *
     * @param label of the key in its token
     */
    record UnderToken(String label, Bytes wrapped) implements Wrap {
        /** Printable, without what needs quotes. */
        static final String LABEL = "[A-Za-z0-9._-]{1,64}";

        @Override
        public Way way() {
            return Way.PKCS11;
        }
    }

    /** Under a key that is sealed to an enclave. */
    record UnderEnclave(Bytes wrapped) implements Wrap {
        @Override
        public Way way() {
            return Way.ENCLAVE;
        }
    }

    /** Says for which master key, and how, it is wrapped. No part has a bar in it. */
    static String label(Bytes id, Way way, String parameters) {
        return "innerkeep vault master key v1|" + id.hex() + "|" + way + "|" + parameters;
    }

    /** Writes it. */
    default void write(CborWriter writer) {
        switch (this) {
            case UnderFile file -> writer.array(2).text(file.way().toString()).bytes(file.wrapped().toArray());
            case UnderPassphrase under -> writer.array(6)
                    .text(under.way().toString())
                    .integer(under.cost().kibibytes())
                    .integer(under.cost().passes())
                    .integer(under.cost().lanes())
                    .bytes(under.salt().toArray())
                    .bytes(under.wrapped().toArray());
            case UnderEnclave under -> writer.array(2).text(under.way().toString()).bytes(under.wrapped().toArray());
            case UnderToken under -> writer.array(3).text(under.way().toString()).text(under.label()).bytes(under.wrapped().toArray());
        }
    }

    /** Reads it. */
    static Wrap read(CborReader reader) throws MalformedException {
        int items = reader.array("wrap", 2, 6);
        int start = reader.offset();
        Way way = Way.of(reader.text("way", 16))
                .orElseThrow(() -> new MalformedException("way", start, "expected file, passphrase, pkcs11 or enclave"));
        int expected = switch (way) {
            case FILE, ENCLAVE -> 2;
            case PASSPHRASE -> 6;
            case PKCS11 -> 3;
        };
        if (items != expected) {
            throw new MalformedException("wrap", start, "expected " + expected + " items for " + way + ", found " + items);
        }
        return switch (way) {
            case FILE -> new UnderFile(wrapped(reader));
            case PASSPHRASE -> new UnderPassphrase(
                    Argon2.read(reader),
                    Bytes.of(reader.bytes("salt", Argon2.SALT_BYTES, Argon2.SALT_BYTES)),
                    wrapped(reader));
            case ENCLAVE -> new UnderEnclave(wrapped(reader));
            case PKCS11 -> new UnderToken(label(reader), wrapped(reader));
        };
    }

    private static String label(CborReader reader) throws MalformedException {
        int start = reader.offset();
        String label = reader.text("label", 64);
        if (!label.matches(UnderToken.LABEL)) {
            throw new MalformedException("label", start, "expected letters, digits, dots, underscores and hyphens");
        }
        return label;
    }

    private static Bytes wrapped(CborReader reader) throws MalformedException {
        return Bytes.of(reader.bytes("wrapped master key", 1, MAX_WRAPPED));
    }
}
