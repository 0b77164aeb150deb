package org.innerkeep.attestation.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.innerkeep.attestation.AttestationRequest;
import org.innerkeep.attestation.AttestationType;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.jws.CompactJws;
import org.innerkeep.attestation.jws.PolicyJws;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.fuzz.Fuzzer;
import org.junit.jupiter.api.Test;

/** Bodies of requests and envelopes of policies: whatever comes is read or refused, and nothing else happens. */
class RequestFuzzTest {
    private static final List<byte[]> BODIES = List.of(
            bytes("{\"evidence\":\"AQIDBA\",\"runtimeData\":{\"data\":\"e30\",\"dataType\":\"JSON\"},\"nonce\":18446744073709551615}"),
            bytes("{\"evidence\":\"AQID\",\"endorsements\":[\"MIIC\",\"e30\"],\"initTimeData\":{\"data\":\"AA==\",\"dataType\":\"BINARY\"},"
                    + "\"draftPolicyForAttestation\":\"version=1.0;\",\"nonce\":\"n\"}"));

    private static final List<byte[]> ENVELOPES = List.of(
            bytes(PolicyJws.unsigned("version=1.0;authorizationrules{=>permit();};issuancerules{};").jws().text()),
            bytes("eyJhbGciOiJub25lIn0.."),
            bytes("eyJhbGciOiJSUzI1NiJ9.e30.AAAA"));

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void bodiesAreReadOrRefused() {
        assertThat(new Fuzzer(5, BODIES).run(20_000, input -> body(input, request -> {}))).isEmpty();
    }

    @Test
    void findsAPlantedBugBehindBodies() {
        Optional<Fuzzer.Finding> finding = new Fuzzer(5, BODIES).run(20_000, input -> body(input, request -> {
            if (request.evidence().toArray()[0] != 1) {
                throw new ArithmeticException("planted");
            }
        }));
        assertThat(finding).isPresent();
    }

    @Test
    void envelopesAreReadOrRefused() {
        assertThat(new Fuzzer(6, ENVELOPES).run(20_000, RequestFuzzTest::envelope)).isEmpty();
    }

    @FuzzTest(maxDuration = "30s")
    void fuzzBodies(byte[] data) {
        body(data, request -> {});
    }

    @FuzzTest(maxDuration = "30s")
    void fuzzEnvelopes(byte[] data) {
        envelope(data);
    }

    private static void body(byte[] input, Consumer<AttestationRequest> behind) {
        AttestationRequest request;
        try {
            request = AttestBodies.read(AttestationType.EVIDENCE, Bytes.of(input));
        } catch (RefusedException e) {
            assertThat(e.problem().code().status()).isEqualTo(400);
            return;
        }
        assertThat(request.evidence().length()).isPositive();
        behind.accept(request);
    }

    private static void envelope(byte[] input) {
        String text = new String(input, StandardCharsets.ISO_8859_1);
        try {
            CompactJws jws = PolicyJws.parse(text).jws();
            assertThat(jws.text()).isEqualTo(text);
            assertThat(jws.algorithm().isPresent()).isEqualTo(jws.signature().length() > 0);
        } catch (MalformedException e) {
            assertThat(e.getMessage()).doesNotContain("\n");
        }
    }
}
