package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What becomes of a platform's status by those of the quoting enclave and the TDX module, for every combination that Intel can state:
 * one table, written out and not computed, and every row verified from quote to claim.
 */
class TcbConvergenceTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final FakeIntel INTEL = FakeIntel.at(NOW);
    private static final Verifier VERIFIER = new Verifier();
    private static final VerifierOptions ALL = VerifierOptions.of(INTEL.anchor()).acceptTcb(
            EnumSet.complementOf(EnumSet.of(TcbStatus.REVOKED)).toArray(TcbStatus[]::new));
    private static final byte[] SGX = INTEL.sgxQuote(3, wish -> {});
    private static final byte[] TDX = INTEL.tdxQuote(4, wish -> {});

    /** Intel's own words, in the columns of the table. */
    private static final TcbStatus U = TcbStatus.UP_TO_DATE;

    private static final TcbStatus S = TcbStatus.SW_HARDENING_NEEDED;
    private static final TcbStatus C = TcbStatus.CONFIGURATION_NEEDED;
    private static final TcbStatus CS = TcbStatus.CONFIGURATION_AND_SW_HARDENING_NEEDED;
    private static final TcbStatus O = TcbStatus.OUT_OF_DATE;
    private static final TcbStatus OC = TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED;
    private static final TcbStatus R = TcbStatus.REVOKED;

    /** Status of the platform; with everything else current; with module or quoting enclave out of date. One that is revoked: revoked. */
    private static final List<List<TcbStatus>> TABLE = List.of(
            List.of(U, U, O),
            List.of(S, S, O),
            List.of(C, C, OC),
            List.of(CS, CS, OC),
            List.of(O, O, O),
            List.of(OC, OC, OC),
            List.of(R, R, R));

    static Stream<Arguments> sgx() {
        List<Arguments> all = new ArrayList<>();
        for (List<TcbStatus> row : TABLE) {
            all.add(Arguments.of(row.get(0), U, row.get(1)));
            all.add(Arguments.of(row.get(0), O, row.get(2)));
            all.add(Arguments.of(row.get(0), R, R));
        }
        return all.stream();
    }

    static Stream<Arguments> tdx() {
        List<Arguments> all = new ArrayList<>();
        for (List<TcbStatus> row : TABLE) {
            for (TcbStatus qe : List.of(U, O, R)) {
                for (TcbStatus module : List.of(U, O, R)) {
                    boolean revoked = qe == R || module == R;
                    boolean current = qe == U && module == U;
                    all.add(Arguments.of(row.get(0), qe, module, revoked ? R : current ? row.get(1) : row.get(2)));
                }
            }
        }
        return all.stream();
    }

    /** Launch and now, as statuses of all parts together; what the trust domain is then. */
    static Stream<Arguments> relaunch() {
        TcbStatus relaunch = TcbStatus.TD_RELAUNCH_ADVISED;
        TcbStatus relaunchAndConfigure = TcbStatus.TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED;
        return Stream.of(
                // Platform, module at launch, module now.
                Arguments.of(U, U, U, U), Arguments.of(U, U, O, O), Arguments.of(U, O, U, relaunch), Arguments.of(U, O, O, O),
                Arguments.of(S, U, U, S), Arguments.of(S, U, O, O), Arguments.of(S, O, U, relaunch), Arguments.of(S, O, O, O),
                Arguments.of(C, U, U, C), Arguments.of(C, U, O, OC), Arguments.of(C, O, U, relaunchAndConfigure), Arguments.of(C, O, O, OC),
                Arguments.of(CS, U, U, CS), Arguments.of(CS, U, O, OC), Arguments.of(CS, O, U, relaunchAndConfigure),
                Arguments.of(CS, O, O, OC),
                // A platform that is itself out of date is no better for a newer module.
                Arguments.of(O, U, U, O), Arguments.of(O, O, U, O), Arguments.of(O, O, O, O),
                Arguments.of(OC, U, U, OC), Arguments.of(OC, O, U, OC), Arguments.of(OC, O, O, OC),
                Arguments.of(U, R, U, R), Arguments.of(U, U, R, R), Arguments.of(U, R, R, R),
                Arguments.of(R, U, U, R), Arguments.of(R, O, U, R));
    }

    private static FakeIntel.SvnLevel level(int svn, TcbStatus status, String advisory) {
        return new FakeIntel.SvnLevel(
                svn, status, Instant.parse(status == U ? "2025-05-14T00:00:00Z" : "2023-02-15T00:00:00Z"),
                status == U ? List.of() : List.of(advisory));
    }

    private static Endorsements endorsements(Need.Tee tee, TcbStatus platform, TcbStatus qe, List<FakeIntel.SvnLevel> module) {
        FakeIntel.Level level = new FakeIntel.Level(FakeIntel.COMPONENTS, 13, Bytes.fromHex("05000300000000000000000000000000"), platform,
                Instant.parse(platform == U ? "2025-05-14T00:00:00Z" : "2024-03-13T00:00:00Z"),
                platform == U ? List.of() : List.of("INTEL-SA-00001"));
        return FakeIntel.pool(List.of(
                INTEL.tcbInfo(tee, wish -> wish.levels(List.of(level)).module("TDX_01", module)),
                INTEL.qeIdentity(tee, wish -> wish.qe(List.of(level(8, qe, "INTEL-SA-00003")))),
                INTEL.tcbSigningChain(),
                INTEL.rootCrl(),
                INTEL.pckCrl()));
    }

    @ParameterizedTest
    @MethodSource("sgx")
    void anEnclavesStatusIsThatOfPlatformAndQuotingEnclave(TcbStatus platform, TcbStatus qe, TcbStatus result) {
        check(SGX, endorsements(Need.Tee.SGX, platform, qe, List.of(level(0, U, ""))), result,
                Map.of("tcb-platform-status", platform, "tcb-qe-status", qe),
                advisories(Map.of("INTEL-SA-00001", platform, "INTEL-SA-00003", qe)));
    }

    @ParameterizedTest
    @MethodSource("tdx")
    void aTrustDomainsStatusIsThatOfPlatformQuotingEnclaveAndModule(
            TcbStatus platform, TcbStatus qe, TcbStatus module, TcbStatus result) {
        check(TDX, endorsements(Need.Tee.TDX, platform, qe, List.of(level(6, module, "INTEL-SA-00002"))), result,
                Map.of("tcb-platform-status", platform, "tcb-qe-status", qe, "tcb-tdx-module-status", module),
                advisories(Map.of("INTEL-SA-00001", platform, "INTEL-SA-00003", qe, "INTEL-SA-00002", module)));
    }

    @ParameterizedTest
    @MethodSource("relaunch")
    void aTrustDomainWhoseModuleWasUpdatedSinceItsLaunchShouldBeLaunchedAnew(
            TcbStatus platform, TcbStatus atLaunch, TcbStatus now, TcbStatus result) {
        byte[] quote = INTEL.tdx15Quote(wish -> wish
                .body(FakeIntel.TD_TEE_TCB_SVN, Bytes.fromHex("04010300000000000000000000000000"))
                .body(FakeIntel.TD_TEE_TCB_SVN_2, Bytes.fromHex("06010300000000000000000000000000")));
        check(quote, endorsements(Need.Tee.TDX, platform, U, List.of(level(6, now, "INTEL-SA-00004"), level(4, atLaunch, "INTEL-SA-00003"))),
                result, Map.of("tcb-platform-status", platform, "tcb-tdx-module-status", atLaunch),
                advisories(Map.of("INTEL-SA-00001", platform, "INTEL-SA-00003", atLaunch)));
    }

    private static Set<String> advisories(Map<String, TcbStatus> byPart) {
        Set<String> open = new TreeSet<>();
        byPart.forEach((advisory, status) -> {
            if (status != U) {
                open.add(advisory);
            }
        });
        return open;
    }

    private static void check(byte[] quote, Endorsements endorsements, TcbStatus result, Map<String, TcbStatus> parts, Set<String> open) {
        Verdict verdict = VERIFIER.verify(quote, endorsements, NOW, ALL);
        Verdict strict = VERIFIER.verify(quote, endorsements, NOW, VerifierOptions.of(INTEL.anchor()));
        if (result == R) {
            for (Verdict each : List.of(verdict, strict)) {
                assertThat(each).isInstanceOfSatisfying(Verdict.Refused.class, refused -> {
                    assertThat(refused.reasons()).hasSize(1);
                    assertThat(refused.has(Code.TCB_STATUS_NOT_ACCEPTED)).isTrue();
                    assertThat(refused.explain()).contains("found Revoked ");
                    open.forEach(advisory -> assertThat(refused.explain()).contains(advisory));
                });
            }
            return;
        }
        assertThat(verdict).isInstanceOfSatisfying(Verdict.Accepted.class, accepted -> {
            assertThat(accepted.claims().text("tcb-status")).contains(result.toString());
            parts.forEach((name, status) -> assertThat(accepted.claims().text(name)).as(name).contains(status.toString()));
            assertThat(accepted.claims().details().get("advisory-ids")).hasToString(String.join(", ", open));
            assertThat(accepted.claims().text("tcb-date").orElseThrow()).as("the earliest of the parts'").isEqualTo(
                    parts.entrySet().stream().anyMatch(each -> each.getValue() != U && !each.getKey().equals("tcb-platform-status"))
                            ? "2023-02-15T00:00:00Z"
                            : parts.get("tcb-platform-status") == U ? "2025-05-14T00:00:00Z" : "2024-03-13T00:00:00Z");
        });
        assertThat(strict instanceof Verdict.Accepted).as("with nothing lifted").isEqualTo(result == U);
    }
}
