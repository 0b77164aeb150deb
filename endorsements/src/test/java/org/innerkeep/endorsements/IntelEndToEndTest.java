package org.innerkeep.endorsements;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.makers.FakeIntel;
import org.innerkeep.makers.FakePcs;
import org.innerkeep.makers.Served;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Quotes of SGX and TDX, verified with what Intel's service, or a caching one, answers and with nothing else. */
@Timeout(120)
class IntelEndToEndTest extends EndToEnd {
    private static final String VERSION = "update=standard";
    private static final FakeIntel INTEL = FakeIntel.at(Made.NOW);
    private static final FakeIntel STRANGER = FakeIntel.at(Made.NOW);
    private static final VerifierOptions OPTIONS = VerifierOptions.of(INTEL.anchor());
    private static final byte[] SGX = INTEL.sgxQuote(3, wish -> {});
    private static final byte[] TDX = INTEL.tdx15Quote(wish -> {});

    private static Map<String, Served> right(FakePcs.Form form) {
        return FakePcs.answers(INTEL, form, VERSION);
    }

    private static Served right(FakePcs.Form form, String what) {
        return Objects.requireNonNull(right(form).get(what));
    }

    private IntelPcs client(FakePcs.Form form, Limits limits) {
        return switch (form) {
            case INTEL -> IntelPcs.at(
                    service.client, service.address(), URI.create(service.at(FakePcs.ROOT_LIST)), IntelPcs.Version.standard(), limits);
            case CACHING -> IntelPcs.pccs(service.client, service.address(), IntelPcs.Version.standard(), limits);
        };
    }

    private Endorsements endorsements(FakePcs.Form form) {
        return behindCache(client(form, Limits.DEFAULT));
    }

    @ParameterizedTest
    @EnumSource
    void quotesAreAcceptedWithWhatTheServiceAnswers(FakePcs.Form form) {
        serve(right(form));
        Endorsements endorsements = endorsements(form);
        for (byte[] quote : List.of(SGX, INTEL.tdxQuote(4, wish -> {}), TDX, INTEL.tdx15ExtendedQuote(wish -> {}))) {
            Verdict.Accepted accepted = accepted(verify(quote, endorsements, OPTIONS));
            assertThat(accepted.claims().text("tcb-status")).contains("UpToDate");
            assertThat(accepted.claims().anchor()).isEqualTo(INTEL.anchor().id());
        }
        assertThat(service.asked).as("each document is asked for once").doesNotHaveDuplicates();
    }

    @Test
    void whatIsStaleIsFetchedAgain() {
        serve(right(FakePcs.Form.INTEL));
        String info = FakePcs.tcbInfo(Need.Tee.TDX, VERSION);
        Served soonOver = right(FakePcs.Form.INTEL, info).body(INTEL.tcbInfo(
                Need.Tee.TDX, wish -> wish.valid(now.minus(Duration.ofDays(30)), now.plus(Duration.ofMinutes(10)))));
        serve(Map.of(info, soonOver));
        Endorsements endorsements = endorsements(FakePcs.Form.INTEL);
        accepted(verify(TDX, endorsements, OPTIONS));
        accepted(verify(TDX, endorsements, OPTIONS));
        assertThat(Collections.frequency(service.asked, info)).isEqualTo(1);

        now = now.plus(Duration.ofMinutes(11));
        assertThat(refused(verify(TDX, endorsements, OPTIONS)).has(Code.ENDORSEMENT_EXPIRED)).isTrue();
        assertThat(Collections.frequency(service.asked, info)).isEqualTo(2);

        serve(Map.of(info, right(FakePcs.Form.INTEL, info)));
        accepted(verify(TDX, endorsements, OPTIONS));
    }

    @ParameterizedTest
    @EnumSource
    void aServiceThatIsDownLeavesItUndecidedAndSaysWhatIsMissing(FakePcs.Form form) {
        Endorsements endorsements = endorsements(form);
        service.down();
        assertThat(undecided(verify(SGX, endorsements, OPTIONS)))
                .contains("SGX TCB info for FMSPC " + FakeIntel.FMSPC)
                .contains("the identity of the SGX quoting enclave")
                .contains("the revocation list of 'Intel SGX PCK Platform CA'")
                .contains("the revocation list of 'Intel SGX Root CA'")
                .contains("no connection");
    }

    @Test
    void whatIsAtHandServesWhileTheServiceIsDownAndItIsValid() {
        serve(right(FakePcs.Form.CACHING));
        Endorsements endorsements = endorsements(FakePcs.Form.CACHING);
        accepted(verify(SGX, endorsements, OPTIONS));
        service.down();
        now = now.plus(Duration.ofDays(19));
        accepted(verify(SGX, endorsements, OPTIONS));
        now = now.plus(Duration.ofDays(2));
        assertThat(refused(verify(SGX, endorsements, OPTIONS)).has(Code.ENDORSEMENT_EXPIRED)).isTrue();
        // At the first time again, where the lists at hand are current: what was never asked for is what is missing.
        now = Made.NOW;
        assertThat(undecided(verify(TDX, endorsements(FakePcs.Form.CACHING), OPTIONS)))
                .contains("TDX TCB info")
                .doesNotContain("revocation list");
    }

