package org.innerkeep.evidence.tpm;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.evidence.internal.ByteReader;
import org.innerkeep.evidence.internal.ByteWriter;

/**
 * What a TPM signs when it quotes: TPMS_ATTEST of the type TPM_ST_ATTEST_QUOTE (TPM 2.0 Library, Part 2, 10.12). All numbers are
 * big-endian.
 *
 * @param qualifiedSigner the qualified name of the key that signs: TPM_ALG_ID and digest, or a handle of 4 bytes, or empty
 * @param extraData what the caller of the TPM gave to be signed: the nonce, 0 to 64 bytes
 * @param clock milliseconds since the TPM was made, while it had power; unsigned
 * @param resetCount how often the TPM was reset
 * @param restartCount how often it was restarted or resumed since
 * @param safe whether the clock cannot have been lower before
 * @param firmwareVersion as the maker of the TPM numbers it; unsigned
 * @param selections which registers were quoted, in the order in which they were hashed
 * @param pcrDigest over the values of these registers, with the hash algorithm of the signature
 */
public record TpmQuote(
        Bytes qualifiedSigner,
        Bytes extraData,
        long clock,
        long resetCount,
        long restartCount,
        boolean safe,
        long firmwareVersion,
        List<PcrSelection> selections,
        Bytes pcrDigest) {
    /** TPM_GENERATED_VALUE: a TPM signs nothing from outside with a restricted key that begins so. */
    public static final long MAGIC = 0xff544347L;

    private static final int QUOTE = 0x8018;
    private static final int MAX_NAME = 66;
    private static final int MAX_DIGEST = 64;
    private static final int MAX_SELECTIONS = 16;

    /** Copies the selections. */
    public TpmQuote {
        selections = List.copyOf(selections);
    }

    /**
     * Reads a quote.
     *
     * @param bytes hostile bytes
     * @return the quote, of which nothing is verified
     * @throws MalformedException if they are anything else
     */
    public static TpmQuote parse(byte[] bytes) throws MalformedException {
        ByteReader reader = new ByteReader(bytes, ByteOrder.BIG_ENDIAN);
        if (reader.u32("magic") != MAGIC) {
            throw new MalformedException("magic", 0, "expected TPM_GENERATED_VALUE");
        }
        int type = reader.u16("type");
        if (type != QUOTE) {
            throw new MalformedException("type", 4, String.format("expected TPM_ST_ATTEST_QUOTE, found 0x%04x", type));
        }
        Bytes qualifiedSigner = sized(reader, "qualifiedSigner", MAX_NAME);
        Bytes extraData = sized(reader, "extraData", MAX_DIGEST);
        long clock = reader.u64("clock");
        long resetCount = reader.u32("resetCount");
        long restartCount = reader.u32("restartCount");
        int safe = reader.u8("safe");
        if (safe > 1) {
            throw new MalformedException("safe", reader.offset() - 1, "expected 0 or 1, found " + safe);
        }
        long firmwareVersion = reader.u64("firmwareVersion");
        List<PcrSelection> selections = selections(reader);
        Bytes pcrDigest = sized(reader, "pcrDigest", MAX_DIGEST);
        reader.end("TPMS_ATTEST");
        return new TpmQuote(
                qualifiedSigner, extraData, clock, resetCount, restartCount, safe == 1, firmwareVersion, selections, pcrDigest);
    }

    private static List<PcrSelection> selections(ByteReader reader) throws MalformedException {
        int count = reader.count("pcrSelect.count", 0, MAX_SELECTIONS);
        List<PcrSelection> selections = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int at = reader.offset();
            TpmHash bank = TpmHash.parse("pcrSelect.hash", at, reader.u16("pcrSelect.hash"));
            at = reader.offset();
            int size = reader.u8("pcrSelect.sizeofSelect");
            if (size < 1 || size > PcrSelection.MAX_BITMAP) {
                throw new MalformedException(
                        "pcrSelect.sizeofSelect", at, "expected 1 to " + PcrSelection.MAX_BITMAP + ", found " + size);
            }
            selections.add(new PcrSelection(bank, reader.bytes("pcrSelect.pcrSelect", size)));
        }
        return selections;
    }

    /** A TPM2B: bytes after their length in 16 bits. */
    static Bytes sized(ByteReader reader, String field, int most) throws MalformedException {
        int at = reader.offset();
        int length = reader.u16(field);
        if (length > most) {
            throw new MalformedException(field, at, "expected at most " + most + " bytes, found " + length);
        }
        return reader.bytes(field, length);
    }

    static void sized(ByteWriter writer, Bytes value) {
        writer.u16(value.length()).bytes(value);
    }

    /**
     * Takes off the length in 16 bits that tools may write before a structure of a TPM (TPM2B_ATTEST, TPM2B_PUBLIC).
     *
     * @param bytes hostile bytes
     * @return what stands behind the length where exactly that follows, else the bytes as they are
     */
    static byte[] unwrapped(Bytes bytes) {
        byte[] all = bytes.toArray();
        if (all.length > 2 && ((all[0] & 0xff) << 8 | all[1] & 0xff) == all.length - 2) {
            return Arrays.copyOfRange(all, 2, all.length);
        }
        return all;
    }

    /** {@return the quote's bytes, as they are signed} */
    public byte[] toByteArray() {
        ByteWriter writer = new ByteWriter(ByteOrder.BIG_ENDIAN).u32(MAGIC).u16(QUOTE);
        sized(writer, qualifiedSigner);
        sized(writer, extraData);
        writer.u64(clock).u32(resetCount).u32(restartCount).u8(safe ? 1 : 0).u64(firmwareVersion).u32(selections.size());
        for (PcrSelection each : selections) {
            writer.u16(each.bank().id()).u8(each.bitmap().length()).bytes(each.bitmap());
        }
        sized(writer, pcrDigest);
        return writer.toByteArray();
    }
}
