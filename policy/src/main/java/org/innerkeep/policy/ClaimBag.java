package org.innerkeep.policy;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Claims of one name in their order, each value and issuer once. Few are compared one by one, many are looked up. */
final class ClaimBag {
    private static final int FEW = 8;

    private final List<Claim> claims = new ArrayList<>(1);
    private @Nullable Map<Issuer, DistinctValues> index;

    /** Adds a claim unless it is there. */
    boolean add(Claim claim) {
        if (contains(claim.value(), claim.issuer())) {
            return false;
        }
        claims.add(claim);
        if (index != null) {
            values(index, claim.issuer()).add(claim.value());
        } else if (claims.size() > FEW) {
            Map<Issuer, DistinctValues> made = new EnumMap<>(Issuer.class);
            claims.forEach(each -> values(made, each.issuer()).add(each.value()));
            index = made;
        }
        return true;
    }

    boolean contains(ClaimValue value, Issuer issuer) {
        if (index != null) {
            return values(index, issuer).contains(value);
        }
        for (Claim each : claims) {
            if (each.issuer() == issuer && each.value().equals(value)) {
                return true;
            }
        }
        return false;
    }

    List<Claim> claims() {
        return claims;
    }

    private static DistinctValues values(Map<Issuer, DistinctValues> index, Issuer issuer) {
        return index.computeIfAbsent(issuer, each -> new DistinctValues());
    }
}
