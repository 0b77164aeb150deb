package org.innerkeep.attestation;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * With what a token is made, besides its claims.
 *
 * @param at when
 * @param id its id, 32 bytes
 * @param key the id of the key that signs; empty for a draft, which nobody signs
 */
record Issue(Instant at, Bytes id, String key) {
    boolean draft() {
        return key.isEmpty();
    }

    byte[] toByteArray() {
        return (at.getEpochSecond() + "\n" + id.hex() + "\n" + key).getBytes(StandardCharsets.US_ASCII);
    }

    static Issue parse(Bytes bytes) throws MalformedException {
        String[] lines = new String(bytes.toArray(), StandardCharsets.US_ASCII).split("\n", -1);
        try {
            if (lines.length == 3) {
                return new Issue(Instant.ofEpochSecond(Long.parseLong(lines[0])), Bytes.fromHex(lines[1]), lines[2]);
            }
        } catch (IllegalArgumentException e) {
            // Falls through.
        }
        throw new MalformedException("issue", -1, "expected a time, an id and a key, each on a line");
    }
}
