package org.innerkeep.vault.azure;

import java.util.List;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.TokenIssuer;

/**
 * An attestation service whose tokens about environments are taken: the vault's own, Azure's. What a release policy calls an
 * authority must be one of these; a policy alone makes nobody trusted.
 *
 * <p>Implementations are safe for use by several threads.
 */
public interface Authority {
    /** {@return what its operator calls it, for logs and explanations} */
    String name();

    /** {@return the {@code iss} of its tokens, exactly} */
    String issuer();

    /**
     * What pins its keys now.
     *
     * @return anchors, each of which must accept a token by itself; none while keys could not be had, and no token is taken meanwhile
     */
    List<TokenIssuer> anchors();

    /** {@return where certificate chains of its published keys come from, where its root is pinned; untrusted} */
    Endorsements endorsements();

    /**
     * Whether a token needs a challenge of this vault inside its attested runtime data. Without one, whoever gets hold of a token can use
     * it again while it is young; the key then still goes only to the environment that the token is about.
     *
     * @return true unless the vault's owner decided otherwise for this authority
     */
    boolean challengeNeeded();

    /**
     * Says that a token named a key that was not known: the authority may have a new one.
     *
     * @return whether its keys are looked at anew when they are needed next; false where they are pinned, or were looked at a moment ago
     */
    boolean keyUnknown();

    /**
     * An authority whose keys or root are pinned.
     *
     * @param name what it is called
     * @param anchor what pins it
     * @param challengeNeeded whether tokens need a challenge of this vault
     * @return the authority
     */
    static Authority pinned(String name, TokenIssuer anchor, boolean challengeNeeded) {
        return new PinnedAuthority(name, anchor, challengeNeeded);
    }
}
