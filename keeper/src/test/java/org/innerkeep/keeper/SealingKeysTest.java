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
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.Confinement.Mechanism;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.evidence.keeper.KeeperReport.Isolation;
import org.junit.jupiter.api.Test;

class SealingKeysTest {
    private static final byte[] ROOT = new byte[32];
    private static final byte[] SALT = salt(1);
    private static final Enclave GOOD =
            new Enclave(KeeperReport.PROCESS, "bundle", "signer", 7, 3, false, Isolation.SEPARATE_USER, Confinement.NONE, 25);

    /** Everything of an enclave's identity, changeable one part at a time. */
    private record Enclave(
            String platform,
            String bundle,
            String signer,
            long product,
            long version,
            boolean debug,
            Isolation isolation,
            Confinement confinement,
            int javaRelease) {
        Enclave platform(String value) {
            return new Enclave(value, bundle, signer, product, version, debug, isolation, confinement, javaRelease);
        }

        Enclave bundle(String value) {
            return new Enclave(platform, value, signer, product, version, debug, isolation, confinement, javaRelease);
        }

        Enclave signer(String value) {
            return new Enclave(platform, bundle, value, product, version, debug, isolation, confinement, javaRelease);
        }

        Enclave product(long value) {
            return new Enclave(platform, bundle, signer, value, version, debug, isolation, confinement, javaRelease);
        }

        Enclave version(long value) {
            return new Enclave(platform, bundle, signer, product, value, debug, isolation, confinement, javaRelease);
        }

        Enclave debug(boolean value) {
            return new Enclave(platform, bundle, signer, product, version, value, isolation, confinement, javaRelease);
        }

        Enclave isolation(Isolation value) {
            return new Enclave(platform, bundle, signer, product, version, debug, value, confinement, javaRelease);
        }

        Enclave confinement(Mechanism... value) {
            return new Enclave(platform, bundle, signer, product, version, debug, isolation, Confinement.of(value), javaRelease);
        }

        Enclave javaRelease(int value) {
            return new Enclave(platform, bundle, signer, product, version, debug, isolation, confinement, value);
        }

        byte[] key(SealingPolicy policy, long asked, byte[] salt) throws SealingRefusedException {
            return key(policy, asked, confinement, salt);
        }

        byte[] key(SealingPolicy policy, long asked, Confinement under, byte[] salt) throws SealingRefusedException {
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
                    confinement,
                    Bytes.of(new byte[16]),
                    Bytes.of(new byte[64]),
                    Instant.EPOCH);
            return SealingKeys.derive(ROOT, report, javaRelease, new SealingKeyRequest(policy, asked, under.bits(), salt));
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
        assertThat(Bytes.of(GOOD.key(SealingPolicy.SIGNER, 3, SALT)).hex()).isEqualTo("ebc5f0691ad4e32a305ca7aa028807b2dc8cc15d2136a772aee069bbf11096df");
        assertThat(Bytes.of(GOOD.key(SealingPolicy.MEASUREMENT, 3, SALT)).hex()).isEqualTo("3a3146fb598b59e90bc71d46129f58c7c21df3dc4ced0c8c6dd8512c4e3ff778");
    }

    @Test
    void anyChangeOfWhatBothPoliciesBindGivesAnotherKey() {
        Map<String, UnaryOperator<Enclave>> changes = Map.of(
                "platform", good -> good.platform(KeeperReport.VM),
                "debug", good -> good.debug(true),
                "isolation", good -> good.isolation(Isolation.SAME_USER),
                "confinement", good -> good.confinement(Mechanism.SECRET_HEAP),
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
        qt().withFixedSeed(6).withExamples(1000).forAll(integers().between(0, 1023), integers().between(0, 1023))
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
                Confinement.ofBits(bits >> 7),
                25);
    }

    private static List<Object> bound(SealingPolicy policy, Enclave enclave) {
        return switch (policy) {
            case MEASUREMENT ->
                List.of(
                        enclave.platform(),
                        enclave.bundle(),
                        enclave.version(),
                        enclave.debug(),
                        enclave.isolation(),
                        enclave.confinement());
            case SIGNER ->
                List.of(
                        enclave.platform(),
                        enclave.signer(),
                        enclave.product(),
                        enclave.version(),
                        enclave.debug(),
                        enclave.isolation(),
                        enclave.confinement());
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

    /** Whatever was learned about a machine since: the key is that of the confinement that it was sealed under. */
    @Test
    void strongerConfinementsGetExactlyTheKeysOfWeakerOnes() throws SealingRefusedException {
        Confinement secret = Confinement.of(Mechanism.SECRET_HEAP);
        for (SealingPolicy policy : SealingPolicy.values()) {
            byte[] key = GOOD.confinement(Mechanism.SECRET_HEAP).key(policy, 3, secret, SALT);

            assertThat(GOOD.confinement(Mechanism.values()).key(policy, 3, secret, SALT)).isEqualTo(key);
            assertThat(GOOD.confinement(Mechanism.values()).key(policy, 3, Confinement.NONE, SALT))
                    .isEqualTo(GOOD.key(policy, 3, SALT));
        }
    }

    @Test
    void refusesWeakerConfinementsTheKeysOfStrongerOnesAndSaysWhatIsMissing() {
        Confinement asked = Confinement.of(Mechanism.SECRET_HEAP, Mechanism.SECCOMP);
        for (SealingPolicy policy : SealingPolicy.values()) {
            for (Enclave weaker : List.of(GOOD, GOOD.confinement(Mechanism.SECCOMP, Mechanism.LANDLOCK, Mechanism.NAMESPACES))) {
                assertThatExceptionOfType(SealingRefusedException.class)
                        .isThrownBy(() -> weaker.key(policy, 3, asked, SALT))
                        .satisfies(e -> assertThat(e.detail().missing()).contains("secret-heap"))
                        .withMessageContaining("confined by secret-heap");
            }
        }
    }

    @Test
    void refusesOlderVersionsTheKeysOfNewerOnes() {
        for (long asked : new long[] {4, 5, 0xffffffffL, Long.MAX_VALUE}) {
            assertThatExceptionOfType(SealingRefusedException.class)
                    .isThrownBy(() -> GOOD.key(SealingPolicy.SIGNER, asked, SALT))
                    .satisfies(e -> assertThat(e.detail()).isEqualTo(new SealingRefusedException.Detail(3, asked, List.of())));
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
