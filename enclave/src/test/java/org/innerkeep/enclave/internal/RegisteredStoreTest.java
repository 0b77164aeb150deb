package org.innerkeep.enclave.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.channel.file.WrappedFile;
import org.innerkeep.channel.release.NotCarriedException;
import org.innerkeep.channel.release.RegisterRequest;
import org.innerkeep.channel.release.VaultCarrier;
import org.innerkeep.channel.state.StateStore;
import org.innerkeep.enclave.EnclaveStore;
import org.innerkeep.enclave.Freshness;
import org.innerkeep.enclave.SealTo;
import org.innerkeep.enclave.StoreException;
import org.innerkeep.enclave.StoreException.Code;
import org.innerkeep.enclave.StoreSettings;
import org.innerkeep.enclave.Stored;
import org.innerkeep.enclave.Vault;
import org.innerkeep.enclave.VaultException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Stored values whose newest version a vault remembers, between a host that does what it likes and ends when it likes. */
class RegisteredStoreTest {
    private final SecureRandom random = new SecureRandom();
    private final Host host = new Host();
    private PretendVault vault;

    /** The host of files and of messages. After so many calls it is gone, before or after it has done what was asked. */
    private static final class Host implements StateStore, VaultCarrier {
        final TreeMap<Long, byte[]> files = new TreeMap<>();
        final List<byte[]> everything = new ArrayList<>();
        int most = Integer.MAX_VALUE;
        Optional<Runnable> beforeRead = Optional.empty();
        Optional<VaultCarrier> vault = Optional.empty();
        int left = Integer.MAX_VALUE;
        boolean after;

        /** What is asked, and done if the host is there. */
        private interface Doing<T> {
            T done() throws NotCarriedException;
        }

        private <T> T done(Doing<T> doing) throws NotCarriedException {
            if (left-- > 0) {
                return doing.done();
            }
            if (after && left == -1) {
                T _ = doing.done();
            }
            throw new CallException(CallException.Code.DISCONNECTED, "the host is gone");
        }

