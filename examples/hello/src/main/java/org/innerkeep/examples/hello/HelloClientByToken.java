package org.innerkeep.examples.hello;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.cert.X509Certificate;
import org.innerkeep.client.Client;
import org.innerkeep.client.TokenService;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.TokenIssuer;

/** The same as {@link HelloClient}, by a relying party that knows no keeper: an attestation service that it pinned decides. */
public final class HelloClientByToken {
    /**
     * Asks the enclave for a greeting.
     *
     * @param address where the host listens
     * @param service where the attestation service is
     * @param issuer who signs its tokens, with the keys that were fetched from {@code /certs} and are pinned; fetch them again within
     *     the service's {@code key-overlap} (two days unless it is set otherwise): the next key signs after that
     * @param tls the certificate of the service, or of its authority
     * @param signer who signed the bundle, SHA-256 of the public key: the service says which platforms are genuine, this says whose code
     * @param name whom to greet
     * @return the greeting
     * @throws IOException if the service refuses the enclave or cannot be asked, the enclave is not the one that is wanted, or it
     *     cannot be reached
     */
    public static String greet(
            InetSocketAddress address, URI service, TokenIssuer issuer, X509Certificate tls, Bytes signer, String name)
            throws IOException {
        Trust trust = Trust.token(TokenService.at(service, issuer, tls)).andSigner(signer, 1, 1).allowSameUser();
        try (Client client = Client.connect(address, trust)) {
            return client.bind(Greeting.class).greet(name);
        }
    }
}
