package org.innerkeep.attestation;

import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.jws.PolicyJws;
import org.innerkeep.attestation.jws.PolicySigners;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.Change;
import org.innerkeep.attestation.store.PendingChange;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.attestation.store.Versioned;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * The policies of a service and who may set them. What is set holds, on every instance, for every request that comes after the answer.
 *
 * <p>Safe for use by several threads.
 */
final class PolicyBook {
    private final AttestationStore store;
    private final TrustMode mode;
    private final InstantSource clock;
    private final Map<AttestationType, Read> read = new ConcurrentHashMap<>();

    /** A policy that was read from its text before, so that only a change costs parsing. */
    private record Read(long version, SetPolicy policy) {}

    PolicyBook(AttestationStore store, TrustMode mode, InstantSource clock) {
        this.store = store;
        this.mode = mode;
        this.clock = clock;
    }

    /** What came of a change of a policy. */
    record PolicyChange(boolean removed, String tokenHash, Optional<X509Certificate> signer, Receipt receipt) {}

    /** What came of a change of the signers; no receipt where nothing had to be changed. */
    record SignerChange(X509Certificate certificate, boolean present, Optional<Receipt> receipt) {}

    /**
     * The policy that holds.
     *
     * @param type one that is offered
     * @return the policy
     * @throws RefusedException if the store cannot be read, or holds what is no policy
     */
    SetPolicy current(AttestationType type) throws RefusedException {
        Versioned<Optional<String>> stored;
        try {
            stored = store.policy(type.segment());
        } catch (StoreException e) {
            throw unavailable(e);
        }
        Read known = read.get(type);
        if (known != null && known.version() == stored.version()) {
            return known.policy();
        }
        SetPolicy policy;
        try {
            policy = stored.value().isPresent()
                    ? SetPolicy.of(PolicyJws.parse(stored.value().get()))
                    : SetPolicy.of(PolicyJws.unsigned(DefaultPolicies.of(type)));
        } catch (MalformedException e) {
            throw new RefusedException(Code.UNAVAILABLE, "policy of " + type + ": what the store holds is no policy. Set it again.");
        }
        read.put(type, new Read(stored.version(), policy));
        return policy;
    }

    /**
     * Sets a policy.
     *
     * @param type one that is offered
     * @param text the JWS, hostile
     * @param by who does it
     * @return what came of it
     * @throws RefusedException if it is no policy, not signed as it must be, or somebody else was first
     */
    PolicyChange set(AttestationType type, String text, String by) throws RefusedException {
        return changed(type, toSet(text), false, by, Optional.empty()).orElseThrow(() -> conflict("policy of " + type));
    }

    private PolicyJws toSet(String text) throws RefusedException {
        PolicyJws jws = parse(text);
        // First of all who sent it: nothing is read for a stranger.
        signer(signers(), jws, "policy");
        SetPolicy policy = SetPolicy.of(jws);
        try {
            Appraiser.baseline(policy.parsed());
        } catch (RefusedException e) {
            throw new RefusedException(Code.INVALID_OPERATION,
                    "policy: by it no evidence at all could be attested. " + e.problem().message());
        }
        return jws;
    }

    /**
     * Takes a policy back, so that the default holds.
     *
     * @param type one that is offered
     * @param text a JWS without a payload, hostile
     * @param by who does it
     * @return what came of it
     * @throws RefusedException if it has a payload, is not signed as it must be, or somebody else was first
     */
    PolicyChange reset(AttestationType type, String text, String by) throws RefusedException {
        return changed(type, toReset(text), true, by, Optional.empty()).orElseThrow(() -> conflict("policy of " + type));
    }

    private PolicyJws toReset(String text) throws RefusedException {
        PolicyJws jws = parse(text);
        if (jws.policy().isPresent()) {
            throw new RefusedException(Code.INVALID_OPERATION, "policy: to take it back, send a JWS with an empty payload.");
        }
        signer(signers(), jws, "reset");
        return jws;
    }

    /**
     * Makes sure that a change could be made now, and makes none.
     *
     * @param action what is to be done
     * @param type of attestation; not looked at where the action is about signers
     * @param text a JWS, hostile
     * @return the version of what it changes
     * @throws RefusedException as the change would be
     */
    long check(PendingChange.Action action, AttestationType type, String text) throws RefusedException {
        try {
            return switch (action) {
                case SET_POLICY -> {
                    long version = store.policy(type.segment()).version();
                    toSet(text);
                    yield version;
                }
                case RESET_POLICY -> {
                    long version = store.policy(type.segment()).version();
                    toReset(text);
                    yield version;
                }
                case ADD_CERTIFICATE, REMOVE_CERTIFICATE -> {
                    Versioned<List<Bytes>> stored = store.policySigners();
                    signersAfter(stored.value(), text, action == PendingChange.Action.ADD_CERTIFICATE);
                    yield stored.version();
                }
            };
        } catch (StoreException e) {
            throw unavailable(e);
        }
    }

