package org.innerkeep.cli.vectors;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.innerkeep.channel.session.Appraiser.Purpose;
import org.innerkeep.cli.vectors.CodecVectors.Entry;
import org.innerkeep.client.StatementVerdict;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.Statement;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.cose.CoseSign1;
import org.innerkeep.evidence.cose.P256PublicKey;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.Confinement.Mechanism;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.evidence.keeper.KeeperReport.Isolation;

/** Measurement, report data, keeper reports, what a relying party makes of them, and a statement. */
final class EvidenceVectors {
    static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    static final KeeperAnchor ANCHOR = KeeperAnchor.of(Keys.KEEPER.getPublic());
    static final Bytes BUNDLE = digest("bundle");
    static final Bytes RUNTIME = digest("runtime");
    static final Bytes LAUNCH = digest("launch");
    static final Bytes SIGNER = Bytes.sha256(Keys.spki(Keys.DEVELOPER).toArray());
    static final Bytes BOUND = Bytes.of(ReportData.ofProgram("vectors", new byte[] {1, 2, 3}));

    private final Recorded recorded;
    private final Map<String, Bytes> reports = new LinkedHashMap<>();

    EvidenceVectors(Recorded recorded) {
        this.recorded = recorded;
    }

    private static Bytes digest(String text) {
        return Bytes.sha256(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** A report, and what may be wrong with it. */
    record Report(
            String platform, Bytes measured, boolean debug, Isolation isolation, Confinement confinement, Instant at, Bytes reportData) {
        static Report good() {
            return of(KeeperReport.PROCESS);
        }

        static Report of(String platform) {
            Bytes composed = KeeperReport.processMeasurement(platform, BUNDLE, RUNTIME, LAUNCH).digest();
            return new Report(platform, composed, false, Isolation.SEPARATE_USER, Confinement.NONE, NOW, BOUND);
        }

        Report bound(byte[] to) {
            return new Report(platform, measured, debug, isolation, confinement, at, Bytes.of(to));
        }

        byte[] sign(KeyPair keeper) {
            return new KeeperReport(
                            platform, org.innerkeep.evidence.Measurement.sha256(measured), BUNDLE, RUNTIME, LAUNCH, SIGNER, 7, 3,
                            debug, isolation, confinement, Bytes.fromHex("000102030405060708090a0b0c0d0e0f"), reportData, at)
                    .sign(keeper.getPrivate(), keeper.getPublic());
        }
    }

    static Bytes keepReport(Recorded recorded, Report report, KeyPair keeper, String... path) {
        return recorded.keep(Bytes.of(report.sign(keeper)), found -> signedBy(found, keeper.getPublic()), path);
    }

    private static boolean signedBy(Bytes envelope, PublicKey key) {
        try {
            return CoseSign1.parse(envelope.toArray()).verify(P256PublicKey.of(key));
        } catch (MalformedException e) {
            return false;
        }
    }

    Map<String, Object> evidence() {
        return new Entry()
                .put("about", "Evidence, and what a relying party makes of it; docs/protocol.md, section 2. Every report is"
                        + " verified with the one anchor, at the time that now says.")
                .put("anchor", ANCHOR.toString())
                .put("anchorId", ANCHOR.id().hex())
                .put("otherAnchor", KeeperAnchor.of(Keys.OTHER_KEEPER.getPublic()).toString())
                .put("now", Long.toString(NOW.getEpochSecond()))
                .put("measurements", List.of(measurement(KeeperReport.PROCESS), measurement(KeeperReport.MOCK)))
                .put("reportData", reportData())
                .put("reports", reports())
                .put("appraisals", appraisals())
                .put("refusedAnchors", refusedAnchors())
                .map();
    }

    private static Map<String, Object> measurement(String platform) {
        return new Entry()
                .put("platform", platform)
                .put("bundle", BUNDLE.hex())
                .put("runtime", RUNTIME.hex())
                .put("launch", LAUNCH.hex())
                .put("measurement", KeeperReport.processMeasurement(platform, BUNDLE, RUNTIME, LAUNCH).toString())
                .map();
    }

    private static List<Object> reportData() {
        byte[] one = {1, 2, 3};
        byte[] two = {};
        return List.of(
                bound(ReportData.SESSION, ReportData.of(ReportData.SESSION, one, two, one), one, two, one),
                bound(ReportData.STATEMENT, ReportData.of(ReportData.STATEMENT, two, one), two, one),
                bound("innerkeep program: vectors", ReportData.ofProgram("vectors", one), one));
    }

    private static Map<String, Object> bound(String label, byte[] reportData, byte[]... parts) {
        List<Object> shown = new ArrayList<>();
        for (byte[] part : parts) {
            shown.add(HexFormat.of().formatHex(part));
        }
        return new Entry().put("label", label).put("parts", shown).put("reportData", Bytes.of(reportData).hex()).map();
    }

    private List<Object> reports() {
        Report good = Report.good();
        List<Object> list = new ArrayList<>();
        accepted(list, "good", good);
        accepted(list, "debug", new Report("process", good.measured, true, good.isolation, Confinement.NONE, NOW, BOUND));
        accepted(list, "same-user", new Report("process", good.measured, false, Isolation.SAME_USER, Confinement.NONE, NOW, BOUND));
        accepted(list, "secret-heap", new Report(
                "process", good.measured, false, good.isolation, Confinement.of(Mechanism.SECRET_HEAP), NOW, BOUND));
        accepted(list, "every-mechanism", new Report(
                "process", good.measured, false, good.isolation, Confinement.of(Mechanism.values()), NOW, BOUND));
        accepted(list, "mock", Report.of(KeeperReport.MOCK));
        accepted(list, "ten-minutes-old",
                new Report("process", good.measured, false, good.isolation, Confinement.NONE, NOW.minus(Duration.ofMinutes(10)), BOUND));
        accepted(list, "two-minutes-ahead",
                new Report("process", good.measured, false, good.isolation, Confinement.NONE, NOW.plus(Duration.ofMinutes(2)), BOUND));
        refused(list, "three-minutes-ahead", sign("three-minutes-ahead",
                new Report("process", good.measured, false, good.isolation, Confinement.NONE, NOW.plus(Duration.ofMinutes(3)), BOUND), Keys.KEEPER));
        refused(list, "another-keeper", sign("another-keeper", good, Keys.OTHER_KEEPER));
        refused(list, "measurement-not-of-its-parts", sign("measurement-not-of-its-parts",
                new Report("process", digest("other"), false, good.isolation, Confinement.NONE, NOW, BOUND), Keys.KEEPER));
        String hex = reports.getOrDefault("good", Bytes.EMPTY).hex();
        refused(list, "signature-changed", changed(hex, text -> flipLast(text)));
        refused(list, "payload-changed", changed(hex, text -> text.replace(SIGNER.hex(), RUNTIME.hex())));
        refused(list, "bytes-follow", changed(hex, text -> text + "00"));
        refused(list, "cut", changed(hex, text -> text.substring(0, text.length() - 2)));
        refused(list, "another-tag", changed(hex, text -> "d8" + text.substring(2)));
        refused(list, "algorithm-es384", changed(hex, text -> text.replaceFirst("012604", "01382204")));
        refused(list, "claims-in-another-order", changed(hex, EvidenceVectors::swapFirstClaims));
        refused(list, "length-not-in-its-shortest-form", changed(hex, text -> text.replaceFirst("0a5840", "0a590040")));
        refused(list, "mechanism-neither-true-nor-false", changed(hex, text -> text.replaceFirst("3a000101daf4", "3a000101da00")));
        refused(list, "empty", Bytes.EMPTY);
        return list;
    }

    private static String flipLast(String hex) {
        return hex.substring(0, hex.length() - 1) + (hex.endsWith("0") ? "1" : "0");
    }

    /** eat_nonce before iat. */
    private static String swapFirstClaims(String hex) {
        String issued = "061a" + "%08x".formatted(NOW.getEpochSecond());
        String nonce = "0a5840" + BOUND.hex();
        return hex.replace(issued + nonce, nonce + issued);
    }

    private static Bytes changed(String hex, UnaryOperator<String> change) {
        String after = change.apply(hex);
        if (after.equals(hex)) {
            throw new IllegalStateException("the mutation changes nothing");
        }
        return Bytes.fromHex(after);
    }

    private Bytes sign(String name, Report report, KeyPair keeper) {
        return keepReport(recorded, report, keeper, "reports", name, "evidence");
    }

    private void accepted(List<Object> list, String name, Report report) {
        Bytes evidence = sign(name, report, Keys.KEEPER);
        reports.put(name, evidence);
        if (!(Verifier.verify(evidence.toArray(), List.of(ANCHOR), NOW) instanceof Verdict.Accepted accepted)) {
            throw new IllegalStateException(name + " is refused");
        }
        list.add(new Entry().put("name", name).put("evidence", evidence.hex()).put("claims", claims(accepted.claims())).map());
    }

    private static Map<String, Object> claims(Claims claims) {
        Entry entry = new Entry()
                .put("platform", claims.platform())
                .put("measurement", claims.measurement().orElseThrow().toString())
                .put("signer", claims.signer().orElseThrow().hex())
                .put("product-id", Long.toString(claims.productId().orElseThrow()))
                .put("security-version", Long.toString(claims.securityVersion().orElseThrow()))
                .put("debug", claims.debug())
                .put("report-data", claims.reportData().hex())
                .put("issued-at", Long.toString(claims.issuedAt().orElseThrow().getEpochSecond()))
                .put("anchor", claims.anchor().hex());
        claims.details().forEach((name, value) -> entry.put(name, value.toString()));
        return entry.map();
    }

    private void refused(List<Object> list, String name, Bytes evidence) {
        if (!(Verifier.verify(evidence.toArray(), List.of(ANCHOR), NOW) instanceof Verdict.Refused refusal)) {
            throw new IllegalStateException(name + " is accepted");
        }
        reports.put(name, evidence);
        list.add(new Entry().put("name", name).put("evidence", evidence.hex()).put("codes", codes(refusal.reasons())).map());
    }

    private static List<Object> codes(List<Reason> reasons) {
        return reasons.stream().map(reason -> (Object) reason.code().name()).toList();
    }

    private List<Object> appraisals() {
        Bytes measured = KeeperReport.processMeasurement("process", BUNDLE, RUNTIME, LAUNCH).digest();
        List<Object> list = new ArrayList<>();
        Wanted signed = new Wanted().signer(SIGNER, 7, 3);
        appraise(list, "good", signed, Purpose.SESSION, BOUND);
        appraise(list, "good", new Wanted().measurement(measured), Purpose.SESSION, BOUND);
        appraise(list, "good", new Wanted().signer(SIGNER, 7, 2).measurement(measured).runtime(RUNTIME), Purpose.SESSION, BOUND);
        appraise(list, "good", new Wanted().signer(RUNTIME, 8, 4), Purpose.SESSION, BOUND);
        appraise(list, "good", new Wanted().signer(SIGNER, 7, 3).measurement(RUNTIME).runtime(BUNDLE), Purpose.SESSION, BOUND);
        appraise(list, "good", signed, Purpose.SESSION, Bytes.of(new byte[64]));
        appraise(list, "debug", signed, Purpose.SESSION, BOUND);
        appraise(list, "debug", new Wanted().signer(SIGNER, 7, 3).lift("allowDebug"), Purpose.SESSION, BOUND);
        appraise(list, "same-user", signed, Purpose.SESSION, BOUND);
        appraise(list, "same-user", new Wanted().signer(SIGNER, 7, 3).lift("allowSameUser"), Purpose.SESSION, BOUND);
        appraise(list, "secret-heap", new Wanted().signer(SIGNER, 7, 3).confined(Mechanism.SECRET_HEAP), Purpose.SESSION, BOUND);
        appraise(list, "good", new Wanted().signer(SIGNER, 7, 3).confined(Mechanism.SECRET_HEAP), Purpose.SESSION, BOUND);
        appraise(list, "secret-heap", new Wanted().signer(SIGNER, 7, 3).confined(Mechanism.values()), Purpose.SESSION, BOUND);
        appraise(list, "every-mechanism", new Wanted().signer(SIGNER, 7, 3).confined(Mechanism.values()), Purpose.SESSION, BOUND);
        appraise(list, "mock", signed, Purpose.SESSION, BOUND);
        appraise(list, "mock", new Wanted().signer(SIGNER, 7, 3).lift("allowMock"), Purpose.SESSION, BOUND);
        appraise(list, "ten-minutes-old", signed, Purpose.SESSION, BOUND);
        appraise(list, "ten-minutes-old", signed, Purpose.CERTIFICATE, BOUND);
        appraise(list, "ten-minutes-old", signed, Purpose.STATEMENT, BOUND);
        appraise(list, "another-keeper", signed, Purpose.SESSION, BOUND);
        return list;
    }

    /** A relying party's wishes, as Java has them and as the vectors show them. */
    private static final class Wanted {
        private final Map<String, Object> shown = new LinkedHashMap<>();
        private Trust trust = Trust.measurement(org.innerkeep.evidence.Measurement.sha256(Bytes.of(new byte[32])));
        private boolean begun;

        Wanted signer(Bytes id, int product, int svn) {
            trust = Trust.signer(id, product, svn);
            begun = true;
            shown.put("signer", id.hex());
            shown.put("product", Integer.toString(product));
            shown.put("svn", Integer.toString(svn));
            return this;
        }

        Wanted measurement(Bytes digest) {
            var measurement = org.innerkeep.evidence.Measurement.sha256(digest);
            trust = begun ? trust.andMeasurement(measurement) : Trust.measurement(measurement);
            begun = true;
            shown.put("measurements", List.of(digest.hex()));
            return this;
        }

        Wanted runtime(Bytes digest) {
            trust = trust.runtime(digest);
            shown.put("runtimes", List.of(digest.hex()));
            return this;
        }

        Wanted confined(Mechanism... mechanisms) {
            trust = trust.confined(mechanisms);
            shown.put("confined", Stream.of(mechanisms).map(Mechanism::toString).toList());
            return this;
        }

        Wanted lift(String floor) {
            trust = switch (floor) {
                case "allowDebug" -> trust.allowDebug();
                case "allowSameUser" -> trust.allowSameUser();
                default -> trust.allowMock();
            };
            shown.put(floor, true);
            return this;
        }

        Trust trust() {
            return trust.on(ANCHOR).at(Clock.fixed(NOW, ZoneOffset.UTC));
        }
    }

    private void appraise(List<Object> list, String report, Wanted wanted, Purpose purpose, Bytes reportData) {
        byte[] evidence = reports.getOrDefault(report, Bytes.EMPTY).toArray();
        Verdict verdict = wanted.trust().appraise(evidence, reportData.toArray(), purpose);
        list.add(new Entry()
                .put("report", report)
                .put("wanted", wanted.shown)
                .put("purpose", purpose.name().toLowerCase(java.util.Locale.ROOT))
                .put("reportData", reportData.hex())
                .put("codes", verdict instanceof Verdict.Refused refused ? codes(refused.reasons()) : List.of())
                .map());
    }

    private static List<Object> refusedAnchors() {
        String good = ANCHOR.toString();
        String spki = ANCHOR.publicKey().hex();
        String offCurve = spki.substring(0, spki.length() - 2) + (spki.endsWith("00") ? "01" : "00");
        List<Object> list = new ArrayList<>();
        for (String text : List.of(
                good.substring("keeper-key:".length()),
                good + "=",
                good.replace('k', '+'),
                "keeper-key:" + java.util.Base64.getUrlEncoder().withoutPadding().encodeToString(Bytes.fromHex(offCurve).toArray()),
                good.substring(0, good.length() - 4))) {
            try {
                KeeperAnchor.parse(text);
                throw new IllegalStateException(text + " is accepted");
            } catch (IllegalArgumentException e) {
                list.add(text);
            }
        }
        return list;
    }

    static Map<String, Object> statement(Recorded recorded) {
        Statement.Unsigned unsigned = new Statement.Unsigned("vectors result", Bytes.of("42".getBytes(StandardCharsets.US_ASCII)));
        PublicKey signer = Keys.STATEMENT.getPublic();
        Bytes reportData = Bytes.of(unsigned.reportData(signer));
        Bytes evidence = keepReport(recorded, Report.good().bound(reportData.toArray()), Keys.KEEPER, "evidence");
        Bytes statement = recorded.keep(
                Bytes.of(unsigned.sign(Keys.STATEMENT.getPrivate(), signer, evidence.toArray())),
                found -> signedBy(found, signer),
                "statement");
        Trust trust = new Wanted().signer(SIGNER, 7, 3).trust();
        if (!(trust.verifyStatement(statement.toArray()) instanceof StatementVerdict.Accepted)) {
            throw new IllegalStateException("the statement is refused");
        }
        String hex = statement.hex();
        Bytes others = keepReport(recorded, Report.good(), Keys.KEEPER, "refused", "evidence-for-something-else", "evidence");
        Bytes replaced = Bytes.fromHex(hex.replace(evidence.hex(), others.hex()));
        return new Entry()
                .put("about", "What an enclave states; docs/protocol.md, section 3. Verified with the anchor, the time and the"
                        + " signer of the report good in evidence.json.")
                .put("purpose", unsigned.purpose())
                .put("content", unsigned.content().hex())
                .put("publicKey", Keys.spki(Keys.STATEMENT).hex())
                .put("payload", Bytes.of(unsigned.payload()).hex())
                .put("reportData", reportData.hex())
                .put("evidence", evidence.hex())
                .put("statement", hex)
                .put("refused", List.of(
                        refusedStatement(trust, "signature-changed", changed(hex, text -> flipLast(text)), Bytes.EMPTY),
                        refusedStatement(trust, "content-changed", changed(hex, text -> text.replace("423432", "423433")), Bytes.EMPTY),
                        refusedStatement(trust, "evidence-for-something-else", replaced, others),
                        refusedStatement(trust, "cut", changed(hex, text -> text.substring(0, text.length() - 2)), Bytes.EMPTY)))
                .map();
    }

    private static Map<String, Object> refusedStatement(Trust trust, String name, Bytes statement, Bytes evidence) {
        if (!(trust.verifyStatement(statement.toArray()) instanceof StatementVerdict.Refused refused)) {
            throw new IllegalStateException(name + " is accepted");
        }
        Entry entry = new Entry().put("name", name);
        if (evidence.length() > 0) {
            entry.put("evidence", evidence.hex());
        }
        return entry.put("statement", statement.hex()).put("codes", codes(refused.reasons())).map();
    }
}
