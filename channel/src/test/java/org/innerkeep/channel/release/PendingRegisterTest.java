package org.innerkeep.channel.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.innerkeep.channel.release.RegisterRequest.Step;
import org.innerkeep.channel.release.ReleaseRefusedException.Code;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.cose.P256PublicKey;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** One request to a register, through a host that answers what it likes. */
class PendingRegisterTest {
    private static final Bytes DIGEST = Samples.digest("file");
    private static final RegisterState STATE = new RegisterState(4, DIGEST, 2, 2);

    private static final SecureRandom RANDOM = new SecureRandom();

    private static PendingRegister pending(Optional<Step> step) throws ReleaseRefusedException {
        return PendingRegister.begin(Samples.VAULT, Samples.challenge().toByteArray(), "patients", "model", step, RANDOM);
    }

    private static PendingRegister reading() throws ReleaseRefusedException {
        return pending(Optional.empty());
    }

    private static byte[] answer(Bytes request, RegisterState state) {
        return RegisterResponse.make(request, Samples.NOW, state, Samples.VAULT_KEY.getPrivate(), Samples.VAULT_PUBLIC).toByteArray();
    }

    private static void assertRefused(Code code, PendingRegister pending, byte[] answer, long leastEpoch) {
        assertThatExceptionOfType(ReleaseRefusedException.class)
                .isThrownBy(() -> pending.accept(answer, leastEpoch))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void theAnswerOfThePinnedVaultToThisRequestIsTaken() throws Exception {
        PendingRegister pending = reading();
        assertThat(pending.accept(answer(pending.request().digest(), STATE), 2)).isEqualTo(STATE);
        assertThat(pending.reportData()).isEqualTo(ReportData.of(ReportData.REGISTER, pending.request().toByteArray()));
    }

    @Test
    void answersOfOthersToOthersOrOfAnEarlierLifeAreRefused() throws Exception {
        PendingRegister pending = reading();
        Bytes asked = pending.request().digest();
        KeyPair other = Samples.newKey();
        assertRefused(Code.NOT_SIGNED, pending,
                RegisterResponse.make(asked, Samples.NOW, STATE, other.getPrivate(), P256PublicKey.of(other.getPublic())).toByteArray(), 1);
        assertRefused(Code.NOT_SIGNED, pending,
                RegisterResponse.make(asked, Samples.NOW, STATE, other.getPrivate(), Samples.VAULT_PUBLIC).toByteArray(), 1);
        assertRefused(Code.OTHER_REQUEST, pending, answer(pending(Optional.of(new Step(3, 4, DIGEST))).request().digest(), STATE), 1);
        assertRefused(Code.OLD_EPOCH, pending, answer(asked, STATE), 3);
        assertRefused(Code.MALFORMED, pending, new byte[0], 1);
    }

    /** The host that carried the first request keeps its challenge and its answer. */
    @Test
    void anAnswerToAnotherRequestOverTheSameChallengeIsRefused() throws Exception {
        PendingRegister first = reading();
        byte[] kept = answer(first.request().digest(), STATE);
        PendingRegister second = reading();
        assertThat(second.request().nonce()).isEqualTo(first.request().nonce());
        assertThat(second.reportData()).isNotEqualTo(first.reportData());
        assertRefused(Code.OTHER_REQUEST, second, kept, 1);
    }

    @Test
    void aRequestHasAClaimOfTheEnclaveOfOneLength() throws Exception {
        RegisterRequest request = reading().request();
        for (int length : new int[] {0, 31, 33}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new RegisterRequest(
                    request.nonce(), request.vault(), "patients", "model", Optional.empty(), Bytes.of(new byte[length])));
        }
        byte[] bytes = request.toByteArray();
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> RegisterRequest.parse(Arrays.copyOf(bytes, bytes.length - 1)));
        assertThat(RegisterRequest.parse(bytes)).isEqualTo(request);
    }

    @Test
    void noByteOfAnAnswerCanBeChanged() throws Exception {
        PendingRegister pending = reading();
        byte[] answer = answer(pending.request().digest(), STATE);
        for (int i = 0; i < answer.length; i++) {
            byte[] changed = answer.clone();
            changed[i] ^= 1;
            assertThatExceptionOfType(ReleaseRefusedException.class).as("byte " + i).isThrownBy(() -> pending.accept(changed, 1));
        }
    }

    @Test
    void aChallengeOfAnotherVaultIsRefused() {
        byte[] foreign = new Challenge(Samples.digest("nonce"), Samples.digest("other"), Samples.NOW, Duration.ofMinutes(2)).toByteArray();
        assertThatExceptionOfType(ReleaseRefusedException.class)
                .isThrownBy(() -> PendingRegister.begin(Samples.VAULT, foreign, "patients", "model", Optional.empty(), RANDOM))
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.OTHER_VAULT));
    }

    @Test
    void stepsGoForwardAndStatesHangTogether() {
        for (long[] wrong : new long[][] {{0, 0}, {3, 3}, {4, 3}, {-1, 2}, {0, RegisterRequest.LAST_VERSION + 1}}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new Step(wrong[0], wrong[1], DIGEST));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new RegisterState(0, DIGEST, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new RegisterState(1, Bytes.EMPTY, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new RegisterState(1, DIGEST, 3, 2));
        assertThat(new RegisterState(1, DIGEST, 2, 2).continuous()).isTrue();
        assertThat(new RegisterState(1, DIGEST, 1, 2).continuous()).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> new RegisterState(0, Bytes.EMPTY, 1, 2));
        assertThat(new RegisterState(0, Bytes.EMPTY, 2, 2).continuous()).isTrue();
        assertThat(new RegisterState(0, Bytes.EMPTY, 0, 2).continuous()).isFalse();
    }

    private static List<byte[]> seeds() {
        try {
            RegisterRequest step = pending(Optional.of(new Step(3, 4, DIGEST))).request();
            return List.of(
                    reading().request().toByteArray(),
                    step.toByteArray(),
                    new RegisterCall(step, DIGEST, List.of(DIGEST)).toByteArray(),
                    answer(step.digest(), STATE),
                    answer(step.digest(), new RegisterState(0, Bytes.EMPTY, 0, 1)));
        } catch (ReleaseRefusedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void read(byte[] data) {
        try {
            assertThat(RegisterRequest.parse(data).toByteArray()).isEqualTo(data);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
        try {
            assertThat(RegisterCall.parse(data).toByteArray()).isEqualTo(data);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
        try {
            assertThat(RegisterResponse.parse(data).toByteArray()).isEqualTo(data);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
    }

    @Test
    void formsSurviveHostileBytes() {
        assertThat(new Fuzzer(91, seeds()).run(40_000, PendingRegisterTest::read)).isEmpty();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        read(data);
    }
}
