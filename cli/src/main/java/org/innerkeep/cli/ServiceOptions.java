package org.innerkeep.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.Pem;
import org.innerkeep.client.TokenService;
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

    /**
     * The service.
     *
     * @return as it is pinned
     * @throws IOException if a file cannot be read, or is not what it should be
     * @throws IllegalArgumentException if the address is not one of a service
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
        return TokenService.at(address, pinned, authorities.toArray(X509Certificate[]::new));
    }
}
