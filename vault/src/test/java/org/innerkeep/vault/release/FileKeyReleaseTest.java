package org.innerkeep.vault.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.innerkeep.vault.release.TestVault.OWNER;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.innerkeep.attestation.Problem;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.log.LogVerifier;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.release.PendingRelease;
import org.innerkeep.channel.release.ReleaseCall;
import org.innerkeep.channel.release.ReleaseRefusedException;
import org.innerkeep.channel.release.ReleaseRequest;
import org.innerkeep.channel.release.ReleaseResponse;
import org.innerkeep.channel.release.ReleasedKey;
import org.innerkeep.channel.release.TransportKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.vault.grant.Grant;
import org.innerkeep.vault.grant.GrantedCode;
import org.innerkeep.vault.grant.MemoryReaders;
import org.innerkeep.vault.key.IdentityKeys;
import org.innerkeep.vault.key.KeyName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An owner's file, the vault that holds its key, an enclave that may have it, and everyone who may not. */
class FileKeyReleaseTest {
    private static final LogKey LOG_KEY = LogKey.generate();
    private static final KeyName KEY = new KeyName("patients");
    private static final String TEXT = "the patients";

    @TempDir
    private Path folder;

    private final FakeEnclave enclave = FakeEnclave.good();
    private TestVault vault;
    private byte[] sealed;
    private Grant grant;

