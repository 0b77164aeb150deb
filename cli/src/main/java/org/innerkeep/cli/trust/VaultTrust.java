package org.innerkeep.cli.trust;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.innerkeep.channel.session.SessionRefusedException;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.policy.Policy;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A vault that runs in an enclave, as the command line trusts it: then nothing is sent before its evidence was verified. */
public final class VaultTrust {
    private static final int MAX_ANCHOR_BYTES = 4096;
    private static final int MAX_CAUSES = 12;

    /** Of a session, which an ordinary connection has none of; and of a certificate, which such an enclave renews every hour. */
    private static final Duration SESSION_AGE = Duration.ofMinutes(5);

    private static final Duration CERTIFICATE_AGE = Duration.ofDays(1);

    @Option(
            names = "--vault-anchor",
            paramLabel = "FILE",
            description = "The vault runs in an enclave of this keeper, whose public key this is ('innerkeep keeper anchor')."
                    + " Its evidence is"
                    + " verified before anything is sent; say which code by --vault-measurement, --vault-signer or"
                    + " --vault-policy.")
    private @Nullable Path anchor;

    @Option(names = "--vault-measurement", paramLabel = "ALG:HEX",
            description = "The measurement that the vault must have, settings included, as 'innerkeep measure' tells it.")
    private @Nullable String measurement;

    @Option(names = "--vault-signer", paramLabel = "HEX", description = "Who must have signed the vault's bundle.")
    private @Nullable String signer;

    @Option(names = "--vault-product", paramLabel = "N", description = "With --vault-signer: the product id.")
    private @Nullable Long product;

    @Option(names = "--vault-svn", paramLabel = "N", description = "With --vault-signer: the oldest security version.")
    private @Nullable Long svn;

    @Option(names = "--vault-policy", paramLabel = "FILE", description = "An appraisal policy that must permit the vault's"
            + " enclave.")
    private @Nullable Path policy;

    @Option(names = "--vault-allow-same-user", description = "Accept a vault that shares its user with its host. For"
            + " development.")
    private boolean allowSameUser;

    @Option(names = "--vault-allow-debug", description = "Accept a vault that whoever runs it can read. For development.")
    private boolean allowDebug;

    /** Filled by the command line. */
    public VaultTrust() {
        // Nothing is trusted until something is said.
    }

    /**
     * The trust.
     *
     * @return what was said; nothing where nothing was, and then the vault is known in other ways
     * @throws IOException if a file cannot be read, or what was said is not whole or not understood
     */
    public Optional<Trust> trust() throws IOException {
        boolean code = measurement != null || signer != null || policy != null;
        boolean rest = product != null || svn != null || allowSameUser || allowDebug;
        if (anchor == null && !code && !rest) {
            return Optional.empty();
        }
        if (anchor == null || !code) {
            throw new IOException("a vault in an enclave: expected --vault-anchor FILE, and --vault-measurement, --vault-signer"
                    + " or"
                    + " --vault-policy");
        }
        if ((signer == null) != (product == null) || (signer == null) != (svn == null)) {
            throw new IOException("a vault in an enclave: expected --vault-signer, --vault-product and --vault-svn together");
        }
        try {
            Optional<Trust> all = Optional.empty();
            if (measurement != null) {
                all = Optional.of(Trust.measurement(Measurement.parse(measurement)));
            }
            if (signer != null && product != null && svn != null) {
                Bytes id = Bytes.fromHex(signer);
                long of = product;
                long least = svn;
                all = Optional.of(all.map(trust -> trust.andSigner(id, of, least)).orElseGet(() -> Trust.signer(id, of, least)));
            }
            if (policy != null) {
                Policy parsed = Policy.parse(Files.readAllBytes(policy)).orThrow();
                all = Optional.of(all.map(trust -> trust.andPolicy(parsed)).orElseGet(() -> Trust.policy(parsed)));
            }
            Trust trust = all.orElseThrow().on(keeper(anchor)).maxAge(SESSION_AGE, CERTIFICATE_AGE);
            trust = allowSameUser ? trust.allowSameUser() : trust;
            return Optional.of(allowDebug ? trust.allowDebug() : trust);
        } catch (IllegalArgumentException e) {
            throw new IOException("a vault in an enclave: " + e.getMessage(), e);
        }
    }

    private static KeeperAnchor keeper(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return KeeperAnchor.parse(new String(in.readNBytes(MAX_ANCHOR_BYTES), StandardCharsets.UTF_8).strip());
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Why an enclave was not trusted, where that is what an exchange failed by.
     *
     * @param failure of the exchange
     * @return the refusal, with every reason
     */
    public static Optional<SessionRefusedException> refusal(Throwable failure) {
        Throwable each = failure;
        for (int depth = 0; each != null && depth < MAX_CAUSES; depth++) {
            if (each instanceof SessionRefusedException refused) {
                return Optional.of(refused);
            }
            each = each.getCause();
        }
        return Optional.empty();
    }
}