        private <T> T kept(Doing<T> doing) {
            try {
                return done(doing);
            } catch (NotCarriedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public Optional<Long> newest(String name) {
            return kept(() -> files.isEmpty() ? Optional.empty() : Optional.of(files.lastKey()));
        }

        @Override
        public Optional<byte[]> read(String name, long version) {
            beforeRead.ifPresent(each -> {
                beforeRead = Optional.empty();
                each.run();
            });
            return kept(() -> Optional.ofNullable(files.get(version)));
        }

        @Override
        public boolean write(String name, long version, byte[] sealed) {
            return kept(() -> {
                if (files.size() >= most) {
                    // As StateFolder does.
                    files.remove(List.copyOf(files.keySet()).get(1));
                }
                boolean fresh = files.putIfAbsent(version, sealed.clone()) == null;
                if (fresh) {
                    everything.add(sealed.clone());
                }
                return fresh;
            });
        }

        @Override
        public void discard(String name, long before) {
            Boolean _ = kept(() -> {
                files.headMap(before).clear();
                return true;
            });
        }

        @Override
        public Answer challenge(String address) throws NotCarriedException {
            return done(() -> vault.orElseThrow().challenge(address));
        }

        @Override
        public Answer release(String address, String key, byte[] call) throws NotCarriedException {
            return done(() -> vault.orElseThrow().release(address, key, call));
        }

        @Override
        public Answer register(String address, String key, byte[] call) throws NotCarriedException {
            return done(() -> vault.orElseThrow().register(address, key, call));
        }

        @Override
        public InputStream file(String name) {
            throw new UnsupportedOperationException();
        }

        void gives(long version, byte[] sealed) {
            files.clear();
            files.put(version, sealed);
        }
    }

    @BeforeEach
    void begin() throws Exception {
        vault = new PretendVault();
        host.vault = Optional.of(vault);
    }

    private StoreSettings settings(VaultDesk desk, SealTo to, boolean released) {
        Vault pinned = new PinnedVault(desk, vault.location(), Optional.empty(), Duration.ofSeconds(2));
        return released
                ? StoreSettings.sealedTo(to).registeredAt(pinned, "state", vault.recipient())
                : StoreSettings.sealedTo(to).registeredAt(pinned, "state");
    }

    private EnclaveStore enclave(String bundle, long version, SealTo to, boolean released) {
        TestPlatform platform = new TestPlatform(bundle, version);
        VaultDesk desk = new VaultDesk(limit -> host, PlatformDriver.attester(platform), random, System::nanoTime);
        return new SealedStore(
                settings(desk, to, released), new Sealing(platform, version, 0, random), new SealedStore.Seen(), () -> host, random);
    }

    /** A new enclave, that remembers nothing. */
    private EnclaveStore enclave() {
        return enclave("fraud", 3, SealTo.SIGNER, false);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(Stored stored) {
        return new String(stored.value(), StandardCharsets.UTF_8);
    }

    private static void assertRefused(Code code, ThrowingCallable call) {
        assertThatExceptionOfType(StoreException.class).isThrownBy(call).satisfies(e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
    }

    @Test
    void theNewestVersionIsProvenToBeIt() throws Exception {
        assertThat(enclave().get("model")).isEmpty();
        assertThat(enclave().put("model", bytes("one"))).isEqualTo(1);
        assertThat(enclave().put("model", bytes("two"))).isEqualTo(2);
        Stored stored = enclave().get("model").orElseThrow();
        assertThat(text(stored)).isEqualTo("two");
        assertThat(stored.freshness()).isEqualTo(Freshness.PROVEN);
        assertThat(host.files).containsOnlyKeys(2L);
    }

    @Test
    void nothingOlderIsTakenByEnclavesThatRememberNothing() throws Exception {
        for (String each : List.of("one", "two", "three")) {
            enclave().put("model", bytes(each));
        }
        for (int old = 0; old < 2; old++) {
            for (long as : new long[] {1, 2, 3}) {
                host.gives(as, host.everything.get(old));
                assertThatExceptionOfType(StoreException.class).as(old + " as " + as).isThrownBy(() -> enclave().get("model"));
            }
        }
        host.gives(3, host.everything.get(0));
        assertRefused(Code.ROLLED_BACK, () -> enclave().get("model"));
        host.files.clear();
        assertRefused(Code.NOT_KEPT, () -> enclave().get("model"));
    }

    /** The value A was written and never acknowledged, then B was stored as the version that A would have been. */
    @Test
    void aValueThatWasNeverAcknowledgedCannotTakeThePlaceOfOneThatWas() throws Exception {
        enclave().put("model", bytes("first"));
        EnclaveStore ending = enclave();
        // Of a put: challenge and answer of the register, discard, newest, write, challenge; then the host is gone.
        host.left = 6;
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> ending.put("model", bytes("A")));
        host.left = Integer.MAX_VALUE;
        byte[] a = host.everything.getLast();
        assertThat(text(enclave().get("model").orElseThrow())).isEqualTo("first");

        host.files.remove(2L);
        assertThat(enclave().put("model", bytes("B"))).isEqualTo(2);
        host.gives(2, a);
        assertRefused(Code.ROLLED_BACK, () -> enclave().get("model"));
    }

    /** The host ends at every call, before it has done what was asked and after; and the enclave with it. */
    @Test
    void whateverEndsInBetweenAValueIsTheOldOrTheNewOneAndNeverOneThatWasReplaced() throws Exception {
        enclave().put("model", bytes("0"));
        String acknowledged = "0";
        int number = 0;
        for (boolean after : new boolean[] {false, true}) {
            for (int calls = 0; calls < 10; calls++) {
                String fresh = String.valueOf(++number);
                host.after = after;
                host.left = calls;
                boolean stored = false;
                try {
                    enclave().put("model", bytes(fresh));
                    stored = true;
                } catch (IOException e) {
                    // It may be either.
                }
                host.left = Integer.MAX_VALUE;
                Stored found = enclave().get("model").orElseThrow();
                assertThat(found.freshness()).isEqualTo(Freshness.PROVEN);
                if (stored) {
                    assertThat(text(found)).isEqualTo(fresh);
                } else {
                    assertThat(text(found)).as(calls + " calls, " + after).isIn(acknowledged, fresh);
                }
                acknowledged = text(found);
            }
        }
        assertThat(enclave().put("model", bytes("end"))).isGreaterThan(3);
        assertThat(host.files).hasSize(1);
    }

    @Test
    void ofTwoEnclavesThatStoreAtOnceOneIsToldAndTheOthersValueIsLeft() throws Exception {
        EnclaveStore slow = enclave();
        EnclaveStore quick = enclave();
        quick.put("model", bytes("first"));
        host.vault = Optional.of(new VaultCarrier() {
            private int calls;

            @Override
            public Answer challenge(String address) throws NotCarriedException {
                return vault.challenge(address);
            }

            @Override
            public Answer release(String address, String key, byte[] call) throws NotCarriedException {
                return vault.release(address, key, call);
            }

            @Override
            public Answer register(String address, String key, byte[] call) throws NotCarriedException {
                if (++calls == 2) {
                    // Between what the slow one wrote and what it registers.
                    host.vault = Optional.of(vault);
                    try {
                        quick.put("model", bytes("quick"));
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                }
                return vault.register(address, key, call);
            }

            @Override
            public InputStream file(String name) {
                throw new UnsupportedOperationException();
            }
        });
        assertRefused(Code.OVERTAKEN, () -> slow.put("model", bytes("slow")));
        assertThat(text(enclave().get("model").orElseThrow())).isEqualTo("quick");
        slow.put("model", bytes("slow after all"));
        assertThat(text(quick.get("model").orElseThrow())).isEqualTo("slow after all");
    }

    @Test
    void aStepWhoseAnswerIsLostIsSeenToBeDoneWhenItIsAskedAgain() throws Exception {
        int[] calls = {0};
        host.vault = Optional.of(new VaultCarrier() {
            @Override
            public Answer challenge(String address) throws NotCarriedException {
                return vault.challenge(address);
            }

            @Override
            public Answer release(String address, String key, byte[] call) throws NotCarriedException {
                return vault.release(address, key, call);
            }

            @Override
            public Answer register(String address, String key, byte[] call) throws NotCarriedException {
                Answer answer = vault.register(address, key, call);
                if (++calls[0] == 2) {
                    throw new NotCarriedException(new NotCarriedException.Detail(NotCarriedException.Code.TOO_LATE, "lost"));
                }
                return answer;
            }

            @Override
            public InputStream file(String name) {
                throw new UnsupportedOperationException();
            }
        });
        assertThat(enclave().put("model", bytes("one"))).isEqualTo(1);
        assertThat(calls[0]).isEqualTo(3);
        assertThat(text(enclave().get("model").orElseThrow())).isEqualTo("one");
    }

    @Test
    void whereThePlatformOpensItNoMoreTheVaultReleasesIt() throws Exception {
        enclave("fraud", 3, SealTo.MEASUREMENT, true).put("model", bytes("one"));
        EnclaveStore next = enclave("fraud-next", 4, SealTo.MEASUREMENT, true);
        Stored stored = next.get("model").orElseThrow();
        assertThat(text(stored)).isEqualTo("one");
        assertThat(stored.freshness()).isEqualTo(Freshness.PROVEN);
        assertThat(vault.asked).hasSize(1);
        next.put("model", bytes("two"));
        assertThat(text(enclave("fraud-next", 4, SealTo.MEASUREMENT, true).get("model").orElseThrow())).isEqualTo("two");
        assertThat(vault.asked).as("the platform opens what it sealed").hasSize(1);

        assertRefused(Code.NOT_OPENED, () -> enclave("fraud-third", 4, SealTo.MEASUREMENT, false).get("model"));
    }

    /** Its recipient is public. */
    @Test
    void whatAnybodySealsToTheVaultsKeyIsNoValue() throws Exception {
        byte[] forged = WrappedFile.seal(
                new StoredForm("model", 1, bytes("forged")).toByteArray(),
                enclaveSettings().recipients(), List.of(), random);
        host.gives(1, forged);
        assertRefused(Code.NOT_OPENED, () -> enclave("fraud", 3, SealTo.SIGNER, true).get("model"));
        host.files.clear();
        enclave("fraud", 3, SealTo.SIGNER, true).put("model", bytes("one"));
        host.gives(1, forged);
        assertRefused(Code.ROLLED_BACK, () -> enclave("fraud", 3, SealTo.SIGNER, true).get("model"));
        assertThat(vault.asked).isEmpty();
    }

    private StoreSettings enclaveSettings() {
        VaultDesk desk = new VaultDesk(
                limit -> host, PlatformDriver.attester(new TestPlatform("fraud", 3)), random, System::nanoTime);
        return settings(desk, SealTo.SIGNER, true);
    }

    @Test
    void withoutAGrantNothingIsStoredOrRead() throws Exception {
        enclave().put("model", bytes("one"));
        vault.granted = false;
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> enclave().get("model"))
                .satisfies(e -> assertThat(e.code()).isEqualTo(VaultException.Code.REFUSED));
        assertThatExceptionOfType(VaultException.class).isThrownBy(() -> enclave().put("model", bytes("two")));
        assertThat(host.files).containsOnlyKeys(1L);
    }

    @Test
    void anAnswerOfAnotherVaultOrOfBeforeProvesNothing() throws Exception {
        enclave().put("model", bytes("one"));
        byte[] one = host.everything.getFirst();
        PretendVault operators = new PretendVault();
        host.vault = Optional.of(operators);
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> enclave().get("model"))
                .satisfies(e -> assertThat(e.code()).isEqualTo(VaultException.Code.NOT_THE_VAULT));

        // The host keeps what the vault answered while version 1 was the newest, and gives it again.
        List<VaultCarrier.Answer> kept = new ArrayList<>();
        List<VaultCarrier.Answer> challenges = new ArrayList<>();
        host.vault = Optional.of(keeping(challenges, kept));
        enclave().get("model");
        host.vault = Optional.of(vault);
        enclave().put("model", bytes("two"));
        host.gives(1, one);
        host.vault = Optional.of(replaying(Optional.empty(), kept.getFirst()));
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> enclave().get("model"))
                .satisfies(e -> assertThat(e).hasMessageContaining("OTHER_REQUEST"));
        // With the challenge that it answers, to an enclave that remembers nothing and asks the same.
        host.vault = Optional.of(replaying(Optional.of(challenges.getFirst()), kept.getFirst()));
        assertThatExceptionOfType(VaultException.class)
                .isThrownBy(() -> enclave().get("model"))
                .satisfies(e -> assertThat(e).hasMessageContaining("OTHER_REQUEST"));
    }

