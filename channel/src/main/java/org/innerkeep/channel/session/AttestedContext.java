package org.innerkeep.channel.session;

import java.security.SecureRandom;
import java.util.Objects;
import javax.net.ssl.SSLContext;

/**
 * Plain TLS contexts for other libraries, such as an HTTP client: RA-TLS only. <b>Weaker than
 * {@link AttestedSession}</b>; use that wherever both ends are yours.
 *
 * <p>What a connection made with {@link #clientContext} proves: whoever answers holds a private key, and an enclave that
 * the appraiser accepts had evidence made for exactly this key.
 *
 * <p>What it does not prove:
 * <ul>
 *   <li><b>Freshness.</b> The evidence is as old as the enclave's key. Whatever happened to the platform since, such as
 *       a revocation or a patch that is missing today, is not in it. The appraiser sees {@code Purpose.CERTIFICATE} and
 *       may bound the age.
 *   <li><b>That the enclave is at the other end now.</b> A key that leaked out of the enclave serves its thief until the
 *       evidence is too old for the appraiser, and relays are prevented by possession of the key alone. In an attested
 *       session the thief would need the platform to sign for the very session too.
 *   <li><b>The name of the server.</b> Host names are not checked, also not by libraries that ask JSSE for it: evidence
 *       says what runs, not where.
 * </ul>
 *
 * <p>Only TLS 1.3 is accepted. Sessions are not resumed, so each connection is appraised.
 */
public final class AttestedContext {
    private AttestedContext() {}

    /**
     * A context whose connections are accepted by the evidence in the server's certificate. A refusal fails the
     * handshake; a {@link SessionRefusedException} with all reasons is among the causes of the exception.
     *
     * @param appraiser decides; called in each handshake, by the thread that does it
     * @return a new context, safe for use by several threads
     */
    public static SSLContext clientContext(Appraiser appraiser) {
        Objects.requireNonNull(appraiser, "appraiser");
        return Tls.client(new EvidenceTrustManager(appraiser), new SecureRandom());
    }

    /**
     * The other end: a context for a server inside the enclave that shows the enclave's certificate.
     *
     * @param key the enclave's key
     * @return a new context, safe for use by several threads
     */
    public static SSLContext serverContext(SessionKey key) {
        return Objects.requireNonNull(key, "key").newContext();
    }
}
