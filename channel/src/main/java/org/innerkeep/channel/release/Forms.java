package org.innerkeep.channel.release;

import java.time.Instant;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

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
}
