package org.innerkeep.channel.release;

import java.time.Instant;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cose.CoseHeader;
import org.innerkeep.evidence.cose.CoseSign1;

/** What the forms of this package have in common. */
final class Forms {
    static final int DIGEST = 32;
    static final long LAST_SECOND = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();

    private Forms() {}

    static void checkLength(String field, Bytes bytes, int wanted) {
        if (bytes.length() != wanted) {
            throw new IllegalArgumentException(field + ": expected " + wanted + " bytes, found " + bytes.length());
        }
    }

    static void checkTime(String field, Instant time) {
        if (time.getEpochSecond() < 0 || time.getEpochSecond() > LAST_SECOND) {
            throw new IllegalArgumentException(field + ": expected 1970 to 9999, found " + time);
        }
    }

    static void checkSize(String field, byte[] bytes, int most) throws MalformedException {
        if (bytes.length > most) {
            throw new MalformedException(field, -1, "expected at most " + most + " bytes, found " + bytes.length);
        }
    }

    /** What a vault signs: COSE_Sign1 with ES256 and the vault's id as key id, both protected, and no other header. */
    static CoseSign1 signed(String what, byte[] bytes, int most) throws MalformedException {
        checkSize(what, bytes, most);
        CoseSign1 envelope = CoseSign1.parse(bytes);
        Bytes keyId = envelope.protectedHeader().keyId().orElse(Bytes.EMPTY);
        if (keyId.length() != DIGEST
                || !envelope.protectedHeader().equals(CoseSign1.ES256.withKeyId(keyId))
                || !envelope.unprotectedHeader().equals(CoseHeader.EMPTY)) {
            throw new MalformedException(
                    what + " header", -1, "expected ES256 and a key id of 32 bytes, both protected, and nothing else");
        }
        return envelope;
    }

    /** Whether a vault signed it, under its own id. */
    static boolean signedBy(CoseSign1 envelope, VaultAnchor vault) {
        return envelope.protectedHeader().keyId().equals(Optional.of(vault.id())) && envelope.verify(vault.key());
    }
}
