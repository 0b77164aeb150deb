package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.longs;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.innerkeep.channel.keeper.PlatformService.SealingKeyRequest;
import org.innerkeep.channel.keeper.PlatformService.SealingPolicy;
import org.innerkeep.channel.keeper.SealingRefusedException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.evidence.keeper.KeeperReport.Isolation;
import org.junit.jupiter.api.Test;

class SealingKeysTest {
    private static final byte[] ROOT = new byte[32];
    private static final byte[] SALT = salt(1);
    private static final Enclave GOOD =
            new Enclave(KeeperReport.PROCESS, "bundle", "signer", 7, 3, false, Isolation.SEPARATE_USER, 25);

    /** Everything of an enclave's identity, changeable one part at a time. */
    private record Enclave(
            String platform,
            String bundle,
            String signer,
            long product,
            long version,
            boolean debug,
            Isolation isolation,
            int javaRelease) {
        Enclave platform(String value) {
            return new Enclave(value, bundle, signer, product, version, debug, isolation, javaRelease);
        }

        Enclave bundle(String value) {
            return new Enclave(platform, value, signer, product, version, debug, isolation, javaRelease);
        }

        Enclave signer(String value) {
            return new Enclave(platform, bundle, value, product, version, debug, isolation, javaRelease);
        }

        Enclave product(long value) {
            return new Enclave(platform, bundle, signer, value, version, debug, isolation, javaRelease);
        }

        Enclave version(long value) {
            return new Enclave(platform, bundle, signer, product, value, debug, isolation, javaRelease);
        }

        Enclave debug(boolean value) {
            return new Enclave(platform, bundle, signer, product, version, value, isolation, javaRelease);
        }

        Enclave isolation(Isolation value) {
            return new Enclave(platform, bundle, signer, product, version, debug, value, javaRelease);
        }

        Enclave javaRelease(int value) {
            return new Enclave(platform, bundle, signer, product, version, debug, isolation, value);
        }

        byte[] key(SealingPolicy policy, long asked, byte[] salt) throws SealingRefusedException {
            KeeperReport report = new KeeperReport(
                    platform,
                    KeeperReport.processMeasurement(platform, digest(bundle), digest("runtime"), digest("launch")),
                    digest(bundle),
                    digest("runtime"),
                    digest("launch"),
                    digest(signer),
                    product,
                    version,
                    debug,
                    isolation,
                    Bytes.of(new byte[16]),
                    Bytes.of(new byte[64]),
                    Instant.EPOCH);
            return SealingKeys.derive(ROOT, report, javaRelease, new SealingKeyRequest(policy, asked, salt));
        }

        Bytes key(SealingPolicy policy) {
            try {
                return Bytes.of(key(policy, version, SALT));
            } catch (SealingRefusedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static Bytes digest(String text) {
        return Bytes.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] salt(int number) {
        return digest("salt " + number).toArray();
    }

    @Test
    void sameIdentityAndSaltGiveTheSameKey() throws SealingRefusedException {
        for (SealingPolicy policy : SealingPolicy.values()) {
            assertThat(GOOD.key(policy, 3, SALT)).hasSize(32).isEqualTo(GOOD.key(policy, 3, SALT.clone()));
        }
    }

    /** Sealed values outlive the software that sealed them: this value must never change. */
    @Test
    void keysAreStableAcrossReleases() throws SealingRefusedException {
        assertThat(Bytes.of(GOOD.key(SealingPolicy.SIGNER, 3, SALT)).hex()).isEqualTo("5bf200ffae0a96e729f40f8c4eeaaaf13c9ff759dace3c9edd9d08aea7369bd4");
        assertThat(Bytes.of(GOOD.key(SealingPolicy.MEASUREMENT, 3, SALT)).hex()).isEqualTo("e15b59b902dd0b150bd0d390301b08840578c07e4f5737037bbc95bcc07ee6c3");
    }

    @Test
    void anyChangeOfWhatBothPoliciesBindGivesAnotherKey() {
        Map<String, UnaryOperator<Enclave>> changes = Map.of(
                "platform", good -> good.platform(KeeperReport.VM),
                "debug", good -> good.debug(true),
                "isolation", good -> good.isolation(Isolation.SAME_USER),
                "version", good -> good.version(4));
        for (SealingPolicy policy : SealingPolicy.values()) {
            changes.forEach((what, change) ->
                    assertThat(change.apply(GOOD).key(policy)).as("%s, %s", policy, what).isNotEqualTo(GOOD.key(policy)));
        }
    }

    @Test
    void theMeasurementPolicyBindsTheMeasurement() {
        assertThat(GOOD.bundle("other").key(SealingPolicy.MEASUREMENT)).isNotEqualTo(GOOD.key(SealingPolicy.MEASUREMENT));
    }

    @Test
    void theSignerPolicyBindsSignerProductAndJavaReleaseAndNotTheMeasurement() {
        Bytes key = GOOD.key(SealingPolicy.SIGNER);

        assertThat(GOOD.signer("someone else").key(SealingPolicy.SIGNER)).isNotEqualTo(key);
        assertThat(GOOD.product(8).key(SealingPolicy.SIGNER)).isNotEqualTo(key);
        assertThat(GOOD.javaRelease(26).key(SealingPolicy.SIGNER)).isNotEqualTo(key);
        assertThat(GOOD.bundle("an update").key(SealingPolicy.SIGNER)).isEqualTo(key);
    }

    @Test
    void policiesSaltsAndRootsGiveDifferentKeys() throws SealingRefusedException {
        assertThat(GOOD.key(SealingPolicy.SIGNER)).isNotEqualTo(GOOD.key(SealingPolicy.MEASUREMENT));
        for (SealingPolicy policy : SealingPolicy.values()) {
            assertThat(GOOD.key(policy, 3, salt(2))).isNotEqualTo(GOOD.key(policy, 3, salt(1)));
        }
    }

    /** Whatever the identities: two get the same key only where they are the same in all that the policy binds. */
    @Test
    void keysDependOnAllThatThePolicyBindsAndNothingElse() {
        qt().withFixedSeed(6).withExamples(1000).forAll(integers().between(0, 127), integers().between(0, 127))
                .checkAssert((one, other) -> {
                    for (SealingPolicy policy : SealingPolicy.values()) {
                        Enclave a = enclave(one);
                        Enclave b = enclave(other);
                        assertThat(a.key(policy).equals(b.key(policy)))
                                .as("%s: %s and %s", policy, a, b)
                                .isEqualTo(bound(policy, a).equals(bound(policy, b)));
                    }
                });
    }

    private static Enclave enclave(int bits) {
        return new Enclave(
                (bits & 1) == 0 ? KeeperReport.PROCESS : KeeperReport.VM,
                (bits & 2) == 0 ? "bundle" : "other",
                (bits & 4) == 0 ? "signer" : "someone else",
                bits >> 3 & 1,
                bits >> 4 & 1,
                (bits & 32) == 0,
                (bits & 64) == 0 ? Isolation.SEPARATE_USER : Isolation.SAME_USER,
                25);
    }

    private static List<Object> bound(SealingPolicy policy, Enclave enclave) {
        return switch (policy) {
            case MEASUREMENT ->
                List.of(enclave.platform(), enclave.bundle(), enclave.version(), enclave.debug(), enclave.isolation());
            case SIGNER ->
                List.of(
                        enclave.platform(),
                        enclave.signer(),
                        enclave.product(),
                        enclave.version(),
                        enclave.debug(),
                        enclave.isolation());
        };
    }

    @Test
    void newerVersionsGetExactlyTheKeysOfOlderOnes() {
        qt().withFixedSeed(7).withExamples(200).forAll(longs().between(0, 0xffffffffL), longs().between(0, 0xffffffffL))
                .checkAssert((one, other) -> {
                    long older = Math.min(one, other);
                    long newer = Math.max(one, other);
                    try {
                        assertThat(GOOD.version(newer).bundle("an update").key(SealingPolicy.SIGNER, older, SALT))
                                .isEqualTo(GOOD.version(older).key(SealingPolicy.SIGNER, older, SALT));
                    } catch (SealingRefusedException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    @Test
    void refusesOlderVersionsTheKeysOfNewerOnes() {
        for (long asked : new long[] {4, 5, 0xffffffffL, Long.MAX_VALUE}) {
            assertThatExceptionOfType(SealingRefusedException.class)
                    .isThrownBy(() -> GOOD.key(SealingPolicy.SIGNER, asked, SALT))
                    .satisfies(e -> assertThat(e.detail()).isEqualTo(new SealingRefusedException.Detail(3, asked)));
        }
    }

    @Test
    void refusesMeasuredKeysOfAnyVersionButTheOwn() {
        for (long asked : new long[] {-1, 0, 2, 4}) {
            assertThatExceptionOfType(SealingRefusedException.class)
                    .isThrownBy(() -> GOOD.key(SealingPolicy.MEASUREMENT, asked, SALT));
        }
    }

    @Test
    void refusesNegativeVersionsAndSaltsOfAnotherLength() {
        assertThatExceptionOfType(SealingRefusedException.class).isThrownBy(() -> GOOD.key(SealingPolicy.SIGNER, -1, SALT));
        for (int length : new int[] {0, 31, 33}) {
            assertThatIllegalArgumentException().isThrownBy(() -> GOOD.key(SealingPolicy.SIGNER, 3, new byte[length]));
        }
    }
}
