package org.innerkeep.evidence.token;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.Optional;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.internal.JsonValue;

/**
 * A JSON Web Token (RFC 7519) of an attestation service: claims that are signed. Of the registered claims, issuer and expiry must be
 * there; a token without an end would be evidence forever.
 *
 * <p>Immutable, safe for use by several threads. Nothing of it is verified.
 *
 * @param jws the signed form
 * @param claims all claims
 * @param issuer who issued it, {@code iss}
 * @param expires from when on it must not be accepted, {@code exp}
 * @param notBefore before when it must not be accepted, {@code nbf}
 * @param issuedAt when it was issued, {@code iat}
 */
public record Token(
        Jws jws,
        JsonValue.Obj claims,
        String issuer,
        Instant expires,
        Optional<Instant> notBefore,
        Optional<Instant> issuedAt) {
    private static final int MAX_ISSUER = 1024;

    /** The last second of the year 9999. */
    private static final BigDecimal MAX_SECONDS = BigDecimal.valueOf(253_402_300_799L);

    /**
     * Reads a token.
     *
     * @param bytes hostile bytes
     * @return the token, of which nothing is verified
     * @throws MalformedException if it is no signed token, or has no issuer or expiry
     */
    public static Token parse(byte[] bytes) throws MalformedException {
        Jws jws = Jws.parse(bytes);
        JsonValue.Obj claims = JsonValue.object("claims", jws.payload().toArray());
        String issuer = claims.text("iss");
        if (issuer.isEmpty() || issuer.length() > MAX_ISSUER) {
            throw new MalformedException("iss", claims.start(), "expected 1 to " + MAX_ISSUER + " characters");
        }
        return new Token(jws, claims, issuer, time(claims, "exp"), optionalTime(claims, "nbf"), optionalTime(claims, "iat"));
    }

    private static Optional<Instant> optionalTime(JsonValue.Obj claims, String name) throws MalformedException {
        return claims.find(name).isPresent() ? Optional.of(time(claims, name)) : Optional.empty();
    }

    /** A NumericDate (RFC 7519 section 2): seconds since 1970, of which parts may be given. */
    private static Instant time(JsonValue.Obj claims, String name) throws MalformedException {
        if (claims.get(name) instanceof JsonValue.Num number
                && number.value().signum() >= 0
                && number.value().compareTo(MAX_SECONDS) <= 0) {
            BigDecimal nanos = number.value().setScale(9, RoundingMode.DOWN);
            BigDecimal seconds = nanos.setScale(0, RoundingMode.DOWN);
            return Instant.ofEpochSecond(
                    seconds.longValueExact(), nanos.subtract(seconds).movePointRight(9).longValueExact());
        }
        throw new MalformedException(name, claims.start(), "expected a time in seconds since 1970");
    }

    /** {@return the token, of the one form that {@link #parse} accepts} */
    public byte[] toByteArray() {
        return jws.toByteArray();
    }
}