    private VaultCarrier keeping(List<VaultCarrier.Answer> challenges, List<VaultCarrier.Answer> answers) {
        return new Through() {
            @Override
            public Answer challenge(String address) throws NotCarriedException {
                challenges.add(super.challenge(address));
                return challenges.getLast();
            }

            @Override
            public Answer register(String address, String key, byte[] call) throws NotCarriedException {
                answers.add(super.register(address, key, call));
                return answers.getLast();
            }
        };
    }

    private VaultCarrier replaying(Optional<VaultCarrier.Answer> challenge, VaultCarrier.Answer answer) {
        return new Through() {
            @Override
            public Answer challenge(String address) throws NotCarriedException {
                return challenge.isPresent() ? challenge.get() : super.challenge(address);
            }

            @Override
            public Answer register(String address, String key, byte[] call) {
                return answer;
            }
        };
    }

    /** Carries to the vault; tests change what they are about. */
    private class Through implements VaultCarrier {
        @Override
        public Answer challenge(String address) throws NotCarriedException {
            return vault.challenge(address);
        }

        @Override
        public Answer release(String address, String key, byte[] call) throws NotCarriedException {
            return vault.release(address, key, call);
        }

        @Override
        public Answer register(String address, String key, byte[] call) throws NotCarriedException {
            return vault.register(address, key, call);
        }

