package org.innerkeep.enclave.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.FileKeyWrap;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.file.WrappedFile;
import org.innerkeep.channel.state.StateStore;
import org.innerkeep.enclave.EnclaveStore;
import org.innerkeep.enclave.Freshness;
import org.innerkeep.enclave.SealTo;
import org.innerkeep.enclave.StoreException;
import org.innerkeep.enclave.StoreException.Code;
import org.innerkeep.enclave.StoreSettings;
import org.innerkeep.enclave.Stored;
import org.innerkeep.enclave.UnsealException;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.Test;

/** Values that outlive an enclave, kept by a host that does what it likes. */
class SealedStoreTest {
    private static final StoreSettings BY_SIGNER = StoreSettings.sealedTo(SealTo.SIGNER);

    private final SecureRandom random = new SecureRandom();
    private final Host host = new Host();

    /** Keeps values in memory, and keeps all that it ever had. */
    private static final class Host implements StateStore {
        final Map<String, TreeMap<Long, byte[]>> now = new TreeMap<>();
        final List<byte[]> everything = new ArrayList<>();
        boolean discards = true;

        @Override
        public Optional<Long> newest(String name) {
            return Optional.ofNullable(now.get(name)).filter(versions -> !versions.isEmpty()).map(TreeMap::lastKey);
        }

        @Override
        public Optional<byte[]> read(String name, long version) {
            return Optional.ofNullable(now.get(name)).flatMap(versions -> Optional.ofNullable(versions.get(version)));
        }

        @Override
        public boolean write(String name, long version, byte[] sealed) {
            if (now.computeIfAbsent(name, key -> new TreeMap<>()).putIfAbsent(version, sealed.clone()) != null) {
                return false;
            }
            everything.add(sealed.clone());
            return true;
        }

        @Override
        public void discard(String name, long before) {
            if (discards) {
                now.getOrDefault(name, new TreeMap<>()).headMap(before).clear();
            }
        }

        void gives(String name, long version, byte[] sealed) {
            TreeMap<Long, byte[]> one = new TreeMap<>();
            one.put(version, sealed);
            now.put(name, one);
        }
    }

    private EnclaveStore enclave(String bundle, long version, StoreSettings settings) {
        return enclave(new Sealing(new TestPlatform(bundle, version), version, 0, random), settings, host);
    }

