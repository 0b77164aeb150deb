package org.innerkeep.enclave.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.release.Challenge;
import org.innerkeep.channel.release.NotCarriedException;
import org.innerkeep.channel.release.PendingRegister;
import org.innerkeep.channel.release.PendingRelease;
import org.innerkeep.channel.release.RegisterRequest.Step;
import org.innerkeep.channel.release.RegisterResponse;
import org.innerkeep.channel.release.RegisterState;
import org.innerkeep.channel.release.ReleaseRefusedException;
import org.innerkeep.channel.release.ReleaseResponse;
import org.innerkeep.channel.release.ReleasedKey;
import org.innerkeep.channel.release.VaultCarrier;
import org.innerkeep.channel.release.VaultCarrier.Answer;
import org.innerkeep.channel.release.VaultLocation;
import org.innerkeep.channel.release.VaultRefusal;
import org.innerkeep.channel.session.Attester;
import org.innerkeep.enclave.VaultException;
import org.innerkeep.enclave.VaultException.Code;
import org.innerkeep.evidence.Bytes;

/**
 * Asks vaults for file keys, through a host that may answer anything or nothing. Each try has a challenge, a transport key and
 * evidence of its own, so nothing of one try is of use in another. Safe for use by several threads.
 */
final class VaultDesk {
    private static final Duration LONGEST_CALL = Duration.ofSeconds(30);
    private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int MAX_TRIES = 20;
    private static final int MAX_PROBLEM_CHARS = 500;

    private final Function<Duration, VaultCarrier> host;
    private final Attester attester;
    private final SecureRandom random;
    private final LongSupplier nanoTime;
    private final Epochs epochs = new Epochs();

    /**
     * Prepares.
     *
     * @param host gives the host's interface, with calls of at most so long
     * @param attester vouches for this enclave
     * @param random for transport keys, and for what tells one request from another
     * @param nanoTime a clock that nobody sets
     */
    VaultDesk(Function<Duration, VaultCarrier> host, Attester attester, SecureRandom random, LongSupplier nanoTime) {
        this.host = host;
        this.attester = attester;
        this.random = random;
        this.nanoTime = nanoTime;
    }

    /** What is asked, and how long that may take. */
    record Question(VaultLocation location, String key, Bytes header, Optional<Bytes> job, Duration limit) {}

    /**
     * A released key.
     *
     * @param begun before its challenge was asked for, by the clock of this object
     */
    record Granted(ReleasedKey key, long begun) {}

    /** Something that another try may get over. */
    private static final class PassingException extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Optional<VaultRefusal> refusal;

        PassingException(String problem) {
            super(problem);
            this.refusal = Optional.empty();
        }

        PassingException(String problem, Throwable cause) {
            super(problem, cause);
            this.refusal = Optional.empty();
        }

