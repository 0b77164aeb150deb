package org.innerkeep.vault.release;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.innerkeep.attestation.Problem;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.LoggedStore;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.SealedFileException;
import org.innerkeep.channel.release.Challenge;
import org.innerkeep.channel.release.ReleaseCall;
import org.innerkeep.channel.release.ReleaseRequest;
import org.innerkeep.channel.release.ReleaseResponse;
import org.innerkeep.channel.release.ReleaseTerms;
import org.innerkeep.channel.release.SignedRecipient;
import org.innerkeep.channel.release.TransportKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.cose.P256PublicKey;
import org.innerkeep.vault.grant.Grant;
import org.innerkeep.vault.grant.GrantDecision;
import org.innerkeep.vault.grant.Granted;
import org.innerkeep.vault.key.KeyName;
import org.innerkeep.vault.key.KeyStore;
import org.innerkeep.vault.key.KeyType;
import org.innerkeep.vault.key.KeyVersion;
import org.innerkeep.vault.key.LoggedKeyStore;
import org.innerkeep.vault.key.VaultKey;

/**
 * Releases file keys:
 *
 * <ol>
 *   <li>the request is for this vault, and answers a challenge of it that is current, by a clock that was not set back;
 *   <li>the evidence is right, fresh, and over this very request;
 *   <li>a grant of the key permits what was proven;
 *   <li>an identity of the key opens the file's header;
 *   <li>in one transaction, alone among all changes of the vault: the challenge was not answered before, the key can be used, a grant still
 *       permits and is not used up; the use is counted and the decision is in the log;
 *   <li>the file key is encrypted to the request's transport key, and the response signed.
 * </ol>
 *
 * Nothing of a key, not even whether it is there, is told to whoever fails before step 3. Step 5 decides: once {@link
 * LoggedKeyStore#revoke} has returned, no request gets past it by that grant.
 *
 * <p>Safe for use by several threads. Close it to wipe its secret.
 */
public final class FileKeyRelease implements AutoCloseable {
    /** The kind of leaf and event of a release. */
    public static final String RELEASED = "file-key-released";

    /** The kind of leaf and event of a refusal of an enclave that was proven. */
    public static final String REFUSED = "file-key-refused";

    /** The most refusals that are kept of one key. */
    static final int MOST_REFUSALS = Decisions.MOST_REFUSALS;

    private static final String NO_KEY = "this vault has no key of this name that files are sealed to";

    private final LoggedKeyStore keys;
    private final Admission admission;
    private final Decisions decisions;
    private final FileHeader headers;
    private final PrivateKey signingKey;
    private final P256PublicKey publicKey;
    private final InstantSource clock;
    private final SecureRandom random;

    /**
     * What it is made of.
     *
     * @param keys of the vault; closed by whoever opened them
     * @param verifier that proves claims
     * @param endorsements at hand
     * @param fetched endorsements that are asked for over the network
     * @param clock of this machine
     * @param notBefore when something was logged last, before this start
     * @param appraisalClock the time that evidence is appraised for: the same clock, except in tests with evidence of another time
     * @param random for nonces and encapsulations
     */
    public record Parts(
            LoggedKeyStore keys,
            Verifier verifier,
            Endorsements endorsements,
            Optional<Endorsements> fetched,
            InstantSource clock,
            Instant notBefore,
            InstantSource appraisalClock,
            SecureRandom random) {}

    /**
     * What is known of why an enclave got nothing.
     *
     * @param refused decisions over enclaves that were proven, the newest first
     * @param unproven the last requests of which nothing was proven, the newest first, one line each
     */
    public record Why(List<ReleaseRecord> refused, List<String> unproven) {
        /** Copies the lists. */
        public Why {
            refused = List.copyOf(refused);
            unproven = List.copyOf(unproven);
        }
    }

    /**
     * Releases for a vault.
     *
     * @param settings what is asked of evidence
     * @param parts what it is made of
     * @throws IOException if the vault's own secrets cannot be opened
     */
    public FileKeyRelease(ReleaseSettings settings, Parts parts) throws IOException {
        this.keys = parts.keys();
        this.clock = parts.clock();
        this.random = parts.random();
        this.signingKey = keys.signingKey();
        this.publicKey = keys.publicKey();
        this.decisions = new Decisions(keys);
        this.headers = new FileHeader(keys, clock);
        this.admission = new Admission(
                keys,
                new Challenges(keys.challengeSecret(), keys.id(), random, settings.challengeValidity()),
                new Appraisal(parts.verifier(), parts.endorsements(), parts.fetched(), settings),
                clock,
                parts.notBefore(),
                parts.appraisalClock());
    }

    /** {@return the vault's register of what enclaves stored, which takes the same challenges} */
    public StateRegister register() {
        return new StateRegister(keys, admission, signingKey, publicKey, clock);
    }

