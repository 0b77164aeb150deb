package org.innerkeep.attestation.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.innerkeep.attestation.attester.Attester;
import org.innerkeep.attestation.attester.KeyEvidence;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.StoreLocation;
import org.innerkeep.attestation.store.StoreOptions;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When keys of tokens are made, published and used, also where the algorithm changes. */
class TokenKeyRingTest {
    private static final String ISSUER = "https://attest.example";
    private static final FakeIntel INTEL = FakeIntel.at(Instant.parse("2026-06-01T00:00:00Z"));
    private static final Duration LIFETIME = Duration.ofHours(8);
    private static final Duration ROTATION = Duration.ofDays(90);
    private static final Duration OVERLAP = Duration.ofDays(2);

    @TempDir
    private Path folder;

    private Instant now = Instant.parse("2026-06-01T00:00:00Z");
    private AttestationStore store;
    private FileVault vault;

    @BeforeEach
    void open() throws Exception {
        store = AttestationStore.open(StoreOptions.of(new StoreLocation.Sqlite(folder.resolve("store.db")), LogKey.generate()));
        vault = new FileVault(WrappingKey.readOrCreate(folder.resolve("wrapping.key"), new SecureRandom()), Optional.empty());
    }

    @AfterEach
    void close() {
        vault.close();
        store.close();
    }

    private TokenKeyRing ring(TokenAlgorithm algorithm) throws Exception {
        return ring(algorithm, ROTATION);
    }

    private TokenKeyRing ring(TokenAlgorithm algorithm, Duration rotation) throws Exception {
        return ring(algorithm, rotation, Optional.empty());
    }

    private TokenKeyRing ring(TokenAlgorithm algorithm, Duration rotation, Optional<KeyEvidence> evidence) throws Exception {
        return new TokenKeyRing(
                store,
                vault,
                evidence,
                new TokenKeyRing.Settings(ISSUER, LIFETIME, rotation, OVERLAP, algorithm),
                () -> now,
                new SecureRandom());
    }

    /** An instance in an enclave of some measurement. */
    private TokenKeyRing attested(int code) throws Exception {
        return ring(TokenAlgorithm.ES256, ROTATION, Optional.of(KeyEvidence.tryOut(enclave(code), ISSUER, new SecureRandom())));
    }

    private static Attester enclave(int code) {
        byte[] measurement = new byte[32];
        measurement[0] = (byte) code;
        return reportData -> Bytes.of(INTEL.sgxQuote(
                3, quote -> quote.body(64, Bytes.of(measurement)).body(FakeIntel.SGX_REPORTDATA, reportData)));
    }

    private static boolean hasEvidence(TokenKey key) {
        return key.certificate().getExtensionValue(KeyEvidence.EXTENSION) != null;
    }

    private List<TokenAlgorithm> algorithms(TokenKeyRing ring) {
        return ring.keys().keys().stream().map(TokenKey::algorithm).toList();
    }

    @Test
    void aKeyOfTheOtherAlgorithmIsPublishedAtOnceAndSignsAfterTheOverlap() throws Exception {
        TokenKey rsa = ring(TokenAlgorithm.RS256).signer();
        now = now.plus(Duration.ofDays(10));

        TokenKeyRing ring = ring(TokenAlgorithm.ES256);

        assertThat(algorithms(ring)).containsExactly(TokenAlgorithm.RS256, TokenAlgorithm.ES256);
        assertThat(ring.signer()).isEqualTo(rsa);
        now = now.plus(OVERLAP).minusSeconds(1);
        assertThat(ring.signer()).isEqualTo(rsa);
        now = now.plusSeconds(1);
        assertThat(ring.signer().algorithm()).isEqualTo(TokenAlgorithm.ES256);
        // Tokens that the old key signed can still be verified.
        assertThat(ring.keys().keySet(now, LIFETIME).toString()).contains("EC").contains("RSA");
    }

    @Test
    void afterAChangeEveryFurtherKeyIsOfTheNewAlgorithmAlsoWhereItRotatesSooner() throws Exception {
        ring(TokenAlgorithm.RS256);
        TokenKeyRing ring = ring(TokenAlgorithm.ES256, Duration.ofDays(10));
        now = now.plus(OVERLAP);
        TokenKey first = ring.signer();
        now = now.plus(Duration.ofDays(10)).plusSeconds(1);

        TokenKey second = ring.signer();

        assertThat(second).isNotEqualTo(first);
        assertThat(List.of(first.algorithm(), second.algorithm())).containsOnly(TokenAlgorithm.ES256);
    }

