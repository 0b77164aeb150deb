package org.innerkeep.vault.release;

import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.Problem;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.store.LoggedStore;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.channel.release.RegisterCall;
import org.innerkeep.channel.release.RegisterRequest;
import org.innerkeep.channel.release.RegisterResponse;
import org.innerkeep.channel.release.RegisterState;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.cose.P256PublicKey;
import org.innerkeep.vault.grant.GrantDecision;
import org.innerkeep.vault.key.KeyName;
import org.innerkeep.vault.key.KeyStore;
import org.innerkeep.vault.key.LoggedKeyStore;
import org.innerkeep.vault.key.VaultKey;

/**
 * Remembers for enclaves which version of a value they stored last, so that a host that gives them an older one is found out:
 *
 * <ol>
 *   <li>the request is for this vault, and answers a challenge of it that is current, by a clock that was not set back;
 *   <li>the evidence is right, fresh, and over this very request;
 *   <li>in one transaction, alone among all changes of the vault: the challenge was not answered before, the key has a version that can be
 *       used, and a grant of it permits what was proven; a step is made where the register is at the version that it begins at, with a
 *       leaf in the log;
 *   <li>what the register says then is signed.
 * </ol>
 *
 * A register is of one key, one name, and one identity of enclaves: signer and product, so that a later version goes on from it; or the
 * measurement of those that nobody signed. Debug enclaves have registers of their own. A register never goes back, but with the whole
 * vault where an older copy of it is put back: then it says in which life of the vault it was set.
 *
 * <p>No use of a grant is counted. Safe for use by several threads.
 */
public final class StateRegister {
    /** The kind of document and, with {@code -set}, of leaf. */
    private static final String KIND = "state-register";

    /** The most registers of one key and identity: no enclave can use up what another one needs. */
    static final int MOST = 1024;

    private final LoggedKeyStore keys;
    private final Admission admission;
    private final PrivateKey signingKey;
    private final P256PublicKey publicKey;
    private final InstantSource clock;

    StateRegister(LoggedKeyStore keys, Admission admission, PrivateKey signingKey, P256PublicKey publicKey, InstantSource clock) {
        this.keys = keys;
        this.admission = admission;
        this.signingKey = signingKey;
        this.publicKey = publicKey;
        this.clock = clock;
    }

    private static final Outcome AGAIN =
            no(Code.INVALID_PARAMETER, "challenge: it was answered before; get a new one by POST /vault/challenges.", List.of());

    /** What came of it in the transaction. */
    private sealed interface Outcome {
        record Says(RegisterState state, Instant at, boolean stepped) implements Outcome {}

        record No(Problem problem) implements Outcome {}

        default boolean changes() {
            return this instanceof Says says && says.stepped();
        }
    }

    /**
     * Reads a register, or makes a step.
     *
     * @param name the key's
     * @param call hostile
     * @return the signed response; whether a step was made is for the enclave to see from it
     * @throws RefusedException if the enclave may not use the register, or it cannot be written
     */
    public RegisterResponse ask(KeyName name, RegisterCall call) throws RefusedException {
        RegisterRequest request = call.request();
        admission.check(name, request);
        Claims claims = admission.prove(call);
        Outcome outcome;
        try {
            KeyStore.Seen seen = keys.see(name);
            GrantDecision decision = seen.key().isPresent()
                    ? GrantDecision.of(
                            seen.key().get().grants(), claims, Optional.empty(), clock.instant(), keys.boundedUses(seen.key().get()))
                    : new GrantDecision(List.of());
            // A step is noted at once: had a copy from before it been put back, the register would call an older version the newest.
            outcome = admission.decide(
                            request,
                            seen,
                            AGAIN,
                            (key, writer) -> decide(new Asked(name, request, claims, decision), key, writer),
                            Outcome::changes)
                    .value();
        } catch (StoreException e) {
            throw new RefusedException(Code.UNAVAILABLE, "vault: its store cannot be used now; the operator's log says why.");
        }
        return switch (outcome) {
            case Outcome.Says says -> RegisterResponse.make(request.digest(), says.at(), says.state(), signingKey, publicKey);
            case Outcome.No no -> throw new RefusedException(no.problem());
        };
    }

    /** What is asked, by what was proven, and what the grants said of that before the transaction. */
    private record Asked(KeyName name, RegisterRequest request, Claims claims, GrantDecision decision) {}

