package org.innerkeep.attestation.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.StoreLocation;
import org.innerkeep.attestation.store.StoreOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When keys of tokens are made, published and used, also where the algorithm changes. */
class TokenKeyRingTest {
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
        return new TokenKeyRing(
                store,
                vault,
                Optional.empty(),
                new TokenKeyRing.Settings("https://attest.example", LIFETIME, rotation, OVERLAP, algorithm),
                () -> now,
                new SecureRandom());
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
}