    @Test
    void startingAgainMakesNoFurtherKey() throws Exception {
        ring(TokenAlgorithm.RS256);
        ring(TokenAlgorithm.ES256);

        assertThat(algorithms(ring(TokenAlgorithm.ES256))).containsExactly(TokenAlgorithm.RS256, TokenAlgorithm.ES256);
    }

    @Test
    void instancesThatAreSetUpDifferentlyDoNotOutdoEachOther() throws Exception {
        TokenKeyRing one = ring(TokenAlgorithm.RS256);
        TokenKeyRing other = ring(TokenAlgorithm.ES256);
        for (int minute = 0; minute < 10; minute++) {
            now = now.plus(Duration.ofMinutes(2));
            one.signer();
            other.signer();
        }

        assertThat(algorithms(one)).containsExactly(TokenAlgorithm.RS256, TokenAlgorithm.ES256).isEqualTo(algorithms(other));
    }

    @Test
    void aChangeBackIsAChangeLikeAnyOther() throws Exception {
        ring(TokenAlgorithm.RS256);
        ring(TokenAlgorithm.ES256);
        TokenKeyRing back = ring(TokenAlgorithm.RS256);
        now = now.plus(OVERLAP).plusSeconds(1);

        assertThat(back.signer().algorithm()).isEqualTo(TokenAlgorithm.RS256);
    }

    @Test
    void aKeyOfES256IsPublishedWithItsPointAndItsCertificate() throws Exception {
        Map<String, Object> key =
                TokenKeys.webKey("id", ring(TokenAlgorithm.ES256).signer().certificate());

        assertThat(key).containsEntry("kty", "EC").containsEntry("crv", "P-256").containsEntry("alg", "ES256").containsKey("x5c");
        for (String coordinate : new String[] {"x", "y"}) {
            assertThat(key).hasEntrySatisfying(coordinate, value -> assertThat(value.toString()).hasSize(43));
        }
    }

    @Test
    void anAlgorithmThatIsNotOfferedIsRefusedByName() {
        assertThatThrownBy(() -> TokenAlgorithm.of("HS256")).hasMessage("expected one of [RS256, ES256], found 'HS256'");
    }

    @Test
    void anInstanceWithoutADeviceDoesNotSignWithAKeyThatHasEvidence() throws Exception {
        TokenKey proven = attested(1).signer();
        TokenKeyRing plain = ring(TokenAlgorithm.ES256);

        assertThat(hasEvidence(proven)).isTrue();
        assertThat(hasEvidence(plain.signer())).isFalse();
        // Both are published everywhere, and the one with evidence still signs where it was made.
        assertThat(plain.keys().keys()).extracting(TokenKey::id).containsExactly(proven.id(), plain.signer().id());
        assertThat(attested(1).signer().id()).isEqualTo(proven.id());
    }

    @Test
    void anInstanceWithADeviceSignsOnlyWithKeysOfItsCode() throws Exception {
        String plain = ring(TokenAlgorithm.ES256).signer().id();
        String one = attested(1).signer().id();
        String other = attested(2).signer().id();

        assertThat(List.of(plain, one, other)).doesNotHaveDuplicates();
        now = now.plus(Duration.ofDays(1));
        assertThat(attested(1).signer().id()).isEqualTo(one);
        assertThat(attested(2).signer().id()).isEqualTo(other);
        assertThat(ring(TokenAlgorithm.ES256).signer().id()).isEqualTo(plain);
    }

    @Test
    void theKeySetBeginsWithTheKeyThatThisInstanceSignsWith() throws Exception {
        String proven = attested(1).signer().id();
        TokenKeyRing plain = ring(TokenAlgorithm.ES256);

        assertThat(plain.keys().keySet(now, LIFETIME).toString()).containsSubsequence(plain.signer().id(), proven);
        assertThat(attested(1).keys().keySet(now, LIFETIME).toString()).containsSubsequence(proven, plain.signer().id());
    }

