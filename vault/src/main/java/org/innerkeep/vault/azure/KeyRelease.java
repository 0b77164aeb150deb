package org.innerkeep.vault.azure;

import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.Problem;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.LoggedStore;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.vault.key.ClockWatch;
import org.innerkeep.vault.key.KeyName;
import org.innerkeep.vault.key.KeySecret;
import org.innerkeep.vault.key.KeyStore;
import org.innerkeep.vault.key.KeyVersion;
import org.innerkeep.vault.key.ReleasePolicy;
import org.innerkeep.vault.key.VaultKey;

/**
 * Releases keys:
 *
 * <ol>
 *   <li>the token is verified, which takes most of the time and changes nothing;
 *   <li>in one transaction, with a leaf of the log that says what was decided: the challenge is used up, the key is there, enabled and
 *       within its time, and its release policy as it is now lets the token have it. So a key that is disabled, deleted or whose policy
 *       is replaced before that is not released, on any instance;
 *   <li>only then is the secret unwrapped, encrypted to the key that the token names, and the answer signed.
 * </ol>
 *
 * <p>Safe for use by several threads.
 */
final class KeyRelease {
    /** The kind of leaves. */
    static final String RELEASED = "key-released";

    /** The kind of leaves of what a policy or a challenge stood against. */
    static final String REFUSED = "key-release-refused";

    private static final StrictJson JSON = StrictJson.upTo(1 << 20);
    private static final int MOST_LINES = 64;

    private final KeyStore store;
    private final AssertionVerifier verifier;
    private final IssuedChallenges challenges;
    private final ReleaseSigner signer;
    private final KeyForms forms;
    private final ClockWatch clock;
    private final SecureRandom random;

    /**
     * What is needed to release.
     *
     * @param store of the keys
     * @param verifier of tokens
     * @param challenges that this vault issued
     * @param signer of answers
     * @param forms in which answers name keys
     * @param clock of the vault
     * @param notBefore when something was logged last, before this start
     * @param random for encryption
     */
    record Parts(
            KeyStore store,
            AssertionVerifier verifier,
            IssuedChallenges challenges,
            ReleaseSigner signer,
            KeyForms forms,
            InstantSource clock,
            Instant notBefore,
            SecureRandom random) {}

    /**
     * What was released.
     *
     * @param value the signed answer
     * @param receipt of the log
     */
    record Released(String value, Optional<Receipt> receipt) {}

    private sealed interface Outcome {
        record Yes(VaultKey key, KeyVersion version) implements Outcome {}

        record No(Problem problem) implements Outcome {}
    }

    KeyRelease(Parts parts) {
        this.store = parts.store();
        this.verifier = parts.verifier();
        this.challenges = parts.challenges();
        this.signer = parts.signer();
        this.forms = parts.forms();
        this.clock = new ClockWatch(parts.clock(), parts.notBefore());
        this.random = parts.random();
    }

    /**
     * Releases a key.
     *
     * @param name its name
     * @param version its version; empty for the newest
     * @param request what is asked for
     * @param apiVersion by which it was asked, to be repeated in the answer
     * @param by who asks
     * @return the answer
     * @throws RefusedException if it is not released, with every reason
     * @throws StoreException if that cannot be decided or recorded
     */
    Released release(KeyName name, String version, KeyBodies.Release request, String apiVersion, String by)
            throws RefusedException, StoreException {
        Instant now = clock.now();
        Assertion assertion;
        try {
            assertion = verifier.verify(request.token(), now);
        } catch (AssertionRefusedException e) {
            throw refused("the token is not accepted as proof of an environment.", e.reasons());
        }
        LoggedStore.Done<Outcome> done =
                store.decide(store.see(name), (key, writer) -> decide(name, key, version, assertion, request.wrapping(), by, writer));
        return switch (done.value()) {
            case Outcome.No no -> throw new RefusedException(no.problem());
            case Outcome.Yes yes -> new Released(answer(yes, assertion, request, apiVersion), done.receipt());
        };
    }

