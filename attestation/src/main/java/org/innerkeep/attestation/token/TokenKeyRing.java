package org.innerkeep.attestation.token;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.attester.KeyEvidence;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.Change;
import org.innerkeep.attestation.store.SigningKey;
import org.innerkeep.attestation.store.Versioned;
import org.innerkeep.evidence.Bytes;

/**
 * Keeps the keys of tokens: makes the first, makes the next one some time before the last one ends and publishes it at once, and forgets
 * what nobody needs. What other instances did comes from the store, looked at once a minute: so a new key is published everywhere long
 * before it signs.
 *
 * <p>Safe for use by several threads.
 */
public final class TokenKeyRing {
    private static final Duration REFRESH = Duration.ofMinutes(1);
    private static final Duration APART = Duration.ofMillis(1);
    private static final int ATTEMPTS = 5;
    private static final System.Logger LOG = System.getLogger("org.innerkeep.attestation.keys");
    private static final String BY = "service";

    private final AttestationStore store;
    private final KeyVault vault;
    private final Optional<KeyEvidence> evidence;
    private final Settings settings;
    private final InstantSource clock;
    private final SecureRandom random;
    private volatile TokenKeys keys = new TokenKeys(List.of());
    private volatile Instant lookedAt = Instant.MIN;

    /**
     * How keys live.
     *
     * @param issuer the {@code iss} of the tokens
     * @param tokenLifetime how long a token is valid
     * @param rotateAfter how long a key signs
     * @param overlap how long before it signs a key is published
     * @param algorithm of keys that are made
     */
    public record Settings(
            String issuer, Duration tokenLifetime, Duration rotateAfter, Duration overlap, TokenAlgorithm algorithm) {
        /**
         * Checks the times.
         *
         * @throws IllegalArgumentException if they cannot be kept together
         */
        public Settings {
            if (tokenLifetime.isNegative() || tokenLifetime.isZero() || overlap.isNegative() || rotateAfter.compareTo(overlap) <= 0
                    || rotateAfter.compareTo(tokenLifetime) <= 0) {
                throw new IllegalArgumentException("signing keys: expected to be used for longer (" + rotateAfter
                        + ") than they are published before (" + overlap + ") and than a token is valid (" + tokenLifetime + ")");
            }
        }
    }

    /**
     * Opens the keys, and makes the first where there is none. Where the newest is of another algorithm than the settings say, or has no
     * evidence about the code that runs now where it should, another is published at once and signs after the overlap. This happens here only, so that instances that are set up differently do not
     * outdo each other for ever.
     *
     * @param store where they are kept
     * @param vault where their private parts are
     * @param evidence for keys that are made, where the service runs in a trusted execution environment
     * @param settings how they live
     * @param clock of this machine
     * @param random for serial numbers
     * @throws IOException if a key that is needed cannot be opened or made
     */
    public TokenKeyRing(
            AttestationStore store,
            KeyVault vault,
            Optional<KeyEvidence> evidence,
            Settings settings,
            InstantSource clock,
            SecureRandom random)
            throws IOException {
        this.store = store;
        this.vault = vault;
        this.evidence = evidence;
        this.settings = settings;
        this.clock = clock;
        this.random = random;
        refresh(true);
    }

    /** {@return the keys; at most a minute old} */
    public TokenKeys keys() {
        return keys;
    }

    /**
     * The key that signs now. Looks into the store where that was not done for a minute.
     *
     * @return the key
     * @throws IOException if there is none and none can be made
     */
    public TokenKey signer() throws IOException {
        Instant now = clock.instant();
        if (now.isAfter(lookedAt.plus(REFRESH)) || now.isBefore(lookedAt)) {
            refresh();
        }
        return keys.signer(now, settings.tokenLifetime())
                .orElseThrow(() -> new IOException("no signing key is active at " + now));
    }

    /**
     * Looks into the store, and makes a key where one is due.
     *
     * @throws IOException if there is no key that signs and none can be made
     */
    public void refresh() throws IOException {
        refresh(false);
    }