    /** {@return a challenge, to be answered by one request} */
    public Challenge challenge() {
        return admission.challenge();
    }

    /**
     * Looks at a nonce that may be one of a challenge of this vault. Whether it was answered before is for the database to say.
     *
     * @param nonce hostile
     * @return until when its answer must be remembered; nothing where this vault did not issue it, or it is too old
     */
    public Optional<Instant> current(Bytes nonce) {
        return admission.current(nonce);
    }

    /**
     * Releases a file key.
     *
     * @param name the key's
     * @param call hostile
     * @return the signed response
     * @throws RefusedException if it is not released, with every reason; or the decision cannot be recorded
     */
    public ReleaseResponse release(KeyName name, ReleaseCall call) throws RefusedException {
        Claims claims;
        try {
            admission.check(name, call.request());
            if (!TransportKey.usable(call.request().transportKey())) {
                throw new RefusedException(Code.INVALID_PARAMETER, "transport key: expected a public key of X-Wing.");
            }
            claims = admission.prove(call);
        } catch (RefusedException e) {
            attempt(name, e.problem());
            throw e;
        }
        try {
            KeyStore.Seen seen = keys.see(name);
            Optional<VaultKey> key = seen.key().filter(FileKeyRelease::holdsFiles);
            // All that takes long is done here, and not where it would hold up everyone else.
            GrantDecision decision = key.isPresent()
                    ? GrantDecision.of(key.get().grants(), claims, call.request().job(), clock.instant(), keys.boundedUses(key.get()))
                    : new GrantDecision(List.of());
            Asked asked = new Asked(seen, new Decisions.Subject(name, call, claims), decision);
            if (key.isEmpty() || decision.permitting().isEmpty()) {
                RefusedException refused = refused(decided(asked, Optional.empty(), List.of()));
                if (seen.key().isEmpty()) {
                    attempt(name, refused.problem());
                }
                throw refused;
            }
            return release(key.get(), asked);
        } catch (StoreException e) {
            throw new RefusedException(Code.UNAVAILABLE, "vault: its store cannot be used now; the operator's log says why.");
        }
    }

    private static boolean holdsFiles(VaultKey key) {
        return key.active() && key.newest().type() == KeyType.IDENTITY;
    }

    /** What is asked for, and what was decided over it so far. */
    private record Asked(KeyStore.Seen seen, Decisions.Subject subject, GrantDecision decision) {
        ReleaseRequest request() {
            return subject.call().request();
        }
    }

    /** Steps 4 to 6. */
    private ReleaseResponse release(VaultKey key, Asked asked) throws RefusedException, StoreException {
        ReleaseRequest request = asked.request();
        Optional<FileHeader.Opened> opened;
        try {
            opened = headers.open(key, request.header());
        } catch (SealedFileException e) {
            throw refused(decided(asked, Optional.empty(), List.of("header: " + e.getMessage())));
        }
        if (opened.isEmpty()) {
            throw refused(decided(asked, Optional.empty(), List.of(headers.unopened(key))));
        }
        try (FileKey fileKey = opened.get().fileKey()) {
            LoggedStore.Done<Decided> done = decided(asked, Optional.of(opened.get().version()), List.of());
            if (!(done.value() instanceof Decided.Yes yes)) {
                throw refused(done);
            }
            ReleaseTerms terms = new ReleaseTerms(
                    request.digest(),
                    opened.get().version().id(),
                    yes.grant().id(),
                    yes.at(),
                    yes.grant().lease().map(yes.at()::plus),
                    yes.usesLeft(),
                    keys.epoch());
            Bytes receipt = done.receipt().map(Receipt::toByteArray).map(Bytes::of).orElse(Bytes.EMPTY);
            return ReleaseResponse.make(
                    terms, request.transportKey(), fileKey, receipt, signingKey, publicKey, random);
        }
    }

    /** What was decided in the transaction. */
    private sealed interface Decided {
        record Yes(Grant grant, Instant at, OptionalLong usesLeft) implements Decided {}

        record No(String key, List<String> reasons) implements Decided {}

        /** There is no such key. */
        record Nothing() implements Decided {}

        /** The challenge was answered before: this may be that very request again, about which everything is recorded. */
        record Again() implements Decided {}
    }