    @BeforeEach
    void open() throws Exception {
        vault = TestVault.open(folder, LOG_KEY, enclave.anchor());
        sealed = TestVault.seal(TEXT, vault.newKey("patients"));
        grant = FakeEnclave.grant();
        vault.keys.grant(KEY, grant, OWNER);
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private Problem refused(FakeEnclave other) throws Exception {
        try (PendingRelease pending = vault.begin("patients", sealed)) {
            return refused(vault.call(pending, other));
        }
    }

    private Problem refused(ReleaseCall call) {
        try {
            vault.send(call);
        } catch (RefusedException e) {
            return e.problem();
        }
        throw new AssertionError("it was released");
    }

    private long released() throws IOException {
        return vault.release.records(FileKeyRelease.RELEASED, KEY, 100).size();
    }

    @Test
    void anEnclaveThatIsGrantedReadsTheFile() throws Exception {
        assertThat(vault.read("patients", sealed, enclave)).isEqualTo(TEXT);
        assertThat(vault.read("patients", sealed, enclave.version(4))).isEqualTo(TEXT);
        assertThat(released()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(KeyKind.class)
    void filesOfEitherKindOfKeyAreReleased(KeyKind kind) throws Exception {
        Recipient recipient = vault.newKey("other", kind);
        vault.keys.grant(new KeyName("other"), FakeEnclave.grant(), OWNER);
        byte[] file = TestVault.seal(TEXT, recipient);

        assertThat(vault.read("other", file, enclave)).isEqualTo(TEXT);
    }

    @Test
    void aReleaseSaysItsTermsAndHasAReceiptOfTheLog() throws Exception {
        vault.keys.revoke(KEY, grant.id(), OWNER);
        Grant bounded = FakeEnclave.grant(OptionalLong.of(3), Optional.of(Duration.ofMinutes(10)));
        vault.keys.grant(KEY, bounded, OWNER);
        try (PendingRelease pending = vault.begin("patients", sealed);
                ReleasedKey key = pending.accept(vault.send(vault.call(pending, enclave)).toByteArray(), 1)) {
            assertThat(key.terms().grant()).isEqualTo(bounded.id());
            assertThat(key.terms().version()).isEqualTo(vault.key("patients").newest().id());
            assertThat(key.terms().usesLeft()).hasValue(2);
            assertThat(key.terms().time()).isEqualTo(TestVault.BEGIN);
            assertThat(key.lease()).contains(Duration.ofMinutes(10));
            assertThat(key.terms().epoch()).isEqualTo(1);
            Receipt receipt = Receipt.parse(key.receipt().toArray());
            assertThat(receipt.entry().kind()).isEqualTo(FileKeyRelease.RELEASED);
            assertThat(receipt.entry().digest("request")).contains(pending.request().digest());
            assertThat(receipt.entry().digest("header")).contains(Bytes.sha256(TestVault.header(sealed).toArray()));
            assertThat(new LogVerifier(LOG_KEY.anchor()).verify(List.of(receipt), vault.store().log()).intact()).isTrue();
        }
    }

    @Test
    void aFileThatWasSealedBeforeTheKeyWasRotatedIsStillReleased() throws Exception {
        try (Identity identity = Identity.generate(new SecureRandom());
                IdentityKeys version = IdentityKeys.of(identity)) {
            vault.keys.rotate(KEY, version.version(), OWNER);
        }
        assertThat(vault.key("patients").versions()).hasSize(2);
        assertThat(vault.read("patients", sealed, enclave)).isEqualTo(TEXT);
    }

    @Test
    void aChallengeIsTakenOnce() throws Exception {
        try (PendingRelease pending = vault.begin("patients", sealed)) {
            ReleaseCall call = vault.call(pending, enclave);
            vault.send(call);
            assertThat(refused(call).message()).contains("answered before");
            // Another request over the same challenge, by the same enclave.
            try (TransportKey other = TransportKey.generate(new SecureRandom())) {
                ReleaseRequest request = call.request();
                ReleaseRequest again = new ReleaseRequest(
                        request.nonce(), request.vault(), request.key(), request.header(), other.publicKey(), request.job());
                byte[] evidence = enclave.attest(again.reportData(), vault.clock.instant());
                assertThat(refused(new ReleaseCall(again, Bytes.of(evidence), List.of())).message()).contains("answered before");
            }
        }
        assertThat(released()).isEqualTo(1);
    }

    @Test
    void oneRequestSentByManyAtOnceIsAnsweredOnce() throws Exception {
        try (PendingRelease pending = vault.begin("patients", sealed)) {
            ReleaseCall call = vault.call(pending, enclave);
            assertThat(together(16, () -> vault.send(call))).isEqualTo(1);
        }
        assertThat(released()).isEqualTo(1);
    }

    @Test
    void aChallengeThatIsOldOrForeignIsRefused() throws Exception {
        try (PendingRelease pending = vault.begin("patients", sealed)) {
            ReleaseCall call = vault.call(pending, enclave);
            vault.clock.turn(Duration.ofMinutes(2));
            assertThat(refused(call).message()).contains("older than 120 seconds");
            vault.clock.turn(Duration.ofMinutes(-3));
            assertThat(refused(call).message()).as("a clock that was set back").contains("older than");
            vault.clock.turn(Duration.ofMinutes(1));
            ReleaseRequest made = call.request();
            byte[] nonce = made.nonce().toArray();
            nonce[31] ^= 1;
            ReleaseRequest foreign = new ReleaseRequest(
                    Bytes.of(nonce), made.vault(), made.key(), made.header(), made.transportKey(), made.job());
            assertThat(refused(new ReleaseCall(
                            foreign, Bytes.of(enclave.attest(foreign.reportData(), vault.clock.instant())), List.of()))
                    .message()).contains("did not issue it");
        }
        assertThat(released()).isZero();
    }

    @Test
    void aHostThatPutsItsOwnTransportKeyIntoTheRequestGetsNothing() throws Exception {
        try (PendingRelease pending = vault.begin("patients", sealed);
                TransportKey thief = TransportKey.generate(new SecureRandom())) {
            ReleaseCall call = vault.call(pending, enclave);
            ReleaseRequest made = call.request();
            ReleaseRequest changed = new ReleaseRequest(
                    made.nonce(), made.vault(), made.key(), made.header(), thief.publicKey(), made.job());

            Problem problem = refused(new ReleaseCall(changed, call.evidence(), List.of()));

            assertThat(problem.details()).singleElement().asString().startsWith("REPORT_DATA_MISMATCH");
            // The challenge was not used up by what was forged.
            vault.send(call);
        }
    }

    @Test
    void noPartOfARequestCanBeExchangedBehindTheEvidence() throws Exception {
        byte[] secondFile = TestVault.seal("another file", vault.newKey("second"));
        try (PendingRelease pending = vault.begin("patients", sealed)) {
            ReleaseCall call = vault.call(pending, enclave);
            ReleaseRequest made = call.request();
            List<ReleaseRequest> changed = List.of(
                    new ReleaseRequest(vault.release.challenge().nonce(), made.vault(), made.key(), made.header(), made.transportKey(),
                            made.job()),
                    new ReleaseRequest(made.nonce(), made.vault(), "second", made.header(), made.transportKey(), made.job()),
                    new ReleaseRequest(made.nonce(), made.vault(), made.key(), TestVault.header(secondFile), made.transportKey(),
                            made.job()),
                    new ReleaseRequest(made.nonce(), made.vault(), made.key(), made.header(), made.transportKey(),
                            Optional.of(FakeEnclave.digest("job"))));
            for (ReleaseRequest each : changed) {
                assertThat(refused(new ReleaseCall(each, call.evidence(), List.of())).details())
                        .singleElement().asString().startsWith("REPORT_DATA_MISMATCH");
            }
        }
    }

    @Test
    void evidenceThatTheEnclaveMadeForSomethingElseIsRefused() throws Exception {
        try (PendingRelease pending = vault.begin("patients", sealed)) {
            byte[] request = pending.request().toByteArray();
            for (byte[] reportData : List.of(
                    ReportData.of(ReportData.SESSION, request),
                    ReportData.of(ReportData.STATEMENT, request),
                    ReportData.ofProgram("file key release v1", request),
                    ReportData.ofProgram("", request))) {
                byte[] evidence = enclave.attest(reportData, vault.clock.instant());
                assertThat(refused(new ReleaseCall(pending.request(), Bytes.of(evidence), List.of())).details())
                        .singleElement().asString().startsWith("REPORT_DATA_MISMATCH");
            }
        }
    }

    @Test
    void otherEnclavesAreRefusedAndToldWhatWouldHaveToDiffer() throws Exception {
        assertThat(refused(enclave.version(2)).details()).anyMatch(each -> each.contains("VERSION security-version: found 2, wanted 3 or later"));
        assertThat(refused(enclave.product(8)).details()).anyMatch(each -> each.contains("PRODUCT product-id: found 8, wanted 7"));
        assertThat(refused(enclave.signer(FakeEnclave.digest("other"))).details()).anyMatch(each -> each.contains("SIGNER signer: found "));
        assertThat(refused(enclave.debug(true)).details()).anyMatch(each -> each.contains("DEBUG debug"))
                .anyMatch(each -> each.contains("MEMORY memory-readable-by: found host, wanted root at most"));
        assertThat(refused(enclave.sameUser()).details()).anyMatch(each -> each.contains("MEMORY memory-readable-by: found host"));
        assertThat(refused(enclave.platform(KeeperReport.MOCK)).details()).anyMatch(each -> each.contains("PLATFORM platform: found mock"));
        assertThat(refused(enclave.platform(KeeperReport.VM)).details()).anyMatch(each -> each.contains("PLATFORM platform: found vm"));

        assertThat(released()).isZero();
        FileKeyRelease.Why why = vault.release.why(KEY, 50);
        assertThat(why.refused()).hasSize(7);
        assertThat(why.refused().getFirst().enclave()).contains("keeper-report of vm");
        assertThat(why.refused()).allMatch(each -> !each.reasons().isEmpty());
    }

    @Test
    void evidenceThatIsNotProvenIsRefusedAndKeptOnlyInMemory() throws Exception {
        assertThat(refused(enclave.keeper(FakeEnclave.newKey())).details()).anyMatch(each -> each.startsWith("ANCHOR_NOT_PINNED"));
        assertThat(refused(enclave.age(Duration.ofMinutes(6))).details()).anyMatch(each -> each.startsWith("EVIDENCE_STALE"));
        assertThat(refused(enclave.age(Duration.ofMinutes(-6))).details()).anyMatch(each -> each.startsWith("EVIDENCE_FROM_FUTURE"));

        FileKeyRelease.Why why = vault.release.why(KEY, 50);
        assertThat(why.refused()).isEmpty();
        assertThat(why.unproven()).hasSize(3).first().asString().contains("EVIDENCE_FROM_FUTURE");
    }

    @Test
    void refusalsFillNeitherTheStoreNorTheLogWhateverIsAskedFor() throws Exception {
        for (int i = 0; i < 60; i++) {
            vault.keys.grant(KEY, FakeEnclave.grant(), OWNER);
        }
        FakeEnclave other = enclave.product(8).signer(FakeEnclave.digest("another signer"));
        Problem told = refused(other);
        assertThat(told.details()).hasSizeGreaterThan(150);
        ReleaseRecord kept = vault.release.why(KEY, 50).refused().getFirst();
        assertThat(kept.toByteArray()).hasSizeLessThan(10_000);
        assertThat(kept.reasons()).last().asString().contains("more lines");

        // There is no end of names that nothing is behind.
        long leaves = vault.store().log().head().orElseThrow().head().size();
        for (int i = 0; i < 10; i++) {
            try (PendingRelease pending = vault.begin("no-such-key-" + i, sealed)) {
                ReleaseCall call = vault.call(pending, enclave);
                assertThat(refused(call).details()).containsExactly("this vault has no key of this name that files are sealed to");
                assertThat(refused(call).message()).contains("answered before");
            }
        }
        assertThat(vault.store().log().head().orElseThrow().head().size()).isEqualTo(leaves);
        assertThat(vault.release.why(new KeyName("no-such-key-3"), 50).unproven()).isNotEmpty();
    }

    @Test
    void nothingIsSaidOfKeysToWhoeverProvesNothing() throws Exception {
        FakeEnclave stranger = enclave.keeper(FakeEnclave.newKey());
        byte[] file = TestVault.seal(TEXT, vault.newKey("secret-project"));
        try (PendingRelease there = vault.begin("secret-project", file);
                PendingRelease absent = vault.begin("no-such-key", file)) {
            Problem one = refused(vault.call(there, stranger));
            Problem other = refused(vault.call(absent, stranger));
            assertThat(one.code()).isEqualTo(other.code());
            assertThat(one.message().replaceAll("[0-9a-f]{16,}…?", "")).isEqualTo(other.message().replaceAll("[0-9a-f]{16,}…?", ""));
        }
    }

    @Test
    void aFileOfAnotherKeyIsNotOpened() throws Exception {
        byte[] file = TestVault.seal("of another key", vault.newKey("second"));
        try (PendingRelease pending = vault.begin("patients", file)) {
            Problem problem = refused(vault.call(pending, enclave));
            assertThat(problem.details()).singleElement().asString().contains("no version of the key opens the file");
        }
        assertThat(released()).isZero();
    }

    @Test
    void aHeaderThatWasChangedIsNotOpened() throws Exception {
        byte[] header = TestVault.header(sealed).toArray();
        byte[] changed = header.clone();
        // The last character of the MAC, in its canonical alphabet.
        changed[changed.length - 2] = changed[changed.length - 2] == 'A' ? (byte) 'E' : (byte) 'A';
        for (byte[] each : List.of(changed, concat(header, new byte[] {'x'}))) {
            try (PendingRelease pending = PendingRelease.begin(vault.anchor(), vault.release.challenge().toByteArray(), "patients",
                    Bytes.of(each), Optional.empty(), new SecureRandom())) {
                refused(vault.call(pending, enclave));
            }
        }
        assertThat(released()).isZero();
    }

    private static byte[] concat(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    @Test
    void aKeyThatIsDisabledDeletedOrExpiredReleasesNothing() throws Exception {
        String version = vault.key("patients").newest().id();
        vault.keys.update(KEY, version, settings -> settings.enabled(false), OWNER);
        assertThat(refused(enclave).details()).anyMatch(each -> each.contains("it is disabled"));
        vault.keys.update(KEY, version, settings -> settings.enabled(true), OWNER);
        assertThat(vault.read("patients", sealed, enclave)).isEqualTo(TEXT);
        vault.keys.delete(KEY, OWNER);
        assertThat(refused(enclave).details()).containsExactly("the key is deleted");
        vault.keys.recover(KEY, OWNER);
        assertThat(vault.read("patients", sealed, enclave)).isEqualTo(TEXT);
        vault.keys.delete(KEY, OWNER);
        vault.keys.purge(KEY, OWNER);
        assertThat(refused(enclave).details()).anyMatch(each -> each.contains("no key of this name"));
    }

    @Test
    void aGrantHoldsWithinItsTimeForItsJobAndItsMeasurement() throws Exception {
        vault.keys.revoke(KEY, grant.id(), OWNER);
        Bytes job = FakeEnclave.digest("job");
        Grant narrow = new Grant(
                Grant.newId(new SecureRandom()),
                new GrantedCode.Measured(Set.of(enclave.measurement())),
                Set.of("process"),
                MemoryReaders.ROOT,
                Set.of(enclave.anchor().id()),
                Optional.of(job),
                Optional.of(TestVault.BEGIN.plusSeconds(60)),
                Optional.of(TestVault.BEGIN.plusSeconds(120)),
                OptionalLong.empty(),
                Optional.empty(),
                false,
                Optional.of("version=1.0;authorizationrules{[type==\"platform\",value==\"process\"]=>permit();};issuancerules{};"));
        vault.keys.grant(KEY, narrow, OWNER);

        try (PendingRelease pending = vault.begin("patients", sealed, Optional.of(job))) {
            assertThat(refused(vault.call(pending, enclave)).details()).anyMatch(each -> each.contains("NOT_YET time"));
        }
        vault.clock.turn(Duration.ofSeconds(60));
        try (PendingRelease pending = vault.begin("patients", sealed)) {
            assertThat(refused(vault.call(pending, enclave)).details()).anyMatch(each -> each.contains("JOB job: found none"));
        }
        try (PendingRelease pending = vault.begin("patients", sealed, Optional.of(job))) {
            vault.send(vault.call(pending, enclave));
        }
        vault.clock.turn(Duration.ofSeconds(60));
        try (PendingRelease pending = vault.begin("patients", sealed, Optional.of(job))) {
            assertThat(refused(vault.call(pending, enclave)).details()).anyMatch(each -> each.contains("EXPIRED time"));
        }
    }

    @Test
    void aGrantIsNeverUsedMoreOftenThanItSaysHoweverManyAskAtOnce() throws Exception {
        vault.keys.revoke(KEY, grant.id(), OWNER);
        vault.keys.grant(KEY, FakeEnclave.grant(OptionalLong.of(5), Optional.empty()), OWNER);

        assertThat(together(24, () -> vault.read("patients", sealed, enclave))).isEqualTo(5);

        assertThat(released()).isEqualTo(5);
        assertThat(refused(enclave).details()).anyMatch(each -> each.contains("USED_UP uses: found 5, wanted fewer than 5"));
    }

    @Test
    void onceARevocationIsAcknowledgedNothingIsReleasedByIt() throws Exception {
        for (int round = 0; round < 5; round++) {
            Grant racing = round == 0 ? grant : FakeEnclave.grant();
            if (round > 0) {
                vault.keys.grant(KEY, racing, OWNER);
            }
            // When the revocation was acknowledged, on the clock that releases are timed by.
            AtomicLong acknowledged = new AtomicLong(Long.MAX_VALUE);
            List<Long> begun = Collections.synchronizedList(new ArrayList<>());
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    all.add(threads.submit(() -> {
                        while (true) {
                            long at = System.nanoTime();
                            try {
                                vault.read("patients", sealed, enclave);
                                begun.add(at);
                            } catch (RefusedException e) {
                                assertThat(e.problem().details()).anyMatch(each -> each.contains("REVOKED grant"));
                                return null;
                            }
                        }
                    }));
                }
                Thread.sleep(20);
                Receipt revoked = vault.keys.revoke(KEY, racing.id(), OWNER).receipt();
                acknowledged.set(System.nanoTime());
                for (Future<?> each : all) {
                    each.get();
                }
                assertThat(begun).allMatch(at -> at - acknowledged.get() < 0);
                // And by the log's own order, which the database decided.
                long last = vault.keys.events(FileKeyRelease.RELEASED, KEY, Long.MAX_VALUE, 1).stream()
                        .mapToLong(each -> each.sequence()).max().orElse(-1);
                assertThat(last).isLessThan(revoked.entry().sequence());
            }
        }
        assertThat(new LogVerifier(LOG_KEY.anchor()).verify(vault.store().log()).intact()).isTrue();
    }

    @Test
    void severalInstancesOnOneStoreAreOneVault() throws Exception {
        try (TestVault other = TestVault.open(folder, LOG_KEY, enclave.anchor())) {
            assertThat(other.anchor()).isEqualTo(vault.anchor());
            try (PendingRelease pending = vault.begin("patients", sealed)) {
                ReleaseCall call = vault.call(pending, enclave);
                pending.accept(other.send(call).toByteArray(), 1).close();
                assertThat(refused(call).message()).as("the same call to the first instance").contains("answered before");
            }
            other.keys.revoke(KEY, grant.id(), OWNER);
            assertThat(refused(enclave).details()).anyMatch(each -> each.contains("REVOKED grant"));
            vault.keys.grant(KEY, FakeEnclave.grant(OptionalLong.of(3), Optional.empty()), OWNER);
            AtomicLong turn = new AtomicLong();
            assertThat(together(12, () -> (turn.incrementAndGet() % 2 == 0 ? vault : other).read("patients", sealed, enclave)))
                    .isEqualTo(3);
        }
    }

    @Test
    void whoeverIsRevokedGetsAKeyByAnotherGrantOnly() throws Exception {
        Grant second = FakeEnclave.grant();
        vault.keys.grant(KEY, second, OWNER);
        vault.keys.revoke(KEY, grant.id(), OWNER);
        try (PendingRelease pending = vault.begin("patients", sealed)) {
            assertThat(vault.send(vault.call(pending, enclave)).terms().grant()).isEqualTo(second.id());
        }
    }

    @Test
    void aResponseIsForItsRequestAlone() throws Exception {
        try (PendingRelease first = vault.begin("patients", sealed);
                PendingRelease second = vault.begin("patients", sealed)) {
            byte[] response = vault.send(vault.call(first, enclave)).toByteArray();
            assertRefused(second, response, 1, ReleaseRefusedException.Code.OTHER_REQUEST);
            assertRefused(first, response, 2, ReleaseRefusedException.Code.OLD_EPOCH);
            first.accept(response, 1).close();
        }
    }

    @Test
    void aResponseByAnotherVaultIsRefused() throws Exception {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        try (TestVault other = TestVault.open(elsewhere, LogKey.generate(), enclave.anchor())) {
            assertThatExceptionOfType(ReleaseRefusedException.class)
                    .isThrownBy(() -> PendingRelease.begin(vault.anchor(), other.release.challenge().toByteArray(), "patients",
                            TestVault.header(sealed), Optional.empty(), new SecureRandom()))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ReleaseRefusedException.Code.OTHER_VAULT));
            // The other vault's owner has a key of the same name, and would give a file key of its own.
            byte[] file = TestVault.seal("planted", other.newKey("patients"));
            other.keys.grant(KEY, FakeEnclave.grant(), OWNER);
            try (PendingRelease mine = vault.begin("patients", file);
                    PendingRelease theirs = other.begin("patients", file)) {
                ReleaseResponse response = other.send(other.call(theirs, enclave));
                assertRefused(mine, response.toByteArray(), 1, ReleaseRefusedException.Code.NOT_SIGNED);
                assertThatExceptionOfType(RefusedException.class)
                        .isThrownBy(() -> other.send(vault.call(mine, enclave)))
                        .withMessageContaining("it is for the vault");
            }
        }
    }

    @Test
    void aResponseThatWasChangedIsRefused() throws Exception {
        try (PendingRelease pending = vault.begin("patients", sealed)) {
            byte[] response = vault.send(vault.call(pending, enclave)).toByteArray();
            for (int i = 0; i < response.length; i += 7) {
                byte[] changed = response.clone();
                changed[i] ^= 1;
                assertThatExceptionOfType(ReleaseRefusedException.class)
                        .as("byte " + i)
                        .isThrownBy(() -> pending.accept(changed, 1));
            }
            pending.accept(response, 1).close();
        }
    }

    private static void assertRefused(PendingRelease pending, byte[] response, long epoch, ReleaseRefusedException.Code code) {
        assertThatExceptionOfType(ReleaseRefusedException.class)
                .isThrownBy(() -> pending.accept(response, epoch))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    /** Runs it many times at once; tells how often it was not refused. */
    private static long together(int times, Callable<?> once) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < times; i++) {
                all.add(threads.submit(() -> {
                    try {
                        once.call();
                        return true;
                    } catch (RefusedException e) {
                        return false;
                    }
                }));
            }
            long done = 0;
            for (Future<Boolean> each : all) {
                done += each.get() ? 1 : 0;
            }
            return done;
        }
    }
}