    private EnclaveStore enclave(Sealing sealing, StoreSettings settings, StateStore kept) {
        return new SealedStore(settings, sealing, new SealedStore.Seen(), () -> kept, random);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(EnclaveStore store, String name) throws IOException {
        return new String(store.get(name).orElseThrow().value(), StandardCharsets.UTF_8);
    }

    private static void assertRefused(Code code, ThrowingCallable call) {
        assertThatExceptionOfType(StoreException.class).isThrownBy(call).satisfies(e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
    }

    @Test
    void aValueOutlivesTheEnclaveAndEachReplacesTheOneBefore() throws Exception {
        EnclaveStore first = enclave("fraud", 3, BY_SIGNER);
        assertThat(first.get("model")).isEmpty();
        assertThat(first.put("model", bytes("one"))).isEqualTo(1);
        assertThat(first.put("model", bytes("two"))).isEqualTo(2);
        assertThat(first.put("other", new byte[0])).isEqualTo(1);

        EnclaveStore next = enclave("fraud", 3, BY_SIGNER);
        Stored stored = next.get("model").orElseThrow();
        assertThat(stored.value()).isEqualTo(bytes("two"));
        assertThat(stored.version()).isEqualTo(2);
        assertThat(next.get("other").orElseThrow().value()).isEmpty();
        assertThat(next.put("model", bytes("three"))).isEqualTo(3);
        assertThat(host.now.get("model")).containsOnlyKeys(3L);
    }

    @Test
    void withoutARegisterFreshnessIsNeverClaimed() throws Exception {
        EnclaveStore store = enclave("fraud", 3, BY_SIGNER);
        store.put("model", bytes("one"));
        assertThat(store.get("model").orElseThrow().freshness()).isEqualTo(Freshness.UNKNOWN);
        assertThat(enclave("fraud", 3, BY_SIGNER).get("model").orElseThrow().freshness()).isEqualTo(Freshness.UNKNOWN);
    }

    @Test
    void whatTheHostHasShowsNothingOfAValue() throws Exception {
        EnclaveStore store = enclave("fraud", 3, BY_SIGNER.recoverableBy(Identity.generate(random).recipient().toString()));
        byte[] canary = bytes("canary-7c1d-in-a-stored-value");
        store.put("model", canary);
        for (byte[] seen : host.everything) {
            assertThat(Bytes.of(seen).hex()).doesNotContain(Bytes.of(canary).hex());
        }
        assertThat(store.get("model").orElseThrow().toString()).doesNotContain("canary");
        assertThat(host.everything.getFirst().length).isLessThan(8192);
    }

    @Test
    void aLaterVersionOfTheSameSignerReadsItAndAnEarlierOneDoesNot() throws Exception {
        enclave("fraud", 3, BY_SIGNER).put("model", bytes("one"));
        assertThat(text(enclave("fraud-next", 4, BY_SIGNER), "model")).isEqualTo("one");
        assertRefused(Code.NOT_OPENED, () -> enclave("fraud-old", 2, BY_SIGNER).get("model"));
    }

    @Test
    void onlyTheSameMeasurementReadsWhatIsSealedToIt() throws Exception {
        StoreSettings exactly = StoreSettings.sealedTo(SealTo.MEASUREMENT);
        enclave("fraud", 3, exactly).put("model", bytes("one"));
        assertThat(text(enclave("fraud", 3, exactly), "model")).isEqualTo("one");
        assertRefused(Code.NOT_OPENED, () -> enclave("fraud-next", 3, exactly).get("model"));
    }

    @Test
    void eachOfSeveralWaysOpensIt() throws Exception {
        enclave("fraud", 3, StoreSettings.sealedTo(SealTo.MEASUREMENT, SealTo.SIGNER)).put("model", bytes("one"));
        assertThat(text(enclave("fraud", 3, BY_SIGNER), "model")).isEqualTo("one");
        assertThat(text(enclave("fraud-next", 4, BY_SIGNER), "model")).isEqualTo("one");
    }

    @Test
    void recoveryOpensItWhereThePlatformIsGone() throws Exception {
        try (Identity owner = Identity.generate(random);
                Identity stranger = Identity.generate(random)) {
            enclave("fraud", 3, BY_SIGNER.recoverableBy(owner.recipient().toString())).put("model", bytes("one"));
            byte[] file = host.everything.getFirst();
            byte[] plain = SealedFile.unseal(new ByteArrayInputStream(file), List.of(owner)).readAllBytes();
            assertThat(StoredForm.parse(plain).value()).isEqualTo(bytes("one"));
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> SealedFile.unseal(new ByteArrayInputStream(file), List.of(stranger)));
            // Somebody else's keeper says what to do.
            assertThatExceptionOfType(StoreException.class)
                    .isThrownBy(() -> enclave("evil", 2, BY_SIGNER.recoverableBy(owner.recipient().toString())).get("model"))
                    .withMessageContaining("an identity of its recovery");
        }
    }

    @Test
    void recipientsOfTwoKindsAndStrangeTextAreNoRecovery() {
        String hybrid = Identity.generate(random).recipient().toString();
        String classic = Identity.generate(KeyKind.CLASSIC, random).recipient().toString();
        assertThatIllegalArgumentException().isThrownBy(() -> BY_SIGNER.recoverableBy(hybrid, classic));
        assertThatIllegalArgumentException().isThrownBy(() -> BY_SIGNER.recoverableBy("age1nobody"));
        assertThat(BY_SIGNER.recoverableBy(classic).recipients()).hasSize(1);
    }

    @Test
    void aHostThatGivesAnotherValueOrVersionIsFoundOut() throws Exception {
        EnclaveStore store = enclave("fraud", 3, BY_SIGNER);
        store.put("model", bytes("model"));
        store.put("users", bytes("users"));
        store.put("users", bytes("more users"));
        byte[] model = host.everything.get(0);
        byte[] oldUsers = host.everything.get(1);

        host.gives("users", 2, model);
        assertRefused(Code.NOT_THE_VALUE, () -> enclave("fraud", 3, BY_SIGNER).get("users"));
        host.gives("users", 2, oldUsers);
        assertRefused(Code.NOT_THE_VALUE, () -> enclave("fraud", 3, BY_SIGNER).get("users"));
        host.gives("users", 9, oldUsers);
        assertRefused(Code.NOT_THE_VALUE, () -> enclave("fraud", 3, BY_SIGNER).get("users"));
    }

    @Test
    void withinOneLifeNothingOlderIsTakenThanWasSeen() throws Exception {
        EnclaveStore store = enclave("fraud", 3, BY_SIGNER);
        store.put("model", bytes("one"));
        store.put("model", bytes("two"));
        byte[] one = host.everything.get(0);
        host.gives("model", 1, one);
        assertRefused(Code.ROLLED_BACK, () -> store.get("model"));
        host.now.clear();
        assertRefused(Code.ROLLED_BACK, () -> store.get("model"));
        // A version number is not used twice, whatever the host says.
        assertThat(store.put("model", bytes("three"))).isEqualTo(3);

        // Another enclave took version 3 for itself, so to speak.
        EnclaveStore other = enclave("fraud", 3, BY_SIGNER);
        host.gives("model", 2, host.everything.get(1));
        other.put("model", bytes("another three"));
        assertRefused(Code.ROLLED_BACK, () -> store.get("model"));

        // What no enclave remembers is not found out, and not claimed to be.
        host.gives("model", 1, one);
        Stored old = enclave("fraud", 3, BY_SIGNER).get("model").orElseThrow();
        assertThat(old.value()).isEqualTo(bytes("one"));
        assertThat(old.freshness()).isEqualTo(Freshness.UNKNOWN);
    }

    @Test
    void noByteOfAFileCanBeChangedCutOffOrAdded() throws Exception {
        enclave("fraud", 3, BY_SIGNER).put("model", bytes("one"));
        byte[] file = host.everything.getFirst();
        for (int i = 0; i < file.length; i++) {
            byte[] changed = file.clone();
            changed[i] ^= 1;
            host.gives("model", 1, changed);
            assertThatExceptionOfType(StoreException.class).as("byte " + i).isThrownBy(() -> enclave("fraud", 3, BY_SIGNER).get("model"));
        }
        for (int length = 0; length <= file.length + 1; length++) {
            if (length != file.length) {
                host.gives("model", 1, java.util.Arrays.copyOf(file, length));
                assertThatExceptionOfType(StoreException.class)
                        .as("length " + length)
                        .isThrownBy(() -> enclave("fraud", 3, BY_SIGNER).get("model"));
            }
        }
    }

    @Test
    void aFileThatIsSealedToItsRecoveryByAnybodyIsNoValue() throws Exception {
        String recovery = Identity.generate(random).recipient().toString();
        StoreSettings settings = BY_SIGNER.recoverableBy(recovery);
        host.gives("model", 1, WrappedFile.seal(
                new StoredForm("model", 1, bytes("forged")).toByteArray(), settings.recipients(), List.of(), random));
        assertRefused(Code.NOT_OPENED, () -> enclave("fraud", 3, settings).get("model"));
    }

    /** A program may seal what clients give it; a client in league with the host knows that, and it must be no key of a stored value. */
    @Test
    void whatAProgramSealsIsNoKeyOfAStoredValueAndTheOtherWayRound() throws Exception {
        Sealing sealing = new Sealing(new TestPlatform("fraud", 3), 3, 0, random);
        FileKeyWrap known = new FileKeyWrap() {
            @Override
            public String type() {
                return SealedStore.STANZA;
            }

            @Override
            public byte[] wrap(FileKey key) throws IOException {
                return sealing.seal(SealTo.SIGNER, key.exposeSecretBytes());
            }

            @Override
            public Optional<FileKey> unwrap(byte[] body) {
                return Optional.empty();
            }
        };
        host.gives("model", 1, WrappedFile.seal(new StoredForm("model", 1, bytes("forged")).toByteArray(), List.of(), List.of(known), random));
        assertRefused(Code.NOT_OPENED, () -> enclave(sealing, BY_SIGNER, host).get("model"));

        assertThatExceptionOfType(UnsealException.class)
                .isThrownBy(() -> sealing.unseal(sealing.sealStored(SealTo.SIGNER, new byte[16])));
    }

    @Test
    void whatTheHostSaysOfVersionsIsBounded() throws Exception {
        enclave("fraud", 3, BY_SIGNER).put("model", bytes("one"));
        byte[] file = host.everything.getFirst();
        for (long strange : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1_000_000_000_000_000_000L}) {
            host.gives("model", strange, file);
            assertRefused(Code.NOT_THE_VALUE, () -> enclave("fraud", 3, BY_SIGNER).get("model"));
            assertRefused(Code.NOT_THE_VALUE, () -> enclave("fraud", 3, BY_SIGNER).put("model", bytes("two")));
        }
        host.gives("model", 1, new byte[StateStore.MAX_BYTES + 1]);
        assertRefused(Code.NOT_THE_VALUE, () -> enclave("fraud", 3, BY_SIGNER).get("model"));
    }

