package org.innerkeep.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.innerkeep.client.Reports.ANCHOR;
import static org.innerkeep.client.Reports.GOOD;
import static org.innerkeep.client.Reports.NOW;
import static org.innerkeep.client.Reports.PRODUCT;
import static org.innerkeep.client.Reports.REPORT_DATA;
import static org.innerkeep.client.Reports.SIGNER;
import static org.innerkeep.client.Reports.SVN;
import static org.innerkeep.client.Reports.digest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.innerkeep.channel.session.Appraiser.Purpose;
import org.innerkeep.client.Reports.Parts;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.policy.Claim;
import org.innerkeep.policy.Policy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trust decision by an appraisal policy, without any service. */
class PolicyTrustTest {
    private static final String TEXT = "version=1.2;authorizationrules{"
            + "[type==\"signer\", value==\"" + SIGNER.hex() + "\"] && [type==\"product-id\", value==" + PRODUCT + "]"
            + " && [type==\"security-version\", value>=" + SVN
            + "] && [type==\"platform\", value==\"process\"] => permit();"
            + "[type==\"memory-readable-by\", value==\"everyone\"] => deny();"
            + "};";
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final Policy PERMITS_ALL_POLICY =
            Policy.parse("version=1.0;authorizationrules{=>permit();};").orThrow();
    private static final Trust TRUST = trust(TEXT);
    private static final Trust PERMITS_ALL =
            Trust.policy(PERMITS_ALL_POLICY).on(ANCHOR).at(CLOCK);

    @Test
    void acceptsWhatThePolicyPermits() {
        assertThat(refusals(TRUST, GOOD)).isEmpty();
        assertThat(refusals(TRUST, GOOD.svn(SVN + 1))).isEmpty();
    }

    @Test
    void refusesWhatNoRulePermits() {
        for (Parts other : List.of(GOOD.signer(digest("other")), GOOD.product(PRODUCT + 1), GOOD.svn(SVN - 1))) {
            assertThat(refusals(TRUST, other)).extracting(Reason::code).containsExactly(Code.POLICY_REFUSED);
            assertThat(refusals(TRUST, other).getFirst().found()).isEqualTo("no rule that permits");
        }
    }

    @Test
    void refusesWhatARuleDeniesAndNamesTheRule() {
        Trust trust = trust(
                "version=1.0;authorizationrules{=>permit();\n[type==\"platform\", value==\"process\"]=>deny();};");

        assertThat(refusals(trust, GOOD))
                .extracting(Reason::toString)
                .singleElement()
                .asString()
                .startsWith("POLICY_REFUSED policy: found a deny by rule 2 of authorizationrules (line 2, column 1),"
                        + " wanted");
    }

    @Test
    void refusesWhatCannotBeEvaluated() {
        Trust trust = trust("version=1.0;authorizationrules{=>permit();[type==\"platform\", value>=1]=>deny();};");

        assertThat(refusals(trust, GOOD)).extracting(Reason::code).containsExactly(Code.POLICY_REFUSED);
        assertThat(refusals(trust, GOOD).getFirst().found()).startsWith("an error: rule 2 of authorizationrules");
    }

    @Test
    void noPermitLiftsAFloor() {
        Map<Code, Parts> floors = Map.of(
                Code.DEBUG_ENCLAVE, GOOD.debug(true),
                Code.ISOLATION_SAME_USER, GOOD.isolation(KeeperReport.Isolation.SAME_USER),
                Code.EVIDENCE_STALE, GOOD.age(Duration.ofMinutes(6)),
                Code.REPORT_DATA_MISMATCH, GOOD.reportData(Bytes.of(new byte[64])));

        assertThat(refusals(PERMITS_ALL, GOOD)).isEmpty();
        floors.forEach((code, evidence) -> assertThat(refusals(PERMITS_ALL, evidence))
                .extracting(Reason::code)
                .containsExactly(code));
        assertThat(refusals(PERMITS_ALL, GOOD.platform(KeeperReport.MOCK)))
                .extracting(Reason::code)
                .containsExactlyInAnyOrder(Code.MOCK_PLATFORM, Code.PLATFORM_NOT_ACCEPTED);
        assertThat(refusals(PERMITS_ALL.platforms("vm"), GOOD))
                .extracting(Reason::code)
                .containsExactly(Code.PLATFORM_NOT_ACCEPTED);
        assertThat(refusals(Trust.policy(PERMITS_ALL_POLICY).at(CLOCK), GOOD))
                .extracting(Reason::code)
                .containsExactly(Code.ANCHOR_NOT_PINNED);
    }

    @Test
    void whatIsLiftedByNameIsTheSamePolicysChoiceAgain() {
        Parts debug = GOOD.debug(true);

        assertThat(refusals(TRUST.allowDebug(), debug)).isEmpty();
        assertThat(refusals(
                        trust("version=1.0;authorizationrules{[type==\"debug\", value==false]=>permit();};")
                                .allowDebug(),
                        debug))
                .extracting(Reason::code)
                .containsExactly(Code.POLICY_REFUSED);
    }

    @Test
    void aPolicyAddsToOtherRequirements() {
        Trust both = Trust.signer(SIGNER, PRODUCT, SVN)
                .andPolicy(Policy.parse(TEXT).orThrow())
                .on(ANCHOR)
                .at(CLOCK);

        assertThat(refusals(both, GOOD)).isEmpty();
        assertThat(refusals(both, GOOD.svn(SVN - 1)))
                .extracting(Reason::code)
                .containsExactlyInAnyOrder(Code.SVN_TOO_LOW, Code.POLICY_REFUSED);
    }

    @Test
    void aPolicyIsReadFromAFileOrItsProblemsAreNamed(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("policy.txt");
        Files.writeString(file, TEXT);
        assertThat(refusals(Trust.policy(file).on(ANCHOR).at(CLOCK), GOOD)).isEmpty();

        Files.writeString(file, "version=1.0;\nauthorizationrules{=>permit;};");
        assertThatThrownBy(() -> Trust.policy(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("line 2, column 28: found ';', expected '('; write 'permit()'");
        Files.writeString(file, " ".repeat(70_000));
        assertThatThrownBy(() -> Trust.policy(file)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Trust.policy(folder.resolve("absent"))).isInstanceOf(IOException.class);
    }

    @Test
    void severalValuesAreSeveralClaimsAndValuesByNameAreJson() {
        Claims claims = new Claims(
                "keeper-report",
                "process",
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                false,
                Bytes.EMPTY,
                Optional.empty(),
                Bytes.EMPTY,
                Map.of(
                        "advisory-ids",
                        ClaimValue.ofTexts(List.of("A-1", "A-2")),
                        "registers",
                        new ClaimValue.Group(Map.of("0", ClaimValue.ofTexts(List.of("\"ff\""))))));

        assertThat(PolicyClaims.of(claims))
                .contains(
                        Claim.proven("advisory-ids", "A-1"),
                        Claim.proven("advisory-ids", "A-2"),
                        Claim.proven("registers", "{\"0\":[\"\\\"ff\\\"\"]}"),
                        Claim.proven("debug", false));
    }

    private static Trust trust(String text) {
        return Trust.policy(Policy.parse(text).orThrow()).on(ANCHOR).at(CLOCK);
    }

    private static List<Reason> refusals(Trust trust, Parts parts) {
        return switch (trust.appraise(parts.signed(), REPORT_DATA, Purpose.SESSION)) {
            case Verdict.Accepted accepted -> List.of();
            case Verdict.Undecided undecided -> throw new AssertionError(undecided.explain());
            case Verdict.Refused refused -> refused.reasons();
        };
    }
}
