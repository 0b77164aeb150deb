package org.innerkeep.evidence.keeper;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.internal.Verification;
import org.innerkeep.evidence.keeper.Confinement.Mechanism;

/** Verifies keeper reports. */
public final class KeeperVerifier {
    private KeeperVerifier() {}

    /**
     * Verifies:
     *
     * <ol>
     *   <li>a pinned keeper vouches for it, and the signature is that keeper's;
     *   <li>the measurement follows from what it is composed of;
     *   <li>it does not come from the future.
     * </ol>
     *
     * @param signed the report
     * @param run the verification
     * @return the verdict
     */
    public static Verdict verify(KeeperReport.Signed signed, Verification run) {
        KeeperReport report = signed.report();
        List<KeeperAnchor> anchors = run.options().anchors(KeeperAnchor.class);
        Optional<KeeperAnchor> anchor =
                anchors.stream().filter(each -> each.id().equals(signed.keeperId())).findFirst();
        if (anchor.isEmpty()) {
            run.refuse(
                    Code.ANCHOR_NOT_PINNED,
                    "report.keeper",
                    "keeper key id " + signed.keeperId() + " (nothing of this report is proven; it says: "
                            + summary(report) + ")",
                    anchors.isEmpty()
                            ? "a pinned keeper key, and none is pinned"
                            : "one of the " + anchors.size() + " pinned anchors",
                    "If this is your keeper, get its key from its administrator in a safe way and pin it");
        } else if (!signed.signedBy(anchor.get())) {
            run.refuse(
                    Code.SIGNATURE_INVALID,
                    "report.signature",
                    "a signature that is not by the pinned keeper " + signed.keeperId().shortHex(),
                    "a valid signature",
                    "The report was changed or forged: do not trust whoever sent it");
        }
        String unproven = run.reasons() == 0 ? "" : " (unproven)";
        Measurement composed = report.composedMeasurement();
        if (!report.measurement().equals(composed)) {
            run.refuse(
                    Code.MEASUREMENT_MISMATCH,
                    "report.measurement",
                    report.measurement() + unproven,
                    composed + ", which follows from the report's platform and digests",
                    "The keeper contradicts itself: do not trust it before its administrator explains this");
        }
        if (report.issuedAt().minus(Verifier.MAX_CLOCK_AHEAD).isAfter(run.at())) {
            run.refuse(
                    Code.EVIDENCE_FROM_FUTURE,
                    "report.iat",
                    report.issuedAt() + unproven,
                    "at most " + Verifier.MAX_CLOCK_AHEAD.toMinutes() + " minutes after " + run.at(),
                    "Set the clocks of this machine and of the keeper's right");
        }
        run.checked("keeper report", "signature, composition of the measurement, time");
        return run.conclude(claims(report, signed.keeperId()));
    }

    private static Claims claims(KeeperReport report, Bytes keeperId) {
        return new Claims(
                "keeper-report",
                report.platform(),
                Optional.of(report.measurement()),
                Optional.of(report.signer()),
                OptionalLong.of(report.productId()),
                OptionalLong.of(report.securityVersion()),
                report.debug(),
                report.reportData(),
                Optional.of(report.issuedAt()),
                keeperId,
                details(report));
    }

    private static Map<String, ClaimValue> details(KeeperReport report) {
        Map<String, ClaimValue> details = new TreeMap<>(Map.of(
                "bundle-digest", ClaimValue.of(report.bundleDigest()),
                "runtime-digest", ClaimValue.of(report.runtimeDigest()),
                "launch-digest", ClaimValue.of(report.launchDigest()),
                "isolation", ClaimValue.of(report.isolation().toString()),
                Claims.MEMORY_READABLE_BY, ClaimValue.of(memoryReadableBy(report)),
                "enclave-id", ClaimValue.of(report.enclaveId())));
        for (Mechanism each : Mechanism.values()) {
            details.put(each.toString(), ClaimValue.of(report.confinement().has(each)));
        }
        return details;
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
                + (report.debug() ? ", debug" : "") + ", isolation " + report.isolation() + ", confinement "
                + report.confinement();
    }
}
