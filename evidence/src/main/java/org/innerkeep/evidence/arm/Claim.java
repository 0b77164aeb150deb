package org.innerkeep.evidence.arm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborValue;

/** What the claims of all tokens have in common. */
final class Claim {
    /** {@code eat_nonce}, {@code ueid} and {@code eat_profile}; RFC 9711. */
    static final long NONCE = 10;

    static final long UEID = 256;
    static final long PROFILE = 265;

    /** Keys below are for private use (RFC 8392 section 9.1): nobody but their maker can mean anything by them. */
    private static final long PRIVATE_USE = -65536;

    private static final int MAX_UNKNOWN = 32;

    /** UEID of type RAND (RFC 9711 section 4.2.1): a type byte and 32 bytes. */
    private static final int UEID_LENGTH = 33;

    private static final byte RAND = 1;

    private Claim() {}

    /** A digest: 32, 48 or 64 bytes. */
    static Bytes hash(CborValue value, String field) throws MalformedException {
        Bytes found = value.bytes(field, 32, 64);
        if (found.length() != 32 && found.length() != 48 && found.length() != 64) {
            throw new MalformedException(field, value.start(), "expected 32, 48 or 64 bytes, found " + found.length());
        }
        return found;
    }

    static Bytes ueid(CborValue value, String field, boolean rand) throws MalformedException {
        Bytes found = value.bytes(field, UEID_LENGTH, UEID_LENGTH);
        if (rand && found.toArray()[0] != RAND) {
            throw new MalformedException(field, value.start(), "expected 0x01 as its first byte, found another");
        }
        return found;
    }

    static Optional<String> text(Optional<CborValue> value, String field, int most) throws MalformedException {
        return value.isPresent() ? Optional.of(value.get().text(field, most)) : Optional.empty();
    }

    /**
     * Finds claims that are not known. Those for private use and those named by text are left out and named, as RFC 8392 section 3
     * has it. Registered ones are refused: one may take back what the others say, such as an expiry or a debug state.
     */
    static List<String> unknown(CborValue.Obj claims, String field, Set<Long> known) throws MalformedException {
        List<String> found = new ArrayList<>();
        for (long key : claims.byNumber().keySet()) {
            if (!known.contains(key)) {
                if (key >= PRIVATE_USE) {
                    throw new MalformedException(field, claims.start(), "found claim " + key + ", which is not accepted here");
                }
                found.add(Long.toString(key));
            }
        }
        found.addAll(claims.byName().keySet());
        if (found.size() > MAX_UNKNOWN) {
            throw new MalformedException(field, claims.start(), "expected at most " + MAX_UNKNOWN + " claims that are not known");
        }
        return found;
    }
}
