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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
 * <p>Whoever verified the evidence of a key relies on its signatures being made by that code. So every instance publishes all keys and
 * signs with its own only: one that has evidence, with those whose evidence is about the code that it runs, and one that has none, with
 * those that have none.
 *
 * <p>Safe for use by several threads.
 */
public final class TokenKeyRing {
    private static final Duration REFRESH = Duration.ofMinutes(1);
    private static final Duration BACK_OFF = Duration.ofMinutes(1);
    private static final int ATTEMPTS = 5;

    /** The store takes 64: what starts add leaves room for what has to follow in time. */
    private static final int MAX_WHEN_OPENING = 48;

    private static final int MAX_KEYS = 64;
    private static final System.Logger LOG = System.getLogger("org.innerkeep.attestation.keys");
    private static final String BY = "service";

    private final AttestationStore store;
    private final KeyVault vault;
    private final Optional<KeyEvidence> evidence;
    private final Settings settings;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Set<String> madeHere = new HashSet<>();
    private Optional<Failure> failure = Optional.empty();
    private volatile TokenKeys keys;
    private volatile Instant lookedAt = Instant.MIN;

    /** Requests of strangers lead here, so what failed is not tried again for each. */
    private record Failure(Instant at, String reason) {}

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
     * Opens the keys. Where none that this instance may sign with is active, one is made that signs at once. Where there are some and
     * none is of the algorithm that the settings say, one of that is published at once and signs after the overlap. This happens here
     * only, so that instances that are set up differently do not outdo each other for ever.
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
        this.keys = new TokenKeys(List.of(), Set.of(), settings.algorithm());
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
            List<SigningKey> kept =
                    stored.value().stream().filter(key -> now.isBefore(key.retireAt())).toList();
            Optional<SigningKey> added = due(kept, now, opening);
            List<SigningKey> wanted = new ArrayList<>(kept);
            added.ifPresent(wanted::add);
            if (wanted.equals(stored.value())
                    || store.setSigningKeys(stored.version(), wanted, BY) instanceof Change.Made<List<SigningKey>>) {
                keys = opened(wanted);
                lookedAt = now;
                return;
            }
            // Another instance was first: its keys may be as good.
            added.ifPresent(key -> vault.forget(key.material()));
        }
        throw new IOException("signing keys: other instances changed them again and again; try again");
    }

    /** The key that has to be added, if any. */
    private Optional<SigningKey> due(List<SigningKey> kept, Instant now, boolean opening) throws IOException {
        List<SigningKey> own = new ArrayList<>();
        List<SigningKey> preferred = new ArrayList<>();
        for (SigningKey key : kept) {
            if (isOwn(key)) {
                own.add(key);
                if (TokenAlgorithm.of(certificate(key).getPublicKey()).equals(Optional.of(settings.algorithm()))) {
                    preferred.add(key);
                }
            }
        }
        if (own.stream().noneMatch(key -> !now.isBefore(key.activeFrom()) && now.isBefore(end(key)))) {
            SigningKey first = make(kept, now, now, opening);
            if (!kept.isEmpty()) {
                LOG.log(System.Logger.Level.WARNING, "of the keys in the store none is active that this instance may sign with"
                        + (evidence.isPresent() ? ": none has evidence about the code that it runs" : ": those have evidence about other code")
                        + ". A new one signs from now on; relying parties have to fetch the key set again, and verify the key where"
                        + " they verify keys");
            }
            return Optional.of(first);
        }
        if (opening && preferred.isEmpty()) {
            return Optional.of(make(kept, now, now.plus(settings.overlap()), true));
        }
        Instant end = (preferred.isEmpty() ? own : preferred).stream().map(this::end).max(Comparator.naturalOrder()).orElseThrow();
        return now.isBefore(end.minus(settings.overlap())) ? Optional.empty() : inTime(kept, now, end, opening);
    }

    /** A key signs until its last token ends together with it. */
    private Instant end(SigningKey key) {
        return key.retireAt().minus(settings.tokenLifetime());
    }

    /** There is time until this key has to sign: what fails now is tried again, and must not end what can be served. */
    private Optional<SigningKey> inTime(List<SigningKey> kept, Instant now, Instant end, boolean opening) throws IOException {
        Instant activeFrom = end.isBefore(now) ? now : end;
        try {
            return Optional.of(make(kept, now, activeFrom, opening));
        } catch (IOException e) {
            if (opening) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** What was made here stays so when registers of the machine are extended: this code has not changed since. */
    private boolean isOwn(SigningKey key) throws IOException {
        X509Certificate certificate = certificate(key);
        return madeHere.contains(key.kid())
                || (evidence.isPresent()
                        ? evidence.get().isOfThisCode(certificate)
                        : certificate.getExtensionValue(KeyEvidence.EXTENSION) == null);
    }

    private SigningKey make(List<SigningKey> kept, Instant now, Instant activeFrom, boolean opening) throws IOException {
        if (failure.isPresent() && !now.isBefore(failure.get().at()) && now.isBefore(failure.get().at().plus(BACK_OFF))) {
            throw new IOException(failure.get().reason());
        }
        int most = opening ? MAX_WHEN_OPENING : MAX_KEYS;
        if (kept.size() >= most) {
            throw failed(now, activeFrom, new IOException("the store holds " + kept.size() + " that are not retired, and takes another only"
                    + " below " + most + ". Starts of instances with ever other code or another setting of attester lead here: give each"
                    + " kind a store of its own, shorten key-rotation for those to come, or wait until one is retired, at the earliest "
                    + kept.stream().map(SigningKey::retireAt).min(Comparator.naturalOrder()).orElse(now)));
        }
        Instant retireAt = activeFrom.plus(settings.rotateAfter()).plus(settings.tokenLifetime());
        try {
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
            failure = Optional.empty();
            String id = TokenKey.idOf(made.certificate());
            madeHere.add(id);
            return new SigningKey(id, List.of(der(made.certificate())), made.material(), now, activeFrom, retireAt);
        } catch (IOException | RuntimeException e) {
            // Such as of a PKCS #11 token that does not sign.
            throw failed(now, activeFrom, e);
        }
    }

    /** Remembered and said once: what asks again within a minute finds it. */
    private IOException failed(Instant now, Instant activeFrom, Exception why) {
        String reason = "signing keys: the one that is to sign from " + activeFrom + " cannot be made: " + why.getMessage();
        failure = Optional.of(new Failure(now, reason));
        LOG.log(System.Logger.Level.WARNING, reason + "; it is tried again in a minute");
        return new IOException(reason, why);
    }

    private TokenKeys opened(List<SigningKey> stored) throws IOException {
        Map<String, TokenKey> known = new LinkedHashMap<>();
        keys.keys().forEach(key -> known.put(key.id(), key));
        List<TokenKey> all = new ArrayList<>();
        Set<String> own = new HashSet<>();
        for (SigningKey each : stored) {
            TokenKey before = known.get(each.kid());
            all.add(before != null ? before : open(each));
            if (isOwn(each)) {
                own.add(each.kid());
            }
        }
        return new TokenKeys(all, own, settings.algorithm());
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
