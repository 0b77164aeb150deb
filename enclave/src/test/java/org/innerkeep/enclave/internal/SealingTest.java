package org.innerkeep.enclave.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.keeper.PlatformService;
import org.innerkeep.enclave.SealTo;
import org.innerkeep.enclave.UnsealException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.Confinement.Mechanism;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SealingTest {
    private static final byte[] SECRET = TestPlatform.repeated(0x5a, 48);

    private static Sealing enclave(String bundle, long version) {
        return new Sealing(new TestPlatform(bundle, version), version, 0, new SecureRandom());
    }

    private static Sealing confined(Confinement confinement) {
        return new Sealing(new TestPlatform("fraud", 3, confinement), 3, confinement.bits(), new SecureRandom());
    }

    private static void refuses(Sealing enclave, byte[] sealed, String message) {
        assertThatExceptionOfType(UnsealException.class)
                .isThrownBy(() -> enclave.unseal(sealed))
                .withMessageContaining(message);
    }

    @Test
    void opensWhatItSealedWhateverTheContent() {
        Sealing enclave = enclave("fraud", 3);
        qt().withFixedSeed(1).withExamples(200).forAll(integers().between(0, 5000), integers().between(0, 1))
                .checkAssert((length, to) -> {
                    byte[] plaintext = TestPlatform.repeated(length, length);
                    try {
                        assertThat(enclave.unseal(enclave.seal(SealTo.values()[to], plaintext))).isEqualTo(plaintext);
                    } catch (IOException | UnsealException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    @ParameterizedTest
    @EnumSource(SealTo.class)
    void sealedBytesAre56To65BytesLongerThanThePlaintext(SealTo to) throws Exception {
        assertThat(enclave("fraud", 0).seal(to, new byte[0])).hasSize(56);
        assertThat(enclave("fraud", 0xffffffffL).seal(to, new byte[1 << 20])).hasSize((1 << 20) + 64);
        assertThat(confined(Confinement.of(Mechanism.values())).seal(to, new byte[0])).hasSize(57);
    }

    @ParameterizedTest
    @EnumSource(SealTo.class)
    void opensUnderMoreMechanismsWhatIsSealedUnderFewerAndNeverTheOtherWayRound(SealTo to) throws Exception {
        Sealing bare = confined(Confinement.NONE);
        Sealing secret = confined(Confinement.of(Mechanism.SECRET_HEAP));
        Sealing both = confined(Confinement.of(Mechanism.SECRET_HEAP, Mechanism.LANDLOCK));

        assertThat(both.unseal(secret.seal(to, SECRET))).isEqualTo(SECRET);
        assertThat(secret.unseal(bare.seal(to, SECRET))).isEqualTo(SECRET);
        refuses(bare, secret.seal(to, SECRET), "confined by secret-heap as well");
        refuses(secret, both.seal(to, SECRET), "confined by landlock as well");
    }

    @Test
    void refusesAClaimOfAWeakerConfinementThanTheOneItWasSealedUnder() throws Exception {
        byte[] sealed = confined(Confinement.of(Mechanism.SECRET_HEAP)).seal(SealTo.SIGNER, SECRET);
        // The head is an array, purpose, policy, security version, then the confinement.
        assertThat(sealed[4]).isEqualTo((byte) 1);
        sealed[4] = 0;

        refuses(confined(Confinement.NONE), sealed, "changed");
        refuses(confined(Confinement.of(Mechanism.SECRET_HEAP)), sealed, "changed");
    }

    @Test
    void sealsTheSameTextToOtherBytesEachTimeWithoutShowingIt() throws Exception {
        Sealing enclave = enclave("fraud", 3);
        byte[] first = enclave.seal(SealTo.SIGNER, SECRET);

        assertThat(enclave.seal(SealTo.SIGNER, SECRET)).isNotEqualTo(first);
        assertThat(Bytes.of(first).hex()).doesNotContain("5a5a5a5a5a5a5a5a");
    }

    @ParameterizedTest
    @EnumSource(SealTo.class)
    void refusesEveryFlippedBit(SealTo to) throws Exception {
        Sealing enclave = enclave("fraud", 3);
        byte[] sealed = enclave.seal(to, SECRET);
        for (int bit = 0; bit < sealed.length * 8; bit++) {
            byte[] changed = sealed.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);

            assertThatExceptionOfType(UnsealException.class)
                    .as("bit %d", bit)
                    .isThrownBy(() -> enclave.unseal(changed))
                    .withMessageNotContaining("5a5a");
        }
    }

    @ParameterizedTest
    @EnumSource(SealTo.class)
    void refusesEveryCutAndAnyByteTooMany(SealTo to) throws Exception {
        Sealing enclave = enclave("fraud", 3);
        byte[] sealed = enclave.seal(to, SECRET);
        for (int length = 0; length < sealed.length; length++) {
            refuses(enclave, Arrays.copyOf(sealed, length), "not a sealed value");
        }
        refuses(enclave, Arrays.copyOf(sealed, sealed.length + 1), "not a sealed value");
    }

    @Test
    void refusesAnotherBundleWhatIsSealedToTheMeasurement() throws Exception {
        byte[] sealed = enclave("fraud", 3).seal(SealTo.MEASUREMENT, SECRET);

        assertThat(enclave("fraud", 3).unseal(sealed)).isEqualTo(SECRET);
        refuses(enclave("other", 3), sealed, "another identity");
    }

    @Test
    void opensForALaterBundleOfTheSignerWhatIsSealedToTheSigner() throws Exception {
        byte[] sealed = enclave("fraud", 3).seal(SealTo.SIGNER, SECRET);

        assertThat(enclave("fraud 2", 3).unseal(sealed)).isEqualTo(SECRET);
        assertThat(enclave("fraud 3", 4).unseal(sealed)).isEqualTo(SECRET);
    }

    @Test
    void refusesAnOlderVersionWhatANewerSealedAndSaysWhich() throws Exception {
        byte[] sealed = enclave("fraud", 4).seal(SealTo.SIGNER, SECRET);

        refuses(enclave("fraud", 3), sealed, "sealed at security version 4, which version 3 may not open");
    }

    @Test
    void refusesAClaimOfAnOlderVersionThanTheOneItWasSealedAt() throws Exception {
        byte[] sealed = enclave("fraud", 4).seal(SealTo.SIGNER, SECRET);
        byte[] relabelled = sealed.clone();
        // The head is an array, version 1, policy, then the security version.
        assertThat(relabelled[3]).isEqualTo((byte) 4);
        relabelled[3] = 3;

        refuses(enclave("fraud", 3), relabelled, "changed");
    }

    @Test
    void refusesSealedToTheSignerWhatIsRelabelledFromTheMeasurement() throws Exception {
        byte[] sealed = enclave("fraud", 3).seal(SealTo.MEASUREMENT, SECRET);
        byte[] relabelled = sealed.clone();
        relabelled[2] ^= 1;

        refuses(enclave("fraud", 3), relabelled, "changed");
    }

    @Test
    void refusesToSealMoreThan64MiB() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> enclave("fraud", 3).seal(SealTo.SIGNER, new byte[(64 << 20) + 1]))
                .withMessageContaining("67108864");
    }

    @Test
    void tellsALostKeeperApartFromAChangedValue() throws Exception {
        byte[] sealed = enclave("fraud", 3).seal(SealTo.SIGNER, SECRET);
        PlatformService gone = new Gone();
        Sealing enclave = new Sealing(gone, 3, 0, new SecureRandom());

        assertThatExceptionOfType(IOException.class).isThrownBy(() -> enclave.unseal(sealed)).withMessageContaining("keeper");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> enclave.seal(SealTo.SIGNER, SECRET))
                .withMessageContaining("keeper");
    }

    /** A keeper whose connection has ended. */
    private static final class Gone implements PlatformService {
        private static CallException gone() {
            return new CallException(CallException.Code.DISCONNECTED, "the keeper has ended");
        }

        @Override
        public Launch launch() {
            throw gone();
        }

        @Override
        public byte[] report(byte[] reportData) {
            throw gone();
        }

        @Override
        public byte[] sealingKey(SealingKeyRequest request) {
            throw gone();
        }

        @Override
        public Optional<RegisterState> claimRegister(String name) {
            throw gone();
        }

        @Override
        public void advanceRegister(String name, long from, RegisterState to) {
            throw gone();
        }

        @Override
        public void waiting() {
            throw gone();
        }
    }
}