    @ParameterizedTest
    @EnumSource
    void aDecisionCanBeMadeAgainWithoutTheService(FakePcs.Form form) throws IOException, MalformedException {
        serve(right(form));
        replays(SGX, client(form, Limits.DEFAULT), OPTIONS);
        replays(TDX, client(form, Limits.DEFAULT), OPTIONS);
        accepted(verify(TDX, client(form, Limits.DEFAULT), OPTIONS));
        // Refusals too.
        serve(Map.of(FakePcs.tcbInfo(Need.Tee.TDX, VERSION), right(form, FakePcs.tcbInfo(Need.Tee.TDX, VERSION)).body(
                INTEL.tcbInfo(Need.Tee.TDX, wish -> wish.valid(now.minus(Duration.ofDays(60)), now.minus(Duration.ofDays(30)))))));
        replays(TDX, client(form, Limits.DEFAULT), OPTIONS);
        refused(verify(TDX, client(form, Limits.DEFAULT), OPTIONS));
    }

    private static Map<String, Served> each(Map<String, Served> right, UnaryOperator<Served> change) {
        Map<String, Served> changed = new HashMap<>(right);
        changed.replaceAll((what, answer) -> change.apply(answer));
        return changed;
    }

    private static Map<String, Served> json(FakeIntel by, Consumer<FakeIntel.JsonWish> info, Consumer<FakeIntel.JsonWish> identity) {
        Map<String, Served> all = new HashMap<>();
        for (Need.Tee tee : Need.Tee.values()) {
            Served right = right(FakePcs.Form.INTEL, FakePcs.tcbInfo(tee, VERSION));
            all.put(FakePcs.tcbInfo(tee, VERSION), right.body(by.tcbInfo(tee, info)));
            all.put(FakePcs.identity(tee, VERSION), right.body(by.qeIdentity(tee, identity)));
        }
        return all;
    }

    private static Map<String, Served> swapped(UnaryOperator<String> whatIsServedInstead) {
        Map<String, Served> right = right(FakePcs.Form.INTEL);
        Map<String, Served> changed = new HashMap<>(right);
        changed.replaceAll((what, answer) -> right.getOrDefault(whatIsServedInstead.apply(what), answer));
        return changed;
    }

    private static Map<String, Served> lists(Served platform, Served root) {
        return Map.of(FakePcs.pckList(true), platform, FakePcs.ROOT_LIST, root);
    }

    private static Bytes text(Bytes json, UnaryOperator<String> change) {
        return Made.text(change.apply(new String(json.toArray(), StandardCharsets.UTF_8)));
    }

