package org.innerkeep.inside;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.attestation.store.ChangeJournal;
import org.innerkeep.enclave.UnsealException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * The records of one chapter of a journal, as the host has them.
 *
 * <ul>
 *   <li>Its beginning, CBOR {@code [1, previous, sealed, recovery]}: {@code [profile, name, chapter, previous, key, …]} with what
 *       it carries on ({@link Carried}), sealed to the enclave, and as an age file to whoever may recover it; empty where nobody
 *       may.
 *   <li>A piece, CBOR {@code [2, previous, nonce, ciphertext]}: AES-256-GCM under the chapter's key, of {@code [kind, last,
 *       bytes]}, with {@code [profile, name, chapter, index, previous]} as additional data.
 * </ul>
 *
 * Previous is SHA-256 of the record before it, 32 bytes. A chapter's key is made for it and used by one life of one enclave,
 * which counts its nonces, so none comes twice even where a record is written anew. For one thread.
 */
final class ChapterRecords implements AutoCloseable {
    /** The most bytes of a piece's content. */
    static final int PIECE_BYTES = 4 << 20;

    private static final String PROFILE = "tag:innerkeep.org,2026:sealed-journal/1";
    private static final int BEGINNING = 1;
    private static final int PIECE = 2;
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final int DIGEST_BYTES = 32;
    private static final int ITEMS = 8;
    private static final int MAX_SEALED = Carried.MAX_SECRETS + 4096;
    private static final int MAX_RECOVERY = MAX_SEALED + (64 << 10);
    private static final int OVERHEAD = 256;

    /** What a piece is of. */
    enum Kind {
        /** An image of the whole database. */
        IMAGE(1),
        /** A change. */
        CHANGE(2);

        private final int number;

        Kind(int number) {
            this.number = number;
        }
    }

    /**
     * A piece.
     *
     * @param kind of what
     * @param last whether it is the last one of it
     * @param content at most {@link #PIECE_BYTES}
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Piece(Kind kind, boolean last, byte[] content) {}

    /**
     * What is at the beginning of a chapter, as the host has it.
     *
     * @param toEnclave sealed to the enclave
     * @param toRecovery an age file; empty where nobody may recover it
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Sealed(byte[] toEnclave, byte[] toRecovery) {}

    /** Seals what is at the beginning of a chapter, and opens it: as the enclave, or as whoever recovers it. */
    interface Sealer {
        Sealed seal(byte[] plaintext) throws IOException;

        byte[] unseal(Sealed sealed) throws UnsealException, IOException;
    }

    private final String name;
    private final long chapter;
    private final byte[] key;
    private final Carried carried;
    private long nonces;

    private ChapterRecords(String name, long chapter, byte[] key, Carried carried) {
        this.name = name;
        this.chapter = chapter;
        this.key = key;
        this.carried = carried;
    }

    /** A new chapter. */
    static ChapterRecords make(String name, long chapter, Carried carried, SecureRandom random) {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        return new ChapterRecords(name, chapter, key, carried.copy());
    }

    long chapter() {
        return chapter;
    }

    /** A copy, for the caller to wipe. */
    Carried carried() {
        return carried.copy();
    }

