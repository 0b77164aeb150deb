package org.innerkeep.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.policy.Claim;
import org.innerkeep.policy.json.Json;

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
        List<Claim> all = new ArrayList<>();
        claims.named().forEach((name, value) -> add(all, name, value));
        return all;
    }

    private static void add(List<Claim> all, String name, ClaimValue value) {
        switch (value) {
            case ClaimValue.Text text -> all.add(Claim.proven(name, text.value()));
            case ClaimValue.Int number -> all.add(Claim.proven(name, number.value()));
            case ClaimValue.Flag flag -> all.add(Claim.proven(name, flag.value()));
            case ClaimValue.Many many -> many.values().forEach(each -> add(all, name, each));
            case ClaimValue.Group group ->
                all.add(Claim.proven(name, json(group).toText()));
        }
    }

    private static Json json(ClaimValue value) {
        return switch (value) {
            case ClaimValue.Text text -> Json.of(text.value());
            case ClaimValue.Int number -> Json.of(number.value());
            case ClaimValue.Flag flag -> Json.of(flag.value());
            case ClaimValue.Many many ->
                new Json.Arr(many.values().stream().map(PolicyClaims::json).toList());
            case ClaimValue.Group group -> {
                Map<String, Json> fields = new LinkedHashMap<>();
                group.values().forEach((name, each) -> fields.put(name, json(each)));
                yield new Json.Obj(fields);
            }
        };
    }
}
