package org.innerkeep.attestation;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.policy.Claim;
import tools.jackson.databind.JsonNode;

/** Proven claims as policies see them: several values are several claims, and values by name are JSON in text. */
final class PolicyClaims {
    private static final StrictJson JSON = StrictJson.upTo(1 << 20);

    private PolicyClaims() {}

    /**
     * The claims of an appraisal.
     *
     * @param claims proven
     * @param token what the token says by then: data that the evidence is over counts as proven too
     * @return the claims, in a fixed order
     */
    static List<Claim> of(Claims claims, Map<String, Object> token) {
        List<Claim> all = new ArrayList<>(Claim.proven(new ClaimValue.Group(claims.named()).plain()));
        for (String name : List.of("x-ms-sgx-ehd", "x-ms-runtime", "x-ms-inittime", "x-ms-sgx-collateral")) {
            Object value = token.get(name);
            if (value != null) {
                all.add(Claim.proven(name, text(value)));
            }
        }
        for (String name : List.of("attester_tcb_status", "dbgstat", "tdx_seamsvn")) {
            Optional.ofNullable(token.get(name)).ifPresent(value -> all.add(Claim.proven(name, value)));
        }
        Object held = token.get("x-ms-sgx-ehd");
        if (held != null) {
            all.add(Claim.proven("$aas-ehd", text(held)));
            all.add(Claim.proven("$maa-ehd", text(held)));
        }
        Object collateral = token.get("x-ms-sgx-collateral");
        if (collateral != null) {
            all.add(Claim.proven("$maa-attestationcollateral", text(collateral)));
        }
        return all;
    }

    private static String text(Object value) {
        return switch (value) {
            case String text -> text;
            case JsonNode node -> new String(JSON.write(node), StandardCharsets.UTF_8);
            case Map<?, ?> map -> {
                Map<String, Object> plain = new LinkedHashMap<>();
                map.forEach((name, each) -> plain.put(String.valueOf(name), each));
                yield new String(JSON.write(plain), StandardCharsets.UTF_8);
            }
            default -> value.toString();
        };
    }
}
