package org.innerkeep.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A claim. Immutable.
 *
 * @param type its name, such as {@code x-ms-sgx-svn}
 * @param value its value
 * @param issuer who says it
 * @param readOnly whether it may be looked at and never be issued, as {@code pcrs} and whatever is made of it
 */
public record Claim(String type, ClaimValue value, Issuer issuer, boolean readOnly) {
    /** The name of the claim that may be looked at only: register values, which are as long as the machine's owner likes. */
    public static final String PCRS = "pcrs";

    /** Checks the name. */
    public Claim {
        if (type.isEmpty()) {
            throw new IllegalArgumentException("a claim needs a name");
        }
    }

    /**
     * A claim that comes in. It is read-only if it is the service's and is called {@code pcrs}.
     *
     * @param type its name
     * @param value its value
     * @param issuer who says it
     */
    public Claim(String type, ClaimValue value, Issuer issuer) {
        this(type, value, issuer, issuer == Issuer.ATTESTATION_SERVICE && type.equals(PCRS));
    }

    /**
     * A claim that was proven from evidence.
     *
     * @param type its name
     * @param value as {@link ClaimValue#ofPlain} takes it
     * @return the claim
     */
    public static Claim proven(String type, Object value) {
        return new Claim(type, ClaimValue.ofPlain(value), Issuer.ATTESTATION_SERVICE);
    }

    /**
     * A claim that a client makes and nothing proves.
     *
     * @param type its name
     * @param value as {@link ClaimValue#ofPlain} takes it
     * @return the claim
     */
    public static Claim custom(String type, Object value) {
        return new Claim(type, ClaimValue.ofPlain(value), Issuer.CUSTOM_CLAIM);
    }

    /**
     * Proven claims by name.
     *
     * @param claims values as {@link ClaimValue#ofPlain} takes them, or {@link Iterable}s of such values or of more of these, which
     *     become one claim for each value
     * @return the claims in the map's order
     */
    public static List<Claim> proven(Map<String, ?> claims) {
        List<Claim> all = new ArrayList<>();
        claims.forEach((type, value) -> addProven(all, type, value));
        return all;
    }

    private static void addProven(List<Claim> all, String type, Object value) {
        if (value instanceof Iterable<?> several) {
            several.forEach(each -> addProven(all, type, each));
        } else {
            all.add(proven(type, value));
        }
    }
}
