package org.innerkeep.channel.release;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.release.ReleaseRefusedException.Code;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * The enclave's side of one release: makes the request, and accepts the one response to it. The host carries what goes in and out.
 *
 * {@snippet :
 * try (PendingRelease pending = PendingRelease.begin(vault, challenge, "patients", header, Optional.of(job), random)) {
 *     byte[] call = pending.call(platform.attest(pending.reportData()), List.of());
 *     ReleasedKey key = pending.accept(carry(call), leastEpoch);
 * }
 * }
 *
 * <p>For one request and one thread. Close it to wipe the transport key.
 */
public final class PendingRelease implements AutoCloseable {
    private final VaultAnchor vault;
    private final TransportKey transport;
    private final ReleaseRequest request;

    private PendingRelease(VaultAnchor vault, TransportKey transport, ReleaseRequest request) {
        this.vault = vault;
        this.transport = transport;
        this.request = request;
    }

    /**
     * Begins.
     *
     * @param vault pinned, from the enclave's measured configuration
     * @param challenge as it came from the vault; hostile bytes
     * @param key the name of the key in the vault, lower case
     * @param header of the sealed file: {@link SealedFile#header}
     * @param job the digest of the job that it is for
     * @param random for the transport key
     * @return the release, to be closed
     * @throws ReleaseRefusedException if the challenge is none of this vault
     */
    public static PendingRelease begin(
            VaultAnchor vault, byte[] challenge, String key, Bytes header, Optional<Bytes> job, SecureRandom random)
            throws ReleaseRefusedException {
        Challenge parsed = Exchange.challenge(vault, challenge);
        TransportKey transport = TransportKey.generate(random);
        boolean begun = false;
        try {
            ReleaseRequest request =
                    new ReleaseRequest(parsed.nonce(), vault.id(), key, header, transport.publicKey(), job);
            begun = true;
            return new PendingRelease(vault, transport, request);
        } finally {
            if (!begun) {
                transport.close();
            }
        }
    }

    /** {@return what the platform must attest, 64 bytes, a new array} */
    public byte[] reportData() {
        return request.reportData();
    }

    /** {@return what is asked} */
    public ReleaseRequest request() {
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
        return new ReleaseCall(request, Bytes.of(evidence), endorsements).toByteArray();
    }

    /**
     * Accepts the response:
     *
     * <ol>
     *   <li>its form is right;
     *   <li>the pinned vault signed it;
     *   <li>it answers this request, so it is fresh;
     *   <li>the vault's life is not an earlier one;
     *   <li>its file key can be decrypted, and opens the file's header.
     * </ol>
     *
     * @param response hostile bytes
     * @param leastEpoch the highest epoch of this vault that the enclave remembers; 1 where it remembers none
     * @return the file key and its terms, to be closed
     * @throws ReleaseRefusedException if it is not accepted
     */
    public ReleasedKey accept(byte[] response, long leastEpoch) throws ReleaseRefusedException {
        ReleaseResponse parsed;
        try {
            parsed = ReleaseResponse.parse(response);
        } catch (MalformedException e) {
            throw new ReleaseRefusedException(Code.MALFORMED, String.valueOf(e.getMessage()));
        }
        ReleaseTerms terms = parsed.terms();
        Exchange.check(vault, request, leastEpoch, new Exchange.Answer(parsed.signedBy(vault), terms.request(), terms.epoch()));
        Optional<Duration> lease = terms.leaseUntil().map(until -> Duration.between(terms.time(), until));
        if (lease.isPresent() && lease.get().compareTo(Duration.ZERO) <= 0) {
            throw new ReleaseRefusedException(Code.LEASE_OVER, "response: its lease ends at " + terms.leaseUntil().orElseThrow()
                    + ", before it begins");
        }
        FileKey key = transport
                .decrypt(terms.info(), parsed.encrypted())
                .orElseThrow(() -> new ReleaseRefusedException(
                        Code.NOT_THE_KEY, "response: the file key cannot be decrypted by this request's transport key"));
        boolean accepted = false;
        try {
            SealedFile.checkHeader(new ByteArrayInputStream(request.header().toArray()), key);
            accepted = true;
            return new ReleasedKey(key, terms, lease, parsed.receipt());
        } catch (IOException e) {
            throw new ReleaseRefusedException(Code.NOT_THE_KEY, "response: the file key does not open this file: " + e.getMessage());
        } finally {
            if (!accepted) {
                key.close();
            }
        }
    }

    /** Wipes the transport key; responses can no longer be accepted. */
    @Override
    public void close() {
        transport.close();
    }
}
