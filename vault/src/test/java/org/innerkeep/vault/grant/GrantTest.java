package org.innerkeep.vault.grant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.arbitrary;
import static org.quicktheories.generators.SourceDSL.longs;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a grant says, and what is decided by it. */
class GrantTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final Bytes SIGNER = digest("signer");
    private static final String ID = "0123456789abcdef0123456789abcdef";

    private static Bytes digest(String text) {
        return Bytes.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Grant grant(GrantedCode code, Set<String> platforms, MemoryReaders readers, OptionalLong uses, boolean debug) {
        return new Grant(ID, code, platforms, readers, Set.of(), Optional.empty(), Optional.empty(), Optional.empty(), uses,
                Optional.empty(), debug, Optional.empty());
    }

    static Grant full() {
        return new Grant(
                ID,
                new GrantedCode.Measured(Set.of(Measurement.sha256(digest("b")), Measurement.sha256(digest("a")),
                        Measurement.sha384(Bytes.of(new byte[48])))),
                Set.of("tdx", "snp"),
                MemoryReaders.NOBODY,
                Set.of(digest("anchor"), digest("other anchor")),
                Optional.of(digest("job")),
                Optional.of(NOW),
                Optional.of(NOW.plusSeconds(60)),
                OptionalLong.of(3),
                Optional.of(Duration.ofMinutes(15)),
                true,
                Optional.of("version=1.0;authorizationrules{=>permit();};issuancerules{};"));
    }

    static Grant plain() {
        return grant(new GrantedCode.Signed(SIGNER, 7, 3), Set.of("process"), MemoryReaders.ROOT, OptionalLong.empty(), false);
    }

    private static Claims claims(String platform, long version, String readers, boolean debug) {
        return new Claims("keeper-report", platform, Optional.of(Measurement.sha256(digest("code"))), Optional.of(SIGNER),
                OptionalLong.of(7), OptionalLong.of(version), debug, Bytes.EMPTY, Optional.of(NOW), digest("keeper"),
                Map.of(Claims.MEMORY_READABLE_BY, ClaimValue.of(readers)));
    }

    private static List<Mismatch.Code> decide(Grant grant, Claims claims, long used) {
        GrantDecision decision = GrantDecision.of(
                List.of(new Granted(grant, NOW, "owner", Optional.empty())), claims, Optional.empty(), NOW, Map.of(ID, used));
        List<Mismatch.Code> found =
                decision.considered().getFirst().mismatches().stream().map(Mismatch::code).toList();
        assertThat(decision.permitting().isPresent()).isEqualTo(found.isEmpty());
        return found;
    }

    @Test
    void hasOneStoredForm() throws MalformedException {
        for (Grant each : List.of(plain(), full())) {
            assertThat(Grant.parse(each.toByteArray())).isEqualTo(each);
        }
    }

    @Test
    void cannotBeMadeOfWhatMeansNothing() {
        GrantedCode code = new GrantedCode.Signed(SIGNER, 7, 3);
        assertRefused(() -> grant(code, Set.of(), MemoryReaders.ROOT, OptionalLong.empty(), false));
        assertRefused(() -> grant(code, Set.of("cloud"), MemoryReaders.ROOT, OptionalLong.empty(), false));
        assertRefused(() -> grant(code, Set.of("snp"), MemoryReaders.ROOT, OptionalLong.of(0), false));
        assertRefused(() -> new GrantedCode.Signed(Bytes.EMPTY, 7, 3));
        assertRefused(() -> new GrantedCode.Signed(SIGNER, -1, 3));
        assertRefused(() -> new GrantedCode.Measured(Set.of()));
        assertRefused(() -> new Grant("id", code, Set.of("snp"), MemoryReaders.ROOT, Set.of(), Optional.empty(), Optional.empty(),
                Optional.empty(), OptionalLong.empty(), Optional.empty(), false, Optional.empty()));
        assertRefused(() -> new Grant(ID, code, Set.of("snp"), MemoryReaders.ROOT, Set.of(), Optional.empty(), Optional.of(NOW),
                Optional.of(NOW), OptionalLong.empty(), Optional.empty(), false, Optional.empty()));
        assertRefused(() -> new Grant(ID, code, Set.of("snp"), MemoryReaders.ROOT, Set.of(), Optional.empty(), Optional.empty(),
                Optional.empty(), OptionalLong.empty(), Optional.of(Duration.ofDays(367)), false, Optional.empty()));
    }

    private static void assertRefused(Runnable making) {
        assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(making::run);
    }

    @Test
    void permitsWhatItNamesAndLaterVersions() {
        assertThat(decide(plain(), claims("process", 3, "root", false), 0)).isEmpty();
        assertThat(decide(plain(), claims("process", 9, "root", false), 1_000_000)).isEmpty();
        assertThat(decide(plain(), claims("process", 3, "nobody", false), 0)).isEmpty();
    }

    @Test
    void everyReasonIsGivenAtOnce() {
        assertThat(decide(full(), claims("process", 3, "root", true), 3)).containsExactly(
                Mismatch.Code.USED_UP, Mismatch.Code.MEASUREMENT, Mismatch.Code.PLATFORM, Mismatch.Code.MEMORY, Mismatch.Code.ANCHOR,
                Mismatch.Code.JOB);
    }

    @Test
    void debugIsRefusedUnlessItIsNamedWithWhoCanThenRead() {
        Claims debug = claims("process", 3, "host", true);
        assertThat(decide(plain(), debug, 0)).containsExactly(Mismatch.Code.MEMORY, Mismatch.Code.DEBUG);
        Grant careless = grant(new GrantedCode.Signed(SIGNER, 7, 3), Set.of("process"), MemoryReaders.ROOT, OptionalLong.empty(), true);
        assertThat(decide(careless, debug, 0)).containsExactly(Mismatch.Code.MEMORY);
        Grant named = grant(new GrantedCode.Signed(SIGNER, 7, 3), Set.of("process"), MemoryReaders.HOST, OptionalLong.empty(), true);
        assertThat(decide(named, debug, 0)).isEmpty();
    }

    @Test
    void whatTheEvidenceDoesNotSayIsRefused() {
        Claims bare = new Claims("tpm-quote", "process", Optional.empty(), Optional.empty(), OptionalLong.empty(), OptionalLong.empty(),
                false, Bytes.EMPTY, Optional.empty(), digest("keeper"), Map.of());
        assertThat(decide(plain(), bare, 0)).containsExactly(
                Mismatch.Code.SIGNER, Mismatch.Code.PRODUCT, Mismatch.Code.VERSION, Mismatch.Code.MEMORY);
        Claims unheardOf = claims("process", 3, "a few", false);
        assertThat(decide(plain(), unheardOf, 0)).containsExactly(Mismatch.Code.MEMORY);
    }

    @ParameterizedTest
    @EnumSource(MemoryReaders.class)
    void whoMayReadAtMostIncludesThoseBefore(MemoryReaders most) {
        Grant grant = grant(new GrantedCode.Signed(SIGNER, 7, 3), Set.of("process"), most, OptionalLong.empty(), false);
        for (MemoryReaders each : MemoryReaders.values()) {
            assertThat(decide(grant, claims("process", 3, each.toString(), false), 0).isEmpty())
                    .isEqualTo(each.compareTo(most) <= 0);
        }
    }

    @Test
    void aPolicyDecidesBesideAllElseAndAboveNoneOfIt() {
        Grant permitting = new Grant(ID, new GrantedCode.Signed(SIGNER, 7, 3), Set.of("process"), MemoryReaders.ROOT, Set.of(),
                Optional.empty(), Optional.empty(), Optional.empty(), OptionalLong.empty(), Optional.empty(), false,
                Optional.of("version=1.0;authorizationrules{=>permit();};issuancerules{};"));
        assertThat(decide(permitting, claims("process", 3, "root", false), 0)).isEmpty();
        assertThat(decide(permitting, claims("process", 2, "root", false), 0)).containsExactly(Mismatch.Code.VERSION);
        Grant denying = new Grant(ID, permitting.code(), Set.of("process"), MemoryReaders.ROOT, Set.of(),
                Optional.empty(), Optional.empty(), Optional.empty(), OptionalLong.empty(), Optional.empty(), false,
                Optional.of("version=1.0;authorizationrules{[type==\"security-version\",value<5]=>deny();=>permit();};issuancerules{};"));
        assertThat(decide(denying, claims("process", 3, "root", false), 0)).containsExactly(Mismatch.Code.POLICY);
        assertThat(decide(denying, claims("process", 5, "root", false), 0)).isEmpty();
        Grant broken = new Grant(ID, permitting.code(), Set.of("process"), MemoryReaders.ROOT, Set.of(),
                Optional.empty(), Optional.empty(), Optional.empty(), OptionalLong.empty(), Optional.empty(), false, Optional.of("permit"));
        assertThat(decide(broken, claims("process", 3, "root", false), 0)).containsExactly(Mismatch.Code.POLICY);
    }

    @Test
    void aNarrowerGrantNeverPermitsMore() {
        qt().forAll(longs().between(0, 6), longs().between(0, 6), arbitrary().enumValues(MemoryReaders.class), longs().between(0, 4))
                .checkAssert((least, version, most, used) -> {
                    Claims found = claims("process", version, "root", false);
                    Grant wide = grant(new GrantedCode.Signed(SIGNER, 7, least), Set.of("process", "vm"), most, OptionalLong.of(3), false);
                    List<Grant> narrower = List.of(
                            grant(new GrantedCode.Signed(SIGNER, 7, least + 1), Set.of("process", "vm"), most, OptionalLong.of(3), false),
                            grant(new GrantedCode.Signed(SIGNER, 7, least), Set.of("vm"), most, OptionalLong.of(3), false),
                            grant(new GrantedCode.Signed(SIGNER, 7, least), Set.of("process", "vm"),
                                    MemoryReaders.NOBODY, OptionalLong.of(3), false),
                            grant(new GrantedCode.Signed(SIGNER, 7, least), Set.of("process", "vm"), most, OptionalLong.of(2), false));
                    boolean permitted = decide(wide, found, used).isEmpty();
                    assertThat(permitted).isEqualTo(version >= least && most.compareTo(MemoryReaders.ROOT) >= 0 && used < 3);
                    for (Grant each : narrower) {
                        assertThat(permitted || !decide(each, found, used).isEmpty()).isTrue();
                    }
                });
    }

    @Test
    void theFirstGrantThatPermitsCounts() {
        Granted revoked = new Granted(plain(), NOW, "owner", Optional.of(new Granted.Revoked(NOW, "owner")));
        Grant second = new Grant("f".repeat(32), plain().code(), Set.of("process"), MemoryReaders.ROOT, Set.of(), Optional.empty(),
                Optional.empty(), Optional.empty(), OptionalLong.empty(), Optional.empty(), false, Optional.empty());
        GrantDecision decision = GrantDecision.of(List.of(revoked, new Granted(second, NOW, "owner", Optional.empty())),
                claims("process", 3, "root", false), Optional.empty(), NOW, Map.of());
        assertThat(decision.permitting().orElseThrow().grant()).isEqualTo(second);
        assertThat(decision.explain()).hasSize(3).element(1).asString().startsWith("  REVOKED grant: found revoked at");
        assertThat(GrantDecision.of(List.of(), claims("process", 3, "root", false), Optional.empty(), NOW, Map.of()).explain())
                .containsExactly("the key has no grant: give one with 'innerkeep keys grant'");
    }

    @Test
    void whatIsDecidedOnceMoreIsWhetherGrantsHoldAndNothingElse() {
        Claims claims = claims("process", 3, "root", false);
        Granted granted = new Granted(plain(), NOW, "owner", Optional.empty());
        GrantDecision first = GrantDecision.of(List.of(granted), claims, Optional.empty(), NOW, Map.of());
        assertThat(first.permitting()).contains(granted);
        assertThat(again(first, granted, claims, Map.of()).permitting()).contains(granted);

        Granted revoked = new Granted(plain(), NOW, "owner", Optional.of(new Granted.Revoked(NOW, "owner")));
        assertThat(codes(again(first, revoked, claims, Map.of()))).containsExactly(Mismatch.Code.REVOKED);
        // Another grant of this id, or one that was given since, is not taken for the one that was, but looked at.
        Grant other = grant(new GrantedCode.Signed(SIGNER, 7, 4), Set.of("process"), MemoryReaders.ROOT, OptionalLong.empty(), false);
        assertThat(codes(again(first, new Granted(other, NOW, "owner", Optional.empty()), claims, Map.of())))
                .containsExactly(Mismatch.Code.VERSION);

        Granted bounded = new Granted(full(), NOW, "owner", Optional.empty());
        GrantDecision refused = GrantDecision.of(List.of(bounded), claims, Optional.empty(), NOW.plusSeconds(120), Map.of(ID, 3L));
        assertThat(codes(refused)).contains(Mismatch.Code.EXPIRED, Mismatch.Code.USED_UP, Mismatch.Code.MEASUREMENT);
        assertThat(codes(again(refused, bounded, claims, Map.of(ID, 2L))))
                .contains(Mismatch.Code.MEASUREMENT).doesNotContain(Mismatch.Code.EXPIRED, Mismatch.Code.USED_UP);
    }

    private static GrantDecision again(GrantDecision before, Granted now, Claims claims, Map<String, Long> uses) {
        return before.again(List.of(now), claims, Optional.empty(), NOW, uses);
    }

    private static Granted withPolicy(long least, String policy) {
        Grant grant = new Grant("f".repeat(32), new GrantedCode.Signed(SIGNER, 7, least), Set.of("process"), MemoryReaders.ROOT, Set.of(),
                Optional.empty(), Optional.empty(), Optional.empty(), OptionalLong.empty(), Optional.empty(), false, Optional.of(policy));
        return new Granted(grant, NOW, "owner", Optional.empty());
    }

    @Test
    void aGrantThatTakesThePlaceOfAnotherIsDecidedByWithThePolicyThatWasEvaluatedAndNoOther() {
        String permits = "version=1.0;authorizationrules{=>permit();};issuancerules{};";
        String denies = "version=1.0;authorizationrules{=>deny();};issuancerules{};";
        Claims claims = claims("process", 3, "root", false);
        GrantDecision permitted = GrantDecision.of(List.of(withPolicy(3, permits)), claims, Optional.empty(), NOW, Map.of());
        assertThat(codes(again(permitted, withPolicy(2, permits), claims, Map.of()))).isEmpty();
        assertThat(codes(again(permitted, withPolicy(4, permits), claims, Map.of()))).containsExactly(Mismatch.Code.VERSION);
        assertThat(codes(again(permitted, withPolicy(2, permits + " "), claims, Map.of()))).containsExactly(Mismatch.Code.JUST_GIVEN);
        GrantDecision denied = GrantDecision.of(List.of(withPolicy(3, denies)), claims, Optional.empty(), NOW, Map.of());
        assertThat(codes(again(denied, withPolicy(2, denies), claims, Map.of()))).containsExactly(Mismatch.Code.POLICY);
    }

    private static List<Mismatch.Code> codes(GrantDecision decision) {
        return decision.considered().stream().flatMap(each -> each.mismatches().stream()).map(Mismatch::code).toList();
    }
}