    private Outcome decide(Asked asked, Optional<VaultKey> found, LoggedStore.Writer writer) throws SQLException, StoreException {
        RegisterRequest request = asked.request();
        Optional<VaultKey> key = found.filter(VaultKey::active);
        if (key.isEmpty()) {
            return no(Code.FORBIDDEN, "The register is not open to this enclave.", List.of("this vault has no such key, or it is deleted"));
        }
        Optional<String> unusable = unusable(key.get());
        if (unusable.isPresent()) {
            return no(Code.FORBIDDEN, "The register is not open to this enclave.", List.of(unusable.get()));
        }
        GrantDecision decision = asked.decision()
                .again(key.get().grants(), asked.claims(), Optional.empty(), clock.instant(), keys.boundedUses(key.get(), writer));
        if (decision.permitting().isEmpty()) {
            return no(Code.FORBIDDEN, "The register is not open to this enclave.", decision.explain());
        }
        KeyName name = asked.name();
        String identity = identity(asked.claims());
        String place = place(name, identity, request.name());
        LoggedKeyStore.Lives lives = keys.lives(writer);
        Optional<RegisterForm> now = form(writer, place);
        if (request.step().isEmpty() || request.step().get().expected() != now.map(RegisterForm::version).orElse(0L)) {
            return new Outcome.Says(state(now, lives), clock.instant(), false);
        }
        if (now.isEmpty()) {
            String count = registersOf(name, identity);
            if (writer.tally(count) >= MOST) {
                return no(Code.CONFLICT, "registers: this enclave has " + MOST + " of the key, which is the most.", List.of());
            }
            writer.add(count, 1);
        }
        RegisterForm next = new RegisterForm(
                name.text(), identity, request.name(), request.step().get().version(), request.step().get().digest(), lives.epoch());
        keys.write(writer, KIND, place, next.toByteArray(), "enclave: " + identity);
        return new Outcome.Says(state(Optional.of(next), lives), clock.instant(), true);
    }

    /** As the owner left it after the whole store was restored: until then the vault may have forgotten that grants were revoked. */
    private Optional<String> unusable(VaultKey key) {
        Instant at = clock.instant();
        if (key.versions().stream().anyMatch(each -> each.unusable(at).isEmpty())) {
            return Optional.empty();
        }
        return Optional.of("no version of the key can be used now; the newest: "
                + (key.versions().isEmpty() ? "there is none" : key.newest().unusable(at).orElse("")));
    }

    /** Only where the whole store was restored since, something may be forgotten; not where a new life began with one key's backup. */
    private static RegisterState state(Optional<RegisterForm> form, LoggedKeyStore.Lives lives) {
        long set = form.map(RegisterForm::epoch).orElse(0L);
        long unbroken = set >= lives.restored() ? lives.epoch() : set;
        return form.map(each -> new RegisterState(each.version(), each.digest(), unbroken, lives.epoch()))
                .orElseGet(() -> new RegisterState(0, Bytes.EMPTY, unbroken, lives.epoch()));
    }

    private static Outcome no(Code code, String what, List<String> why) {
        return new Outcome.No(new Problem(code, what, why));
    }

    /** Where registers of a key and an identity are counted. */
    static String registersOf(KeyName name, String identity) {
        return "registers of " + name.place() + " by " + Bytes.sha256(identity.getBytes(StandardCharsets.UTF_8)).hex();
    }

    private Optional<RegisterForm> form(LoggedStore.Reader reader, String place) throws SQLException, StoreException {
        Optional<Bytes> body = keys.read(reader, KIND, place);
        if (body.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(RegisterForm.parse(body.get().toArray()));
        } catch (MalformedException e) {
            throw StoreException.corrupt("a register", e);
        }
    }

    /** By what a later version of the same code is known; the platform may be another one. */
    static String identity(Claims claims) {
        String code = claims.signer().isPresent() && claims.productId().isPresent()
                ? "signer " + claims.signer().get() + " product " + claims.productId().getAsLong()
                : "measurement " + claims.measurement().map(Measurement::toString).orElse("none");
        return claims.debug() ? "debug " + code : code;
    }

    private static String place(KeyName name, String identity, String value) {
        byte[] all = new CborWriter().array(3).text(name.text()).text(identity).text(value).toByteArray();
        return Bytes.sha256(all).hex();
    }
}
