package org.innerkeep.channel.release;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Whatever the host carries to a vault or back is read or refused, and what is read is written again as it was. */
class ReleaseFormsFuzzTest {
    private static final List<byte[]> CHALLENGES = List.of(Samples.challenge().toByteArray());
    private static final List<byte[]> REQUESTS = List.of(
            Samples.request(Optional.empty()).toByteArray(), Samples.request(Optional.of(Samples.digest("job"))).toByteArray());
    private static final List<byte[]> CALLS = List.of(
            new ReleaseCall(Samples.request(Optional.empty()), Samples.digest("evidence"), List.of()).toByteArray(),
            new ReleaseCall(
                            Samples.request(Optional.empty()),
                            Samples.digest("evidence"),
                            List.of(Samples.digest("one"), Samples.digest("other")))
                    .toByteArray());
    private static final List<byte[]> RESPONSES = List.of(Samples.response().toByteArray());
    private static final List<byte[]> RECIPIENTS = List.of(Samples.recipient("patients").toByteArray());

    @Test
    void formsSurviveHostileBytes() {
        assertThat(new Fuzzer(31, CHALLENGES).run(20_000, ReleaseFormsFuzzTest::challenge)).isEmpty();
        assertThat(new Fuzzer(32, REQUESTS).run(20_000, input -> request(input, found -> {}))).isEmpty();
        assertThat(new Fuzzer(33, CALLS).run(20_000, ReleaseFormsFuzzTest::call)).isEmpty();
        assertThat(new Fuzzer(34, RESPONSES).run(20_000, ReleaseFormsFuzzTest::response)).isEmpty();
        assertThat(new Fuzzer(35, RECIPIENTS).run(20_000, ReleaseFormsFuzzTest::recipient)).isEmpty();
    }

    @Test
    void findsAPlantedBugBehindRequests() {
        assertThat(new Fuzzer(32, REQUESTS).run(20_000, input -> request(input, found -> {
                    if (!found.header().equals(Samples.digest("header"))) {
                        throw new ArithmeticException("planted");
                    }
                })))
                .isPresent();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzz(byte[] data) {
        challenge(data);
        request(data, found -> {});
        call(data);
        response(data);
        recipient(data);
    }

    private static void recipient(byte[] input) {
        try {
            assertThat(SignedRecipient.parse(input).toByteArray()).isEqualTo(input);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
    }

    private static void challenge(byte[] input) {
        try {
            assertThat(Challenge.parse(input).toByteArray()).isEqualTo(input);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
    }

    private static void request(byte[] input, Consumer<ReleaseRequest> behind) {
        ReleaseRequest request;
        try {
            request = ReleaseRequest.parse(input);
        } catch (MalformedException e) {
            return;
        }
        assertThat(request.toByteArray()).isEqualTo(input);
        assertThat(request.digest()).isEqualTo(Bytes.sha256(input));
        behind.accept(request);
    }

    private static void call(byte[] input) {
        try {
            assertThat(ReleaseCall.parse(input).toByteArray()).isEqualTo(input);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
    }

    private static void response(byte[] input) {
        try {
            assertThat(ReleaseResponse.parse(input).toByteArray()).isEqualTo(input);
        } catch (MalformedException e) {
            // Refused, as it should be.
        }
    }
}