    @Test
    void startsOfTwoKindsOfInstancesInTurnAddOneKeyForEachKind() throws Exception {
        for (int start = 0; start < 10; start++) {
            ring(TokenAlgorithm.ES256).signer();
            attested(1).signer();
            ring(TokenAlgorithm.RS256).signer();
            now = now.plus(Duration.ofHours(1));
        }

        assertThat(ring(TokenAlgorithm.ES256).keys().keys()).hasSize(3);
    }

    @Test
    void everyKindGoesOnWithKeysOfItsOwn() throws Exception {
        TokenKeyRing plain = ring(TokenAlgorithm.ES256);
        TokenKeyRing attested = attested(1);
        for (int day = 0; day < 200; day++) {
            now = now.plus(Duration.ofDays(1));
            assertThat(hasEvidence(plain.signer())).isFalse();
            assertThat(hasEvidence(attested.signer())).isTrue();
        }

        // The one that signs, and at most the one before and the one after, of each.
        assertThat(plain.keys().keys()).hasSizeBetween(2, 6);
    }

    @Test
    void startsWithEverOtherCodeEndWithWhatToDoBeforeTheStoreIsFull() throws Exception {
        String first = attested(0).signer().id();
        for (int code = 1; code < 48; code++) {
            attested(code);
        }

        assertThatThrownBy(() -> attested(48))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds 48 that are not retired")
                .hasMessageContaining("key-rotation")
                .hasMessageContaining("at the earliest 2026-08-30T08:00:00Z");
        assertThat(attested(0).signer().id()).isEqualTo(first);
    }

    @Test
    void aDeviceThatFailsIsAskedOnceAMinuteHoweverManyRequestsCome() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        AtomicBoolean broken = new AtomicBoolean();
        KeyEvidence evidence = KeyEvidence.tryOut(
                reportData -> {
                    asked.incrementAndGet();
                    if (broken.get()) {
                        throw new IOException("the device is broken");
                    }
                    return enclave(1).evidence(reportData);
                },
                ISSUER,
                new SecureRandom());
        TokenKeyRing ring = ring(TokenAlgorithm.ES256, ROTATION, Optional.of(evidence));
        String first = ring.signer().id();
        broken.set(true);
        asked.set(0);

        // While the old key signs.
        now = now.plus(ROTATION).minus(OVERLAP).plusSeconds(1);
        for (int request = 0; request < 10; request++) {
            assertThat(ring.signer().id()).isEqualTo(first);
            ring.refresh();
        }
        assertThat(asked).hasValue(1);

        // When there is none any more.
        now = now.plus(OVERLAP);
        for (int request = 0; request < 10; request++) {
            assertThatThrownBy(ring::signer).isInstanceOf(IOException.class).hasMessageContaining("the device is broken");
        }
        assertThat(asked).hasValue(2);

        broken.set(false);
        now = now.plus(Duration.ofMinutes(1));
        assertThat(ring.signer().id()).isNotEqualTo(first);
    }

    @Test
    void aKeyThatWasMadeAfterRegistersWereExtendedIsStillOfThisCode() throws Exception {
        AtomicInteger measured = new AtomicInteger(1);
        KeyEvidence evidence = KeyEvidence.tryOut(
                reportData -> enclave(measured.get()).evidence(reportData), ISSUER, new SecureRandom());
        measured.set(2);
        TokenKeyRing ring = ring(TokenAlgorithm.ES256, ROTATION, Optional.of(evidence));
        String first = ring.signer().id();
        now = now.plus(Duration.ofHours(1));

        assertThat(ring.signer().id()).isEqualTo(first);
        assertThat(ring.keys().keys()).hasSize(1);
    }

    @Test
    void aWrappingKeyThatWasClosedWrapsNothing() throws Exception {
        WrappingKey wrapping = WrappingKey.readOrCreate(folder.resolve("other.key"), new SecureRandom());
        Bytes wrapped = wrapping.wrap("id", new byte[] {1});
        wrapping.close();

        assertThatThrownBy(() -> wrapping.wrap("id", new byte[] {1})).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> wrapping.unwrap("id", wrapped)).isInstanceOf(IllegalStateException.class);
    }
}