    /**
     * Makes a change of a policy that was proposed, for the version that it was proposed for.
     *
     * @param change which is about a policy
     * @param type that it is about
     * @param by who proposed and who approved
     * @param approval what takes it off the list
     * @return what came of it; nothing where the list is another by now
     * @throws RefusedException if it can no longer be made
     */
    Optional<PolicyChange> approved(PendingChange change, AttestationType type, String by, AttestationStore.Approval approval)
            throws RefusedException {
        boolean reset = change.action() == PendingChange.Action.RESET_POLICY;
        PolicyJws jws = reset ? toReset(change.text()) : toSet(change.text());
        return changed(type, jws, reset, by, Optional.of(new Approved(change.base(), approval)));
    }

    private static PolicyJws parse(String text) throws RefusedException {
        try {
            return PolicyJws.parse(text);
        } catch (MalformedException e) {
            throw new RefusedException(Code.INVALID_OPERATION, e);
        }
    }

    /** A change that was proposed for a version, and what takes it off the list. */
    private record Approved(long base, AttestationStore.Approval approval) {
        static boolean isForAnother(Optional<Approved> approved, long version) {
            return approved.isPresent() && approved.get().base() != version;
        }
    }

    private Optional<PolicyChange> changed(AttestationType type, PolicyJws jws, boolean reset, String by, Optional<Approved> approved)
            throws RefusedException {
        try {
            // Looked at before the signature: what changes from here on is a conflict.
            long version = store.policy(type.segment()).version();
            Optional<X509Certificate> signer = signer(signers(), jws, reset ? "reset" : "policy");
            if (Approved.isForAnother(approved, version)) {
                throw conflict("policy of " + type);
            }
            Change<Optional<String>> change;
            if (approved.isPresent()) {
                Optional<String> text = reset ? Optional.empty() : Optional.of(jws.jws().text());
                change = store.setApprovedPolicy(type.segment(), version, text, by, approved.get().approval());
            } else if (reset) {
                change = store.resetPolicy(type.segment(), version, by);
            } else {
                change = store.setPolicy(type.segment(), version, jws.jws().text(), by);
            }
            return switch (change) {
                case Change.Made<Optional<String>> made ->
                    Optional.of(new PolicyChange(reset, jws.tokenHash(), signer, made.receipt()));
                case Change.Conflict<Optional<String>> conflict when conflict.current().version() == version -> Optional.empty();
                case Change.Conflict<Optional<String>> conflict -> throw conflict("policy of " + type);
            };
        } catch (StoreException e) {
            throw unavailable(e);
        }
    }

    /**
     * Finds a policy that nobody signed, set before signatures were needed.
     *
     * @return the first type that has one
     * @throws StoreException if the store cannot be read
     */
    Optional<AttestationType> unsigned() throws StoreException {
        for (AttestationType type : AttestationType.values()) {
            Optional<String> stored = type.offered() ? store.policy(type.segment()).value() : Optional.empty();
            try {
                if (stored.isPresent() && PolicyJws.parse(stored.get()).statedSigner().isEmpty()) {
                    return Optional.of(type);
                }
            } catch (MalformedException e) {
                // What is no policy decides nothing.
            }
        }
        return Optional.empty();
    }

    /**
     * The certificates whose holders may set policies.
     *
     * @return the signers; none in the mode where anyone authorised may
     * @throws RefusedException if the store cannot be read
     */
    PolicySigners signers() throws RefusedException {
        try {
            return new PolicySigners(store.policySigners().value());
        } catch (StoreException e) {
            throw unavailable(e);
        }
    }

    /**
     * Adds or removes a signer.
     *
     * @param text a JWS that an existing signer signed, hostile
     * @param add whether it is added
     * @param by who does it
     * @return what came of it; the same again is no fault
     * @throws RefusedException if it is malformed, not signed as it must be, the last one, or somebody else was first
     */
    SignerChange changeSigners(String text, boolean add, String by) throws RefusedException {
        return changeSigners(text, add, by, Optional.empty()).orElseThrow(() -> conflict("policy certificates"));
    }

    /**
     * Makes a change of the signers that was proposed, for the version that it was proposed for.
     *
     * @param change which is about signers
     * @param by who proposed and who approved
     * @param approval what takes it off the list
     * @return what came of it; nothing where the list is another by now
     * @throws RefusedException if it can no longer be made
     */
    Optional<SignerChange> approvedSigners(PendingChange change, String by, AttestationStore.Approval approval)
            throws RefusedException {
        boolean add = change.action() == PendingChange.Action.ADD_CERTIFICATE;
        return changeSigners(change.text(), add, by, Optional.of(new Approved(change.base(), approval)));
    }