    byte[] beginning(Bytes previous, Sealer sealer) throws IOException {
        byte[] plain = carried.writeTo(new CborWriter()
                        .array(ITEMS)
                        .text(PROFILE)
                        .text(name)
                        .integer(chapter)
                        .bytes(previous.toArray())
                        .bytes(key))
                .toByteArray();
        try {
            Sealed sealed = sealer.seal(plain);
            if (sealed.toEnclave().length > MAX_SEALED || sealed.toRecovery().length > MAX_RECOVERY) {
                throw new ChangeJournal.RefusedException("the beginning of a chapter has " + sealed.toEnclave().length
                        + " bytes, and " + sealed.toRecovery().length + " for recovery; expected at most " + MAX_SEALED + " and "
                        + MAX_RECOVERY + ": name fewer recipients in enclave-recovery");
            }
            return new CborWriter()
                    .array(4)
                    .integer(BEGINNING)
                    .bytes(previous.toArray())
                    .bytes(sealed.toEnclave())
                    .bytes(sealed.toRecovery())
                    .toByteArray();
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    /** What a record says stands before it; hostile until it is opened. */
    static Bytes previous(byte[] record) throws MalformedException {
        CborReader reader = new CborReader(record);
        reader.arrayOf("record", 4);
        reader.integer("kind of record", BEGINNING, PIECE);
        return Bytes.of(reader.bytes("previous", DIGEST_BYTES, DIGEST_BYTES));
    }

    /** Opens a chapter by its beginning. */
    static ChapterRecords open(String name, long chapter, byte[] record, Sealer sealer)
            throws MalformedException, UnsealException, IOException {
        CborReader reader = new CborReader(record);
        reader.arrayOf("beginning of a chapter", 4);
        reader.integer("kind of record", BEGINNING, BEGINNING);
        byte[] previous = reader.bytes("previous", DIGEST_BYTES, DIGEST_BYTES);
        Sealed sealed = new Sealed(reader.bytes("sealed", 1, MAX_SEALED), reader.bytes("recovery", 0, MAX_RECOVERY));
        reader.end("beginning of a chapter");
        byte[] plain = sealer.unseal(sealed);
        try {
            CborReader inner = new CborReader(plain);
            inner.arrayOf("beginning of a chapter", ITEMS);
            boolean ours = inner.text("profile", PROFILE.length()).equals(PROFILE);
            String found = inner.text("name", 64);
            long number = inner.integer("chapter", 1, Long.MAX_VALUE);
            byte[] before = inner.bytes("previous", DIGEST_BYTES, DIGEST_BYTES);
            byte[] key = inner.bytes("key", KEY_BYTES, KEY_BYTES);
            Carried carried = Carried.read(inner);
            inner.end("beginning of a chapter");
            if (!ours || !found.equals(name) || number != chapter || !Arrays.equals(before, previous)) {
                Arrays.fill(key, (byte) 0);
                carried.close();
                throw new MalformedException("beginning of a chapter", -1, "it was sealed for chapter " + number + " of '" + found
                        + "', and is given as chapter " + chapter + " of '" + name + "'");
            }
            return new ChapterRecords(name, chapter, key, carried);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    byte[] piece(int index, Bytes previous, Piece piece) {
        byte[] nonce = new byte[NONCE_BYTES];
        for (int i = 0; i < Long.BYTES; i++) {
            nonce[NONCE_BYTES - 1 - i] = (byte) (nonces >>> (8 * i));
        }
        nonces++;
        byte[] plain = new CborWriter()
                .array(3)
                .integer(piece.kind().number)
                .bool(piece.last())
                .bytes(piece.content())
                .toByteArray();
        try {
            byte[] ciphertext = cipher(Cipher.ENCRYPT_MODE, nonce, index, previous).doFinal(plain);
            return new CborWriter()
                    .array(4)
                    .integer(PIECE)
                    .bytes(previous.toArray())
                    .bytes(nonce)
                    .bytes(ciphertext)
                    .toByteArray();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is part of every Java platform", e);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    Piece open(int index, byte[] record) throws MalformedException {
        CborReader reader = new CborReader(record);
        reader.arrayOf("piece", 4);
        reader.integer("kind of record", PIECE, PIECE);
        Bytes previous = Bytes.of(reader.bytes("previous", DIGEST_BYTES, DIGEST_BYTES));
        byte[] nonce = reader.bytes("nonce", NONCE_BYTES, NONCE_BYTES);
        byte[] ciphertext = reader.bytes("ciphertext", TAG_BYTES, PIECE_BYTES + OVERHEAD);
        reader.end("piece");
        try {
            CborReader inner = new CborReader(cipher(Cipher.DECRYPT_MODE, nonce, index, previous).doFinal(ciphertext));
            inner.arrayOf("piece", 3);
            Kind kind = inner.integer("kind", Kind.IMAGE.number, Kind.CHANGE.number) == Kind.IMAGE.number ? Kind.IMAGE
                    : Kind.CHANGE;
            boolean last = inner.bool("last");
            byte[] content = inner.bytes("content", 0, PIECE_BYTES);
            inner.end("piece");
            return new Piece(kind, last, content);
        } catch (AEADBadTagException e) {
            throw new MalformedException("piece", -1, "it was changed, or stood elsewhere");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM is part of every Java platform", e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, int index, Bytes previous) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BYTES * 8, nonce));
        cipher.updateAAD(new CborWriter()
                .array(5)
                .text(PROFILE)
                .text(name)
                .integer(chapter)
                .integer(index)
                .bytes(previous.toArray())
                .toByteArray());
        return cipher;
    }

    @Override
    public void close() {
        Arrays.fill(key, (byte) 0);
        carried.close();
    }
}
