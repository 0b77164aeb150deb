package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.MakerRoots;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.internal.Certificates;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.nvidia.NvidiaEvidence;
import org.innerkeep.evidence.nvidia.NvidiaReport;

/** Reports of NVIDIA's GPUs and switches with the device's certificates. */
final class RealNvidia implements RealKind {
    private static final Set<Code> OF_SIGNATURES = EnumSet.of(
            Code.SIGNATURE_INVALID, Code.ANCHOR_NOT_PINNED, Code.CHAIN_INVALID, Code.ALGORITHM_WEAK, Code.ENDORSEMENT_MISSING);

    @Override
    public void check(RealCase each) throws Exception {
        Expected expect = each.expected();
        byte[] evidence = each.file("report").toArray();
        NvidiaReport report = NvidiaReport.parse(evidence);
        assertThat(report.toByteArray()).isEqualTo(evidence);
        List<Bytes> chain = Certificates.ofPem("chain", each.file("certificateChain").toArray());
        X509Certificate leaf = certificate(chain.getFirst());
        compare(expect, report);
        compareChain(expect, chain);
        expect.text("leafFwid").ifPresent(id -> assertThat(Bytes.of(extension(leaf)).hex()).endsWith(id));
        expect.flag("fwidInOpaqueMatchesLeaf").ifPresent(wanted -> assertThat(
                        expect.has("leafFwid") && expect.text("leafFwid").equals(
                                Optional.ofNullable(report.opaque().get(NvidiaReport.FIRMWARE_ID)).map(Bytes::hex)))
                .isEqualTo(wanted));
        checkVerdicts(each, evidence, report);
        expect.known("sourceTest", "says what the test of the source expects, which is the same");
    }

    private static byte[] extension(X509Certificate leaf) {
        byte[] found = leaf.getExtensionValue("2.23.133.5.4.1");
        return found == null ? leaf.getExtensionValue("2.23.133.5.4.1.1") : found;
    }

    private static X509Certificate certificate(Bytes der) throws MalformedException {
        return new Crypto(Optional.empty(), 0).certificate("certificate", der);
    }

    private static void compare(Expected expect, NvidiaReport report) {
        expect.text("spdmVersion", "11");
        expect.bytes("nonce", report.nonce());
        expect.number("measurementBlocks", report.measurements().size());
        expect.number("measurementRecordLength", report.record().length);
        expect.object("measurements").ifPresent(wanted ->
                report.measurements().forEach((index, measured) -> wanted.bytes(index.toString(), measured.value())));
        expect.number("opaqueLength", report.opaque().values().stream().mapToInt(value -> value.length() + 4).sum());
        expect.object("opaqueFields").ifPresent(wanted ->
                report.opaque().forEach((type, value) -> wanted.bytes(type.toString(), value)));
        expect.text("driverVersion", report.driverVersion().orElse(""));
        expect.bytes("vbiosVersionRaw", report.opaque().getOrDefault(NvidiaReport.VBIOS_VERSION, Bytes.EMPTY));
    }

    private static void compareChain(Expected expect, List<Bytes> chain) throws MalformedException {
        List<String> subjects = new ArrayList<>();
        for (Bytes each : chain) {
            String name = certificate(each).getSubjectX500Principal().getName("RFC2253", Map.of("2.5.4.5", "SN"));
            subjects.add(name.replace("SN=", "2.5.4.5="));
        }
        List<String> wanted = expect.texts("chainSubjects");
        if (!wanted.isEmpty()) {
            assertThat(subjects).isEqualTo(wanted);
        }
        expect.text("leafSerial", certificate(chain.getFirst()).getSerialNumber().toString(16));
    }

    private static void checkVerdicts(RealCase each, byte[] evidence, NvidiaReport report) throws Exception {
        Expected expect = each.expected();
        MakerRoot anchor = MakerRoot.of(Maker.NVIDIA, certificate(each.certificate("trustAnchor")));
        VerifierOptions options = VerifierOptions.of(anchor);
        if (expect.has("expectedNonce")) {
            options = options.nonce(Bytes.fromHex(expect.text("expectedNonce").orElseThrow()));
        }
        EndorsementPool endorsements = each.endorsements("certificateChain");
        Bytes last = Certificates.ofPem("chain", each.file("certificateChain").toArray()).getLast();
        expect.flag("lastCertificateIsTrustAnchor", last.equals(each.certificate("trustAnchor")));
        boolean valid = expect.text("signature").equals(Optional.of("valid"));
        List<String> failures = expect.texts("failures");
        byte[] parts = new NvidiaEvidence(report, each.find("certificateChain")).toParts().toByteArray();
        Verifier verifier = new Verifier();

        Verdict verdict = verifier.verify(evidence, endorsements, each.at(), options);
        Verdict ofParts = verifier.verify(parts, Endorsements.none(), each.at(), options);
        if (!valid || !failures.isEmpty()) {
            boolean wrong = expect.text("signature").equals(Optional.of("invalid"));
            for (Verdict other : List.of(verdict, ofParts)) {
                assertThat(other).isNotInstanceOf(Verdict.Accepted.class);
                assertThat(Verdicts.codes(other).stream().anyMatch(OF_SIGNATURES::contains)).as("%s", other).isEqualTo(wrong);
            }
            return;
        }
        for (Verdict accepted : List.of(verdict, ofParts)) {
            checkClaims(accepted(accepted), report, anchor);
        }
        assertThat(verifier.verify(evidence, Endorsements.none(), each.at(), options)).isInstanceOf(Verdict.Undecided.class);
        assertThat(codes(refused(verifier.verify(evidence, endorsements, each.at(), options.nonce(Bytes.fromHex("00".repeat(32)))))))
                .containsExactly(Code.NONCE_MISMATCH);
        assertThat(codes(refused(verifier.verify(evidence, endorsements, each.at(), VerifierOptions.of(MakerRoots.amd())))))
                .containsExactly(Code.ANCHOR_NOT_PINNED);
        assertThat(codes(refused(verifier.verify(evidence, endorsements, Instant.parse("2019-01-01T00:00:00Z"), options))))
                .containsOnly(Code.CERTIFICATE_NOT_YET_VALID);
        accepted(verifier.verify(evidence, endorsements, Instant.parse("9999-12-31T00:00:00Z"), options));
    }

    private static void checkClaims(Claims claims, NvidiaReport report, MakerRoot anchor) {
        assertThat(claims.kind()).isEqualTo("nvidia-report");
        assertThat(claims.anchor()).isEqualTo(anchor.id());
        assertThat(claims.reportData()).isEqualTo(report.nonce());
        assertThat(claims.text("driver-version")).isEqualTo(report.driverVersion());
        assertThat(claims.text("vbios-version")).hasValueSatisfying(version -> assertThat(version).matches("[0-9A-F]{2}(\\.[0-9A-F]{2}){4}"));
        assertThat(((ClaimValue.Group) claims.details().get("measurements")).values()).hasSameSizeAs(report.measurements().keySet());
    }

    private static List<Code> codes(Verdict.Refused refused) {
        return refused.reasons().stream().map(Reason::code).toList();
    }

    private static Claims accepted(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Accepted accepted -> accepted.claims();
            case Verdict.Refused refused -> throw new AssertionError(refused.explain());
            case Verdict.Undecided undecided -> throw new AssertionError(undecided.explain());
        };
    }

    private static Verdict.Refused refused(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Refused.class);
        return (Verdict.Refused) verdict;
    }
}
