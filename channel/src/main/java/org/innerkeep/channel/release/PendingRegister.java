package org.innerkeep.channel.release;

import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.release.ReleaseRefusedException.Code;
import org.innerkeep.channel.release.RegisterRequest.Step;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * The enclave's side of one request to a vault's register: makes the request, and accepts the one response to it. The host carries what
 * goes in and out. As {@link PendingRelease}, without a secret in it.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class PendingRegister {
    private final VaultAnchor vault;
    private final RegisterRequest request;

    private PendingRegister(VaultAnchor vault, RegisterRequest request) {
        this.vault = vault;
        this.request = request;
    }

    /**
     * Begins.
     *
     * @param vault pinned, from the enclave's measured configuration
     * @param challenge as it came from the vault; hostile bytes
     * @param key the name of the key in the vault, lower case
     * @param name of the value
     * @param step from which version to which; nothing to read
     * @param random for what makes this request unlike any other, whatever challenge the host gives
     * @return the request
     * @throws ReleaseRefusedException if the challenge is none of this vault
     */
    public static PendingRegister begin(
            VaultAnchor vault, byte[] challenge, String key, String name, Optional<Step> step, SecureRandom random)
            throws ReleaseRefusedException {
        Challenge parsed = Exchange.challenge(vault, challenge);
        byte[] own = new byte[RegisterRequest.OWN_LENGTH];
        random.nextBytes(own);
        return new PendingRegister(vault, new RegisterRequest(parsed.nonce(), vault.id(), key, name, step, Bytes.of(own)));
    }

    /** {@return what the platform must attest, 64 bytes, a new array} */
    public byte[] reportData() {
        return request.reportData();
    }

    /** {@return what is asked} */
    public RegisterRequest request() {
        return request;
    }

    /**
     * Makes what is sent.
     *
     * @param evidence over {@link #reportData}
     * @param endorsements that the vault may need
     * @return the call's bytes
     */
    public byte[] call(byte[] evidence, List<Bytes> endorsements) {
        return new RegisterCall(request, Bytes.of(evidence), endorsements).toByteArray();
    }

    /**
     * Accepts the response: its form is right, the pinned vault signed it, it answers this request, so it is fresh, and the vault's life is
     * not an earlier one.
     *
     * @param response hostile bytes
     * @param leastEpoch the highest epoch of this vault that the enclave remembers; 1 where it remembers none
     * @return what the register says. A step was done, or had been done before, exactly where this is what it leads to
     * @throws ReleaseRefusedException if it is not accepted
     */
    public RegisterState accept(byte[] response, long leastEpoch) throws ReleaseRefusedException {
        RegisterResponse parsed;
        try {
            parsed = RegisterResponse.parse(response);
        } catch (MalformedException e) {
            throw new ReleaseRefusedException(Code.MALFORMED, String.valueOf(e.getMessage()));
        }
        Exchange.check(vault, request, leastEpoch,
                new Exchange.Answer(parsed.signedBy(vault), parsed.request(), parsed.state().epoch()));
        return parsed.state();
    }
}
