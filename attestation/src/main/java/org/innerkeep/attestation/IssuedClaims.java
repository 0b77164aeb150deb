package org.innerkeep.attestation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.policy.ClaimValue;
import org.innerkeep.policy.Decision;

/**
 * Claims that a policy issues, in a token: all of them in one object, {@value #OBJECT}, and at the top as well, where older consumers
 * look, unless a claim of that name is the service's own, or there are several values: no claim at the top is a list.
 */
final class IssuedClaims {
    private static final String OBJECT = "x-ms-policy";

    private IssuedClaims() {}

    /**
     * Adds them.
     *
     * @param decision that permits
     * @param token the service's own claims, which stay as they are
     */
    static void add(Decision decision, Map<String, Object> token) {
        Map<String, Object> issued = new LinkedHashMap<>();
        Decision.byType(decision.issued()).forEach((name, values) ->
                issued.put(name, values.size() == 1 ? plain(values.getFirst()) : values.stream().map(IssuedClaims::plain).toList()));
        if (issued.isEmpty()) {
            return;
        }
        token.put(OBJECT, issued);
        issued.forEach((name, value) -> {
            if (!(value instanceof List) && !RESERVED.contains(name) && !name.startsWith("x-ms-") && !name.startsWith("tdx_")) {
                token.putIfAbsent(name, value);
            }
        });
    }

    /** Names that the service gives in some tokens, and RFC 7519 in all: a policy could make a relying party read its word as proven. */
    private static final List<String> RESERVED = List.of(
            "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "nonce", "rp_data", "eat_profile", "dbgstat", "intuse",
            "aas-ehd", "maa-ehd", "policy_signer", "innerkeep", "x-ms-runtime", "x-ms-inittime", "x-ms-policy-signer");

    private static Object plain(ClaimValue value) {
        return switch (value) {
            case ClaimValue.Text text -> text.value();
            case ClaimValue.Int number -> number.value();
            case ClaimValue.Bool flag -> flag.value();
        };
    }
}