    @Test
    void aHostThatKeepsNothingIsNamed() {
        StateStore broken = (StateStore) java.lang.reflect.Proxy.newProxyInstance(
                SealedStoreTest.class.getClassLoader(), new Class<?>[] {StateStore.class}, (proxy, method, arguments) -> {
                    throw new CallException(CallException.Code.NOT_OFFERED, "no");
                });
        EnclaveStore store = enclave(new Sealing(new TestPlatform("fraud", 3), 3, 0, random), BY_SIGNER, broken);
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> store.put("model", new byte[1]))
                .withMessageContaining("innerkeep run --state DIR");
        assertRefused(Code.NOT_KEPT, () -> store.get("model"));
    }

    @Test
    void whereAnOlderVersionWasNotDiscardedTheNewestCounts() throws Exception {
        host.discards = false;
        EnclaveStore store = enclave("fraud", 3, BY_SIGNER);
        store.put("model", bytes("one"));
        store.put("model", bytes("two"));
        assertThat(host.now.get("model")).hasSize(2);
        assertThat(text(enclave("fraud", 3, BY_SIGNER), "model")).isEqualTo("two");
    }

    @Test
    void namesAndSizesAreBoundedBeforeTheHostIsAsked() {
        EnclaveStore store = enclave("fraud", 3, BY_SIGNER);
        for (String wrong : List.of("", "Model", "../model", "a.b", "1st", "a".repeat(65), "a b", "ä")) {
            assertThatIllegalArgumentException().as(wrong).isThrownBy(() -> store.put(wrong, new byte[1]));
            assertThatIllegalArgumentException().as(wrong).isThrownBy(() -> store.get(wrong));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> store.put("model", new byte[EnclaveStore.MAX_BYTES + 1]));
        assertThat(host.everything).isEmpty();
    }

    @Test
    void theLargestValueWithTheMostRecipientsFits() throws Exception {
        String[] many = new String[16];
        for (int i = 0; i < many.length; i++) {
            many[i] = Identity.generate(random).recipient().toString();
        }
        EnclaveStore store = enclave("fraud", 3, StoreSettings.sealedTo(SealTo.SIGNER, SealTo.MEASUREMENT).recoverableBy(many));
        store.put("model", new byte[EnclaveStore.MAX_BYTES]);
        assertThat(host.everything.getFirst().length).isLessThan(StateStore.MAX_BYTES);
        assertThat(store.get("model").orElseThrow().value()).hasSize(EnclaveStore.MAX_BYTES);
    }
}
