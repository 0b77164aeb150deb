package org.innerkeep.attestation;

import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;

/**
 * What a client asks to have attested.
 *
 * @param type what it is, and under whose policy
 * @param evidence hostile bytes
 * @param endorsements what the client brings of its maker's endorsements, hostile: certificates and revocation lists, DER or PEM, and
 *     Intel's JSON
 * @param runtimeData data that the evidence is over
 * @param initTimeData data that the host gave at the start and the evidence holds the digest of
 * @param nonce that is to stand in the token, as text
 * @param draft a policy, as text or in its envelope, that is to decide instead of the one that is set; for those who may set policies
 */
public record AttestationRequest(
        AttestationType type,
        Bytes evidence,
        List<Bytes> endorsements,
        Optional<HeldData> runtimeData,
        Optional<HeldData> initTimeData,
        Optional<String> nonce,
        Optional<String> draft) {
    /** The most characters of a nonce. */
    public static final int MAX_NONCE_CHARACTERS = 1024;

    /** Copies the list. */
    public AttestationRequest {
        endorsements = List.copyOf(endorsements);
    }
}