    private Optional<SignerChange> changeSigners(String text, boolean add, String by, Optional<Approved> approved)
            throws RefusedException {
        try {
            // Whoever signed must be one of those that are replaced, not one that another request has just removed.
            Versioned<List<Bytes>> stored = store.policySigners();
            if (Approved.isForAnother(approved, stored.version())) {
                throw conflict("policy certificates");
            }
            SignersAfter after = signersAfter(stored.value(), text, add);
            if (after.unchanged() && approved.isEmpty()) {
                return Optional.of(new SignerChange(after.certificate(), add, Optional.empty()));
            }
            List<Bytes> certificates = after.signers().certificates();
            Change<List<Bytes>> change = approved.isPresent()
                    ? store.setApprovedSigners(stored.version(), certificates, by, approved.get().approval())
                    : store.setPolicySigners(stored.version(), certificates, by);
            return switch (change) {
                case Change.Made<List<Bytes>> made ->
                    Optional.of(new SignerChange(after.certificate(), add, Optional.of(made.receipt())));
                case Change.Conflict<List<Bytes>> conflict when conflict.current().version() == stored.version() -> Optional.empty();
                case Change.Conflict<List<Bytes>> conflict -> throw conflict("policy certificates");
            };
        } catch (StoreException e) {
            throw unavailable(e);
        }
    }

    private record SignersAfter(X509Certificate certificate, PolicySigners signers, boolean unchanged) {}

    private SignersAfter signersAfter(List<Bytes> stored, String text, boolean add) throws RefusedException {
        if (mode != TrustMode.ISOLATED) {
            throw new RefusedException(Code.INVALID_OPERATION,
                    "policy certificates: this service is in the mode 'authorized', which has none.");
        }
        PolicyJws jws = parseCertificateRequest(text);
        try {
            PolicySigners before = new PolicySigners(stored);
            signer(before, jws, "policy certificate");
            X509Certificate certificate = PolicySigners.requested(jws.jws().payload().toArray());
            PolicySigners after = add ? before.with(certificate) : before.without(certificate);
            if (after.certificates().isEmpty()) {
                throw new RefusedException(Code.INVALID_OPERATION, "policy certificates: the last one cannot be removed.");
            }
            if (after.certificates().size() > PolicySigners.MAX) {
                throw new RefusedException(Code.INVALID_OPERATION,
                        "policy certificates: at most " + PolicySigners.MAX + "; remove one first.");
            }
            return new SignersAfter(certificate, after, after.equals(before));
        } catch (MalformedException e) {
            throw new RefusedException(Code.INVALID_OPERATION, e);
        }
    }

    private static PolicyJws parseCertificateRequest(String text) throws RefusedException {
        try {
            return PolicyJws.ofOther(text);
        } catch (MalformedException e) {
            throw new RefusedException(Code.INVALID_OPERATION, e);
        }
    }

    /** Who signed, where somebody did; refuses a signature that proves nothing, and in isolated mode all but those of signers. */
    private Optional<X509Certificate> signer(PolicySigners signers, PolicyJws jws, String what) throws RefusedException {
        return switch (signers.prove(jws.jws(), clock.instant())) {
            case PolicySigners.Proof.Wrong wrong -> throw new RefusedException(Code.INVALID_OPERATION, what + ": " + wrong.why() + ".");
            case PolicySigners.Proof.Unsigned unsigned when mode == TrustMode.ISOLATED -> throw new RefusedException(
                    Code.INVALID_OPERATION,
                    what + ": expected a signature by one of the policy certificates of this service, found none.");
            case PolicySigners.Proof.Unsigned unsigned -> Optional.empty();
            case PolicySigners.Proof.Signed signed when mode == TrustMode.ISOLATED && !signed.trusted() -> throw new RefusedException(
                    Code.INVALID_OPERATION, what + ": its signer's certificate is not one of the policy certificates of this service.");
            case PolicySigners.Proof.Signed signed -> Optional.of(signed.signer());
        };
    }

    private static RefusedException conflict(String what) {
        return new RefusedException(Code.CONFLICT, what + ": somebody else changed it in between. Look at it and try again.");
    }

    static RefusedException unavailable(StoreException e) {
        return new RefusedException(Code.UNAVAILABLE, "store: " + (e.code() == StoreException.Code.BUSY
                ? "too busy; try again."
                : "it cannot be used now (" + e.code() + "); the operator's log says why."));
    }
}
