package org.innerkeep.channel.release;

import org.innerkeep.channel.release.ReleaseRefusedException.Code;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/** What an enclave holds against whatever a vault says, and the host carries: at the begin of an exchange and at its end. */
final class Exchange {
    private Exchange() {}

    /**
     * What a response says of itself.
     *
     * @param signed whether the pinned vault signed it
     * @param request the digest of the request that it answers
     * @param epoch the vault's life
     */
    record Answer(boolean signed, Bytes request, long epoch) {}

    /** Reads a challenge, hostile bytes, which must be of the pinned vault. */
    static Challenge challenge(VaultAnchor vault, byte[] challenge) throws ReleaseRefusedException {
        Challenge parsed;
        try {
            parsed = Challenge.parse(challenge);
        } catch (MalformedException e) {
            throw new ReleaseRefusedException(Code.MALFORMED, String.valueOf(e.getMessage()));
        }
        if (!parsed.vault().equals(vault.id())) {
            throw new ReleaseRefusedException(Code.OTHER_VAULT, "challenge: it is of the vault " + parsed.vault().shortHex()
                    + ", pinned is " + vault.id().shortHex() + ": the host asked another vault");
        }
        return parsed;
    }

    /** The pinned vault signed the response, it answers this request, so it is fresh, and the vault's life is not an earlier one. */
    static void check(VaultAnchor vault, VaultRequest request, long leastEpoch, Answer answer) throws ReleaseRefusedException {
        if (!answer.signed()) {
            throw new ReleaseRefusedException(Code.NOT_SIGNED, "response: it is not signed by the vault that is pinned, "
                    + vault.id().shortHex());
        }
        if (!answer.request().equals(request.digest())) {
            throw new ReleaseRefusedException(Code.OTHER_REQUEST,
                    "response: it answers the request " + answer.request().shortHex() + ", asked was " + request.digest().shortHex()
                            + ": it was replayed or mixed up");
        }
        if (answer.epoch() < leastEpoch) {
            throw new ReleaseRefusedException(Code.OLD_EPOCH, "response: the vault is in its life " + answer.epoch()
                    + ", and was in " + leastEpoch + ": an old copy of it was put back");
        }
    }
}
