package org.innerkeep.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.innerkeep.client.Reports.GOOD;
import static org.innerkeep.makers.FakeTokenService.quoted;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.innerkeep.channel.session.Appraiser.Purpose;
import org.innerkeep.client.FakeAttestation.Asked;
import org.innerkeep.client.FakeAttestation.Script;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.makers.FakeTokenService;
import org.innerkeep.makers.FakeTokenService.Algorithm;
import org.innerkeep.policy.Policy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A relying party that lets an attestation service decide, against services that lie, fail and dawdle. */
class ServiceTrustTest {
    private static final FakeTokenService TOKENS = FakeAttestation.TOKENS;
    private static final byte[] EVIDENCE = GOOD.signed();

    private final FakeAttestation service = new FakeAttestation();
    private final Trust trust = trusting(service.pinned());

    private static Trust trusting(TokenService service) {
        return Trust.token(service).andSigner(Reports.SIGNER, Reports.PRODUCT, Reports.SVN).at(Clock.fixed(Reports.NOW, ZoneOffset.UTC));
    }

    @AfterEach
    void end() {
        service.close();
    }

    @Test
    void sendsTheEvidenceWithANewNonceAndAcceptsAnHonestToken() {
        Verdict verdict = appraise(trust);

        assertThat(verdict).isInstanceOfSatisfying(Verdict.Accepted.class, accepted -> {
            Claims claims = accepted.claims();
            assertThat(claims.kind()).isEqualTo("token");
            assertThat(claims.platform()).isEqualTo("process");
            assertThat(claims.measurement()).hasValue(GOOD.measurement());
            assertThat(claims.reportData()).isEqualTo(Bytes.of(Reports.REPORT_DATA));
            assertThat(claims.text("attested-kind")).hasValue("keeper-report");
            assertThat(claims.text("attested-anchor")).hasValue(Reports.ANCHOR.id().hex());
            assertThat(claims.text("vouched-by")).hasValue(FakeAttestation.ISSUER);
        });
        appraise(trust);
        assertThat(service.asked()).hasSize(2).allSatisfy(asked -> {
            assertThat(asked.method()).isEqualTo("POST");
            assertThat(asked.uri()).hasToString("/attest/Evidence?api-version=2020-10-01");
            assertThat(asked.contentType()).isEqualTo("application/json");
            assertThat(asked.evidence()).isEqualTo(Bytes.of(EVIDENCE));
            assertThat(Base64.getUrlDecoder().decode(asked.nonce())).hasSize(32);
        });
        assertThat(service.asked().stream().map(Asked::nonce)).doesNotHaveDuplicates();
    }

    @Test
    void aPathBeforeTheOperationsIsKept() {
        TokenService below = TokenService.at(URI.create(service.address() + "/tenant/"), TOKENS.keyAnchor(), service.authority());

        appraise(trusting(below));

        assertThat(service.asked().getFirst().uri()).hasToString("/tenant/attest/Evidence?api-version=2020-10-01");
    }

