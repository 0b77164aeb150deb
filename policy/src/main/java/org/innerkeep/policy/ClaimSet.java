package org.innerkeep.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Claims in their order, each name, value and issuer once. */
final class ClaimSet {
    private final List<Claim> all = new ArrayList<>();
    private final Map<String, Named> byType = new HashMap<>();

    /** Adds a claim unless it is there. */
    boolean add(Claim claim) {
        Named named = byType.computeIfAbsent(claim.type(), type -> new Named());
        if (!named.valuesOf(claim.issuer()).add(claim.value())) {
            return false;
        }
        named.claims.add(claim);
        all.add(claim);
        return true;
    }

    boolean contains(String type, ClaimValue value, Issuer issuer) {
        Named named = byType.get(type);
        return named != null && named.valuesOf(issuer).contains(value);
    }

    List<Claim> all() {
        return all;
    }

    List<Claim> ofType(String type) {
        Named named = byType.get(type);
        return named == null ? List.of() : named.claims;
    }

    /** The claims of one name. */
    private static final class Named {
        private static final int ISSUERS = Issuer.values().length;

        private final List<Claim> claims = new ArrayList<>(1);
        private final @Nullable DistinctValues[] values = new DistinctValues[ISSUERS];

        DistinctValues valuesOf(Issuer issuer) {
            DistinctValues found = values[issuer.ordinal()];
            if (found == null) {
                found = new DistinctValues();
                values[issuer.ordinal()] = found;
            }
            return found;
        }
    }
}
