package org.innerkeep.attestation;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.jws.CompactJws;
import org.innerkeep.attestation.jws.PolicySigners;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.log.TransparencyLog;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.Change;
import org.innerkeep.attestation.store.DecisionRecord;
import org.innerkeep.attestation.store.PendingChange;
import org.innerkeep.attestation.store.RecordedDecision;
import org.innerkeep.attestation.store.Replay;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.attestation.store.Versioned;
import org.innerkeep.attestation.token.TokenKey;
import org.innerkeep.attestation.token.TokenKeyRing;
import org.innerkeep.attestation.token.TokenKeys;
import org.innerkeep.attestation.token.TokenSigner;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Verifier;

/**
 * The attestation service without its network: turns evidence into signed tokens by the policies that are set, sets policies, and keeps a
 * record that convicts whoever changes it.
 *
 * <p>Safe for use by several threads.
 */
public final class AttestationService {
    private static final System.Logger LOG = System.getLogger("org.innerkeep.attestation.policies");

    private final ServiceSettings settings;
    private final Bytes settingsContent;
    private final AttestationStore store;
    private final TokenKeyRing keys;
    private final TokenSigner signer;
    private final Appraiser.Sources sources;
    private final Appraiser appraiser;
    private final PolicyBook policies;
    private final PolicyChanges changes;
    private final Nonces nonces;
    private final InstantSource clock;
    private final InstantSource appraisalClock;
    private final SecureRandom random;

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
        this.signer = new TokenSigner(settings.issuer(), settings.tokenLifetime());
        this.sources = new Appraiser.Sources(parts.endorsements(), parts.fetched());
        this.appraiser = new Appraiser(parts.verifier(), settings.floors());
        this.policies = new PolicyBook(parts.store(), settings.mode(), parts.clock());
        this.changes = new PolicyChanges(
                parts.store(), policies, parts.clock(), settings.approvalValidity().orElse(Duration.ZERO));
        this.nonces = new Nonces(parts.store().nonceSecret(), parts.random(), settings.nonceValidity());
        this.clock = parts.clock();
        this.appraisalClock = parts.appraisalClock();
        this.random = parts.random();
    }

    /**
     * Makes sure that somebody may set policies in isolated mode, and that nobody else did: sets the first signers where none were ever
     * set.
     *
     * @param certificates of the first signers
     * @throws IOException if the mode needs some and there are none, a policy that nobody signed holds, or the store cannot be used
     */
    public void foundSigners(List<X509Certificate> certificates) throws IOException {
        if (settings.mode() != TrustMode.ISOLATED) {
            return;
        }
        Optional<AttestationType> unsigned = policies.unsigned();
        if (unsigned.isPresent()) {
            throw new IOException("isolated mode: nobody signed the policy of " + unsigned.get() + ", which was set in the mode"
                    + " 'authorized'; start in that mode and take it back first");
        }
        if (store.policySigners().version() > 0) {
            return;
        }
        if (certificates.isEmpty()) {
            throw new IOException("isolated mode: expected the certificate of at least one policy signer when the service is set up");
        }
        List<Bytes> encoded = new ArrayList<>();
        for (X509Certificate each : certificates) {
            encoded.add(PolicySigners.der(each));
        }
        if (store.setPolicySigners(0, encoded, "set-up") instanceof Change.Conflict<List<Bytes>>) {
            throw new IOException("isolated mode: another instance set the policy signers at the same time; start again");
        }
    }

    /**
     * Makes sure that the store asks for as many approvals as this service does: raises what the store says without further ado, and
     * lowers it only where that is wanted knowingly.
     *
     * @param lowerFrom the version of what the store says that may be lowered, as the refusal names it; empty for none
     * @throws IOException if the store asks for more approvals than this service, or cannot be used
     */
    public void foundApprovals(String lowerFrom) throws IOException {
        int wanted = settings.approvalValidity().isPresent() ? 2 : 1;
        Versioned<Integer> stored = store.approvals();
        if (stored.value() == wanted) {
            return;
        }
        String version = Long.toString(stored.version());
        if (wanted < stored.value() && !lowerFrom.equals(version)) {
            throw new IOException("policy-approvals: the store asks for " + stored.value() + " since " + stored.setAt() + ", and this"
                    + " instance is set to " + wanted + ". Set policy-approvals=" + stored.value() + "; or, to have policies of the store"
                    + " changed by one identity alone from now on, set lower-policy-approvals=" + version + " for one start");
        }
        if (wanted < stored.value()) {
            LOG.log(System.Logger.Level.WARNING, "policy-approvals: lowered from " + stored.value() + " to " + wanted
                    + " for all instances of the store, as lower-policy-approvals=" + version + " says; take that setting out");
        }
        if (store.setApprovals(stored.version(), wanted, "set-up") instanceof Change.Conflict<Integer>) {
            throw new IOException("policy-approvals: another instance changed it at the same time; start again");
        }
    }

    /**
     * A change that waits for the approval of another identity.
     *
     * @param change the change
     * @param expiry until when
     * @param receipt that the log took it up; nothing where it was only read
     */
    public record Proposal(PendingChange change, Instant expiry, Optional<Receipt> receipt) {}

    /**
     * Proposes a change of policies or of their signers.
     *
     * @param action what is to be done
     * @param type of attestation, which does not count where the action is about signers
     * @param jws as for the change itself, hostile
     * @param by who proposes it
     * @return what waits
     * @throws RefusedException as the change itself would be, or if too many wait
     */
    public Proposal propose(PendingChange.Action action, AttestationType type, String jws, String by) throws RefusedException {
        requireApprovals();
        PolicyChanges.Proposed proposed = changes.propose(action, offered(type), jws, by);
        return new Proposal(proposed.change(), changes.expiry(proposed.change()), Optional.of(proposed.receipt()));
    }

    /**
     * The changes that wait.
     *
     * @return those that are not too old, in the order in which they were proposed
     * @throws RefusedException if the store cannot be read
     */
    public List<Proposal> proposals() throws RefusedException {
        return changes.waiting().stream()
                .map(each -> new Proposal(each, changes.expiry(each), Optional.empty()))
                .toList();
    }

    /**
     * Approves a change and makes it, both in one transaction of the store: an approval that the log shows was carried out.
     *
     * @param digest that names it, hostile
     * @param by who approves: another than who proposed it
     * @return a token that says so, as for a change that needs no approval
     * @throws RefusedException if none with this digest waits, the same identity proposed it, or it can no longer be made; then it
     *     waits on, to be rejected, and has to be proposed again
     */
    public Answer approve(String digest, String by) throws RefusedException {
        requireApprovals();
        Made made = changes.approve(digest, by, (change, approval) -> {
            // Names are ASCII, so none of them can look like two.
            String both = change.by() + " \u2192 approved by " + by;
            return switch (change.action()) {
                case SET_POLICY, RESET_POLICY -> policies.approved(change, offered(type(change)), both, approval).map(Made.OfPolicy::new);
                case ADD_CERTIFICATE, REMOVE_CERTIFICATE -> policies.approvedSigners(change, both, approval).map(Made.OfSigners::new);
            };
        });
        return switch (made) {
            case Made.OfPolicy policy -> says(policy.change());
            case Made.OfSigners signers -> says(signers.change());
        };
    }

    /** What came of an approval. */
    private sealed interface Made {
        record OfPolicy(PolicyBook.PolicyChange change) implements Made {}

        record OfSigners(PolicyBook.SignerChange change) implements Made {}
    }

    private static AttestationType type(PendingChange change) throws RefusedException {
        return AttestationType.of(change.type())
                .orElseThrow(() -> new RefusedException(Code.INVALID_OPERATION, "policy changes: it is of a type that is not known."));
    }

    /**
     * Rejects a change, which anyone may who could approve or propose it.
     *
     * @param digest that names it, hostile
     * @param by who rejects it
     * @throws RefusedException if none with this digest waits
     */
    public void reject(String digest, String by) throws RefusedException {
        requireApprovals();
        changes.reject(digest, by);
    }

    private void requireApprovals() throws RefusedException {
        if (settings.approvalValidity().isEmpty()) {
            throw new RefusedException(Code.INVALID_OPERATION,
                    "policy changes: this service needs no second approval; nothing waits for one.");
        }
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
        Issue issue = new Issue(now.truncatedTo(ChronoUnit.SECONDS), newId(), request.draft().isPresent() ? "" : signerId());
        return switch (appraisal.outcome()) {
            case Appraisal.Outcome.Permitted permitted -> {
                String token = token(permitted.claims(), issue);
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

    private String signerId() throws RefusedException {
        return signingKey().id();
    }

    private TokenKey signingKey() throws RefusedException {
        try {
            return keys.signer();
        } catch (StoreException e) {
            throw PolicyBook.unavailable(e);
        } catch (IOException e) {
            throw new RefusedException(Code.UNAVAILABLE, "no key can sign tokens now; the operator's log says why.");
        }
    }

    private Bytes newId() {
        byte[] id = new byte[TokenSigner.TOKEN_ID_BYTES];
        random.nextBytes(id);
        return Bytes.of(id);
    }

    private String token(Map<String, Object> claims, Issue issue) throws RefusedException {
        if (issue.draft()) {
            return signer.unsigned(claims, issue.at(), issue.id());
        }
        TokenKey key = keys.keys().find(issue.key()).orElseGet(() -> {
            throw new IllegalStateException("the key that was chosen is gone");
        });
        return signer.sign(key, claims, issue.at(), issue.id());
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
                token = Optional.of(token(permitted.claims(), kept.issue()));
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
     * The policy of a type, as it was sent.
     *
     * @param type the type
     * @return a token that says so
     * @throws RefusedException if the type is not offered or the store cannot be read
     */
    public Answer policy(AttestationType type) throws RefusedException {
        return says(Map.of("x-ms-policy", policies.current(offered(type)).envelope()), Optional.empty());
    }

    /**
     * Sets a policy.
     *
     * @param type the type
     * @param jws the policy in its envelope, hostile
     * @param by who does it
     * @return a token that says so
     * @throws RefusedException if it is no policy, not signed as it must be, or it cannot be kept
     */
    public Answer setPolicy(AttestationType type, String jws, String by) throws RefusedException {
        requireNoApprovals();
        return says(policies.set(offered(type), jws, by));
    }

    /**
     * Takes a policy back.
     *
     * @param type the type
     * @param jws an envelope without a payload, hostile
     * @param by who does it
     * @return a token that says so
     * @throws RefusedException if it is not signed as it must be, or it cannot be kept
     */
    public Answer resetPolicy(AttestationType type, String jws, String by) throws RefusedException {
        requireNoApprovals();
        return says(policies.reset(offered(type), jws, by));
    }

    /** What the store says counts as well: an instance that started before it was raised must not go on changing policies alone. */
    private void requireNoApprovals() throws RefusedException {
        try {
            if (settings.approvalValidity().isPresent() || store.approvals().value() > 1) {
                throw new RefusedException(Code.INVALID_OPERATION, "policy: this service needs a second approval of every change"
                        + (settings.approvalValidity().isPresent() ? "." : "; start this instance with policy-approvals=2."));
            }
        } catch (StoreException e) {
            throw PolicyBook.unavailable(e);
        }
    }

    private static AttestationType offered(AttestationType type) throws RefusedException {
        if (!type.offered()) {
            throw new RefusedException(Code.NOT_OFFERED, Appraiser.notOffered(type));
        }
        return type;
    }

    private Answer says(PolicyBook.PolicyChange change) throws RefusedException {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("x-ms-policy-result", change.removed() ? "Removed" : "Updated");
        claims.put("x-ms-policy-token-hash", change.tokenHash());
        change.signer().ifPresent(certificate ->
                claims.put("x-ms-policy-signer", TokenKeys.webKey(TokenKey.idOf(certificate), certificate)));
        return says(claims, Optional.of(change.receipt()));
    }

    /**
     * The certificates whose holders may set policies.
     *
     * @return a token that says so
     * @throws RefusedException if the store cannot be read
     */
    public Answer policyCertificates() throws RefusedException {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Bytes each : policies.signers().certificates()) {
            try {
                X509Certificate certificate = CompactJws.certificate(each);
                all.add(TokenKeys.webKey(TokenKey.idOf(certificate), certificate));
            } catch (MalformedException e) {
                throw new RefusedException(Code.UNAVAILABLE, "policy certificates: what the store holds is no certificate.");
            }
        }
        return says(Map.of("x-ms-policy-certificates", Map.of("keys", all)), Optional.empty());
    }

    /**
     * Adds or removes a certificate whose holder may set policies.
     *
     * @param jws signed by an existing one, hostile
     * @param add whether it is added
     * @param by who does it
     * @return a token that says so
     * @throws RefusedException if it is not signed as it must be, or it cannot be kept
     */
    public Answer changePolicyCertificates(String jws, boolean add, String by) throws RefusedException {
        requireNoApprovals();
        return says(policies.changeSigners(jws, add, by));
    }

    private Answer says(PolicyBook.SignerChange change) throws RefusedException {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("x-ms-certificate-thumbprint", thumbprint(change.certificate()));
        claims.put("x-ms-policycertificates-result", change.present() ? "IsPresent" : "IsAbsent");
        return says(claims, change.receipt());
    }

    /** SHA-1, in upper case, is what the interface names certificates by; nothing is proven by it. */
    private static String thumbprint(X509Certificate certificate) {
        try {
            return HexFormat.of().withUpperCase().formatHex(MessageDigest.getInstance("SHA-1").digest(certificate.getEncoded()));
        } catch (NoSuchAlgorithmException | CertificateException e) {
            throw new IllegalStateException("a certificate that was read has an encoding, and every Java platform SHA-1", e);
        }
    }

    private Answer says(Map<String, Object> claims, Optional<Receipt> receipt) throws RefusedException {
        TokenKey key = signingKey();
        return new Answer(signer.sign(key, claims, clock.instant(), newId()), receipt);
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