        PassingException(VaultRefusal refusal) {
            super(refusal.toString());
            this.refusal = Optional.of(refusal);
        }
    }

    /** A call of the host's interface. */
    @FunctionalInterface
    private interface Carrying<T> {
        T by(VaultCarrier carrier) throws NotCarriedException;
    }

    long now() {
        return nanoTime.getAsLong();
    }

    Granted ask(Question question) throws IOException {
        return tried(question.location(), question.key(), question.limit(), end -> once(question, end));
    }

    /**
     * Asks a vault's register.
     *
     * @param key whose grants say who may
     * @param name of the value
     * @param step from which version to which; nothing to read
     */
    RegisterState register(VaultLocation location, String key, String name, Optional<Step> step, Duration limit) throws IOException {
        return tried(location, key, limit, end -> once(location, key, name, step, end));
    }

    /** One try, until a time by the clock of this object. */
    @FunctionalInterface
    private interface Try<T> {
        T until(long end) throws IOException, PassingException;
    }

    private <T> T tried(VaultLocation location, String key, Duration limit, Try<T> each) throws IOException {
        long end = now() + limit.toNanos();
        long pause = FIRST_PAUSE_NANOS;
        for (int tries = 1; ; tries++) {
            try {
                return each.until(end);
            } catch (PassingException e) {
                if (tries == MAX_TRIES || end - now() <= pause) {
                    throw givenUp(location, key, limit, tries, e);
                }
                rest(pause);
                pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
            }
        }
    }

    /** A file of the host's. Each wait for its bytes has the longest time that a call may have. */
    InputStream file(String name) throws IOException {
        try {
            return carried("file '" + VaultRefusal.shown(name, MAX_PROBLEM_CHARS) + "'", LONGEST_CALL, each -> each.file(name));
        } catch (PassingException e) {
            throw new VaultException(Code.NOT_CARRIED, String.valueOf(e.getMessage()), e);
        }
    }

    private static VaultException givenUp(VaultLocation location, String key, Duration limit, int tries, PassingException last) {
        String what = "vault " + location.address() + ", key '" + key + "': nothing within " + limit.toMillis() + " ms and " + tries + (tries == 1 ? " try" : " tries") + "; the last";
        return last.refusal.isPresent()
                ? new VaultException(what, last.refusal.get())
                : new VaultException(Code.NOT_CARRIED, what + ": " + last.getMessage(), last);
    }

    private Granted once(Question question, long end) throws IOException, PassingException {
        VaultLocation location = question.location();
        String where = "vault " + location.address() + ", key '" + question.key() + "'";
        long begun = now();
        byte[] challenge = answer(
                where, Challenge.MAX_BYTES, carried(where, left(end), each -> each.challenge(location.address())));
        try (PendingRelease pending = PendingRelease.begin(
                location.vault(), challenge, question.key(), question.header(), question.job(), random)) {
            byte[] call = pending.call(attester.attest(pending.reportData()), List.of());
            byte[] response = answer(
                    where,
                    ReleaseResponse.MAX_BYTES,
                    carried(where, left(end), each -> each.release(location.address(), question.key(), call)));
            ReleasedKey key = pending.accept(response, epochs.least(location.vault().id()));
            boolean kept = false;
            try {
                if (!epochs.saw(location.vault().id(), key.terms().epoch())) {
                    throw new PassingException("a later life of the vault was seen meanwhile");
                }
                kept = true;
                return new Granted(key, begun);
            } finally {
                if (!kept) {
                    key.close();
                }
            }
        } catch (ReleaseRefusedException e) {
            throw new VaultException(Code.NOT_THE_VAULT, where + ": " + e.code() + ", " + e.getMessage(), e);
        }
    }

    private RegisterState once(VaultLocation location, String key, String name, Optional<Step> step, long end)
            throws IOException, PassingException {
        String where = "vault " + location.address() + ", register of key '" + key + "'";
        byte[] challenge = answer(
                where, Challenge.MAX_BYTES, carried(where, left(end), each -> each.challenge(location.address())));
        try {
            PendingRegister pending = PendingRegister.begin(location.vault(), challenge, key, name, step, random);
            byte[] call = pending.call(attester.attest(pending.reportData()), List.of());
            byte[] response = answer(
                    where,
                    RegisterResponse.MAX_BYTES,
                    carried(where, left(end), each -> each.register(location.address(), key, call)));
            RegisterState state = pending.accept(response, epochs.least(location.vault().id()));
            if (!epochs.saw(location.vault().id(), state.epoch())) {
                throw new PassingException("a later life of the vault was seen meanwhile");
            }
            return state;
        } catch (ReleaseRefusedException e) {
            throw new VaultException(Code.NOT_THE_VAULT, where + ": " + e.code() + ", " + e.getMessage(), e);
        }
    }

    private Duration left(long end) throws PassingException {
        long left = end - now();
        if (left <= 0) {
            throw new PassingException("the time was over");
        }
        return left < LONGEST_CALL.toNanos() ? Duration.ofNanos(left) : LONGEST_CALL;
    }

    private <T> T carried(String what, Duration limit, Carrying<T> carrying) throws IOException, PassingException {
        try {
            return carrying.by(host.apply(limit));
        } catch (NotCarriedException e) {
            NotCarriedException.Detail detail = e.detail();
            String problem = what + ": the host says " + detail.code() + ", "
                    + VaultRefusal.shown(detail.problem(), MAX_PROBLEM_CHARS);
            switch (detail.code()) {
                case UNREACHABLE, TOO_LATE, BUSY -> throw new PassingException(problem, e);
                case NOT_ALLOWED, NO_SUCH_FILE, NOT_TRUSTED -> throw new VaultException(Code.NOT_CARRIED, problem, e);
            }
        } catch (CallException e) {
            String problem = what + ": the host did not carry: " + e.getMessage();
            switch (e.code()) {
                case DEADLINE, BUSY, FAILED, MALFORMED, TOO_LARGE, DECLARED -> throw new PassingException(problem, e);
                case CANCELLED -> throw interrupted(e);
                case NOT_OFFERED -> throw new VaultException(
                        Code.NOT_CARRIED,
                        what + ": this host carries to no vault; its operator allows it with 'innerkeep run --vault', or with"
                                + " Host.carrying",
                        e);
                case SCHEMA_MISMATCH, DISCONNECTED -> throw new VaultException(Code.NOT_CARRIED, problem, e);
            }
        }
        throw new IllegalStateException("every failure is told above");
    }

    /** What the vault answered, if it is no refusal. */
    private static byte[] answer(String where, int most, Answer answer) throws VaultException, PassingException {
        if (answer.status() != 200) {
            VaultRefusal refusal = VaultRefusal.read(answer.status(), answer.body());
            if (refusal.passing()) {
                throw new PassingException(refusal);
            }
            throw new VaultException(where + ": the vault refuses", refusal);
        }
        if (answer.body().length > most) {
            throw new VaultException(
                    Code.NOT_THE_VAULT,
                    where + ": an answer of " + answer.body().length + " bytes; a vault's has at most " + most);
        }
        return answer.body();
    }

    private static void rest(long nanos) throws InterruptedIOException {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static InterruptedIOException interrupted(Exception cause) {
        Thread.currentThread().interrupt();
        InterruptedIOException failure = new InterruptedIOException("interrupted while a vault was asked");
        failure.initCause(cause);
        return failure;
    }
}