    private Outcome decide(
            KeyName name,
            Optional<VaultKey> found,
            String id,
            Assertion assertion,
            Wrapping wrapping,
            String by,
            LoggedStore.Writer writer)
            throws SQLException {
        Optional<VaultKey> key = found.filter(each -> each.active() && KeyOperations.shown(each));
        Optional<KeyVersion> version = key.flatMap(each -> id.isEmpty() ? Optional.of(each.newest()) : each.version(id));
        if (version.isEmpty()) {
            return new Outcome.No(KeyOperations.notFound(name).problem());
        }
        List<String> reasons = new ArrayList<>();
        version.get().unusable(writer.now()).ifPresent(why -> reasons.add("key " + name + " version " + version.get().id() + ": " + why));
        Optional<ReleasePolicy> policy = version.get().settings().releasePolicy();
        if (!version.get().settings().exportable() || policy.isEmpty()) {
            reasons.add("key " + name + " version " + version.get().id() + ": it was not made to be released");
        }
        checkChallenge(assertion, writer).ifPresent(reasons::add);
        if (policy.isPresent()) {
            ReleaseDecision decision = decide(policy.get(), assertion);
            if (!decision.released()) {
                reasons.addAll(decision.lines());
            }
        }
        Map<String, Object> record = new LinkedHashMap<>();
        record.put("key", name.text());
        record.put("version", version.get().id());
        record.put("by", by);
        record.put("authority", assertion.authority().name());
        record.put("issuer", assertion.authority().issuer());
        record.put("token", assertion.digest().hex());
        record.put("target", assertion.target().digest().hex());
        record.put("wrapping", wrapping.name());
        if (!reasons.isEmpty()) {
            record.put("reasons", shortened(reasons));
        }
        writer.happened(
                reasons.isEmpty() ? RELEASED : REFUSED,
                name.place(),
                Bytes.of(JSON.write(record)),
                policy.map(each -> Map.of("policy", Bytes.sha256(each.data().toArray()))).orElse(Map.of()));
        return reasons.isEmpty()
                ? new Outcome.Yes(key.get(), version.get())
                : new Outcome.No(refused("the key is not released to this environment.", reasons).problem());
    }

    /** A challenge is used up by whatever is decided with it. One that is not needed must be right all the same. */
    private Optional<String> checkChallenge(Assertion assertion, LoggedStore.Writer writer) throws SQLException {
        if (assertion.challenge().isEmpty()) {
            return Optional.empty();
        }
        Optional<IssuedChallenges.Current> current = challenges.current(assertion.challenge().get(), writer.now());
        if (current.isEmpty()) {
            return assertion.authority().challengeNeeded()
                    ? Optional.of("target x-ms-runtime.nonce: it is no challenge of this vault, or expired: get a new one and attest again")
                    : Optional.empty();
        }
        return writer.spend(current.get().value(), current.get().until())
                ? Optional.empty()
                : Optional.of("target x-ms-runtime.nonce: this challenge was used before: the token may have been replayed;"
                        + " get a new one and attest again");
    }

    private static ReleaseDecision decide(ReleasePolicy policy, Assertion assertion) {
        try {
            return ReleaseRules.parse(policy.data().toArray()).decide(assertion.authority().issuer(), assertion.claims());
        } catch (MalformedException e) {
            return new ReleaseDecision(false, List.of("the release policy cannot be read: " + e.getMessage()));
        }
    }

    private static RefusedException refused(String what, List<String> reasons) {
        return new RefusedException(new Problem(Code.FORBIDDEN, what, shortened(reasons)));
    }

    private static List<String> shortened(List<String> reasons) {
        if (reasons.size() <= MOST_LINES) {
            return reasons;
        }
        List<String> first = new ArrayList<>(reasons.subList(0, MOST_LINES));
        first.add("and " + (reasons.size() - MOST_LINES) + " more");
        return first;
    }

    private String answer(Outcome.Yes released, Assertion assertion, KeyBodies.Release request, String apiVersion) throws RefusedException {
        VaultKey key = released.key();
        KeyVersion version = released.version();
        byte[] wrapped;
        try (KeySecret secret = store.open(key.name(), version)) {
            byte[] plain = secret.expose();
            try {
                wrapped = request.wrapping().wrap(assertion.target().key(), plain, random);
            } finally {
                Arrays.fill(plain, (byte) 0);
            }
        }
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("kid", assertion.target().id());
        header.put("alg", "dir");
        header.put("enc", request.wrapping().name());
        Map<String, Object> blob = new LinkedHashMap<>();
        blob.put("schema_version", "1.0.0");
        blob.put("header", header);
        blob.put("ciphertext", Base64Text.url(wrapped));
        Map<String, Object> bundle = forms.bundle(key, version);
        Map<String, Object> webKey = forms.webKey(key, version);
        webKey.put("key_hsm", Base64Text.url(JSON.write(blob)));
        bundle.put("key", webKey);
        Map<String, Object> asked = new LinkedHashMap<>();
        asked.put("api-version", apiVersion);
        asked.put("enc", request.wrapping().name());
        asked.put("kid", forms.id(key, version));
        request.nonce().ifPresent(nonce -> asked.put("nonce", nonce));
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("request", asked);
        payload.put("response", Map.of("key", bundle));
        return signer.sign(payload);
    }
}