        @Override
        public InputStream file(String name) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void inTheNextLifeOfTheVaultNothingIsProvenUntilItIsStoredAnew() throws Exception {
        enclave().put("model", bytes("one"));
        var remembered = new TreeMap<>(vault.registers);
        enclave().put("model", bytes("two"));
        // An older copy of the vault was put back by its owner.
        vault.registers.putAll(remembered);
        vault.epoch = 2;
        Stored stored = enclave().get("model").orElseThrow();
        assertThat(text(stored)).isEqualTo("two");
        assertThat(stored.freshness()).isEqualTo(Freshness.UNKNOWN);
        assertThat(enclave().put("model", bytes("three"))).isEqualTo(3);
        assertThat(enclave().get("model").orElseThrow().freshness()).isEqualTo(Freshness.PROVEN);
    }

    /** It may have been stored after the copy was made, and the host may hide it. */
    @Test
    void inTheNextLifeOfTheVaultNobodySaysThatAValueWasNeverStored() throws Exception {
        var remembered = new TreeMap<>(vault.registers);
        enclave().put("model", bytes("one"));
        vault.registers.clear();
        vault.registers.putAll(remembered);
        vault.epoch = 2;
        host.files.clear();
        assertRefused(Code.NOT_KNOWN, () -> enclave().get("model"));
        enclave().put("model", bytes("first again"));
        Stored stored = enclave().get("model").orElseThrow();
        assertThat(text(stored)).isEqualTo("first again");
        assertThat(stored.freshness()).isEqualTo(Freshness.PROVEN);
    }

