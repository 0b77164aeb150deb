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
import org.innerkeep.evidence.internal.JsonValue;
import org.innerkeep.evidence.token.Token;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real tokens and key sets. */
@Order(1)
class TokenMutationTest {
    private final Verifier verifier = Verifier.with(new RememberingProvider());

    /** What may change of a token: nothing. Its line end is not signed, and is of two forms only. */
    @ParameterizedTest
    @ValueSource(strings = {"maa-jwt", "ita-jwt", "gcp-confidential-space-jwt"})
    void everyByteOfATokenCounts(String kind) throws MalformedException {
        int accepted = 0;
        for (RealCase each : RealEvidenceTest.cases(kind)) {
            RealToken.Trust trust = RealToken.trusts(each).getFirst();
            if (verify(each, each.file("token"), trust, trust.endorsements()) instanceof Verdict.Accepted) {
                new Mutation(each, "token", each.file("token"))
                        .oneOf(9)
                        .run(changed -> verify(each, changed, trust, trust.endorsements()));
                accepted++;
            }
        }
        assertThat(accepted).as("cases that are accepted unchanged").isPositive();
    }

    private Verdict verify(RealCase each, Bytes token, RealToken.Trust trust, Endorsements endorsements) {
        return verifier.verify(token.toArray(), endorsements, each.at(), RealToken.lenient(trust).allowDebug());
    }

    /**
     * Nothing signs a key set; of what it says, only the key's certificates count, which lead to the pinned root. What may change: all
     * but the key id, and the certificates below the root.
     */
    @ParameterizedTest
    @ValueSource(strings = "ita-jwt")
    void everyByteOfAKeysCertificatesCounts(String kind) throws MalformedException {
        for (RealCase each : RealEvidenceTest.cases(kind)) {
            RealToken.Trust trust = RealToken.trusts(each).getLast();
            List<JsonValue> covered = coveredValues(each.file("token").toArray(), each.file("jwks").toArray());
            new Mutation(each, "jwks", each.file("jwks"))
                    .oneOf(9)
                    .free("what a key set says beside the key's id and its certificates below the root", (at, changed) ->
                            covered.stream().noneMatch(value -> at > value.start() && at < value.end() - 1))
                    .run(changed -> verify(each, each.file("token"), trust, pool(changed.toArray())));
        }
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
