package org.innerkeep.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class PolicyNamesTest {
    private static final Bytes DIGEST = Bytes.of(new byte[32]);

    @Test
    void commonClaimsHaveTheirNames() {
        Map<String, ClaimValue> named = claims(
                        "keeper-report", "process", Map.of("isolation", ClaimValue.of("separate-user"), "secret-heap", ClaimValue.of(true)))
                .named();

        assertThat(named)
                .containsEntry("kind", ClaimValue.of("keeper-report"))
                .containsEntry("platform", ClaimValue.of("process"))
                .containsEntry("measurement", ClaimValue.of("sha-256:" + DIGEST.hex()))
                .containsEntry("signer", ClaimValue.of(DIGEST.hex()))
                .containsEntry("product-id", ClaimValue.of(7))
                .containsEntry("security-version", ClaimValue.of(2))
                .containsEntry("debug", ClaimValue.of(false))
                .containsEntry("report-data", ClaimValue.of("0102"))
                .containsEntry("issued-at", ClaimValue.of(1_000_000))
                .containsEntry("anchor", ClaimValue.of("03"))
                .containsEntry("isolation", ClaimValue.of("separate-user"))
                .containsEntry("secret-heap", ClaimValue.of(true))
                .doesNotContainKeys("$tee", "x-ms-attestation-type");
    }

    @Test
    void anEnclaveOfSgxHasTheOlderNamesAsWell() {
        assertThat(claims("sgx-quote", "sgx", Map.of()).named())
                .containsEntry("x-ms-attestation-type", ClaimValue.of("sgx"))
                .containsEntry("$tee", ClaimValue.of("sgx"))
                .containsEntry("$is-debuggable", ClaimValue.of(false))
                .containsEntry("$product-id", ClaimValue.of(7))
                .containsEntry("$svn", ClaimValue.of(2))
                .containsEntry("$sgx-mrsigner", ClaimValue.of(DIGEST.hex()))
                .containsEntry("$sgx-mrenclave", ClaimValue.of(DIGEST.hex()));
    }

    @Test
    void noDetailTakesThePlaceOfAClaimThatTheVerifierMade() {
        Claims claims = new Claims(
                "token",
                "snp",
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                true,
                Bytes.EMPTY,
                Optional.empty(),
                Bytes.EMPTY,
                Map.of("debug", ClaimValue.of(false), "signer", ClaimValue.of("me"), "platform", ClaimValue.of("sgx")));

        assertThat(claims.named())
                .containsEntry("debug", ClaimValue.of(true))
                .containsEntry("platform", ClaimValue.of("snp"))
                .doesNotContainKey("signer");
    }

    /** Whoever sets the policy of an attestation service can have it issue claims of any name in its tokens. */
    @Test
    void whatATokenIssuesPassesForNothingThatHardwareSays() {
        Map<String, ClaimValue> hostile = Map.of(
                "$is-debuggable", ClaimValue.of(false), "$sgx-mrsigner", ClaimValue.of("theirs"), "$tee", ClaimValue.of("sgx"), "", ClaimValue.of(1));

        assertThat(claims("token", "snp", hostile).named()).doesNotContainKeys("$is-debuggable", "$sgx-mrsigner", "$tee", "");
        assertThat(claims("sgx-quote", "sgx", hostile).named()).containsEntry("$sgx-mrsigner", ClaimValue.of(DIGEST.hex())).doesNotContainKey("");
    }

    private static Claims claims(String kind, String platform, Map<String, ClaimValue> details) {
        return new Claims(
                kind,
                platform,
                Optional.of(Measurement.sha256(DIGEST)),
                Optional.of(DIGEST),
                OptionalLong.of(7),
                OptionalLong.of(2),
                false,
                Bytes.of(new byte[] {1, 2}),
                Optional.of(Instant.ofEpochSecond(1_000_000)),
                Bytes.of(new byte[] {3}),
                details);
    }
}