    @Test
    void aReaderThatIsOvertakenByAWriterReadsWhatThatOneWrote() throws Exception {
        EnclaveStore writer = enclave();
        writer.put("model", bytes("one"));
        host.beforeRead = Optional.of(() -> {
            try {
                writer.put("model", bytes("two"));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        Stored stored = enclave().get("model").orElseThrow();
        assertThat(text(stored)).isEqualTo("two");
        assertThat(stored.freshness()).isEqualTo(Freshness.PROVEN);
        assertThat(stored.version()).isEqualTo(2);
        assertThat(host.beforeRead).isEmpty();
    }

    /** The host keeps eight versions, and gives up the second oldest. */
    @Test
    void howeverOftenAPutIsCutOffTheRegisteredVersionIsLeft() throws Exception {
        host.most = 8;
        enclave().put("model", bytes("five"));
        // Cut off between step and discard: challenge and answer, discard, newest, write, challenge and answer; the older one is left.
        host.left = 7;
        enclave().put("model", bytes("six"));
        assertThat(host.files).containsOnlyKeys(1L, 2L);
        for (int i = 0; i < 12; i++) {
            // Between write and step.
            host.left = 5;
            EnclaveStore ending = enclave();
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> ending.put("model", bytes("never")));
            host.left = Integer.MAX_VALUE;
            Stored stored = enclave().get("model").orElseThrow();
            assertThat(text(stored)).isEqualTo("six");
            assertThat(stored.freshness()).isEqualTo(Freshness.PROVEN);
        }
        assertThat(host.files).hasSize(8).containsKey(2L);
        enclave().put("model", bytes("seven"));
        assertThat(text(enclave().get("model").orElseThrow())).isEqualTo("seven");
        assertThat(host.files).hasSize(1);
    }

    @Test
    void whatWasStoredBeforeThereWasARegisterIsReadAndNotProven() throws Exception {
        TestPlatform platform = new TestPlatform("fraud", 3);
        new SealedStore(StoreSettings.sealedTo(SealTo.SIGNER), new Sealing(platform, 3, 0, random), new SealedStore.Seen(), () -> host, random)
                .put("model", bytes("early"));
        Stored stored = enclave().get("model").orElseThrow();
        assertThat(text(stored)).isEqualTo("early");
        assertThat(stored.freshness()).isEqualTo(Freshness.UNKNOWN);
        assertThat(enclave().put("model", bytes("later"))).isEqualTo(2);
        assertThat(enclave().get("model").orElseThrow().freshness()).isEqualTo(Freshness.PROVEN);
    }

    @Test
    void aHostCannotUseUpTheNumbers() throws Exception {
        enclave().put("model", bytes("one"));
        host.files.put(RegisterRequest.LAST_VERSION, new byte[1]);
        assertThat(enclave().put("model", bytes("two"))).isEqualTo(2);
        assertThat(text(enclave().get("model").orElseThrow())).isEqualTo("two");
    }

    @Test
    void settingsThatCannotHoldAreRefused() {
        Vault pinned = new PinnedVault(
                new VaultDesk(limit -> host, PlatformDriver.attester(new TestPlatform("fraud", 3)), random, System::nanoTime),
                vault.location(), Optional.empty(), Duration.ofSeconds(2));
        String classic = Identity.generate(KeyKind.CLASSIC, random).recipient().toString();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StoreSettings.sealedTo(SealTo.SIGNER).recoverableBy(classic).registeredAt(pinned, "state", vault.recipient()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StoreSettings.sealedTo(SealTo.SIGNER).registeredAt(pinned, "state", "nobody"));
    }
}
