package org.innerkeep.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class VerifierOptionsTest {
    private static final MakerRoot ROOT = new MakerRoot(Maker.AWS, Bytes.fromHex("01"));

    private static final List<UnaryOperator<VerifierOptions>> CHANGES = List.of(
            VerifierOptions::allowDebug,
            VerifierOptions::allowMigration,
            VerifierOptions::allowSha1,
            VerifierOptions::allowMissingRevocationList,
            options -> options.acceptTcb(TcbStatus.OUT_OF_DATE),
            options -> options.leastTcbEvaluation(17),
            options -> options.refuseProducts("Milan"),
            options -> options.leastSnpTcb(Map.of("snp", 24)),
            options -> options.reportData(Bytes.fromHex("01")),
            options -> options.nonce(Bytes.fromHex("02")),
            options -> options.audience("me"),
            options -> options.clockSkew(Duration.ofMinutes(5)));

    @Test
    void beginsStrict() {
        VerifierOptions options = VerifierOptions.of(ROOT);
        assertThat(options.debugAllowed() || options.migrationAllowed() || options.sha1Allowed() || options.missingRevocationListAllowed())
                .isFalse();
        assertThat(options.acceptedTcb()).containsExactly(TcbStatus.UP_TO_DATE);
        assertThat(options.acceptedClockSkew()).isZero();
        assertThat(options.refusedProducts()).isEmpty();
        assertThat(options.leastEvaluation()).isEmpty();
        assertThat(options.leastSnpTcb()).isEmpty();
        assertThat(options.expectedReportData()).isEmpty();
        assertThat(options.expectedNonce()).isEmpty();
        assertThat(options.expectedAudience()).isEmpty();
        assertThat(VerifierOptions.of().anchors()).isEmpty();
    }

    /** Each method changes its own thing and nothing else, in any order. */
    @Test
    void changesDoNotDependOnTheirOrder() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 200; i++) {
            VerifierOptions forwards = VerifierOptions.of(ROOT);
            VerifierOptions backwards = forwards;
            int mask = random.nextInt(1 << CHANGES.size());
            for (int j = 0; j < CHANGES.size(); j++) {
                int back = CHANGES.size() - 1 - j;
                forwards = (mask >> j & 1) == 1 ? CHANGES.get(j).apply(forwards) : forwards;
                backwards = (mask >> back & 1) == 1 ? CHANGES.get(back).apply(backwards) : backwards;
            }
            assertThat(forwards).isEqualTo(backwards).hasSameHashCodeAs(backwards);
            assertThat(forwards.equals(VerifierOptions.of(ROOT))).isEqualTo(mask == 0);
            assertThat(forwards.debugAllowed()).isEqualTo((mask & 1) == 1);
            assertThat(forwards.anchors()).containsExactly(ROOT);
        }
    }

    @Test
    void theOneBeforeIsNotChanged() {
        VerifierOptions strict = VerifierOptions.of(ROOT);
        CHANGES.forEach(change -> assertThat(change.apply(strict)).isNotEqualTo(strict));
        assertThat(strict).isEqualTo(VerifierOptions.of(List.of(ROOT)));
    }

    @Test
    void aRevokedPlatformCannotBeAccepted() {
        assertThatIllegalArgumentException().isThrownBy(() -> VerifierOptions.of().acceptTcb(TcbStatus.REVOKED));
        Set<TcbStatus> others = EnumSet.complementOf(EnumSet.of(TcbStatus.REVOKED));
        assertThat(VerifierOptions.of().acceptTcb(others.toArray(TcbStatus[]::new)).acceptedTcb()).isEqualTo(others);
    }

    @Test
    void boundsAreChecked() {
        assertThatIllegalArgumentException().isThrownBy(() -> VerifierOptions.of().nonce(Bytes.EMPTY));
        assertThatIllegalArgumentException().isThrownBy(() -> VerifierOptions.of().clockSkew(Duration.ofSeconds(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> VerifierOptions.of().clockSkew(Duration.ofDays(1).plusNanos(1)));
        for (Map<String, Integer> levels : List.of(Map.of("boot", 1), Map.of("snp", -1), Map.of("snp", 256))) {
            assertThatIllegalArgumentException().isThrownBy(() -> VerifierOptions.of().leastSnpTcb(levels));
        }
        assertThat(VerifierOptions.of().leastSnpTcb(Map.of("snp", 255, "fmc", 0)).leastSnpTcb()).isEqualTo(Map.of("fmc", 0, "snp", 255));
        assertThat(VerifierOptions.of().clockSkew(Duration.ofDays(1)).acceptedClockSkew()).isEqualTo(Duration.ofDays(1));
    }

    @Test
    void anchorsAreFoundByTheirKindAndMaker() {
        AttesterKey key = new AttesterKey(AttesterKey.Kind.CCA, Bytes.fromHex("02"));
        MakerRoot other = new MakerRoot(Maker.AMD, Bytes.fromHex("03"));
        VerifierOptions options = VerifierOptions.of(ROOT, key, other);
        assertThat(options.anchors(AttesterKey.class)).containsExactly(key);
        assertThat(options.anchors(MakerRoot.class)).containsExactlyInAnyOrder(ROOT, other);
        assertThat(options.roots(Maker.AWS)).containsExactly(Bytes.fromHex("01"));
        assertThat(options.roots(Maker.INTEL)).isEmpty();
    }

    @Test
    void theRootThatAwsPublishesIsAKeyOnP384() {
        assertThat(MakerRoots.awsNitro().maker()).isEqualTo(Maker.AWS);
        assertThat(MakerRoots.awsNitro().publicKey().length()).isEqualTo(120);
    }
}
