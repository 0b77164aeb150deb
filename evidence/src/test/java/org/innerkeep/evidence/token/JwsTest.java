package org.innerkeep.evidence.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JwsTest {
    private static final String HEADER = "{\"alg\":\"RS256\",\"kid\":\"1\"}";
    private static final String CLAIMS = "{\"iss\":\"service\",\"exp\":1}";

    static byte[] token(String header, String payload) {
        return ascii(url(header) + "." + url(payload) + ".AAAA");
    }

    private static String url(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void writesWhatItReads() throws MalformedException {
        for (String end : new String[] {"", "\n", "\r\n"}) {
            byte[] bytes = ascii(new String(token(HEADER, CLAIMS), StandardCharsets.US_ASCII) + end);
            Jws jws = Jws.parse(bytes);
            assertThat(jws.toByteArray()).isEqualTo(bytes);
            assertThat(jws.algorithm()).isEqualTo("RS256");
            assertThat(jws.keyId()).hasValue("1");
            assertThat(jws.signature()).isEqualTo(Bytes.of(new byte[3]));
        }
    }

    @Test
    void isFoundByItsFirstBytesAndNothingElseIs() {
        assertThat(Jws.looksLike(token(HEADER, CLAIMS))).isTrue();
        assertThat(Jws.looksLike(token("{\n\"alg\":\"RS256\"}", CLAIMS))).isTrue();
        for (String other : new String[] {"", "e", "ey", "eyJ", "eyJhbGci", "eA.b.c", "{}", "-----BEGIN CERTIFICATE-----", "a.b.c", "ey\0.", "ey .", "ey=."}) {
            assertThat(Jws.looksLike(ascii(other))).as(other).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", ".", "..", "a.b", "e30.e30", "e30.e30.AA.AA", "e30.e30.AA.", ".e30.AA", "e30.e30.AA==", "e30=.e30.AA", " e30.e30.AA",
        "e30.e30.AA\n\n", "e30.e30.AA ", "e30.e30.A", "e30.e30.AB", "e31.e30.AA", "e30.e30.A+", "e30.e30.A/AA", "{\"payload\":\"\"}"
    })
    void anotherFormIsMalformed(String text) {
        assertThatExceptionOfType(MalformedException.class).isThrownBy(() -> Jws.parse(ascii(text)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{}|alg",
        "[]|header",
        "{\"alg\":1}|alg",
        "{\"alg\":\"\"}|alg",
        "{\"alg\":null}|alg",
        "{\"alg\":\"RS256\",\"alg\":\"none\"}|header",
        "{\"alg\":\"RS256\",\"crit\":[\"exp\"]}|crit",
        "{\"alg\":\"RS256\",\"crit\":[]}|crit",
        "{\"alg\":\"RS256\",\"b64\":false}|b64",
        "{\"alg\":\"RS256\",\"kid\":7}|kid",
        "{\"alg\":\"RS256\",\"kid\":\"\"}|kid",
        "{\"alg\":\"RS256\",\"typ\":{}}|typ",
        "{\"alg\":\"RS256\",\"x5c\":\"AAAA\"}|x5c",
        "{\"alg\":\"RS256\",\"x5c\":[]}|x5c",
        "{\"alg\":\"RS256\",\"x5c\":[1]}|x5c",
        "{\"alg\":\"RS256\",\"x5c\":[\"A-_A\"]}|x5c",
        "{\"alg\":\"RS256\",\"x5c\":[\"AA\"]}|x5c",
        "{\"alg\":\"RS256\"} x|header"
    })
    void aHeaderOfAnotherFormIsMalformed(String header, String field) {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> Jws.parse(token(header, CLAIMS)))
                .satisfies(e -> assertThat(e.field()).isEqualTo(field));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "foo|claims",
        "[]|claims",
        "{\"exp\":1}|iss",
        "{\"iss\":7,\"exp\":1}|iss",
        "{\"iss\":\"\",\"exp\":1}|iss",
        "{\"iss\":\"a\",\"iss\":\"b\",\"exp\":1}|claims",
        "{\"iss\":\"a\"}|exp",
        "{\"iss\":\"a\",\"exp\":\"1\"}|exp",
        "{\"iss\":\"a\",\"exp\":null}|exp",
        "{\"iss\":\"a\",\"exp\":-1}|exp",
        "{\"iss\":\"a\",\"exp\":1e999}|exp",
        "{\"iss\":\"a\",\"exp\":253402300800}|exp",
        "{\"iss\":\"a\",\"exp\":1,\"nbf\":\"x\"}|nbf",
        "{\"iss\":\"a\",\"exp\":1,\"iat\":true}|iat"
    })
    void claimsOfAnotherFormAreMalformed(String claims, String field) {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> Token.parse(token(HEADER, claims)))
                .satisfies(e -> assertThat(e.field()).isEqualTo(field));
    }

    @Test
    void timesMayHaveParts() throws MalformedException {
        Token token = Token.parse(token(HEADER, "{\"iss\":\"a\",\"exp\":17.25,\"nbf\":1e-300}"));
        assertThat(token.expires()).isEqualTo("1970-01-01T00:00:17.250Z");
        assertThat(token.notBefore()).hasValue(Instant.EPOCH);
    }

    @Test
    void hugeAndDeepTokensAreRefusedInBoundedTime() {
        byte[] huge = new byte[Verifier.MAX_EVIDENCE_BYTES];
        Arrays.fill(huge, (byte) 'A');
        System.arraycopy(ascii("eyJ.A."), 0, huge, 0, 6);
        assertMalformed(huge);
        assertMalformed(token("{\"alg\":\"RS256\",\"x\":" + "[".repeat(60_000), CLAIMS));
        assertMalformed(token(HEADER, "{\"a\":".repeat(150_000)));
        assertMalformed(token(HEADER, "[" + "[],".repeat(200_000) + "[]]"));
        assertMalformed(token("{\"alg\":\"RS256\",\"x5c\":[" + "\"AAAA\",".repeat(10_000) + "\"AAAA\"]}", CLAIMS));
        assertMalformed(token("{\"alg\":\"" + "R".repeat(100_000) + "\"}", CLAIMS));
    }

    private static void assertMalformed(byte[] bytes) {
        Verdict verdict = new Verifier().verify(bytes, Endorsements.none(), Instant.EPOCH, VerifierOptions.of());
        assertThat(verdict).isInstanceOfSatisfying(Verdict.Refused.class, refused ->
                assertThat(refused.reasons()).singleElement().extracting(Reason::code).isEqualTo(Reason.Code.MALFORMED));
    }
}
