package org.innerkeep.evidence.tpm;

import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * The key that quotes.
 *
 * @param spki SubjectPublicKeyInfo, DER
 * @param template its public area, where the evidence has it; a key whose hardware vouches for it by the key alone has none
 */
public record AttestationKey(Bytes spki, Optional<TpmPublic> template) {
    /**
     * A key with its public area.
     *
     * @param template the public area
     * @return the key
     * @throws MalformedException if there is no such key
     */
    public static AttestationKey of(TpmPublic template) throws MalformedException {
        return new AttestationKey(template.spki(), Optional.of(template));
    }
}
