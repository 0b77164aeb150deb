package org.innerkeep.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.Pem;
import org.innerkeep.cli.files.NamedFile;
import org.innerkeep.client.TokenService;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.TokenIssuer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** An attestation service that decides, as the command line pins it: all of it or nothing. */
final class ServiceOptions {
    private static final int MAX_KEY_SET = 1 << 20;

    @Option(names = "--attestation-service", required = true, paramLabel = "URL", description = "An attestation service that decides.")
    private URI address;

    @Option(names = "--token-keys", required = true, paramLabel = "FILE", description = "Its key set (JWKS), as /certs shows it.")
    private Path keys;

    @Option(
            names = "--service-tls",
            required = true,
            paramLabel = "FILE",
            description = "The certificate of its authority for TLS, or its own, PEM.")
    private Path tls;

    @Option(names = "--token-issuer", paramLabel = "NAME", description = "Who issues its tokens; the address unless given.")
    private @Nullable String issuer;

    @Option(
            names = "--policy-hash",
            paramLabel = "HASH",
            description = "Trust what this policy at the service permits, and by no other: x-ms-policy-hash, as tokens have it.")
    private @Nullable String policyHash;

    /** {@return whether it is said by which policy the service has to decide} */
    boolean pinsPolicy() {
        return policyHash != null;
    }

    /**
     * The service.
     *
     * @return as it is pinned
     * @throws IOException if a file cannot be read, or is not what it should be
     * @throws IllegalArgumentException if the address is not one of a service, or the hash of the policy is none
     */
    TokenService service() throws IOException {
        List<X509Certificate> authorities = Pem.certificates(tls);
        String text = address.toString();
        String name = Optional.ofNullable(issuer).orElse(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        TokenIssuer pinned = NamedFile.read(keys, in -> {
            try {
                return TokenIssuer.of(name, in.readNBytes(MAX_KEY_SET + 1));
            } catch (MalformedException e) {
                throw new IOException("expected a key set (JWKS): " + e.getMessage(), e);
            }
        });
        TokenService service = TokenService.at(address, pinned, authorities.toArray(X509Certificate[]::new));
        return policyHash == null ? service : service.policyHash(hash(policyHash));
    }

    private static Bytes hash(String text) {
        byte[] hash = {};
        try {
            hash = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            // Told below, with what is wanted.
        }
        if (hash.length != 32) {
            throw new IllegalArgumentException("--policy-hash: expected 32 bytes in base64url, found '" + text + "'");
        }
        return Bytes.of(hash);
    }
}
