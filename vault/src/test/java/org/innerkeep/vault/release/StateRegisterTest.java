package org.innerkeep.vault.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.innerkeep.vault.release.TestVault.OWNER;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.innerkeep.attestation.Problem;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.channel.release.PendingRegister;
import org.innerkeep.channel.release.RegisterCall;
import org.innerkeep.channel.release.RegisterRequest;
import org.innerkeep.channel.release.RegisterRequest.Step;
import org.innerkeep.channel.release.RegisterState;
import org.innerkeep.channel.release.ReleaseRequest;
import org.innerkeep.channel.release.TransportKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.innerkeep.vault.grant.Grant;
import org.innerkeep.vault.grant.GrantedCode;
import org.innerkeep.vault.grant.MemoryReaders;
import org.innerkeep.vault.key.KeyName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What enclaves stored last, remembered where their host cannot put it back. */
class StateRegisterTest {
    private static final LogKey LOG_KEY = LogKey.generate();
    private static final KeyName KEY = new KeyName("state");
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Bytes ONE = FakeEnclave.digest("one");
    private static final Bytes TWO = FakeEnclave.digest("two");

    @TempDir
    private Path folder;

    private final FakeEnclave enclave = FakeEnclave.good();
    private TestVault vault;
    private Grant grant;

    @BeforeEach
    void open() throws Exception {
        vault = TestVault.open(folder, LOG_KEY, enclave.anchor());
        vault.newKey("state", KeyKind.CLASSIC);
        grant = FakeEnclave.grant();
        vault.keys.grant(KEY, grant, OWNER);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private PendingRegister pending(String name, Optional<Step> step) throws Exception {
        return PendingRegister.begin(vault.anchor(), vault.release.challenge().toByteArray(), "state", name, step, RANDOM);
    }

    private RegisterCall call(PendingRegister pending, FakeEnclave asking) throws MalformedException {
        return RegisterCall.parse(pending.call(asking.attest(pending.reportData(), vault.clock.instant()), List.of()));
    }

    private RegisterState ask(FakeEnclave asking, String name, Optional<Step> step) throws Exception {
        PendingRegister pending = pending(name, step);
        return pending.accept(vault.release.register().ask(KEY, call(pending, asking)).toByteArray(), 1);
    }

    private RegisterState read(FakeEnclave asking) throws Exception {
        return ask(asking, "model", Optional.empty());
    }

    private RegisterState step(FakeEnclave asking, long expected, long version, Bytes digest) throws Exception {
        return ask(asking, "model", Optional.of(new Step(expected, version, digest)));
    }

    private Problem refused(RegisterCall call) {
        try {
            vault.release.register().ask(KEY, call);
        } catch (RefusedException e) {
            return e.problem();
        }
        throw new AssertionError("it was answered");
    }

    private Problem refused(FakeEnclave asking) throws Exception {
        return refused(call(pending("model", Optional.empty()), asking));
    }

    @Test
    void aRegisterGoesForwardStepByStepAndSurvivesTheVault() throws Exception {
        assertThat(read(enclave)).isEqualTo(new RegisterState(0, Bytes.EMPTY, 1, 1));
        assertThat(step(enclave, 0, 1, ONE)).isEqualTo(new RegisterState(1, ONE, 1, 1));
        assertThat(step(enclave, 1, 5, TWO)).isEqualTo(new RegisterState(5, TWO, 1, 1));
        vault.close();
        vault = TestVault.open(folder, LOG_KEY, enclave.anchor());
        assertThat(read(enclave)).isEqualTo(new RegisterState(5, TWO, 1, 1));
        assertThat(ask(enclave, "other", Optional.empty()).version()).isZero();
    }

    @Test
    void aStepFromAnotherVersionChangesNothingAndOneThatIsRepeatedIsSeenToBeDone() throws Exception {
        step(enclave, 0, 1, ONE);
        assertThat(step(enclave, 0, 1, TWO)).isEqualTo(new RegisterState(1, ONE, 1, 1));
        assertThat(step(enclave, 2, 3, TWO)).isEqualTo(new RegisterState(1, ONE, 1, 1));
        assertThat(step(enclave, 0, 1, ONE)).isEqualTo(new RegisterState(1, ONE, 1, 1));
        assertThat(step(enclave, 1, 2, TWO).digest()).isEqualTo(TWO);
    }

    @Test
    void ofManyStepsThatComeAtOnceOneIsMade() throws Exception {
        int threads = 8;
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Callable<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Bytes mine = FakeEnclave.digest("enclave " + i);
                all.add(() -> step(enclave, 0, 1, mine).digest().equals(mine));
            }
            int made = 0;
            for (Future<Boolean> each : executor.invokeAll(all)) {
                made += each.get() ? 1 : 0;
            }
            assertThat(made).isEqualTo(1);
        }
    }

    @Test
    void laterVersionsOfTheSameCodeGoOnFromIt() throws Exception {
        step(enclave, 0, 1, ONE);
        assertThat(read(enclave.version(9))).isEqualTo(new RegisterState(1, ONE, 1, 1));
        assertThat(step(enclave.version(9), 1, 2, TWO).version()).isEqualTo(2);
    }

    /** Of another product of the signer, debug enclaves too. */
    private Grant grantOf(long product) {
        return new Grant(
                Grant.newId(RANDOM), new GrantedCode.Signed(FakeEnclave.digest("signer"), product, 0), grant.platforms(),
                MemoryReaders.HOST, grant.anchors(), Optional.empty(), Optional.empty(), Optional.empty(), grant.uses(), grant.lease(),
                true, Optional.empty());
    }

    @Test
    void otherEnclavesHaveRegistersOfTheirOwn() throws Exception {
        vault.keys.grant(KEY, grantOf(8), OWNER);
        step(enclave, 0, 1, ONE);
        FakeEnclave product = enclave.product(8);
        assertThat(read(product).version()).isZero();
        assertThat(step(product, 0, 4, TWO).version()).isEqualTo(4);
        // One that somebody debugs cannot move the register of one that nobody does.
        assertThat(read(product.debug(true)).version()).isZero();
        assertThat(read(enclave)).isEqualTo(new RegisterState(1, ONE, 1, 1));
    }

    @Test
    void whoeverIsNotGrantedOrNotProvenGetsNothing() throws Exception {
        step(enclave, 0, 1, ONE);
        assertThat(refused(enclave.product(8)).details().toString()).contains("product");
        assertThat(refused(enclave.version(2)).code()).isEqualTo(Problem.Code.FORBIDDEN);
        assertThat(refused(enclave.keeper(FakeEnclave.newKey())).code()).isEqualTo(Problem.Code.INVALID_PARAMETER);
        assertThat(refused(enclave.age(Duration.ofMinutes(6))).code()).isEqualTo(Problem.Code.INVALID_PARAMETER);
        vault.keys.revoke(KEY, grant.id(), OWNER);
        assertThat(refused(enclave).details().toString()).contains("REVOKED");
        vault.keys.delete(KEY, OWNER);
        assertThat(refused(enclave).details().toString()).contains("deleted");
    }

    @Test
    void aRequestIsAnsweredOnceAndWithinItsTime() throws Exception {
        PendingRegister pending = pending("model", Optional.of(new Step(0, 1, ONE)));
        RegisterCall call = call(pending, enclave);
        vault.release.register().ask(KEY, call);
        assertThat(refused(call).message()).contains("answered before");
        RegisterCall late = call(pending("model", Optional.empty()), enclave);
        vault.clock.turn(Duration.ofMinutes(3));
        assertThat(refused(late).message()).contains("too old");
        assertThat(read(enclave).version()).isEqualTo(1);
    }

    @Test
    void noPartOfARequestCanBeExchangedBehindTheEvidence() throws Exception {
        PendingRegister pending = pending("model", Optional.of(new Step(0, 1, ONE)));
        RegisterRequest honest = pending.request();
        Bytes evidence = Bytes.of(enclave.attest(pending.reportData(), vault.clock.instant()));
        for (RegisterRequest changed : List.of(
                new RegisterRequest(honest.nonce(), honest.vault(), honest.key(), "other", honest.step(), honest.own()),
                new RegisterRequest(honest.nonce(), honest.vault(), honest.key(), honest.name(), Optional.empty(), honest.own()),
                new RegisterRequest(
                        honest.nonce(), honest.vault(), honest.key(), honest.name(), Optional.of(new Step(0, 1, TWO)), honest.own()),
                new RegisterRequest(
                        honest.nonce(), honest.vault(), honest.key(), honest.name(), Optional.of(new Step(0, 2, ONE)), honest.own()),
                new RegisterRequest(honest.nonce(), honest.vault(), honest.key(), honest.name(), honest.step(), TWO))) {
            assertThat(refused(new RegisterCall(changed, evidence, List.of())).code()).isEqualTo(Problem.Code.INVALID_PARAMETER);
        }
        assertThat(read(enclave).version()).isZero();
    }

    /** Evidence that an enclave made to have a file key released is none for a register, although both are hashes of a request. */
    @Test
    void evidenceForAReleaseIsNoneForARegister() throws Exception {
        PendingRegister pending = pending("model", Optional.empty());
        ReleaseRequest release = new ReleaseRequest(
                pending.request().nonce(), pending.request().vault(), "state", Bytes.of(pending.request().toByteArray()),
                TransportKey.generate(RANDOM).publicKey(), Optional.empty());
        byte[] evidence = enclave.attest(release.reportData(), vault.clock.instant());
        assertThat(refused(new RegisterCall(pending.request(), Bytes.of(evidence), List.of())).code())
                .isEqualTo(Problem.Code.INVALID_PARAMETER);
    }

    /** As no key is released then: the copy may have forgotten that a grant was revoked. */
    @Test
    void afterTheWholeVaultWasRestoredARegisterIsClosedUntilItsOwnerEnablesTheKey() throws Exception {
        step(enclave, 0, 1, ONE);
        vault.keys.restored(0, OWNER);
        Problem problem = refused(enclave);
        assertThat(problem.code()).isEqualTo(Problem.Code.FORBIDDEN);
        assertThat(problem.details().toString()).contains("no version of the key can be used now").contains("disabled");
        assertThat(refused(call(pending("model", Optional.of(new Step(1, 2, TWO))), enclave)).code()).isEqualTo(Problem.Code.FORBIDDEN);
        enable();
        assertThat(read(enclave).version()).isEqualTo(1);
    }

    @Test
    void aKeyThatIsDisabledIsClosedToRegisters() throws Exception {
        vault.keys.update(KEY, vault.key("state").newest().id(), settings -> settings.enabled(false), OWNER);
        assertThat(refused(enclave).details().toString()).contains("no version of the key can be used now");
    }

    private void enable() throws Exception {
        vault.keys.update(KEY, vault.key("state").newest().id(), settings -> settings.enabled(true), OWNER);
    }

    /** A new life of the vault begins then too, in which nothing is forgotten. */
    @Test
    void whenOneKeyIsRestoredRegistersStayProven() throws Exception {
        step(enclave, 0, 1, ONE);
        vault.newKey("other", KeyKind.CLASSIC);
        restoreOther();
        assertThat(read(enclave)).isEqualTo(new RegisterState(1, ONE, 2, 2));
        assertThat(ask(enclave, "other", Optional.empty())).isEqualTo(new RegisterState(0, Bytes.EMPTY, 2, 2));
        // What the whole restoration made doubtful stays so.
        vault.keys.restored(0, OWNER);
        enable();
        restoreOther();
        assertThat(read(enclave)).isEqualTo(new RegisterState(1, ONE, 1, 4));
        assertThat(ask(enclave, "other", Optional.empty())).isEqualTo(new RegisterState(0, Bytes.EMPTY, 0, 4));
        assertThat(step(enclave, 1, 2, TWO)).isEqualTo(new RegisterState(2, TWO, 4, 4));
        restoreOther();
        assertThat(read(enclave)).isEqualTo(new RegisterState(2, TWO, 5, 5));
    }

    private void restoreOther() throws Exception {
        KeyName other = new KeyName("other");
        Bytes backup = vault.keys.backup(other, OWNER);
        vault.keys.delete(other, OWNER);
        vault.keys.purge(other, OWNER);
        vault.keys.restore(backup, OWNER);
    }

    /** What is seen of the log is written down at once, not in a while: the register must not go back with a copy of the store. */
    @Test
    void whoWatchesTheVaultIsToldOfEveryStepAtOnce() throws Exception {
        AtomicInteger changed = new AtomicInteger();
        AtomicInteger decided = new AtomicInteger();
        vault.keys.whenChanged(changed::incrementAndGet, decided::incrementAndGet);
        read(enclave);
        step(enclave, 3, 4, ONE);
        assertThat(changed).hasValue(0);
        assertThat(decided).hasValue(2);
        step(enclave, 0, 1, ONE);
        assertThat(changed).hasValue(1);
        assertThat(decided).hasValue(2);
    }

    @Test
    void oneEnclaveCannotUseUpTheRegistersOfAnother() throws Exception {
        FakeEnclave product = enclave.product(8);
        vault.keys.grant(KEY, grantOf(8), OWNER);
        String identity = "signer " + FakeEnclave.digest("signer") + " product 7";
        ask(enclave, "first", Optional.of(new Step(0, 1, ONE)));
        Long count = vault.store().further().work(
                writer -> writer.add(StateRegister.registersOf(KEY, identity), StateRegister.MOST - 1), 0).value();
        assertThat(count).as("the first one is counted there").isEqualTo(StateRegister.MOST);
        Problem problem = refused(call(pending("model", Optional.of(new Step(0, 1, ONE))), enclave));
        assertThat(problem.code()).isEqualTo(Problem.Code.CONFLICT);
        assertThat(ask(enclave, "first", Optional.of(new Step(1, 2, TWO))).version()).isEqualTo(2);
        assertThat(step(product, 0, 1, ONE).version()).isEqualTo(1);
    }

    /** Else a challenge that was answered and forgotten could be answered once more, and a grant that is over would hold again. */
    @Test
    void whenTheClockIsSetBackARegisterIsClosed() throws Exception {
        RegisterCall call = call(pending("model", Optional.of(new Step(0, 1, ONE))), enclave);
        vault.release.register().ask(KEY, call);
        vault.clock.turn(Duration.ofMinutes(30));
        assertThat(read(enclave).version()).isEqualTo(1);
        vault.clock.turn(Duration.ofMinutes(-30));
        Problem problem = refused(call);
        assertThat(problem.code()).isEqualTo(Problem.Code.UNAVAILABLE);
        assertThat(problem.message()).contains("clock: the vault's was at ");
        vault.clock.turn(Duration.ofSeconds(30 * 60 - 59));
        assertThat(read(enclave).version()).as("a clock that is corrected by little").isEqualTo(1);
    }

    @Test
    void inTheNextLifeOfTheVaultARegisterSaysThatItMayHaveForgotten() throws Exception {
        step(enclave, 0, 1, ONE);
        vault.keys.restored(0, OWNER);
        enable();
        assertThat(read(enclave)).isEqualTo(new RegisterState(1, ONE, 1, 2));
        assertThat(read(enclave).continuous()).isFalse();
        assertThat(step(enclave, 1, 2, TWO).continuous()).isTrue();
    }

    @Test
    void everyStepIsInTheLogAndReadingIsNot() throws Exception {
        long before = vault.store().log().head().orElseThrow().head().size();
        read(enclave);
        read(enclave);
        assertThat(vault.store().log().head().orElseThrow().head().size()).isEqualTo(before);
        step(enclave, 0, 1, ONE);
        assertThat(vault.store().log().head().orElseThrow().head().size()).isEqualTo(before + 1);
    }

    @Test
    void theFormInTheStoreSurvivesHostileBytes() {
        List<byte[]> seeds = List.of(new RegisterForm("state", "signer 00 product 7", "model", 3, ONE, 2).toByteArray());
        assertThat(new Fuzzer(92, seeds).run(20_000, data -> {
            try {
                assertThat(RegisterForm.parse(data).toByteArray()).isEqualTo(data);
            } catch (MalformedException e) {
                // Refused, as it should be.
            }
        })).isEmpty();
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> RegisterForm.parse(new byte[0]));
    }
}
