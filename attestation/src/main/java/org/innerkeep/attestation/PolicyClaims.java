package org.innerkeep.attestation;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.policy.Claim;

/** Proven claims as policies see them: several values are several claims, and values by name are JSON in text. */
final class PolicyClaims {
    private static final StrictJson JSON = StrictJson.upTo(1 << 20);

    private PolicyClaims() {}

    static List<Claim> of(Claims claims, String attestationType) {
        List<Claim> all = new ArrayList<>();
        all.add(Claim.proven("x-ms-attestation-type", attestationType));
        named(claims).forEach((name, value) -> add(all, name, value));
        return all;
    }

    /** The claims under the names that policies use. */
    private static Map<String, ClaimValue> named(Claims claims) {
        Map<String, ClaimValue> named = new LinkedHashMap<>(claims.details());
        named.put("kind", ClaimValue.of(claims.kind()));
        named.put("platform", ClaimValue.of(claims.platform()));
        named.put("debug", ClaimValue.of(claims.debug()));
        claims.measurement().ifPresent(value -> named.put("measurement", ClaimValue.of(value.toString())));
        claims.signer().ifPresent(value -> named.put("signer", ClaimValue.of(value)));
        return named;
    }

    private static void add(List<Claim> all, String name, ClaimValue value) {
        switch (value) {
            case ClaimValue.Text text -> all.add(Claim.proven(name, text.value()));
            case ClaimValue.Int number -> all.add(Claim.proven(name, number.value()));
            case ClaimValue.Flag flag -> all.add(Claim.proven(name, flag.value()));
            case ClaimValue.Many many -> many.values().forEach(each -> add(all, name, each));
            case ClaimValue.Group group -> all.add(Claim.proven(name, json(group)));
        }
    }

    private static String json(ClaimValue.Group group) {
        Map<String, Object> plain = new LinkedHashMap<>();
        group.values().forEach((name, value) -> plain.put(name, plain(value)));
        return new String(JSON.write(plain), StandardCharsets.UTF_8);
    }

    /**
     * A value for JSON.
     *
     * @param value the value
     * @return text, a number, a flag, a list or an object
     */
    static Object plain(ClaimValue value) {
        return switch (value) {
            case ClaimValue.Text text -> text.value();
            case ClaimValue.Int number -> number.value();
            case ClaimValue.Flag flag -> flag.value();
            case ClaimValue.Many many -> many.values().stream().map(PolicyClaims::plain).toList();
            case ClaimValue.Group group -> {
                Map<String, Object> all = new LinkedHashMap<>();
                group.values().forEach((name, each) -> all.put(name, plain(each)));
                yield all;
            }
        };
    }
}
