package org.innerkeep.vault.azure;

import java.util.ArrayList;
import java.util.List;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.vault.key.ReleasePolicy;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a release policy of Azure Key Vault, version 1.0.0, says: whose tokens about an environment are trusted, and which claims each
 * must hold for a key to be released to it.
 *
 * <pre>{@code
 * {"version":"1.0.0","anyOf":[
 *   {"authority":"https://attest.example","allOf":[
 *     {"claim":"x-ms-attestation-type","equals":"sevsnpvm"},
 *     {"claim":"x-ms-sevsnpvm-is-debuggable","equals":false}]}]}
 * }</pre>
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class ReleaseRules {
    /** The most bytes of a policy. */
    public static final int MAX_BYTES = ReleasePolicy.MAX_BYTES;

    private final List<OfAuthority> authorities;

    /**
     * What an authority's tokens must say.
     *
     * @param pointer where it stands
     * @param authority as the policy has it
     * @param condition on the claims
     */
    record OfAuthority(String pointer, String authority, Condition condition) {}

    ReleaseRules(List<OfAuthority> authorities) {
        this.authorities = List.copyOf(authorities);
    }

    /**
     * Reads a policy. Accepted besides the documented form are what Azure's own examples have: the versions {@code 1.0} and {@code 0.2} or
     * none, {@code anyof} and {@code allof}, and {@code {"claim":…,"condition":"equals","value":…}}.
     *
     * @param json hostile bytes, UTF-8
     * @return the policy
     * @throws MalformedException if it is anything else; its field is the place in the policy as a JSON pointer (RFC 6901), or the bytes'
     *     where they are no JSON
     */
    public static ReleaseRules parse(byte[] json) throws MalformedException {
        return ReleaseRulesReader.read(json);
    }

    /**
     * Decides whether the bearer of a token gets the key. The token must have been verified, by keys that its issuer is pinned with.
     *
     * @param issuer the token's {@code iss}
     * @param claims its claims
     * @return the decision, explained
     */
    ReleaseDecision decide(String issuer, ObjectNode claims) {
        String normal = normal(issuer);
        List<String> lines = new ArrayList<>();
        for (OfAuthority each : authorities) {
            String name = Condition.Equals.shown(each.authority());
            if (!normal(each.authority()).equals(normal)) {
                lines.add(each.pointer() + ": authority " + name + " is not the issuer " + Condition.Equals.shown(issuer));
                continue;
            }
            Condition.Finding found = each.condition().on(claims);
            if (found.met()) {
                List<String> why = new ArrayList<>();
                why.add(each.pointer() + ": authority " + name + " issued the token");
                found.explain(why);
                return new ReleaseDecision(true, why);
            }
            lines.add(each.pointer() + ": authority " + name + " issued the token, which does not say what it must");
            found.explain(lines);
        }
        return new ReleaseDecision(false, lines);
    }

    /** Policies in use write the same issuer with {@code https://} and a slash at its end or without; the rest is compared exactly. */
    static String normal(String authority) {
        String bare = authority.startsWith("https://") ? authority.substring("https://".length()) : authority;
        return bare.endsWith("/") ? bare.substring(0, bare.length() - 1) : bare;
    }

    /** {@return how many authorities it names, for people} */
    @Override
    public String toString() {
        return "release rules of " + authorities.size() + (authorities.size() == 1 ? " authority" : " authorities");
    }
}