    private synchronized void refresh(boolean opening) throws IOException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Instant now = clock.instant();
            Versioned<List<SigningKey>> stored = store.signingKeys();
            List<SigningKey> wanted = due(stored.value(), now, opening);
            if (wanted.equals(stored.value())) {
                keys = opened(wanted);
                lookedAt = now;
                return;
            }
            if (store.setSigningKeys(stored.version(), wanted, BY) instanceof Change.Made<List<SigningKey>>) {
                keys = opened(wanted);
                lookedAt = now;
                return;
            }
            // Another instance was first: its keys are as good.
        }
        throw new IOException("signing keys: other instances changed them again and again; try again");
    }

    private List<SigningKey> due(List<SigningKey> stored, Instant now, boolean opening) throws IOException {
        List<SigningKey> wanted = new ArrayList<>(stored.stream().filter(key -> now.isBefore(key.retireAt())).toList());
        Optional<SigningKey> last =
                wanted.stream().max(Comparator.comparing(SigningKey::activeFrom).thenComparing(SigningKey::retireAt));
        // It signs until its last token ends together with it.
        Instant end = last.map(key -> key.retireAt().minus(settings.tokenLifetime())).orElse(Instant.MIN);
        if (!now.isBefore(end)) {
            wanted.add(make(now, now));
        } else if (!now.isBefore(end.minus(settings.overlap()))) {
            addInTime(wanted, now, end, opening);
        } else if (opening && last.isPresent() && !isOfOurs(last.get())) {
            Instant published = now.plus(settings.overlap());
            Instant afterLast = last.get().activeFrom().plus(APART);
            wanted.add(make(now, published.isAfter(afterLast) ? published : afterLast));
        }
        return List.copyOf(wanted);
    }

    /** There is time until this key has to sign: what fails now is tried again, and must not end what can be served. */
    private void addInTime(List<SigningKey> wanted, Instant now, Instant activeFrom, boolean opening) throws IOException {
        try {
            wanted.add(make(now, activeFrom));
        } catch (IOException e) {
            if (opening) {
                throw e;
            }
            LOG.log(System.Logger.Level.WARNING, "the key that is to sign tokens from " + activeFrom + " cannot be made yet: "
                    + e.getMessage());
        }
    }

    private boolean isOfOurs(SigningKey key) throws IOException {
        X509Certificate certificate = certificate(key);
        return TokenAlgorithm.of(certificate.getPublicKey()).equals(Optional.of(settings.algorithm()))
                && evidence.map(attested -> attested.isOfThisCode(certificate)).orElse(true);
    }

    private SigningKey make(Instant now, Instant activeFrom) throws IOException {
        Instant retireAt = activeFrom.plus(settings.rotateAfter()).plus(settings.tokenLifetime());
        KeyVault.Made made = vault.make(
                settings.algorithm(),
                pair -> SelfSigned.ofTokens(
                        settings.issuer(),
                        pair,
                        vault.provider(),
                        now,
                        retireAt,
                        evidence.isPresent() ? Optional.of(evidence.get().of(pair.getPublic())) : Optional.empty(),
                        random));
        return new SigningKey(
                TokenKey.idOf(made.certificate()),
                List.of(der(made.certificate())),
                made.material(),
                now,
                activeFrom,
                retireAt);
    }

    private TokenKeys opened(List<SigningKey> stored) throws IOException {
        Map<String, TokenKey> known = new LinkedHashMap<>();
        keys.keys().forEach(key -> known.put(key.id(), key));
        List<TokenKey> all = new ArrayList<>();
        for (SigningKey each : stored) {
            TokenKey before = known.get(each.kid());
            all.add(before != null ? before : open(each));
        }
        return new TokenKeys(all);
    }

    private static X509Certificate certificate(SigningKey stored) throws IOException {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(stored.certificates().getFirst().toArray()));
        } catch (CertificateException e) {
            throw new IOException("signing key " + stored.kid() + ": the store holds no certificate of it", e);
        }
    }

    private TokenKey open(SigningKey stored) throws IOException {
        X509Certificate certificate = certificate(stored);
        if (!TokenKey.idOf(certificate).equals(stored.kid())) {
            throw new IOException("signing key " + stored.kid() + ": the store holds the certificate of another key");
        }
        return new TokenKey(
                stored.kid(),
                vault.open(stored.kid(), stored.material(), certificate.getPublicKey()),
                vault.provider(),
                certificate,
                stored.activeFrom(),
                stored.retireAt());
    }

    private static Bytes der(X509Certificate certificate) {
        try {
            return Bytes.of(certificate.getEncoded());
        } catch (CertificateException e) {
            throw new IllegalArgumentException("a certificate without an encoding", e);
        }
    }
}