    /**
     * Step 5.
     *
     * @param version whose identity opened the file; without one, or with reasons, nothing can be released
     */
    private LoggedStore.Done<Decided> decided(Asked asked, Optional<KeyVersion> version, List<String> reasons) throws StoreException {
        return admission.<Decided>decide(asked.request(), asked.seen(), new Decided.Again(), (found, writer) -> {
            if (found.isEmpty()) {
                // Kept in memory only: there is no end of names that nothing is behind.
                return new Decided.Nothing();
            }
            Optional<VaultKey> key = found.filter(FileKeyRelease::holdsFiles);
            if (key.isEmpty()) {
                return no(asked, List.of(found.get().active()
                        ? NO_KEY
                        : "the key is deleted"), writer);
            }
            GrantDecision decision = asked.decision().again(key.get().grants(), asked.subject().claims(), asked.request().job(),
                    clock.instant(), keys.boundedUses(key.get(), writer));
            Optional<Granted> granted = decision.permitting();
            List<String> why = new ArrayList<>(reasons);
            if (granted.isEmpty()) {
                why.addAll(decision.explain());
            }
            if (why.isEmpty()) {
                // What was opened before this transaction may have been disabled or destroyed since.
                unusable(key.get(), version).ifPresent(why::add);
            }
            if (!why.isEmpty() || granted.isEmpty() || version.isEmpty()) {
                return no(asked, why, writer);
            }
            Grant grant = granted.get().grant();
            long used = keys.use(asked.seen().name(), grant, writer);
            OptionalLong left = grant.uses().isPresent()
                    ? OptionalLong.of(grant.uses().getAsLong() - used)
                    : OptionalLong.empty();
            Instant at = clock.instant();
            decisions.released(asked.subject(), at, version.get().id(), grant.id(), writer);
            return new Decided.Yes(grant, at, left);
        }, _ -> false);
    }

    private Optional<String> unusable(VaultKey key, Optional<KeyVersion> opened) {
        if (opened.isEmpty()) {
            return Optional.of("a grant was given while this was decided: ask again");
        }
        Optional<KeyVersion> now = key.version(opened.get().id());
        return now.isEmpty()
                ? Optional.of("the version that opens the file is gone")
                : now.get().unusable(clock.instant()).map(why -> "the version that opens the file: " + why);
    }

    /** Whoever asks is told every reason. */
    private Decided no(Asked asked, List<String> why, LoggedStore.Writer writer) throws SQLException {
        decisions.refused(asked.subject(), clock.instant(), why, writer);
        return new Decided.No(asked.seen().name().text(), why.stream().limit(ReleaseRecord.MAX_REASONS).toList());
    }

    private static RefusedException refused(LoggedStore.Done<Decided> done) {
        return switch (done.value()) {
            case Decided.No no -> new RefusedException(new Problem(
                    Code.FORBIDDEN,
                    "The key is not released to this enclave; 'innerkeep keys why " + no.key() + "' tells its owner why.",
                    no.reasons()));
            case Decided.Nothing _ -> new RefusedException(new Problem(
                    Code.FORBIDDEN, "The key is not released to this enclave.", List.of(NO_KEY)));
            case Decided.Again _ -> new RefusedException(
                    Code.INVALID_PARAMETER, "challenge: it was answered before; get a new one by POST /vault/challenges.");
            case Decided.Yes _ -> new RefusedException(Code.CONFLICT, "The key was granted while this was decided; ask again.");
        };
    }

    private void attempt(KeyName name, Problem problem) {
        decisions.attempt(
                name, clock.instant(), problem.details().isEmpty() ? List.of(problem.message()) : problem.details());
    }

    /**
     * Signs to whom files for a key are sealed.
     *
     * @param name the key's
     * @param version of the key, an identity
     * @return the recipient, for whoever has pinned the vault
     */
    public SignedRecipient recipient(KeyName name, KeyVersion version) {
        String recipient = new String(version.publicKey().toArray(), StandardCharsets.US_ASCII);
        return SignedRecipient.make(name.text(), version.id(), recipient, clock.instant(), signingKey, publicKey);
    }

    /**
     * Tells why enclaves got nothing of a key.
     *
     * @param name the key's
     * @param most how many decisions
     * @return what is known
     * @throws StoreException if it cannot be read
     */
    public Why why(KeyName name, int most) throws StoreException {
        return decisions.why(name, most);
    }

    /**
     * Reads what was decided over requests for a key.
     *
     * @param kind {@link #RELEASED} or {@link #REFUSED}
     * @param name the key's
     * @param most how many
     * @return the newest first
     * @throws StoreException if it cannot be read
     */
    public List<ReleaseRecord> records(String kind, KeyName name, int most) throws StoreException {
        return decisions.records(kind, name, most);
    }

    /**
     * Tells which enclaves asked for a key lately: by its last 200 refusals and 200 releases.
     *
     * @param name the key's
     * @return one for each kind of enclave, the one that asked last first
     * @throws StoreException if it cannot be read
     */
    public List<Asking> asking(KeyName name) throws StoreException {
        return decisions.asking(name);
    }

    /**
     * Tells whether whoever asked last was refused.
     *
     * @param name the key's
     * @return the last refusal, unless something was released after it
     * @throws StoreException if it cannot be read
     */
    public Optional<ReleaseRecord> lastRefused(KeyName name) throws StoreException {
        return decisions.lastRefused(name);
    }

    /** Wipes the secret under which challenges are issued. */
    @Override
    public void close() {
        admission.close();
    }
}
