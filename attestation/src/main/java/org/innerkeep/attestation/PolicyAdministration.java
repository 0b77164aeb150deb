package org.innerkeep.attestation;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.AttestationService.Answer;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.jws.CompactJws;
import org.innerkeep.attestation.jws.PolicySigners;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.Change;
import org.innerkeep.attestation.store.PendingChange;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.attestation.store.Versioned;
import org.innerkeep.attestation.token.TokenKey;
import org.innerkeep.attestation.token.TokenKeys;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;

/**
 * Who sets the policies of an attestation service, and how: policies and their signers are read, set and taken back, alone or with the
 * approval of a second identity. What was done is said in a signed token.
 *
 * <p>Safe for use by several threads.
 */
public final class PolicyAdministration {
    private static final System.Logger LOG = System.getLogger("org.innerkeep.attestation.policies");

    private final ServiceSettings settings;
    private final AttestationStore store;
    private final PolicyBook policies;
    private final PolicyChanges changes;
    private final Tokens tokens;

    PolicyAdministration(
            ServiceSettings settings, AttestationStore store, PolicyBook policies, Tokens tokens, InstantSource clock) {
        this.settings = settings;
        this.store = store;
        this.policies = policies;
        this.changes = new PolicyChanges(store, policies, clock, settings.approvalValidity().orElse(Duration.ZERO));
        this.tokens = tokens;
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

    /**
     * The policy of a type, as it was sent.
     *
     * @param type the type
     * @return a token that says so
     * @throws RefusedException if the type is not offered or the store cannot be read
     */
    public Answer policy(AttestationType type) throws RefusedException {
        return tokens.says(Map.of("x-ms-policy", policies.current(offered(type)).envelope()), Optional.empty());
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
        return tokens.says(claims, Optional.of(change.receipt()));
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
        return tokens.says(Map.of("x-ms-policy-certificates", Map.of("keys", all)), Optional.empty());
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
        return tokens.says(claims, change.receipt());
    }

    /** SHA-1, in upper case, is what the interface names certificates by; nothing is proven by it. */
    private static String thumbprint(X509Certificate certificate) {
        try {
            return HexFormat.of().withUpperCase().formatHex(MessageDigest.getInstance("SHA-1").digest(certificate.getEncoded()));
        } catch (NoSuchAlgorithmException | CertificateException e) {
            throw new IllegalStateException("a certificate that was read has an encoding, and every Java platform SHA-1", e);
        }
    }
}
