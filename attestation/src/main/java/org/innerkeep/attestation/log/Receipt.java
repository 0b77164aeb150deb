package org.innerkeep.attestation.log;

import java.util.ArrayList;
import java.util.List;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * Proof that the log took something up: the leaf, the hashes from it to the root (RFC 9162 section 2.1.3), and the signed head. It needs
 * nothing else but the pinned key of the log; {@link LogVerifier} verifies it. Keep it: it is what convicts a log that is rewritten.
 *
 * <p>Its bytes are a CBOR array: the text {@value #PROFILE}, the leaf, an array of hashes of 32 bytes, the signed head. Where the leaf
 * stands is what the leaf itself says. Parsing checks form only, and that the leaf lies within the head. At most
 * {@link #MAX_BYTES} bytes, usually below 1 KiB.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param entry the leaf
 * @param path the hashes from the leaf's neighbour to the root's child, 32 bytes each
 * @param head the signed head
 */
public record Receipt(LogEntry entry, List<Bytes> path, LogHead.Signed head) {
    /** What begins a receipt. */
    public static final String PROFILE = "tag:innerkeep.org,2026:log-receipt/1";

    /** The most bytes of a receipt. */
    public static final int MAX_BYTES = 8 * 1024;

    /** The most hashes of a path: a tree of 2^53 leaves has no longer one. */
    static final int MAX_PATH = 53;

    private static final int HASH_LENGTH = 32;

    /**
     * Checks sizes.
     *
     * @throws IllegalArgumentException if one is wrong or the leaf lies beyond the head
     */
    public Receipt {
        path = List.copyOf(path);
        if (path.size() > MAX_PATH || path.stream().anyMatch(hash -> hash.length() != HASH_LENGTH)) {
            throw new IllegalArgumentException("path: expected at most " + MAX_PATH + " hashes of 32 bytes");
        }
        if (entry.sequence() >= head.head().size()) {
            throw new IllegalArgumentException("receipt: the leaf " + entry.sequence() + " lies beyond a head of "
                    + head.head().size() + " leaves");
        }
    }

    /**
     * Reads a receipt. Checks form only.
     *
     * @param receipt hostile bytes
     * @return the receipt, of which nothing is verified
     * @throws MalformedException if the bytes are anything else
     */
    public static Receipt parse(byte[] receipt) throws MalformedException {
        if (receipt.length > MAX_BYTES) {
            throw new MalformedException("receipt", -1, "expected at most " + MAX_BYTES + " bytes, found " + receipt.length);
        }
        CborReader reader = new CborReader(receipt);
        reader.arrayOf("receipt", 4);
        int start = reader.offset();
        if (!reader.text("profile", PROFILE.length()).equals(PROFILE)) {
            throw new MalformedException("profile", start, "expected " + PROFILE);
        }
        LogEntry entry = LogEntry.parse(reader.bytes("leaf", 1, LogEntry.MAX_BYTES));
        List<Bytes> path = new ArrayList<>();
        for (int count = reader.array("path", 0, MAX_PATH); count > 0; count--) {
            path.add(Bytes.of(reader.bytes("path", HASH_LENGTH, HASH_LENGTH)));
        }
        LogHead.Signed head = LogHead.parse(reader.bytes("head", 1, LogHead.MAX_SIGNED_BYTES));
        reader.end("receipt");
        if (entry.sequence() >= head.head().size()) {
            throw new MalformedException("receipt", -1, "the leaf " + entry.sequence() + " lies beyond a head of "
                    + head.head().size() + " leaves");
        }
        return new Receipt(entry, path, head);
    }

    /** {@return the receipt's bytes; {@code parse(b).toByteArray()} equals {@code b}} */
    public byte[] toByteArray() {
        CborWriter writer = new CborWriter().array(4).text(PROFILE).bytes(entry.toByteArray()).array(path.size());
        path.forEach(hash -> writer.bytes(hash.toArray()));
        return writer.bytes(head.toByteArray()).toByteArray();
    }
}
