package org.innerkeep.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Claims that leave an evaluation, in their order, each name, value and issuer once. */
final class ClaimSet {
    private final List<Claim> all = new ArrayList<>();
    private final Map<String, ClaimBag> byType = new HashMap<>();

    /** Adds a claim unless it is there. */
    void add(Claim claim) {
        if (byType.computeIfAbsent(claim.type(), type -> new ClaimBag()).add(claim)) {
            all.add(claim);
        }
    }

    List<Claim> all() {
        return all;
    }
}