    /** What a service may answer instead of the right answers, which stay where nothing is said. */
    static Stream<Arguments> attacks() {
        Map<String, Served> right = right(FakePcs.Form.INTEL);
        Consumer<FakeIntel.JsonWish> asItIs = wish -> {};
        Consumer<FakeIntel.JsonWish> old = wish -> wish.valid(Made.NOW.minus(Duration.ofDays(60)), Made.NOW.minus(Duration.ofDays(30)));
        Consumer<FakeIntel.JsonWish> future = wish -> wish.valid(Made.NOW.plus(Duration.ofDays(1)), Made.NOW.plus(Duration.ofDays(30)));
        String wrongChain = FakePcs.header(STRANGER.tcbSigningChain());
        BigInteger signing = INTEL.tcbSigningCertificate().getSerialNumber();
        BigInteger pck = INTEL.pckCertificate().getSerialNumber();
        Served platformList = right(FakePcs.Form.INTEL, FakePcs.pckList(true));
        Served rootList = right(FakePcs.Form.INTEL, FakePcs.ROOT_LIST);
        return Stream.of(
                Arguments.of("a stranger's issuers in every header", each(right, answer -> new Served(
                        answer.headers().isEmpty() ? Map.of() : Map.of(answer.headers().keySet().iterator().next(), wrongChain),
                        answer.body()))),
                Arguments.of("no issuers in any header", each(right, answer -> new Served(answer.body()))),
                Arguments.of("TCB info and identities of the other technology", swapped(what -> what.startsWith("/sgx/certification/v4/tcb")
                        || what.startsWith("/sgx/certification/v4/qe") ? what.replace("/sgx/", "/tdx/") : what.replace("/tdx/", "/sgx/"))),
                Arguments.of("identities in place of TCB info", swapped(what -> what.contains("/tcb?")
                        ? FakePcs.identity(what.startsWith("/sgx") ? Need.Tee.SGX : Need.Tee.TDX, VERSION) : what)),
                Arguments.of("TCB info in place of identities", swapped(what -> what.contains("/qe/")
                        ? FakePcs.tcbInfo(what.startsWith("/sgx") ? Need.Tee.SGX : Need.Tee.TDX, VERSION) : what)),
                Arguments.of("TCB info of another platform", json(INTEL, wish -> wish.fmspc(Bytes.fromHex("00906ed50000")), asItIs)),
                Arguments.of("TCB info of a stranger", json(STRANGER, asItIs, asItIs)),
                Arguments.of("old TCB info", json(INTEL, old, asItIs)),
                Arguments.of("old identities", json(INTEL, asItIs, old)),
                Arguments.of("TCB info of the future", json(INTEL, future, asItIs)),
                Arguments.of("a broken inner value that Intel signed", json(INTEL, wish -> wish.text(any -> "{}"), asItIs)),
                Arguments.of("TCB info changed after it was signed", each(right, answer -> answer.body(
                        text(answer.body(), json -> json.startsWith("{\"tcbInfo\"") ? json.replace("OutOfDate", "UpToDate") : json)))),
                Arguments.of("another signature", each(right, answer -> answer.body(
                        text(answer.body(), json -> json.startsWith("{\"") ? json.replaceFirst("\"signature\":\"..", "\"signature\":\"00") : json)))),
                Arguments.of("a page in place of every document", each(right, answer -> answer.body(Bytes.of(HTML)))),
                Arguments.of("half of every document", each(right, answer -> answer.body(
                        Bytes.of(Arrays.copyOf(answer.body().toArray(), answer.body().length() / 2))))),
                Arguments.of("documents larger than is read", each(right, answer -> answer.body(
                        Bytes.of(Arrays.copyOf(answer.body().toArray(), Limits.DEFAULT.maxBodyBytes() + 1))))),
                Arguments.of("revocation lists of a stranger",
                        lists(new Served(STRANGER.pckCrl()), new Served(STRANGER.rootCrl()))),
                Arguments.of("the root's list in place of that over platforms' keys", lists(rootList, rootList)),
                Arguments.of("the list over platforms' keys in place of the root's", lists(platformList, platformList)),
                Arguments.of("old revocation lists", lists(
                        new Served(INTEL.platformCa().revocationList(Made.NOW.minus(Duration.ofDays(60)), Made.NOW.minus(Duration.ofDays(30)))),
                        rootList)),
                Arguments.of("a list that revokes the platform", lists(new Served(INTEL.platformCa().revocationList(
                        Made.NOW.minus(Duration.ofDays(1)), Made.NOW.plus(Duration.ofDays(30)), pck)), rootList)),
                Arguments.of("a list that revokes who signs TCB info", lists(platformList, new Served(INTEL.root().revocationList(
                        Made.NOW.minus(Duration.ofDays(1)), Made.NOW.plus(Duration.ofDays(30)), signing)))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void nothingIsAcceptedWith(String what, Map<String, Served> answers) {
        serve(right(FakePcs.Form.INTEL));
        serve(answers);
        Endorsements endorsements = endorsements(FakePcs.Form.INTEL);
        for (byte[] quote : List.of(SGX, TDX)) {
            assertThat(verify(quote, endorsements, OPTIONS)).as(what).isNotInstanceOf(Verdict.Accepted.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void documentsUnderAnErrorDoNotCount(FakePcs.Form form) {
        right(form).forEach((path, answer) -> service.on(path, (exchange, count) ->
                LocalService.answer(exchange, 500, answer.headers(), answer.body().toArray())));
        assertThat(undecided(verify(TDX, endorsements(form), OPTIONS))).contains("status 500");
    }

    @Test
    void nobodySendsTheClientElsewhere() {
        try (LocalService other = new LocalService()) {
            right(FakePcs.Form.INTEL).forEach((path, answer) -> {
                other.on(path, answer.headers(), answer.body().toArray());
                service.on(path, (exchange, count) ->
                        LocalService.answer(exchange, 302, Map.of("Location", other.at(path)), new byte[] {1}));
            });
            assertThat(undecided(verify(TDX, endorsements(FakePcs.Form.INTEL), OPTIONS))).contains("redirects are not followed");
            assertThat(other.asked).isEmpty();
        }
    }

    @Test
    void aServiceThatNeverAnswersIsWaitedForNoLongerThanAllowed() {
        serve(right(FakePcs.Form.INTEL), (exchange, count) -> waitForEver());
        assertThat(undecided(verify(TDX, behindCache(client(FakePcs.Form.INTEL, SHORT)), OPTIONS)))
                .contains("TDX TCB info")
                .contains("no answer within " + SHORT.total());
    }

    @Test
    void aListThatIsMissingIsNamedAlone() {
        Map<String, Served> all = right(FakePcs.Form.INTEL);
        all.remove(FakePcs.ROOT_LIST);
        serve(all);
        assertThat(undecided(verify(SGX, endorsements(FakePcs.Form.INTEL), OPTIONS)))
                .contains("the revocation list of 'Intel SGX Root CA'")
                .contains("status 404")
                .doesNotContain("TCB info")
                .doesNotContain("quoting enclave")
                .doesNotContain("the revocation list of 'Intel SGX PCK");
    }
}
