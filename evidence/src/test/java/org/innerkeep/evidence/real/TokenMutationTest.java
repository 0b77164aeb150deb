package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.internal.JsonValue;
import org.innerkeep.evidence.token.Token;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real tokens and key sets with one bit changed, at every byte. */
class TokenMutationTest {
    /** What may change of a token: nothing. Its line end is not signed, and is of two forms only. */
    @ParameterizedTest
    @ValueSource(strings = {"maa-jwt", "ita-jwt", "gcp-confidential-space-jwt"})
    void noChangedByteOfATokenIsAccepted(String kind) throws MalformedException {
        int accepted = 0;
        for (RealCase each : RealEvidenceTest.cases(kind)) {
            RealToken.Trust trust = RealToken.trusts(each).getFirst();
            VerifierOptions options = RealToken.lenient(trust).allowDebug();
            Verifier verifier = new Verifier();
            byte[] token = each.file("token").toArray();
            if (!(verifier.verify(token, trust.endorsements(), each.at(), options) instanceof Verdict.Accepted)) {
                continue;
            }
            accepted++;
            for (int i = 0; i < token.length; i++) {
                byte[] changed = token.clone();
                changed[i] ^= (byte) (i % 2 == 0 ? 0x01 : 0x04);
                if (verifier.verify(changed, trust.endorsements(), each.at(), options) instanceof Verdict.Accepted) {
                    throw new AssertionError("accepted with byte " + i + " of " + each + " changed");
                }
            }
        }
        assertThat(accepted).as("cases that are accepted unchanged").isPositive();
    }

    /**
     * Nothing signs a key set; of what it says, only the key's certificates count, which lead to the pinned root. What may change: all
     * but the key id, and the certificates below the root.
     */
    @ParameterizedTest
    @ValueSource(strings = "ita-jwt")
    void noChangedByteOfAKeysCertificatesIsAccepted(String kind) throws MalformedException {
        int positions = 0;
        for (RealCase each : RealEvidenceTest.cases(kind)) {
            RealToken.Trust trust = RealToken.trusts(each).getLast();
            VerifierOptions options = RealToken.lenient(trust).allowDebug();
            Verifier verifier = new Verifier();
            byte[] token = each.file("token").toArray();
            if (!(verifier.verify(token, trust.endorsements(), each.at(), options) instanceof Verdict.Accepted unchanged)) {
                continue;
            }
            byte[] set = each.file("jwks").toArray();
            List<JsonValue> covered = coveredValues(token, set);
            for (int i = 0; i < set.length; i++) {
                byte[] changed = set.clone();
                changed[i] ^= 0x01;
                int at = i;
                Verdict verdict = verifier.verify(token, pool(changed), each.at(), options);
                if (covered.stream().anyMatch(value -> at > value.start() && at < value.end() - 1)) {
                    assertThat(verdict).as("byte %s of the keys of %s", i, each).isNotInstanceOf(Verdict.Accepted.class);
                    positions++;
                } else if (verdict instanceof Verdict.Accepted accepted) {
                    assertThat(accepted.claims()).isEqualTo(unchanged.claims());
                }
            }
        }
        assertThat(positions).as("bytes that count").isPositive();
    }

    private static List<JsonValue> coveredValues(byte[] token, byte[] set) throws MalformedException {
        String id = Token.parse(token).jws().keyId().orElseThrow();
        List<JsonValue> covered = new ArrayList<>();
        for (JsonValue value : JsonValue.object("keys", set).array("keys", 256)) {
            JsonValue.Obj key = (JsonValue.Obj) value;
            if (key.text("kid").equals(id)) {
                covered.add(key.get("kid"));
                List<JsonValue> chain = key.array("x5c", 16);
                covered.addAll(chain.subList(0, chain.size() - 1));
            }
        }
        return covered;
    }

    private static Endorsements pool(byte[] document) throws MalformedException {
        try {
            return EndorsementPool.of(List.of(Bytes.of(document)));
        } catch (MalformedException e) {
            assertThat(new String(document, StandardCharsets.ISO_8859_1)).doesNotStartWith("{");
            return Endorsements.none();
        }
    }
}
