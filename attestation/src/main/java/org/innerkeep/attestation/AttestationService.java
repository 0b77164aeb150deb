package org.innerkeep.attestation;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.log.TransparencyLog;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.DecisionRecord;
import org.innerkeep.attestation.store.RecordedDecision;
import org.innerkeep.attestation.store.Replay;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.attestation.token.TokenKeyRing;
import org.innerkeep.attestation.token.TokenSigner;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Verifier;

/**
 * The attestation service without its network: turns evidence into signed tokens by the policies that are set, and keeps a record
 * that convicts whoever changes it.
 *
 * <p>Safe for use by several threads.
 */
public final class AttestationService {
    private final ServiceSettings settings;
    private final Bytes settingsContent;
    private final AttestationStore store;
    private final TokenKeyRing keys;
    private final Tokens tokens;
    private final Appraiser.Sources sources;
    private final Appraiser appraiser;
    private final PolicyBook policies;
    private final PolicyAdministration administration;
    private final Nonces nonces;
    private final InstantSource clock;
    private final InstantSource appraisalClock;

    /**
     * An answer: a token, and what the log says of what led to it.
     *
     * @param token a JWT
     * @param receipt that whoever keeps it can later hold against the operator; nothing where nothing was recorded
     */
    public record Answer(String token, Optional<Receipt> receipt) {}

    /**
     * What the service is made of.
     *
     * @param store what it keeps; closed by whoever opened it
     * @param keys that sign
     * @param verifier that proves claims
     * @param endorsements that are at hand, beside those that requests bring
     * @param fetched endorsements that are asked for over the network; only where nothing at hand speaks against the evidence
     * @param clock of this machine
     * @param appraisalClock the time that evidence is appraised for: the same clock, except in tests with evidence of another time
     * @param random for ids and nonces
     */
    public record Parts(
            AttestationStore store,
            TokenKeyRing keys,
            Verifier verifier,
            Endorsements endorsements,
            Optional<Endorsements> fetched,
            InstantSource clock,
            InstantSource appraisalClock,
            SecureRandom random) {}

    /**
     * A service.
     *
     * @param settings what it is
     * @param parts what it is made of
     */
    public AttestationService(ServiceSettings settings, Parts parts) {
        this.settings = settings;
        this.settingsContent = DecisionContents.of(settings);
        this.store = parts.store();
        this.keys = parts.keys();
        this.tokens = new Tokens(
                parts.keys(), new TokenSigner(settings.issuer(), settings.tokenLifetime()), parts.clock(), parts.random());
        this.sources = new Appraiser.Sources(parts.endorsements(), parts.fetched());
        this.appraiser = new Appraiser(parts.verifier(), settings.floors());
        this.policies = new PolicyBook(parts.store(), settings.mode(), parts.clock());
        this.administration = new PolicyAdministration(settings, parts.store(), policies, tokens, parts.clock());
        this.nonces = new Nonces(parts.store().nonceSecret(), parts.random(), settings.nonceValidity());
        this.clock = parts.clock();
        this.appraisalClock = parts.appraisalClock();
    }

    /** {@return who sets its policies, and how} */
    public PolicyAdministration administration() {
        return administration;
    }

    /** {@return what it is} */
    public ServiceSettings settings() {
        return settings;
    }

    /** {@return the log over everything that was decided and changed} */
    public TransparencyLog log() {
        return store.log();
    }

    /**
     * Attests.
     *
     * @param request hostile
     * @param mayDraft whether the caller may have a draft of a policy decide: whoever may set policies
     * @return a token, signed except for drafts
     * @throws RefusedException if it is not attested, or the decision cannot be recorded
     */
    public Answer attest(AttestationRequest request, boolean mayDraft) throws RefusedException {
        if (!request.type().offered()) {
            throw new RefusedException(Code.NOT_OFFERED, Appraiser.notOffered(request.type()));
        }
        if (request.draft().isPresent() && !mayDraft) {
            throw new RefusedException(Code.UNAUTHORIZED,
                    "draftPolicyForAttestation: only who may set policies may have a draft of one decide.");
        }
        if (settings.requireRuntimeData() && request.runtimeData().isEmpty()) {
            throw new RefusedException(Code.INVALID_PARAMETER,
                    "runtimeData: this service attests only evidence that comes with the data that it is over.");
        }
        Instant now = clock.instant();
        boolean fresh = fresh(request, now);
        SetPolicy policy = request.draft().isPresent() ? SetPolicy.ofDraft(request.draft().get()) : policies.current(request.type());
        Instant at = appraisalClock.instant().truncatedTo(ChronoUnit.MILLIS);
        Appraisal appraisal = appraiser.appraise(request, policy, sources, at, fresh);
        Issue issue = new Issue(
                now.truncatedTo(ChronoUnit.SECONDS), tokens.newId(), request.draft().isPresent() ? "" : tokens.signingKey().id());
        return switch (appraisal.outcome()) {
            case Appraisal.Outcome.Permitted permitted -> {
                String token = tokens.issued(permitted.claims(), issue);
                yield new Answer(token, record(request, policy, at, appraisal, issue, Optional.of(token)));
            }
            case Appraisal.Outcome.NotPermitted not -> {
                record(request, policy, at, appraisal, issue, Optional.empty());
                throw new RefusedException(not.problem());
            }
        };
    }

