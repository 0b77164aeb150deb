package org.innerkeep.client;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;

/**
 * What a token must be for. A token is good for hours and whoever sees it can send it again, so it proves nothing about whoever
 * sends it unless it is bound to something of theirs: a key that they then use, or a nonce that was just made for them. At
 * least one is needed.
 *
 * <p><b>The bytes bind; a nonce alone seldom does.</b> Services repeat the nonce of whoever asks, whatever the evidence is over. So it shows
 * that the token is new, not that the evidence is, nor that whoever sends it has anything to do with the enclave: evidence that somebody
 * kept gets a token with any nonce.
 *
 * @param boundTo bytes that the enclave vouches for, such as its public key, exactly as they were sent to the service
 * @param nonce that the service repeats, as it is or in hexadecimal or base64; in tokens of this project's own service under
 *     {@code nonce} and nowhere else
 * @param audience that the token has to name
 */
public record TokenUse(Optional<Bytes> boundTo, Optional<Bytes> nonce, Optional<String> audience) {
    private static final int REPORT_DATA = 64;

    /** The enclave's data as the service gives it back where it was bytes; policies cannot issue this name. */
    private static final String HELD_DATA = "x-ms-sgx-ehd";

    /** Our own service's word that the evidence is over the nonce; it stands in what was proven, where policies issue nothing. */
    private static final String NONCE_BOUND = "nonce-bound";

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
     * A token that was made for a nonce. Of most services it shows that the token is new and nothing of the evidence; prefer
     * {@link #boundTo}, with {@link #andNonce}. A token that this project's own service made under {@code /attest/Evidence} is accepted
     * by a nonce alone only where the service says that the evidence is over it ({@code nonce-bound}): then the evidence is no older than
     * the nonce, which must be from the service's {@code /nonce}.
     *
     * @param nonce made just now
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

    /** Why the token is not for this use, the nonce itself aside. */
    Optional<Reason> refusal(Claims claims) {
        return boundTo.isPresent() ? unbound(boundTo.get(), claims) : nonceUnbound(claims);
    }

    /** Whoever sends evidence to a service chooses the nonce; ours says whether the evidence is over it. */
    private static Optional<Reason> nonceUnbound(Claims claims) {
        boolean own = claims.details().containsKey(Claims.ATTESTED_KIND);
        if (!own || ClaimValue.of(true).equals(claims.details().get(NONCE_BOUND))) {
            return Optional.empty();
        }
        return Optional.of(new Reason(
                Code.BINDING_MISMATCH,
                "token." + NONCE_BOUND,
                Optional.ofNullable(claims.details().get(NONCE_BOUND)).map(Object::toString).orElse("none"),
                "true: evidence over the nonce",
                "The nonce is the token's alone, and the evidence may be anybody's: take a nonce of the service's and have it in the"
                        + " enclave's data, or require the data itself."));
    }

    /**
     * Why the token is not bound to the data: services put SHA-256 of what they are given into the first half of the report
     * data that the hardware signed, and compare it.
     */
    private static Optional<Reason> unbound(Bytes data, Claims claims) {
        byte[] hash = Arrays.copyOf(Bytes.sha256(data.toArray()).toArray(), REPORT_DATA);
        Bytes found = claims.reportData();
        boolean bound = found.length() > 0
                ? found.equals(Bytes.of(hash))
                : claims.text(HELD_DATA)
                        .filter(spellings(data)::contains)
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
