package org.innerkeep.vault.azure;

import java.util.Optional;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.TokenIssuer;

/** An authority whose keys do not change while the vault runs. */
record PinnedAuthority(String name, TokenIssuer pinned, boolean challengeNeeded) implements Authority {
    @Override
    public String issuer() {
        return pinned.issuer();
    }

    @Override
    public Optional<TokenIssuer> anchor() {
        return Optional.of(pinned);
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
