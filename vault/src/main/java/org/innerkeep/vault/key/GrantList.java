package org.innerkeep.vault.key;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.vault.grant.Grant;
import org.innerkeep.vault.grant.Granted;

/** The grants of a key, as they become by what an owner does. Nothing is taken out: a revoked grant stays where it was. */
final class GrantList {
    private final VaultKey key;
    private final Instant at;
    private final String by;

    /**
     * What somebody does to the grants of a key.
     *
     * @param key as it is
     * @param at the time
     * @param by who does it
     */
    GrantList(VaultKey key, Instant at, String by) {
        this.key = key;
        this.at = at;
        this.by = KeyRoom.cut(by);
    }

    VaultKey given(List<Grant> grants) {
        return key.grants(with(key.grants(), grants));
    }

    VaultKey revoked(String grant) throws RefusedException {
        return key.grants(without(grant));
    }

    /**
     * Revokes one and gives others for it.
     *
     * @param grant the id of the one
     * @param grants the others; where the one bounds its uses, so do they, and by no more in all than are left of it
     * @param used how often the one was used
     */
    VaultKey replaced(String grant, List<Grant> grants, long used) throws RefusedException {
        List<Granted> left = without(grant);
        OptionalLong bound = holding(grant).grant().uses();
        if (bound.isPresent()) {
            long free = bound.getAsLong() - used;
            for (Grant each : grants) {
                if (each.uses().isEmpty() || each.uses().getAsLong() > free) {
                    throw new RefusedException(Code.CONFLICT, "grant " + grant + ": " + used + " of its " + bound.getAsLong()
                            + " uses are used up; what replaces it may have no more than are left, in all.");
                }
                free -= each.uses().getAsLong();
            }
        }
        return key.grants(with(left, grants));
    }

    private List<Granted> with(List<Granted> before, List<Grant> grants) {
        List<Granted> all = new ArrayList<>(before);
        grants.forEach(each -> all.add(new Granted(each, at, by, Optional.empty())));
        return all;
    }

    private List<Granted> without(String grant) throws RefusedException {
        Granted found = holding(grant);
        Granted revoked = new Granted(found.grant(), found.at(), found.by(), Optional.of(new Granted.Revoked(at, by)));
        return key.grants().stream().map(each -> each.equals(found) ? revoked : each).toList();
    }

    private Granted holding(String grant) throws RefusedException {
        Granted found = key.grants().stream()
                .filter(each -> each.grant().id().equals(grant))
                .findFirst()
                .orElseThrow(() -> new RefusedException(Code.NOT_FOUND, "key '" + key.name() + "': it has no grant of this id."));
        if (found.revoked().isPresent()) {
            throw new RefusedException(
                    Code.CONFLICT, "grant " + grant + ": it was revoked at " + found.revoked().get().at() + ".");
        }
        return found;
    }
}