    /** Whether the nonce is one of ours, current, and in what the evidence is over; one that is ours and is not is refused. */
    private boolean fresh(AttestationRequest request, Instant now) throws RefusedException {
        if (request.nonce().filter(nonce -> nonce.startsWith(Nonces.PREFIX)).isEmpty()) {
            return false;
        }
        String nonce = request.nonce().get();
        switch (nonces.standing(nonce, now)) {
            case CURRENT -> {}
            case EXPIRED -> throw new RefusedException(Code.INVALID_PARAMETER,
                    "nonce: it is older than " + nonces.validity() + "; get a new one by POST /nonce.");
            case FOREIGN -> throw new RefusedException(Code.INVALID_PARAMETER,
                    "nonce: it begins as this service's own and is none; get one by POST /nonce, or send another text.");
        }
        try {
            Optional<HeldData> data = request.runtimeData().filter(HeldData::json);
            if (data.isPresent()
                    && data.get().object("runtimeData").path("nonce").isString()
                    && data.get().object("runtimeData").path("nonce").stringValue().equals(nonce)) {
                return true;
            }
        } catch (MalformedException e) {
            throw new RefusedException(Code.INVALID_PARAMETER, e);
        }
        throw new RefusedException(Code.INVALID_PARAMETER, "nonce: a nonce of this service shows that evidence is fresh only where the"
                + " evidence is over it: put it into runtimeData as the JSON field 'nonce', and have evidence made over that.");
    }

    private Optional<Receipt> record(
            AttestationRequest request,
            SetPolicy policy,
            Instant at,
            Appraisal appraisal,
            Issue issue,
            Optional<String> token)
            throws RefusedException {
        DecisionContents contents = new DecisionContents(request, policy, appraisal, settingsContent, issue, token);
        boolean wanted = switch (settings.recording()) {
            case ALL -> true;
            case PROVEN -> contents.proven();
            case NONE -> false;
        };
        if (!wanted) {
            return Optional.empty();
        }
        try {
            return Optional.of(store.record(contents.decision(at)));
        } catch (StoreException e) {
            throw PolicyBook.unavailable(e);
        }
    }

    /**
     * Makes a recorded decision again, from what was kept, and compares everything byte for byte, the token too where its key is still
     * here and signs the same thing twice in the same way. Of an ES256 token the claims are compared.
     *
     * @param sequence of its leaf in the log
     * @return what it showed, or nothing where there is no such record
     * @throws IOException if the store cannot be read
     */
    public Optional<Replay.Result> replay(long sequence) throws IOException {
        Optional<RecordedDecision> recorded = store.decision(sequence);
        return recorded.map(decision -> Replay.of(decision, this::again));
    }

    private Replay.Appraised again(RecordedDecision recorded) {
        try {
            DecisionContents.Kept kept = DecisionContents.read(recorded);
            Appraisal appraisal = appraiser.appraise(
                    kept.request(),
                    kept.policy(),
                    new Appraiser.Sources(kept.endorsements(), Optional.empty()),
                    recorded.record().time(),
                    kept.fresh());
            Optional<String> token = Optional.empty();
            if (appraisal.outcome() instanceof Appraisal.Outcome.Permitted permitted
                    && (kept.issue().draft()
                            || keys.keys().find(kept.issue().key()).filter(key -> key.algorithm().repeatable()).isPresent())) {
                token = Optional.of(tokens.issued(permitted.claims(), kept.issue()));
            }
            return new DecisionContents(kept.request(), kept.policy(), appraisal, settingsContent, kept.issue(), token)
                    .appraised(recorded, token);
        } catch (MalformedException | RefusedException e) {
            return new Replay.Appraised(
                    DecisionRecord.Outcome.UNDECIDED,
                    List.of("what was kept cannot be read: " + e.getMessage()),
                    Map.of());
        }
    }

    /**
     * Issues a nonce.
     *
     * @return the nonce, to be put into the data that evidence is over, and sent as {@code nonce}
     */
    public String newNonce() {
        return nonces.issue(clock.instant());
    }

    /**
     * Looks for keys that other instances made, and makes one where one is due. It happens by itself once a minute while tokens are asked
     * for.
     *
     * @throws IOException if no key signs and none can be made
     */
    public void refreshKeys() throws IOException {
        keys.refresh();
    }

    /** {@return the keys that verify tokens, a JSON Web Key Set; at most a minute old where the store can be read} */
    public Map<String, Object> keySet() {
        try {
            // An instance that is asked for nothing but keys must learn of those that others made.
            keys.signer();
        } catch (IOException e) {
            // Those that are known are as good as before.
        }
        return keys.keys().keySet(clock.instant(), settings.tokenLifetime());
    }

    /** {@return the algorithms of the keys that are published, in the order of their names} */
    public List<String> tokenAlgorithms() {
        Instant now = clock.instant();
        return keys.keys().keys().stream()
                .filter(key -> key.publishedAt(now))
                .map(key -> key.algorithm().name())
                .distinct()
                .sorted()
                .toList();
    }

    /**
     * Makes sure that the service can serve: a key can sign, and the store can be written as far as is known.
     *
     * @return why not, for operators; nothing where it can
     */
    public Optional<String> impediment() {
        Optional<StoreException> failure = store.writeFailure();
        if (failure.isPresent()) {
            return Optional.of("store: " + failure.get().code());
        }
        try {
            keys.signer();
            store.policy(AttestationType.SGX_ENCLAVE.segment());
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e instanceof StoreException known ? "store: " + known.code() : "no key can sign");
        }
    }
}
