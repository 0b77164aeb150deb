package org.innerkeep.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The claims that rules see: those that came in and those that rules made, in this order, each once. Names that the policy names
 * have a place of their own, known before; so most claims that come in cost one look-up and nothing else.
 */
final class KnownClaims {
    private final Map<String, Integer> types;
    private final @Nullable ClaimBag[] named;
    private final Map<String, ClaimBag> others = new HashMap<>(0);
    private final List<Claim> all;

    /** The types are the names that the policy names, each with its place. */
    KnownClaims(Map<String, Integer> types, int expected) {
        this.types = types;
        this.named = new ClaimBag[types.size()];
        this.all = new ArrayList<>(expected);
    }

    /**
     * Adds a claim that comes in. Of names that the policy does not name a claim may be in {@link #all} twice: no rule can
     * tell, since conditions ask whether there is one, and whatever comes of several is made of different values.
     */
    void take(Claim claim) {
        Integer place = types.get(claim.type());
        if (place == null || bag(place).add(claim)) {
            all.add(claim);
        }
    }

    /** Adds a claim that a rule makes, unless it is there. */
    void add(Claim claim) {
        Integer place = types.get(claim.type());
        if ((place == null ? other(claim.type()) : bag(place)).add(claim)) {
            all.add(claim);
        }
    }

    boolean contains(Claim claim, Issuer issuer) {
        Integer place = types.get(claim.type());
        return (place == null ? other(claim.type()) : bag(place)).contains(claim.value(), issuer);
    }

    /** Whether there is a claim of that name. */
    boolean has(String type) {
        Integer place = types.get(type);
        return !(place == null ? other(type) : bag(place)).claims().isEmpty();
    }

    List<Claim> all() {
        return all;
    }

    List<Claim> at(int place) {
        ClaimBag found = named[place];
        return found == null ? List.of() : found.claims();
    }

    private ClaimBag bag(int place) {
        ClaimBag found = named[place];
        if (found == null) {
            found = new ClaimBag();
            named[place] = found;
        }
        return found;
    }

    /** For names that are made while the policy runs. */
    private ClaimBag other(String type) {
        ClaimBag found = others.get(type);
        if (found == null) {
            found = new ClaimBag();
            for (Claim each : all) {
                if (each.type().equals(type)) {
                    found.add(each);
                }
            }
            others.put(type, found);
        }
        return found;
    }
}
