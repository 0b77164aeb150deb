package org.innerkeep.vault.azure;

import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.http.Route;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.vault.key.KeyStore;

/**
 * A vault's keys by the interface of Azure Key Vault. Close it to end automatic rotation.
 *
 * <p>Safe for use by several threads.
 */
public final class AzureVault implements AutoCloseable {
    private final List<Route> routes;
    private final AutomaticRotation rotation;

    /**
     * How the interface behaves.
     *
     * @param address of the vault as its clients know it, https, without a slash at its end; also the {@code aud} of tokens that have one
     * @param authorization where callers get bearer tokens, with the tenant as its path; Azure's clients need one even where a static key
     *     is the token
     * @param resource what bearer tokens are asked for; Azure's clients insist that the vault's host is below its host, unless they are
     *     told not to
     * @param maxTokenAge how old a token about an environment may be
     * @param clockSkew how far clocks may be apart
     * @param debugAllowed whether environments that can be debugged are left to release policies; refused where not
     * @param acceptedTcb TCB statuses besides {@code UpToDate} that are left to release policies
     */
    public record Settings(
            String address,
            URI authorization,
            URI resource,
            Duration maxTokenAge,
            Duration clockSkew,
            boolean debugAllowed,
            List<TcbStatus> acceptedTcb) {
        /** How old a token may be where nothing else is set. */
        public static final Duration MAX_TOKEN_AGE = Duration.ofMinutes(5);

        /** How far clocks may be apart where nothing else is set. */
        public static final Duration CLOCK_SKEW = Duration.ofSeconds(30);

        /**
         * Checks the addresses.
         *
         * @throws IllegalArgumentException if one cannot be used
         */
        public Settings {
            acceptedTcb = List.copyOf(acceptedTcb);
            URI self = URI.create(address);
            if (!"https".equals(self.getScheme()) || self.getHost() == null || !self.getRawPath().isEmpty() || self.getRawQuery() != null) {
                throw new IllegalArgumentException("vault address: expected https://HOST or https://HOST:PORT, found '" + address + "'");
            }
            String path = Optional.ofNullable(authorization.getRawPath()).orElse("");
            if (!"https".equals(authorization.getScheme()) || path.length() < 2) {
                throw new IllegalArgumentException(
                        "vault authorization: expected https://HOST/TENANT, found '" + authorization + "'");
            }
            if (!"https".equals(resource.getScheme()) || resource.getHost() == null) {
                throw new IllegalArgumentException("vault resource: expected https://HOST, found '" + resource + "'");
            }
            if (maxTokenAge.isNegative() || clockSkew.isNegative()) {
                throw new IllegalArgumentException("vault: expected times that are not negative");
            }
        }

        /**
         * Settings of a vault that needs nothing special: callers have static keys, and the resource is the domain above the vault's
         * host, as Azure's clients expect it.
         *
         * @param address of the vault
         * @return the settings
         */
        public static Settings of(String address) {
            String host = Optional.ofNullable(URI.create(address).getHost()).orElse("");
            boolean named = host.indexOf('.') > 0 && !host.matches("[0-9.]+");
            URI resource = URI.create(named ? "https://" + host.substring(host.indexOf('.') + 1) : address);
            return new Settings(address, URI.create(address + "/vault"), resource, MAX_TOKEN_AGE, CLOCK_SKEW, false, List.of());
        }

        private String challenge() {
            return "Bearer authorization=\"" + authorization + "\", resource=\"" + resource + "\"";
        }
    }

    /**
     * What the interface stands on.
     *
     * @param store of the keys
     * @param authorities whose tokens are taken
     * @param challenges that this vault issued
     * @param signer of answers to releases
     * @param verifier of tokens
     * @param clock of the vault
     * @param notBefore when something was logged last, before this start
     * @param random for keys and encryption
     */
    public record Parts(
            KeyStore store,
            List<Authority> authorities,
            IssuedChallenges challenges,
            ReleaseSigner signer,
            Verifier verifier,
            InstantSource clock,
            Instant notBefore,
            SecureRandom random) {
        /** Copies the list. */
        public Parts {
            authorities = List.copyOf(authorities);
        }
    }

    /**
     * Opens the interface.
     *
     * @param settings how it behaves
     * @param parts what it stands on; they stay open when this is closed
     */
    public AzureVault(Settings settings, Parts parts) {
        KeyForms forms = new KeyForms(settings.address());
        KeyOperations keys = new KeyOperations(parts.store(), parts.clock(), parts.random());
        AssertionVerifier tokens = new AssertionVerifier(
                parts.authorities(),
                new AssertionVerifier.Settings(settings.address(), settings.maxTokenAge(), settings.clockSkew(), settings.debugAllowed(),
                        settings.acceptedTcb()),
                parts.verifier());
        KeyRelease release = new KeyRelease(new KeyRelease.Parts(
                parts.store(), tokens, parts.challenges(), parts.signer(), forms, parts.clock(), parts.notBefore(),
                parts.random()));
        this.routes = new AzureApi(new AzureApi.Parts(
                        parts.store(), keys, release, parts.challenges(), forms, parts.random(), settings.challenge()))
                .routes();
        this.rotation = new AutomaticRotation(parts.store(), keys, parts.clock());
    }

    /** {@return the operations, to be served} */
    public List<Route> routes() {
        return routes;
    }

    /**
     * Rotates the keys whose rotation policy says so. This is done once an hour by itself.
     *
     * @return how many were rotated
     */
    public int rotateDue() {
        return rotation.run();
    }

    @Override
    public void close() {
        rotation.close();
    }
}