    @Test
    void aServiceWhoseTokensBringNoCertificatesIsNotPinnedByARootAlone() {
        TokenIssuer root = TOKENS.rootAnchor();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenService.at(service.address(), root, service.authority()))
                .withMessageContainingAll(FakeAttestation.ISSUER, "root", "/certs");
        TokenIssuer both = new TokenIssuer(root.issuer(), TOKENS.keyAnchor().keys(), root.root());
        assertThat(codes(appraise(trusting(TokenService.at(service.address(), both, service.authority()))))).isEmpty();
    }

    @Test
    void whoAgreesOnNoCodeTrustsNothingAndTheServiceIsNotAsked() {
        Trust anything = Trust.token(service.pinned()).at(Clock.fixed(Reports.NOW, ZoneOffset.UTC)).runtime(Reports.RUNTIME);
        byte[] statement = Reports.statement(Reports.newKey(), "result", new byte[] {1}, parts -> parts);
        byte[] token = TOKENS.sign(TOKENS.header(), TOKENS.innerkeep(Reports.NOW));

        for (Purpose purpose : Purpose.values()) {
            assertThat(codes(anything.appraise(EVIDENCE, Reports.REPORT_DATA, purpose))).containsExactly(Code.CODE_NOT_AGREED);
        }
        assertThat(codes(anything.verifyToken(token, TokenUse.boundTo(new byte[1])))).containsExactly(Code.CODE_NOT_AGREED);
        assertThat(anything.verifyStatement(statement)).isInstanceOf(StatementVerdict.Refused.class);
        assertThat(service.asked()).isEmpty();
        assertThat(codes(appraise(anything.andMeasurement(GOOD.measurement())))).isEmpty();
    }

    @Test
    void thePinnedPolicyOfAServiceStandsForTheAgreedCode() {
        Bytes hash = Bytes.sha256("a policy".getBytes(StandardCharsets.UTF_8));
        Clock clock = Clock.fixed(Reports.NOW, ZoneOffset.UTC);
        Trust byPolicy = Trust.token(service.pinned().policyHash(hash).within(Duration.ofSeconds(9))).at(clock);
        String stated = Base64.getUrlEncoder().withoutPadding().encodeToString(hash.toArray());

        issues(asked -> asked.token(claims -> claims.put("x-ms-policy-hash", quoted(stated))));
        assertThat(codes(appraise(byPolicy))).isEmpty();
        assertThat(codes(appraise(byPolicy.andMeasurement(GOOD.bundle("other").measurement())))).containsExactly(Code.MEASUREMENT_MISMATCH);
        issues(asked -> asked.token(claims -> claims.put("x-ms-policy-hash", quoted(stated.substring(1) + "A"))));
        assertThat(codes(appraise(byPolicy))).containsExactly(Code.CLAIM_MISMATCH);
        issues(asked -> asked.token(claims -> claims.remove("x-ms-policy-hash")));
        assertThat(codes(appraise(byPolicy))).containsExactly(Code.CLAIM_MISMATCH);
        byte[] token = TOKENS.sign(TOKENS.header(), TOKENS.innerkeep(Reports.NOW));
        assertThat(codes(byPolicy.verifyToken(token, TokenUse.boundTo(new byte[1])))).contains(Code.CLAIM_MISMATCH);
        assertThatIllegalArgumentException().isThrownBy(() -> service.pinned().policyHash(Bytes.of(new byte[31])));
    }

    @Test
    void theTokenMustBeBoundToTheVeryBytesThatTheEvidenceHasToBe() {
        Verdict other = trust.appraise(EVIDENCE, new byte[64], Purpose.SESSION);
        assertThat(codes(other)).containsExactly(Code.REPORT_DATA_MISMATCH);

        issues(asked -> asked.tokenOf("report-data", quoted("00".repeat(64))));
        assertThat(codes(appraise(trust))).containsExactly(Code.REPORT_DATA_MISMATCH);
        // Half of it is not it.
        issues(asked -> asked.tokenOf("report-data", quoted(Bytes.of(Reports.REPORT_DATA).hex().substring(0, 64))));
        assertThat(codes(appraise(trust))).containsExactly(Code.REPORT_DATA_MISMATCH);
        issues(asked -> asked.tokenOf("report-data", quoted("")));
        assertThat(codes(appraise(trust))).containsExactly(Code.REPORT_DATA_MISMATCH);
    }

    @Test
    void theTokenOfAnEarlierRequestIsNotTakenForThisOne() {
        byte[][] kept = new byte[1][];
        tells((asked, exchange) -> {
            kept[0] = kept[0] == null ? asked.token(claims -> {}) : kept[0];
            FakeAttestation.issue(exchange, kept[0]);
        });

        assertThat(codes(appraise(trust))).isEmpty();
        assertThat(codes(appraise(trust))).containsExactly(Code.NONCE_MISMATCH);
    }

    @Test
    void aTokenWithoutANonceIsRefused() {
        issues(asked -> asked.token(claims -> claims.remove("nonce")));
        assertThat(codes(appraise(trust))).containsExactly(Code.NONCE_MISMATCH);
        issues(asked -> asked.token(claims -> claims.put("nonce", "null")));
        assertThat(codes(appraise(trust))).containsExactly(Code.NONCE_MISMATCH);
    }

    @Test
    void aTokenThatNobodyOrAnotherKeySignedIsRefused() {
        FakeTokenService stranger = new FakeTokenService(FakeAttestation.ISSUER, Algorithm.ES256, Reports.NOW);
        issues(asked -> stranger.sign(TOKENS.header(), asked.claims(Reports.NOW)));
        assertThat(codes(appraise(trust))).containsExactly(Code.SIGNATURE_INVALID);

        issues(asked -> stranger.sign(stranger.header(), asked.claims(Reports.NOW)));
        assertThat(codes(appraise(trust))).containsExactly(Code.TOKEN_NOT_ACCEPTED);

        issues(ServiceTrustTest::unsigned);
        assertThat(codes(appraise(trust))).contains(Code.ALGORITHM_WEAK);

        tells((asked, exchange) -> {
            byte[] token = asked.token(claims -> {});
            token[token.length - 5] = (byte) (token[token.length - 5] == 'A' ? 'B' : 'A');
            FakeAttestation.issue(exchange, token);
        });
        assertThat(codes(appraise(trust))).containsExactly(Code.SIGNATURE_INVALID);
    }

    private static byte[] unsigned(Asked asked) {
        Base64.Encoder url = Base64.getUrlEncoder().withoutPadding();
        String header = "{\"alg\":\"none\",\"kid\":\"" + TOKENS.keyId() + "\",\"typ\":\"JWT\"}";
        return (url.encodeToString(header.getBytes(StandardCharsets.UTF_8)) + "."
                        + url.encodeToString(FakeTokenService.object(asked.claims(Reports.NOW)).getBytes(StandardCharsets.UTF_8)) + ".")
                .getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void aTokenOfAnotherIssuerIsRefused() {
        issues(asked -> asked.token(claims -> claims.put("iss", quoted("https://other.example"))));
        assertThat(codes(appraise(trust))).containsExactly(Code.ANCHOR_NOT_PINNED);
    }

    @Test
    void aTokenThatIsNotOfNowIsRefused() {
        issues(asked -> asked.token(claims -> claims.put("exp", second(Duration.ofMinutes(-3)))));
        assertThat(codes(appraise(trust))).containsExactly(Code.EVIDENCE_STALE);
        issues(asked -> asked.token(claims -> claims.put("iat", second(Duration.ofMinutes(-6)))));
        assertThat(codes(appraise(trust))).containsExactly(Code.EVIDENCE_STALE);
        issues(asked -> asked.token(claims -> claims.remove("iat")));
        assertThat(codes(appraise(trust))).containsExactly(Code.EVIDENCE_STALE);
        issues(asked -> asked.token(claims -> claims.put("nbf", second(Duration.ofMinutes(3)))));
        assertThat(codes(appraise(trust))).containsExactly(Code.EVIDENCE_FROM_FUTURE);
        // As much as the clocks of keepers may differ.
        issues(asked -> asked.token(claims -> claims.put("iat", second(Duration.ofMinutes(1)))));
        assertThat(codes(appraise(trust))).isEmpty();
    }

    private static String second(Duration after) {
        return Long.toString(Reports.NOW.plus(after).getEpochSecond());
    }

    @Test
    void evidenceMayNotBeOlderForATokenThanItMayBeItself() {
        byte[] old = GOOD.age(Duration.ofMinutes(6)).signed();
        byte[] ancient = GOOD.age(Duration.ofDays(367)).signed();

        assertThat(codes(trust.appraise(old, Reports.REPORT_DATA, Purpose.SESSION))).containsExactly(Code.EVIDENCE_STALE);
        assertThat(codes(trust.appraise(old, Reports.REPORT_DATA, Purpose.CERTIFICATE))).isEmpty();
        assertThat(codes(trust.appraise(ancient, Reports.REPORT_DATA, Purpose.CERTIFICATE))).containsExactly(Code.EVIDENCE_STALE);
        assertThat(codes(trust.appraise(ancient, Reports.REPORT_DATA, Purpose.STATEMENT))).isEmpty();
        // A young token says nothing of how old the evidence in a certificate is.
        issues(asked -> asked.token(
                claims -> claims.compute("innerkeep", (name, own) -> String.valueOf(own).replace("issued-at", "made-at"))));
        assertThat(codes(trust.appraise(EVIDENCE, Reports.REPORT_DATA, Purpose.CERTIFICATE))).containsExactly(Code.EVIDENCE_STALE);
        assertThat(codes(trust.appraise(EVIDENCE, Reports.REPORT_DATA, Purpose.SESSION))).isEmpty();
    }

    @Test
    void aTokenOverAnotherKindOfEvidenceIsRefused() {
        issues(asked -> asked.token(claims -> {
            claims.put("x-ms-attestation-type", quoted("nitro-document"));
            claims.compute("innerkeep", (name, own) -> String.valueOf(own).replace("keeper-report", "nitro-document"));
        }));
        assertThat(codes(appraise(trust))).containsExactly(Code.BINDING_MISMATCH);
        // A token in Azure's words does not say what was proven, so it does not say that it is over what was sent.
        tells((asked, exchange) -> {
            Map<String, String> azure = TOKENS.azureSgx(Reports.NOW);
            azure.put("nonce", quoted(asked.nonce()));
            FakeAttestation.issue(exchange, TOKENS.sign(TOKENS.header(), azure));
        });
        assertThat(codes(appraise(trust))).containsExactly(Code.BINDING_MISMATCH);
    }

    @Test
    void noPolicyOfAServiceLiftsAFloor() {
        byte[] debug = GOOD.debug(true).signed();
        byte[] mock = GOOD.platform(KeeperReport.MOCK).signed();
        byte[] shared = GOOD.isolation(KeeperReport.Isolation.SAME_USER).signed();

        assertThat(codes(trust.appraise(debug, Reports.REPORT_DATA, Purpose.SESSION))).contains(Code.DEBUG_ENCLAVE);
        assertThat(codes(trust.allowDebug().appraise(debug, Reports.REPORT_DATA, Purpose.SESSION))).isEmpty();
        assertThat(codes(trust.appraise(mock, Reports.REPORT_DATA, Purpose.SESSION))).contains(Code.MOCK_PLATFORM);
        assertThat(codes(trust.allowMock().appraise(mock, Reports.REPORT_DATA, Purpose.SESSION))).isEmpty();
        assertThat(codes(trust.appraise(shared, Reports.REPORT_DATA, Purpose.SESSION))).containsExactly(Code.ISOLATION_SAME_USER);
        assertThat(codes(trust.allowSameUser().appraise(shared, Reports.REPORT_DATA, Purpose.SESSION))).isEmpty();
    }

    @Test
    void whatTheRelyingPartyRequiresHoldsForTokensAsForEvidence() {
        assertThat(codes(appraise(trust.andSigner(Reports.SIGNER, Reports.PRODUCT, Reports.SVN)))).isEmpty();
        assertThat(codes(appraise(trust.andSigner(Reports.SIGNER, Reports.PRODUCT, Reports.SVN + 1)))).containsExactly(Code.SVN_TOO_LOW);
        assertThat(codes(appraise(trust.andMeasurement(GOOD.measurement())))).isEmpty();
        assertThat(codes(appraise(trust.andMeasurement(GOOD.bundle("other").measurement())))).containsExactly(Code.MEASUREMENT_MISMATCH);
        assertThat(codes(appraise(trust.runtime(Reports.RUNTIME)))).isEmpty();
        assertThat(codes(appraise(trust.runtime(Reports.digest("other"))))).containsExactly(Code.RUNTIME_MISMATCH);
        assertThat(codes(appraise(trust.platforms("snp")))).containsExactly(Code.PLATFORM_NOT_ACCEPTED);
        Policy policy = Policy.parse("version=1.0;authorizationrules{[type==\"attested-anchor\", value==\"" + Reports.ANCHOR.id().hex()
                        + "\"]&&[type==\"attested-kind\", value==\"keeper-report\"]=>permit();};")
                .orThrow();
        assertThat(codes(appraise(trust.andPolicy(policy)))).isEmpty();
        Policy other = Policy.parse("version=1.0;authorizationrules{[type==\"attested-anchor\", value==\"00\"]=>permit();};").orThrow();
        assertThat(codes(appraise(trust.andPolicy(other)))).containsExactly(Code.POLICY_REFUSED);
    }

    @Test
    void aRefusalIsShownReasonByReasonAsTheServiceExplainedIt() {
        tells((asked, exchange) -> FakeAttestation.reply(exchange, 400, """
                {"error":{"code":"InvalidParameter","message":"The evidence is refused.","details":[
                  {"code":"InvalidParameter","message":"SVN_TOO_LOW report.svn: found 1, wanted 2"},
                  {"code":"InvalidParameter","message":"first line\\nsecond line \\u001b[2J \\u202e"}]}}"""));

        assertThat(appraise(trust)).isInstanceOfSatisfying(Verdict.Refused.class, refused -> assertThat(refused.reasons())
                .hasSize(2)
                .allMatch(reason -> reason.code() == Code.SERVICE_REFUSED && reason.path().contains(FakeAttestation.ISSUER))
                .extracting(Reason::found)
                .containsExactly(
                        "InvalidParameter: SVN_TOO_LOW report.svn: found 1, wanted 2",
                        "InvalidParameter: first line | second line ?[2J ?"));
        tells((asked, exchange) ->
                FakeAttestation.reply(exchange, 400, "{\"error\":{\"code\":\"PolicyEvaluationError\",\"message\":\"no rule permits\"}}"));
        assertThat(((Verdict.Refused) appraise(trust)).explain()).contains("PolicyEvaluationError: no rule permits");
    }

    @Test
    void aServicesTextIsBounded() {
        String detail = "{\"message\":\"" + "x".repeat(10_000) + "\"}";
        tells((asked, exchange) -> FakeAttestation.reply(
                exchange, 400, "{\"error\":{\"code\":\"C\",\"details\":[" + String.join(",", Collections.nCopies(60, detail)) + "]}}"));

        List<Reason> reasons = ((Verdict.Refused) appraise(trust)).reasons();
        assertThat(reasons).hasSize(32).allMatch(reason -> reason.found().length() < 4200);
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404, 408, 413, 415, 429, 500, 501, 503})
    void aServiceThatCannotAnswerIsNoAcceptance(int status) {
        tells((asked, exchange) -> FakeAttestation.reply(
                exchange, status, "{\"error\":{\"code\":\"EndorsementsUnavailable\",\"message\":\"nothing to be had\"}}"));

        assertThat(codes(appraise(trust))).containsExactly(Code.SERVICE_UNAVAILABLE);
        assertThat(((Verdict.Refused) appraise(trust)).explain()).contains("status " + status, "nothing to be had");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "null", "[]", "{}", "{\"token\":1}", "{\"token\":null}", "{\"tokens\":\"a\"}", "{\"token\":\"a\",\"token\":\"b\"}", "token",
        "{\"token\":\"a\"} more", "{\"token\":\"\\ud800\"}"
    })
    void anAnswerOfAnotherFormIsNoAcceptance(String body) {
        tells((asked, exchange) -> FakeAttestation.reply(exchange, 200, body));
        assertThat(codes(appraise(trust))).containsExactly(Code.SERVICE_UNAVAILABLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a.b.c", "eyJhbGciOiJub25lIn0.e30."})
    void aTokenOfAnotherFormIsRefused(String token) {
        issues(asked -> token.getBytes(StandardCharsets.US_ASCII));
        assertThat(codes(appraise(trust))).isNotEmpty().doesNotContain(Code.SERVICE_UNAVAILABLE);
    }

    @Test
    void evidenceInPlaceOfATokenIsRefused() {
        tells((asked, exchange) -> FakeAttestation.reply(
                exchange, 200, "{\"token\":\"" + Base64.getEncoder().encodeToString(asked.evidence().toArray()) + "\"}"));
        assertThat(codes(appraise(trust))).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void noRedirectIsFollowed(int status) {
        try (FakeAttestation other = new FakeAttestation()) {
            tells((asked, exchange) -> {
                exchange.getResponseHeaders().add("Location", other.address() + "/attest/Evidence");
                FakeAttestation.reply(exchange, status, "");
            });
            assertThat(codes(appraise(trust))).containsExactly(Code.SERVICE_UNAVAILABLE);
            assertThat(((Verdict.Refused) appraise(trust)).explain()).contains("redirects are not followed");
            assertThat(other.asked()).isEmpty();
        }
    }

    @Test
    void noMoreOfAnAnswerIsReadThanATokenCanHave() {
        CountDownLatch cut = new CountDownLatch(1);
        tells((asked, exchange) -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] part = "x".repeat(64 << 10).getBytes(StandardCharsets.US_ASCII);
            try (OutputStream out = exchange.getResponseBody()) {
                for (int i = 0; i < 4096; i++) {
                    out.write(part);
                }
            } catch (IOException e) {
                cut.countDown();
            }
        });

        assertThat(codes(appraise(trust))).containsExactly(Code.SERVICE_UNAVAILABLE);
        assertThat(((Verdict.Refused) appraise(trust)).explain()).contains("1048576 bytes");
        assertThat(cut.getCount() == 0 || await(cut)).as("the connection was cut").isTrue();
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSlowServiceIsNotWaitedForWhetherItsHeadersComeOrNot(boolean headers) {
        CountDownLatch done = new CountDownLatch(1);
        tells((asked, exchange) -> {
            if (headers) {
                exchange.sendResponseHeaders(200, 100);
                exchange.getResponseBody().write('{');
                exchange.getResponseBody().flush();
            }
            await(done);
        });
        Trust impatient = trusting(service.pinned().within(Duration.ofMillis(700)));

        long begin = System.nanoTime();
        Verdict verdict = appraise(impatient);
        Duration took = Duration.ofNanos(System.nanoTime() - begin);
        done.countDown();

        assertThat(codes(verdict)).containsExactly(Code.SERVICE_UNAVAILABLE);
        assertThat(((Verdict.Refused) verdict).explain()).contains("no answer within PT0.7S");
        assertThat(took).isLessThan(Duration.ofSeconds(8));
    }

    @Test
    void anInterruptEndsTheWaitAndIsKept() {
        Thread.currentThread().interrupt();
        assertThat(codes(appraise(trust))).containsExactly(Code.SERVICE_UNAVAILABLE);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void aServiceThatIsDownIsNoAcceptance() {
        TokenService pinned = service.pinned();
        service.close();
        assertThat(codes(appraise(trusting(pinned)))).containsExactly(Code.SERVICE_UNAVAILABLE);
    }

    @Test
    void noEvidenceGoesToAServerWhoseCertificateIsNotPinned() {
        try (FakeAttestation other = new FakeAttestation(); FakeAttestation elsewhere = FakeAttestation.elsewhere()) {
            TokenService wrongAuthority = TokenService.at(service.address(), TOKENS.keyAnchor(), other.authority());
            Verdict verdict = appraise(trusting(wrongAuthority));
            assertThat(codes(verdict)).containsExactly(Code.SERVICE_UNAVAILABLE);
            assertThat(((Verdict.Refused) verdict).explain()).contains("not from a pinned authority");
            // From the right authority, and for another host.
            assertThat(codes(appraise(trusting(elsewhere.pinned())))).containsExactly(Code.SERVICE_UNAVAILABLE);
            assertThat(service.asked()).isEmpty();
            assertThat(elsewhere.asked()).isEmpty();
        }
    }

    @Test
    void whatIsNoEvidenceOrATokenItselfIsNotSent() {
        for (byte[] bytes : List.of(new byte[0], new byte[100], TOKENS.sign(TOKENS.header(), TOKENS.azureSgx(Reports.NOW)))) {
            assertThat(codes(trust.appraise(bytes, Reports.REPORT_DATA, Purpose.SESSION))).containsExactly(Code.KIND_UNKNOWN);
        }
        assertThat(service.asked()).isEmpty();
    }

    @Test
    void aStatementIsVerifiedWithTheServiceOrNotAtAll() {
        byte[] statement = Reports.statement(Reports.newKey(), "result", new byte[] {1, 2}, parts -> parts);

        assertThat(trust.verifyStatement(statement)).isInstanceOfSatisfying(StatementVerdict.Accepted.class, accepted -> {
            assertThat(accepted.content()).isEqualTo(Bytes.of(new byte[] {1, 2}));
            assertThat(accepted.claims().kind()).isEqualTo("token");
        });
        tells((asked, exchange) -> FakeAttestation.reply(exchange, 503, ""));
        assertThat(trust.verifyStatement(statement)).isInstanceOfSatisfying(StatementVerdict.Refused.class, refused ->
                assertThat(refused.reasons()).extracting(Reason::code).containsExactly(Code.SERVICE_UNAVAILABLE));
    }

    @Test
    void aTokenThatSomebodyBringsIsVerifiedByTheServicesKeys() {
        Bytes nonce = Bytes.of("a nonce of the relying party".getBytes(StandardCharsets.UTF_8));
        byte[] token = broughtToken(own -> own.put("nonce-bound", "true"));

        assertThat(codes(trust.verifyToken(token, TokenUse.withNonce(nonce)))).isEmpty();
        assertThat(codes(trust.verifyToken(token, TokenUse.withNonce(Bytes.of(new byte[8]))))).containsExactly(Code.NONCE_MISMATCH);
        assertThat(codes(trust.verifyToken(token, TokenUse.withNonce(nonce).andAudience("me")))).containsExactly(Code.TOKEN_NOT_ACCEPTED);
    }

    @Test
    void aNonceThatTheEvidenceIsNotOverBindsNothing() {
        Bytes nonce = Bytes.of("a nonce of the relying party".getBytes(StandardCharsets.UTF_8));
        byte[] data = "the enclave's public key".getBytes(StandardCharsets.UTF_8);
        byte[] unbound = broughtToken(own -> own.put("report-data", quoted(Bytes.sha256(data).hex() + "00".repeat(32))));

        assertThat(codes(trust.verifyToken(unbound, TokenUse.withNonce(nonce)))).containsExactly(Code.BINDING_MISMATCH);
        for (String value : List.of("false", "1", quoted("true"))) {
            byte[] other = broughtToken(own -> own.put("nonce-bound", value));
            assertThat(codes(trust.verifyToken(other, TokenUse.withNonce(nonce)))).containsExactly(Code.BINDING_MISMATCH);
        }
        // Where the data binds, the nonce need not.
        assertThat(codes(trust.verifyToken(unbound, TokenUse.boundTo(data).andNonce(nonce)))).isEmpty();
        assertThat(codes(trust.verifyToken(unbound, TokenUse.boundTo(new byte[1]).andNonce(nonce))))
                .containsExactly(Code.REPORT_DATA_MISMATCH);
    }

    /** A token over evidence of the code that is trusted here. */
    private static byte[] broughtToken(Consumer<Map<String, String>> change) {
        Map<String, String> own = FakeTokenService.innerkeepReport(Reports.NOW);
        own.put("signer", quoted(Reports.SIGNER.hex()));
        own.put("product-id", Long.toString(Reports.PRODUCT));
        own.put("security-version", Long.toString(Reports.SVN));
        change.accept(own);
        Map<String, String> claims = TOKENS.innerkeep(Reports.NOW);
        claims.put("innerkeep", FakeTokenService.object(own));
        return TOKENS.sign(TOKENS.header(), claims);
    }

    @Test
    void anAnchorThatNobodyWouldLookAtIsRefused() {
        KeeperAnchor anchor = Reports.ANCHOR;
        assertThatIllegalStateException().isThrownBy(() -> trust.on(anchor));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "http://localhost", "https:x", "https:///attest", "https://user@localhost", "https://localhost?x", "https://localhost#x",
        "localhost", "ftp://localhost"
    })
    void anAddressIsHttpsAndNothingElse(String address) {
        TokenIssuer issuer = TOKENS.keyAnchor();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenService.at(URI.create(address), issuer, service.authority()));
    }

    @Test
    void aServiceHasPinnedTlsAndLessTimeThanAHandshake() {
        TokenIssuer issuer = TOKENS.keyAnchor();
        assertThatIllegalArgumentException().isThrownBy(() -> TokenService.at(service.address(), issuer));
        TokenService pinned = service.pinned();
        for (Duration wait : List.of(Duration.ZERO, Duration.ofSeconds(-1), TokenService.MAX_WAIT.plusNanos(1))) {
            assertThatIllegalArgumentException().isThrownBy(() -> pinned.within(wait));
        }
        assertThat(TokenService.MAX_WAIT.multipliedBy(2)).isLessThan(Client.HANDSHAKE_DEADLINE);
    }

    @ParameterizedTest
    @EnumSource(Purpose.class)
    void theServiceIsAskedForEveryPurpose(Purpose purpose) {
        assertThat(codes(trust.appraise(EVIDENCE, Reports.REPORT_DATA, purpose))).isEmpty();
        assertThat(service.asked()).hasSize(1);
    }

    private void issues(Function<Asked, byte[]> token) {
        tells((asked, exchange) -> FakeAttestation.issue(exchange, token.apply(asked)));
    }

    private void tells(Script script) {
        service.does(script);
    }

    private static Verdict appraise(Trust trust) {
        return trust.appraise(EVIDENCE, Reports.REPORT_DATA, Purpose.SESSION);
    }

    private static Set<Code> codes(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Accepted accepted -> Set.of();
            case Verdict.Undecided undecided -> throw new AssertionError(undecided.explain());
            case Verdict.Refused refused -> refused.reasons().stream().map(Reason::code).collect(Collectors.toSet());
        };
    }
}
