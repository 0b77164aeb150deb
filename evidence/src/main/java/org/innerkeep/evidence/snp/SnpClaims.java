package org.innerkeep.evidence.snp;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.snp.SnpReport.PlatformInfo;
import org.innerkeep.evidence.snp.SnpReport.Policy;

/**
 * What a report claims. Names beginning with {@code x-ms-sevsnpvm-} are those of Microsoft Azure Attestation; its four
 * {@code …-svn} are of the reported TCB, which is the one that the certificate vouches for. The others:
 *
 * <ul>
 *   <li>{@code product} and {@code signing-key} ({@code VCEK} or {@code VLEK}), {@code chip-id} unless it is masked, {@code csp-id} of
 *       a loaded key, {@code fmc-svn} on Turin;
 *   <li>{@code current-tcb}, {@code committed-tcb}, {@code launch-tcb} and {@code reported-tcb}, 8 bytes as in the report;
 *       {@code current-version} and {@code committed-version} of the firmware; {@code provisional-firmware}, whether it can still be
 *       rolled back to an older one;
 *   <li>{@code policy} and {@code platform-info} as flags, and each bit by its name after {@code policy-} or {@code platform-};
 *   <li>{@code mitigations-launch} and {@code mitigations-current} from version 5.
 * </ul>
 */
final class SnpClaims {
    private static final String AZURE = "x-ms-sevsnpvm-";

    /** What stands in the report of a guest that has none. */
    private static final Bytes NO_MIGRATION_AGENT = Bytes.fromHex("ff".repeat(32));

    private SnpClaims() {}

    static Claims of(SnpReport report, Optional<SnpProduct> product, Optional<SnpKeyCertificate> key, Bytes anchor) {
        boolean debug = Policy.DEBUG.in(report.policy());
        Map<String, ClaimValue> details = new TreeMap<>();
        details.put(Claims.MEMORY_READABLE_BY, ClaimValue.of(debug ? "host" : "nobody"));
        azure(report, details);
        product.ifPresent(line -> levels(report, line, details));
        key.ifPresent(each -> {
            details.put("signing-key", ClaimValue.of(each.vlek() ? "VLEK" : "VCEK"));
            each.cspId().ifPresent(id -> details.put("csp-id", ClaimValue.of(id)));
        });
        platform(report, details);
        return new Claims(
                "snp-report",
                "snp",
                Optional.of(Measurement.sha384(report.measurement())),
                signer(report),
                OptionalLong.empty(),
                OptionalLong.of(report.guestSvn()),
                debug,
                report.reportData(),
                Optional.empty(),
                anchor,
                details);
    }

    private static void azure(SnpReport report, Map<String, ClaimValue> details) {
        details.put(AZURE + "authorkeydigest", ClaimValue.of(report.authorKeyDigest()));
        details.put(AZURE + "familyId", ClaimValue.of(report.familyId()));
        details.put(AZURE + "guestsvn", ClaimValue.of(report.guestSvn()));
        details.put(AZURE + "hostdata", ClaimValue.of(report.hostData()));
        details.put(AZURE + "idkeydigest", ClaimValue.of(report.idKeyDigest()));
        details.put(AZURE + "imageId", ClaimValue.of(report.imageId()));
        details.put(AZURE + "is-debuggable", ClaimValue.of(Policy.DEBUG.in(report.policy())));
        details.put(AZURE + "launchmeasurement", ClaimValue.of(report.measurement()));
        details.put(AZURE + "migration-allowed", ClaimValue.of(Policy.MIGRATE_MA.in(report.policy())));
        details.put(AZURE + "reportdata", ClaimValue.of(report.reportData()));
        details.put(AZURE + "reportid", ClaimValue.of(report.reportId()));
        details.put(AZURE + "smt-allowed", ClaimValue.of(Policy.SMT.in(report.policy())));
        details.put(AZURE + "vmpl", ClaimValue.of(report.vmpl()));
    }

    private static void levels(SnpReport report, SnpProduct line, Map<String, ClaimValue> details) {
        Map<String, Integer> levels = report.reportedTcb().components(line);
        details.put("product", ClaimValue.of(line.toString()));
        details.put(AZURE + "bootloader-svn", ClaimValue.of(levels.getOrDefault("bootloader", 0)));
        details.put(AZURE + "tee-svn", ClaimValue.of(levels.getOrDefault("tee", 0)));
        details.put(AZURE + "snpfw-svn", ClaimValue.of(levels.getOrDefault("snp", 0)));
        details.put(AZURE + "microcode-svn", ClaimValue.of(levels.getOrDefault("microcode", 0)));
        Optional.ofNullable(levels.get("fmc")).ifPresent(level -> details.put("fmc-svn", ClaimValue.of(level)));
    }

    private static void platform(SnpReport report, Map<String, ClaimValue> details) {
        if (!isZero(report.chipId())) {
            details.put("chip-id", ClaimValue.of(report.chipId()));
        }
        if (!report.reportIdMa().equals(NO_MIGRATION_AGENT)) {
            details.put("migration-agent-report-id", ClaimValue.of(report.reportIdMa()));
        }
        details.put("current-tcb", ClaimValue.of(report.currentTcb().value()));
        details.put("committed-tcb", ClaimValue.of(report.committedTcb().value()));
        details.put("launch-tcb", ClaimValue.of(report.launchTcb().value()));
        details.put("reported-tcb", ClaimValue.of(report.reportedTcb().value()));
        details.put("current-version", ClaimValue.of(report.currentVersion().toString()));
        details.put("committed-version", ClaimValue.of(report.committedVersion().toString()));
        details.put("provisional-firmware", ClaimValue.of(!report.committedTcb().equals(report.currentTcb())
                || !report.committedVersion().equals(report.currentVersion())));
        details.put("report-version", ClaimValue.of(report.version()));
        details.put("policy", ClaimValue.ofFlags(report.policy()));
        details.put("policy-abi", ClaimValue.of(report.abiMajor() + "." + report.abiMinor()));
        for (Policy each : Policy.values()) {
            if (each != Policy.RESERVED_ONE) {
                details.put("policy-" + each.claim(), ClaimValue.of(each.in(report.policy())));
            }
        }
        details.put("platform-info", ClaimValue.ofFlags(report.platformInfo()));
        for (PlatformInfo each : PlatformInfo.values()) {
            details.put("platform-" + each.claim(), ClaimValue.of(each.in(report.platformInfo())));
        }
        report.processor().ifPresent(cpu -> {
            details.put("cpuid-family", ClaimValue.of(cpu.family()));
            details.put("cpuid-model", ClaimValue.of(cpu.model()));
            details.put("cpuid-stepping", ClaimValue.of(cpu.stepping()));
        });
        report.mitigations().ifPresent(vectors -> {
            details.put("mitigations-launch", ClaimValue.ofFlags(vectors.launch()));
            details.put("mitigations-current", ClaimValue.ofFlags(vectors.current()));
        });
    }

    private static Optional<Bytes> signer(SnpReport report) {
        if (report.authorKeyEnabled()) {
            return Optional.of(report.authorKeyDigest());
        }
        return isZero(report.idKeyDigest()) ? Optional.empty() : Optional.of(report.idKeyDigest());
    }

    static boolean isZero(Bytes value) {
        return value.equals(Bytes.of(new byte[value.length()]));
    }
}
