package org.innerkeep.vault.release;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.store.LoggedStore;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.channel.release.Challenge;
import org.innerkeep.channel.release.VaultCall;
import org.innerkeep.channel.release.VaultRequest;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.vault.key.ClockWatch;
import org.innerkeep.vault.key.KeyName;
import org.innerkeep.vault.key.KeyStore;
import org.innerkeep.vault.key.LoggedKeyStore;

/**
 * What every request of an enclave goes through, whatever it asks: before anything of a key is looked at, and in the transaction
 * that decides. Safe for use by several threads. Close it to wipe the secret under which challenges are issued.
 */
final class Admission implements AutoCloseable {
    private final LoggedKeyStore keys;
    private final Challenges challenges;
    private final Appraisal appraisal;
    private final InstantSource clock;
    private final InstantSource appraisalClock;
    private final ClockWatch watch;
    private final Answered answered = new Answered();

    Admission(
            LoggedKeyStore keys,
            Challenges challenges,
            Appraisal appraisal,
            InstantSource clock,
            Instant notBefore,
            InstantSource appraisalClock) {
        this.keys = keys;
        this.challenges = challenges;
        this.appraisal = appraisal;
        this.clock = clock;
        this.appraisalClock = appraisalClock;
        this.watch = new ClockWatch(clock, notBefore);
    }

    Challenge challenge() {
        return challenges.issue(clock.instant());
    }

    /** Until when the answer of a nonce must be remembered; nothing where this vault did not issue it, or it is too old. */
    Optional<Instant> current(Bytes nonce) {
        return challenges.standing(nonce, clock.instant()) == Challenges.Standing.CURRENT
                ? Optional.of(remembered(nonce))
                : Optional.empty();
    }

    private Instant remembered(Bytes nonce) {
        return challenges.end(nonce).plus(Verifier.MAX_CLOCK_AHEAD);
    }

    /** The request is for this vault and key, and answers a challenge that is current, by a clock that was not set back. */
    void check(KeyName name, VaultRequest request) throws RefusedException {
        if (!request.vault().equals(keys.id())) {
            throw new RefusedException(Code.INVALID_PARAMETER, "request: it is for the vault " + request.vault().shortHex()
                    + ", this is " + keys.id().shortHex() + ".");
        }
        if (!request.key().equals(name.text())) {
            throw new RefusedException(Code.INVALID_PARAMETER, "request: it names another key than the address does.");
        }
        switch (challenges.standing(request.nonce(), clock.instant())) {
            case CURRENT -> {}
            case EXPIRED -> throw new RefusedException(Code.INVALID_PARAMETER, "challenge: it is older than "
                    + challenges.validity().toSeconds() + " seconds, and so too old; get a new one by POST /vault/challenges.");
            case FOREIGN -> throw new RefusedException(Code.INVALID_PARAMETER,
                    "challenge: this vault did not issue it; get one by POST /vault/challenges.");
        }
        watch.now();
    }

    /** The evidence is right, fresh, and over this very request. */
    Claims prove(VaultCall call) throws RefusedException {
        return appraisal.prove(call, appraisalClock.instant());
    }

    /**
     * Decides over a request, unless its challenge was answered before.
     *
     * @param request that was checked and proven
     * @param seen the key as it was found before
     * @param again what comes of it where the challenge was answered before; the transaction then changes nothing
     * @param first decides
     * @param changes tells whether a decision changed what must not be lost
     */
    <T> LoggedStore.Done<T> decide(
            VaultRequest request, KeyStore.Seen seen, T again, KeyStore.Decision<T> first, Predicate<T> changes) throws StoreException {
        Bytes nonce = request.nonce();
        Instant end = remembered(nonce);
        if (!answered.take(nonce, end, clock.instant())) {
            return new LoggedStore.Done<>(again, Optional.empty());
        }
        boolean done = false;
        try {
            LoggedStore.Done<T> decided = keys.decide(
                    seen, (key, writer) -> writer.spend(nonce, end) ? first.decide(key, writer) : again, changes);
            done = true;
            return decided;
        } finally {
            if (!done) {
                answered.giveBack(nonce);
            }
        }
    }

    @Override
    public void close() {
        challenges.close();
    }
}
