package org.innerkeep.endorsements;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.snp.SnpCertificateTable;
import org.innerkeep.evidence.snp.SnpEvidence;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.evidence.snp.SnpReport;
import org.innerkeep.makers.Authority;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeKds;
import org.innerkeep.makers.Served;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reports of SEV-SNP, verified with what AMD's service answers and with nothing else. */
@Timeout(120)
class AmdEndToEndTest extends EndToEnd {
    private static final Map<SnpProduct, FakeAmd> AMD = new LinkedHashMap<>();

    static {
        for (SnpProduct product : SnpProduct.values()) {
            AMD.put(product, FakeAmd.of(product, Made.NOW));
        }
    }

    private static final VerifierOptions OPTIONS = VerifierOptions.of(AMD.values().stream().map(FakeAmd::root).toList());

    private static FakeAmd amd(SnpProduct product) {
        return Objects.requireNonNull(AMD.get(product));
    }

    private static byte[] report(SnpProduct product, int version) {
        return amd(product).report(version, false, report -> {});
    }

    /** A report by a key that a cloud loaded, with the key's certificate beside it, which AMD does not give. */
    private static byte[] loaded(SnpProduct product) throws MalformedException {
        SnpCertificateTable table = SnpCertificateTable.of(List.of(new SnpCertificateTable.Entry(
                Bytes.fromHex("a8074bc2a25a483eaae639c045a0b8a1"), amd(product).vlek())));
        return new SnpEvidence(SnpReport.parse(amd(product).report(3, true, report -> {})), Optional.of(table)).toByteArray();
    }

    private static Map<String, Served> right(SnpProduct product) {
        return FakeKds.answers(product, amd(product));
    }

    private Endorsements endorsements() {
        return behindCache(client(Limits.DEFAULT));
    }

    private AmdKds client(Limits limits) {
        return AmdKds.at(service.client, service.address(), limits);
    }

