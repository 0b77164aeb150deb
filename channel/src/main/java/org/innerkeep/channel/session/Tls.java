package org.innerkeep.channel.session;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/** The one way in which this package sets up TLS: version 1.3 (RFC 8446), no resumption, no choice left to the peer. */
final class Tls {
    static final String VERSION = "TLSv1.3";

    /**
     * The application protocol (ALPN, RFC 7301). It names the version of what follows the handshake, and keeps bytes of
     * another protocol that happens to use the same key from being taken for ours.
     */
    static final String APPLICATION_PROTOCOL = "innerkeep-session-v1";

    /** What ordinary HTTPS clients speak; served by a program's own server inside an enclave, if there is one. */
    static final String HTTP = "http/1.1";

    /**
     * Just above seven days, the most that RFC 8446 section 4.6.1 allows a ticket to live. JSSE then neither issues
     * tickets nor keeps those it is given. Its documented switch is a system property, for the whole process.
     */
    private static final int NO_TICKETS_SECONDS = 7 * 24 * 60 * 60 + 1;

    private Tls() {}

    static SSLContext server(KeyManager key, SecureRandom random) {
        return context(new KeyManager[] {key}, new TrustManager[0], random);
    }

    static SSLContext client(TrustManager trust, SecureRandom random) {
        return context(new KeyManager[0], new TrustManager[] {trust}, random);
    }

    private static SSLContext context(KeyManager[] keys, TrustManager[] trust, SecureRandom random) {
        try {
            SSLContext context = SSLContext.getInstance(VERSION);
            context.init(keys, trust, random);
            context.getServerSessionContext().setSessionTimeout(NO_TICKETS_SECONDS);
            context.getClientSessionContext().setSessionTimeout(NO_TICKETS_SECONDS);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime offers no " + VERSION, e);
        }
    }

    /** An engine for one attested session; see {@link #engine(SSLContext, boolean, String...)}. */
    static SSLEngine engine(SSLContext context, boolean client) {
        return engine(context, client, APPLICATION_PROTOCOL);
    }

    /**
     * An engine for one attested session. The context must be used for this engine only: session caches and the keys
     * that encrypt tickets belong to a context, so that nothing of one session can be resumed in another, whatever the
     * peer offers. The protocols are those of ALPN that this end speaks, in the order of its preference.
     */
    static SSLEngine engine(SSLContext context, boolean client, String... protocols) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(client);
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {VERSION});
        parameters.setCipherSuites(new String[] {"TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"});
        parameters.setUseCipherSuitesOrder(true);
        parameters.setNamedGroups(new String[] {"x25519", "secp256r1"});
        parameters.setSignatureSchemes(new String[] {"ecdsa_secp256r1_sha256"});
        parameters.setApplicationProtocols(protocols);
        engine.setSSLParameters(parameters);
        return engine;
    }
}
