package org.innerkeep.client;

import java.util.List;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.policy.Claim;

/** Proven claims as appraisal policies see them. */
public final class PolicyClaims {
    private PolicyClaims() {}

    /**
     * Turns proven claims into those of a policy, so that a policy can be tried over real evidence:
     * {@code policy.explain(PolicyClaims.of(claims)).render()}. Names are those of {@link Claims#named}; several values are
     * several claims, and values by name are one claim that is JSON text.
     *
     * @param claims proven claims
     * @return claims with the issuer {@code AttestationService}, by name
     */
    public static List<Claim> of(Claims claims) {
        return Claim.proven(new ClaimValue.Group(claims.named()).plain());
    }
}
