package org.innerkeep.client;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;

/**
 * What a token must be for. A token is good for hours and whoever sees it can send it again, so it proves nothing about whoever
 * sends it unless it is bound to something of theirs: a key that they then use, or a nonce that was just made for them. At
 * least one is needed.
 *
 * @param boundTo bytes that the enclave vouches for, such as its public key, exactly as they were sent to the service
 * @param nonce that this relying party made and the service repeats
 * @param audience that the token has to name
 */
public record TokenUse(Optional<Bytes> boundTo, Optional<Bytes> nonce, Optional<String> audience) {
    private static final int REPORT_DATA = 64;

    /** The enclave's data as the service gives it back where it was bytes; policies cannot issue this name. */
    private static final String HELD_DATA = "x-ms-sgx-ehd";

    /**
     * Checks that it is for something.
     *
     * @throws IllegalArgumentException if it is bound to nothing
     */
    public TokenUse {
        if (boundTo.isEmpty() && nonce.isEmpty()) {
            throw new IllegalArgumentException(
                    "a token that is bound to no data and has no nonce may come from anybody: give one");
        }
    }

    /**
     * A token of an enclave that vouches for these bytes.
     *
     * @param data such as the public key of the connection it came by, exactly as the enclave sent it to the service as runtime
     * data
     * @return the use
     */
    public static TokenUse boundTo(byte[] data) {
        return new TokenUse(Optional.of(Bytes.of(data)), Optional.empty(), Optional.empty());
    }

    /**
     * A token that was made over a nonce.
     *
     * @param nonce as this relying party made it, just now
     * @return the use
     */
    public static TokenUse withNonce(Bytes nonce) {
        return new TokenUse(Optional.empty(), Optional.of(nonce), Optional.empty());
    }

    /**
     * Requires a nonce as well.
     *
     * @param made by this relying party, just now
     * @return a changed copy
     */
    public TokenUse andNonce(Bytes made) {
        return new TokenUse(boundTo, Optional.of(made), audience);
    }

    /**
     * Requires an audience as well.
     *
     * @param name as the token has to name it
     * @return a changed copy
     */
    public TokenUse andAudience(String name) {
        return new TokenUse(boundTo, nonce, Optional.of(name));
    }

    /**
     * Why the token is not bound to the data: services put SHA-256 of what they are given into the first half of the report
     * data that the hardware signed, and compare it.
     */
    Optional<Reason> refusal(Claims claims) {
        if (boundTo.isEmpty()) {
            return Optional.empty();
        }
        byte[] hash = Arrays.copyOf(Bytes.sha256(boundTo.get().toArray()).toArray(), REPORT_DATA);
        Bytes found = claims.reportData();
        boolean bound = found.length() > 0
                ? found.equals(Bytes.of(hash))
                : claims.text(HELD_DATA)
                        .filter(spellings(boundTo.get())::contains)
                        .isPresent();
        return bound
                ? Optional.empty()
                : Optional.of(new Reason(
                        Code.REPORT_DATA_MISMATCH,
                        "token.report-data",
                        found.length() == 0 ? "none" : found.shortHex(),
                        Bytes.of(hash).shortHex() + ", SHA-256 of the data that it has to be bound to",
                        "The token was made for another key and may be replayed or relayed: do not use this"
                                + " connection."));
    }

    private static List<String> spellings(Bytes data) {
        Base64.Encoder url = Base64.getUrlEncoder();
        return List.of(url.encodeToString(data.toArray()), url.withoutPadding().encodeToString(data.toArray()));
    }
}
