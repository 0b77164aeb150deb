package org.innerkeep.vault.azure;

import java.util.List;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.TokenIssuer;

/** An authority whose keys do not change while the vault runs. */
record PinnedAuthority(String name, TokenIssuer pinned, boolean challengeNeeded) implements Authority {
    @Override
    public String issuer() {
        return pinned.issuer();
    }

    @Override
    public List<TokenIssuer> anchors() {
        return List.of(pinned);
    }

    @Override
    public Endorsements endorsements() {
        return Endorsements.none();
    }

    @Override
    public boolean keyUnknown() {
        return false;
    }
}