    @ParameterizedTest
    @EnumSource
    void reportsAreAcceptedWithWhatTheServiceAnswers(SnpProduct product) throws MalformedException {
        serve(right(product));
        Endorsements endorsements = endorsements();
        for (int version : new int[] {2, 3, 5}) {
            Verdict.Accepted accepted = accepted(verify(report(product, version), endorsements, OPTIONS));
            assertThat(accepted.claims().text("product")).contains(product.toString());
            assertThat(accepted.claims().anchor()).isEqualTo(amd(product).root().id());
        }
        assertThat(accepted(verify(loaded(product), endorsements, OPTIONS)).claims().text("signing-key")).contains("VLEK");
        assertThat(service.asked).filteredOn(right(product)::containsKey).as("each document is asked for once").doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource
    void aDecisionCanBeMadeAgainWithoutTheService(SnpProduct product) throws IOException, MalformedException {
        serve(right(product));
        replays(report(product, 3), client(Limits.DEFAULT), OPTIONS);
        replays(loaded(product), client(Limits.DEFAULT), OPTIONS);
        accepted(verify(loaded(product), client(Limits.DEFAULT), OPTIONS));
        // Refusals too.
        replays(amd(product).report(3, false, report -> report.put(0x50, (byte) 0xee).putLong(0x08, 0xb001f)),
                client(Limits.DEFAULT), OPTIONS);
    }

    @Test
    void whatIsStaleIsFetchedAgain() {
        SnpProduct product = SnpProduct.GENOA;
        serve(right(product));
        Bytes soonOver = amd(product).ark().revocationList(now.minus(Duration.ofDays(1)), now.plus(Duration.ofMinutes(10)));
        for (boolean vlek : new boolean[] {false, true}) {
            serve(Map.of(FakeKds.list(product, vlek), new Served(soonOver)));
        }
        Endorsements endorsements = endorsements();
        accepted(verify(report(product, 3), endorsements, OPTIONS));
        accepted(verify(report(product, 5), endorsements, OPTIONS));
        assertThat(Collections.frequency(service.asked, FakeKds.list(product, false))).isEqualTo(1);

        now = now.plus(Duration.ofMinutes(11));
        assertThat(refused(verify(report(product, 3), endorsements, OPTIONS)).has(Code.ENDORSEMENT_EXPIRED)).isTrue();
        assertThat(Collections.frequency(service.asked, FakeKds.list(product, false))).isEqualTo(2);

        serve(right(product));
        accepted(verify(report(product, 3), endorsements, OPTIONS));
    }

    @ParameterizedTest
    @EnumSource
    void aServiceThatIsDownLeavesItUndecidedAndSaysWhatIsMissing(SnpProduct product) throws MalformedException {
        service.down();
        assertThat(undecided(verify(report(product, 3), endorsements(), OPTIONS)))
                .contains("the VCEK certificate of chip")
                .contains("no connection");
        assertThat(undecided(verify(loaded(product), endorsements(), OPTIONS)))
                .contains("the certificate of 'SEV-VLEK-" + product + "'")
                .contains("no connection");
    }

    /** A list that cannot be fetched is missing, whichever of the two it is: the other does not stand for it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneListOfTwoIsNotEnough(boolean vlek) throws MalformedException {
        Map<String, Served> all = right(SnpProduct.MILAN);
        all.remove(FakeKds.list(SnpProduct.MILAN, vlek));
        serve(all);
        for (byte[] evidence : List.of(report(SnpProduct.MILAN, 3), loaded(SnpProduct.MILAN))) {
            assertThat(undecided(verify(evidence, endorsements(), OPTIONS)))
                    .contains("the revocation list of 'ARK-Milan'")
                    .contains(FakeKds.list(SnpProduct.MILAN, vlek) + ": status 404");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatEitherListRevokesIsRevoked(boolean vlek) throws MalformedException {
        FakeAmd amd = amd(SnpProduct.MILAN);
        serve(right(SnpProduct.MILAN));
        Authority revoked = vlek ? amd.asvk() : amd.ask();
        serve(Map.of(FakeKds.list(SnpProduct.MILAN, vlek),
                new Served(amd.revocationList(revoked.certificate().getSerialNumber()))));
        Verdict chips = verify(report(SnpProduct.MILAN, 3), endorsements(), OPTIONS);
        Verdict clouds = verify(loaded(SnpProduct.MILAN), endorsements(), OPTIONS);
        assertThat(refused(vlek ? clouds : chips).has(Code.CERTIFICATE_REVOKED)).isTrue();
        accepted(vlek ? chips : clouds);
    }

    private static Map<String, Served> each(UnaryOperator<Served> change) {
        Map<String, Served> changed = new HashMap<>(right(SnpProduct.MILAN));
        changed.replaceAll((what, answer) -> change.apply(answer));
        return changed;
    }

    private static Map<String, Served> chains(Bytes chips, Bytes clouds) {
        return Map.of(FakeKds.chain(SnpProduct.MILAN, false), new Served(chips), FakeKds.chain(SnpProduct.MILAN, true), new Served(clouds));
    }

    private static Map<String, Served> lists(Bytes chips, Bytes clouds) {
        return Map.of(FakeKds.list(SnpProduct.MILAN, false), new Served(chips), FakeKds.list(SnpProduct.MILAN, true), new Served(clouds));
    }

    /** What the service may answer instead of the right answers, which stay where nothing is said. */
    static Stream<Arguments> attacks() {
        FakeAmd amd = amd(SnpProduct.MILAN);
        FakeAmd genoa = amd(SnpProduct.GENOA);
        Authority strangersRoot = Authority.root(FakeAmd.name("ARK-Milan"), Authority.rsaKeys(2048), FakeAmd.ALGORITHM, Made.NOW);
        Authority stranger = strangersRoot.below(
                FakeAmd.name("SEV-Milan"), Authority.rsaKeys(2048), FakeAmd.ALGORITHM, Made.NOW, wish -> {});
        FakeAmd other = amd.with(strangersRoot, stranger);
        Map<String, byte[]> otherTcb = amd.extensions(false);
        otherTcb.put("3.8", FakeAmd.number(0x50));
        Map<String, byte[]> otherChip = amd.extensions(false);
        otherChip.put("4", new byte[64]);
        String vcek = FakeKds.vcek(SnpProduct.MILAN, amd);
        return Stream.of(
                Arguments.of("a stranger's chain", chains(FakeKds.pem(stranger, strangersRoot), FakeKds.pem(stranger, strangersRoot))),
                Arguments.of("everything of a stranger", FakeKds.answers(SnpProduct.MILAN, other)),
                Arguments.of("the chain of another line", chains(
                        FakeKds.pem(genoa.ask(), genoa.ark()), FakeKds.pem(genoa.asvk(), genoa.ark()))),
                Arguments.of("the root alone", chains(FakeKds.pem(amd.ark()), FakeKds.pem(amd.ark()))),
                Arguments.of("the certificate of another TCB", Map.of(vcek, new Served(amd.certify(false, otherTcb, wish -> {})))),
                Arguments.of("the certificate of another chip", Map.of(vcek, new Served(amd.certify(false, otherChip, wish -> {})))),
                Arguments.of("a certificate of another line", Map.of(vcek, new Served(genoa.vcek()))),
                Arguments.of("the certificate of the loaded key", Map.of(vcek, new Served(amd.vlek()))),
                Arguments.of("lists of a stranger", lists(other.revocationList(), other.revocationList())),
                Arguments.of("lists of another line", lists(genoa.revocationList(), genoa.revocationList())),
                Arguments.of("old lists", lists(oldList(amd), oldList(amd))),
                Arguments.of("a page in place of every document", each(answer -> answer.body(Bytes.of(HTML)))),
                Arguments.of("half of every document", each(answer -> answer.body(
                        Bytes.of(Arrays.copyOf(answer.body().toArray(), answer.body().length() / 2))))),
                Arguments.of("documents larger than is read", each(answer -> answer.body(
                        Bytes.of(Arrays.copyOf(answer.body().toArray(), Limits.DEFAULT.maxBodyBytes() + 1))))));
    }

    private static Bytes oldList(FakeAmd amd) {
        return amd.ark().revocationList(Made.NOW.minus(Duration.ofDays(60)), Made.NOW.minus(Duration.ofDays(30)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void nothingIsAcceptedWith(String what, Map<String, Served> answers) throws MalformedException {
        List<byte[]> evidence = new ArrayList<>(List.of(report(SnpProduct.MILAN, 2), report(SnpProduct.MILAN, 3)));
        if (!answers.keySet().equals(Set.of(FakeKds.vcek(SnpProduct.MILAN, amd(SnpProduct.MILAN))))) {
            evidence.add(loaded(SnpProduct.MILAN));
        }
        serve(right(SnpProduct.MILAN));
        serve(answers);
        Endorsements endorsements = endorsements();
        for (byte[] each : evidence) {
            assertThat(verify(each, endorsements, OPTIONS)).as(what).isNotInstanceOf(Verdict.Accepted.class);
        }
    }

    @Test
    void documentsUnderAnErrorDoNotCount() throws MalformedException {
        right(SnpProduct.MILAN).forEach((path, answer) -> service.on(path, (exchange, count) ->
                LocalService.answer(exchange, 500, answer.headers(), answer.body().toArray())));
        assertThat(undecided(verify(loaded(SnpProduct.MILAN), endorsements(), OPTIONS))).contains("status 500");
    }

    @Test
    void nobodySendsTheClientElsewhere() {
        try (LocalService other = new LocalService()) {
            right(SnpProduct.MILAN).forEach((path, answer) -> {
                other.on(path, answer.headers(), answer.body().toArray());
                service.on(path, (exchange, count) ->
                        LocalService.answer(exchange, 307, Map.of("Location", other.at(path)), new byte[] {1}));
            });
            assertThat(undecided(verify(report(SnpProduct.MILAN, 3), endorsements(), OPTIONS))).contains("redirects are not followed");
            assertThat(other.asked).isEmpty();
        }
    }

    @Test
    void aServiceThatNeverAnswersIsWaitedForNoLongerThanAllowed() {
        serve(right(SnpProduct.MILAN), (exchange, count) -> waitForEver());
        assertThat(undecided(verify(report(SnpProduct.MILAN, 3), behindCache(client(SHORT)), OPTIONS)))
                .contains("the VCEK certificate")
                .contains("no answer within " + SHORT.total());
    }
}
