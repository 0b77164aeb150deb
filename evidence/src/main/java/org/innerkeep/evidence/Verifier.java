package org.innerkeep.evidence;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.innerkeep.evidence.keeper.KeeperReport;

/**
 * Turns evidence into proven claims, or into a refusal with all its reasons.
 *
 * <p>What is decided: form, kind, whether a pinned anchor vouches, signature, that the measurement follows from what it is
 * composed of, and that the evidence does not come from the future. What is <em>not</em> decided, because it is the relying
 * party's choice over proven claims: code, signer, versions, debug, mock, isolation, age, and what the report data must be.
 * Acceptance here is no reason to trust an enclave.
 *
 * <p>Safe for use by several threads.
 */
public final class Verifier {
    /** The most bytes of evidence. */
    public static final int MAX_EVIDENCE_BYTES = 64 * 1024;

    /** How far the clock of a platform may be ahead of the relying party's. */
    public static final Duration MAX_CLOCK_AHEAD = Duration.ofMinutes(2);

    private Verifier() {}

    /**
     * Verifies evidence:
     *
     * <ol>
     *   <li>its size is within {@link #MAX_EVIDENCE_BYTES}, before anything is parsed;
     *   <li>its kind is known and its form is right;
     *   <li>a pinned anchor vouches for it, and the signature is that anchor's;
     *   <li>what it says is consistent with itself and with the clock.
     * </ol>
     *
     * Steps 1 and 2 end the verification where they fail; the others are independent of each other and all run.
     *
     * @param evidence hostile bytes
     * @param anchors what the relying party pinned; with none nothing is accepted
     * @param at the relying party's time
     * @return acceptance with claims, or a refusal with every reason
     */
    public static Verdict verify(byte[] evidence, Collection<? extends Anchor> anchors, Instant at) {
        Objects.requireNonNull(anchors, "anchors");
        Objects.requireNonNull(at, "at");
        if (evidence.length > MAX_EVIDENCE_BYTES) {
            return refused(new Reason(
                    Reason.Code.MALFORMED,
                    "evidence",
                    evidence.length + " bytes",
                    "at most " + MAX_EVIDENCE_BYTES + " bytes",
                    "Ask for evidence without anything attached"));
        }
        Optional<Evidence> parsed;
        try {
            parsed = Evidence.parse(evidence);
        } catch (MalformedException e) {
            return refused(new Reason(
                    Reason.Code.MALFORMED,
                    e.field(),
                    "other bytes (" + e.problem() + ")",
                    "well-formed evidence",
                    "Ask again; if it stays so, the sender is broken or hostile"));
        }
        if (parsed.isEmpty()) {
            return refused(new Reason(
                    Reason.Code.KIND_UNKNOWN,
                    "evidence",
                    evidence.length + " bytes of an unknown kind",
                    "a keeper report",
                    "Check what was sent, or use a newer verifier"));
        }
        return switch (parsed.get()) {
            case Evidence.OfKeeper keeper -> verifyKeeper(keeper.signed(), anchors, at);
        };
    }

    private static Verdict verifyKeeper(
            KeeperReport.Signed signed, Collection<? extends Anchor> anchors, Instant at) {
        KeeperReport report = signed.report();
        List<Reason> reasons = new ArrayList<>();
        Optional<KeeperAnchor> anchor = pinned(signed, anchors);
        if (anchor.isEmpty()) {
            reasons.add(new Reason(
                    Reason.Code.ANCHOR_NOT_PINNED,
                    "report.keeper",
                    "keeper key id " + signed.keeperId() + " (nothing of this report is proven; it says: "
                            + summary(report) + ")",
                    anchors.isEmpty()
                            ? "a pinned keeper key, and none is pinned"
                            : "one of the " + anchors.size() + " pinned anchors",
                    "If this is your keeper, get its key from its administrator in a safe way and pin it"));
        } else if (!signed.signedBy(anchor.get())) {
            reasons.add(new Reason(
                    Reason.Code.SIGNATURE_INVALID,
                    "report.signature",
                    "a signature that is not by the pinned keeper " + signed.keeperId().shortHex(),
                    "a valid signature",
                    "The report was changed or forged: do not trust whoever sent it"));
        }
        String unproven = reasons.isEmpty() ? "" : " (unproven)";
        Measurement composed = report.composedMeasurement();
        if (!report.measurement().equals(composed)) {
            reasons.add(new Reason(
                    Reason.Code.MEASUREMENT_MISMATCH,
                    "report.measurement",
                    report.measurement() + unproven,
                    composed + ", which follows from the report's platform and digests",
                    "The keeper contradicts itself: do not trust it before its administrator explains this"));
        }
        if (report.issuedAt().minus(MAX_CLOCK_AHEAD).isAfter(at)) {
            reasons.add(new Reason(
                    Reason.Code.EVIDENCE_FROM_FUTURE,
                    "report.iat",
                    report.issuedAt() + unproven,
                    "at most " + MAX_CLOCK_AHEAD.toMinutes() + " minutes after " + at,
                    "Set the clocks of this machine and of the keeper's right"));
        }
        return reasons.isEmpty()
                ? new Verdict.Accepted(claims(report, signed.keeperId()))
                : new Verdict.Refused(reasons);
    }

    private static Optional<KeeperAnchor> pinned(KeeperReport.Signed signed, Collection<? extends Anchor> anchors) {
        for (Anchor anchor : anchors) {
            switch (anchor) {
                case KeeperAnchor keeper -> {
                    if (keeper.id().equals(signed.keeperId())) {
                        return Optional.of(keeper);
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static Claims claims(KeeperReport report, Bytes keeperId) {
        return new Claims(
                "keeper-report",
                report.platform(),
                report.measurement(),
                report.signer(),
                report.productId(),
                report.securityVersion(),
                report.debug(),
                report.reportData(),
                report.issuedAt(),
                keeperId,
                Map.of(
                        "bundle-digest", report.bundleDigest().hex(),
                        "runtime-digest", report.runtimeDigest().hex(),
                        "launch-digest", report.launchDigest().hex(),
                        "isolation", report.isolation().toString(),
                        "memory-readable-by", memoryReadableBy(report),
                        "enclave-id", report.enclaveId().hex()));
    }

    /** The largest group, so that a rule over this claim alone cannot be misled by another claim it did not look at. */
    private static String memoryReadableBy(KeeperReport report) {
        if (report.platform().equals(KeeperReport.MOCK)) {
            return "everyone";
        }
        return report.debug() || report.isolation() == KeeperReport.Isolation.SAME_USER ? "host" : "root";
    }

    private static String summary(KeeperReport report) {
        return "platform " + report.platform() + ", measurement " + report.measurement() + ", bundle digest "
                + report.bundleDigest() + ", runtime digest " + report.runtimeDigest() + ", signer " + report.signer()
                + ", product " + report.productId() + ", SVN " + report.securityVersion()
                + (report.debug() ? ", debug" : "") + ", isolation " + report.isolation();
    }

    private static Verdict refused(Reason reason) {
        return new Verdict.Refused(List.of(reason));
    }
}
