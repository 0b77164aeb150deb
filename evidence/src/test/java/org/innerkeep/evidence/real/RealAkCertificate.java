package org.innerkeep.evidence.real;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.internal.Certificates;
import org.innerkeep.evidence.internal.Chain;
import org.innerkeep.evidence.internal.Crypto;
import org.innerkeep.evidence.internal.Curve;
import org.innerkeep.evidence.internal.DerReader;
import org.innerkeep.evidence.internal.JsonValue;
import org.innerkeep.evidence.internal.Verification;
import org.innerkeep.evidence.tpm.AkCertificate;
import org.innerkeep.evidence.tpm.GceInstance;

/** Certificates of TPM keys. Alone they are no evidence: what is checked is that they parse, lead to the root, and certify what they should. */
final class RealAkCertificate implements RealKind {
    private final Crypto crypto = new Crypto(Optional.empty(), 100);

    @Override
    public void check(RealCase each) throws Exception {
        Expected expected = each.expected();
        byte[] file = each.file("certificate").toArray();
        Bytes der = Certificates.looksLikePem(file) ? Certificates.ofPem("certificate", file).getFirst() : Bytes.of(file);
        X509Certificate certificate = AkCertificate.parse(crypto, "certificate", der);
        boolean valid = expected.text("signature").orElse("").equals("valid");
        List<String> failures = expected.texts("failures");

        expected.text("subject", certificate.getSubjectX500Principal().getName());
        expected.text("issuer", certificate.getIssuerX500Principal().getName());
        expected.time("notBefore", certificate.getNotBefore().toInstant());
        expected.time("notAfter", certificate.getNotAfter().toInstant());
        expected.text("keyType", keyType(certificate.getPublicKey()));
        expected.bytes("publicKeySpkiSha256", Bytes.sha256(certificate.getPublicKey().getEncoded()));
        expected.take("extensions").ifPresent(value -> checkExtensions((JsonValue.Obj) value, certificate));
        checkInstance(expected, certificate);
        expected.known("sourceTest", "says what the source's own test does");

        Set<Code> codes = prove(each, certificate, VerifierOptions.of(
                MakerRoot.of(Maker.TPM, RealTpmQuote.certificate(each.certificate("trustAnchor")))));
        boolean signs = certificate.getKeyUsage() == null || certificate.getKeyUsage()[0];
        if (valid && failures.isEmpty()) {
            // An endorsement key's certificate leads to the root as well, but its key must not vouch for a quote.
            assertThat(codes).isEqualTo(signs ? Set.of() : Set.of(Code.CHAIN_INVALID));
        } else {
            assertThat(codes).isNotEmpty();
            assertThat(codes.contains(Code.SIGNATURE_INVALID)).isEqualTo(!valid);
        }
        assertThat(prove(each, certificate, VerifierOptions.of(
                        MakerRoot.of(Maker.AMD, RealTpmQuote.certificate(each.certificate("trustAnchor"))))))
                .contains(Code.ANCHOR_NOT_PINNED);
        Verdict asEvidence = new Verifier().verify(der.toArray(), RealTpmQuote.endorsements(each), each.at(), VerifierOptions.of());
        assertThat(((Verdict.Refused) asEvidence).has(Code.KIND_UNKNOWN)).isTrue();
    }

    private Set<Code> prove(RealCase each, X509Certificate certificate, VerifierOptions options) {
        Verification run = new Verification(RealTpmQuote.endorsements(each), each.at(), options, crypto);
        Optional<Chain> chain = AkCertificate.prove(run, certificate, "certificate");
        if (run.reasons() == 0) {
            assertThat(chain).isPresent();
            return Set.of();
        }
        return Set.copyOf(switch (run.refusal()) {
            case Verdict.Refused refused -> refused.reasons().stream().map(Reason::code).toList();
            case Verdict.Undecided undecided -> undecided.reasons().stream().map(Reason::code).toList();
            case Verdict.Accepted accepted -> throw new AssertionError(accepted);
        });
    }

    private static String keyType(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            return "RSA " + rsa.getModulus().bitLength();
        }
        return "EC " + switch (Curve.of(key).orElseThrow()) {
            case P256 -> "secp256r1";
            case P384 -> "secp384r1";
            case P521 -> "secp521r1";
        };
    }

    private static void checkExtensions(JsonValue.Obj expected, X509Certificate certificate) {
        Map<String, String> found = new TreeMap<>();
        certificate.getCriticalExtensionOIDs().forEach(oid -> found.put(oid, "critical"));
        certificate.getNonCriticalExtensionOIDs().forEach(oid -> found.put(oid, "not critical"));
        Map<String, String> wanted = new TreeMap<>();
        expected.fields().forEach((oid, value) -> wanted.put(oid, ((JsonValue.Text) value).value()));
        assertThat(found).isEqualTo(wanted);
    }

    private static void checkInstance(Expected expected, X509Certificate certificate) throws MalformedException {
        Optional<GceInstance> instance = GceInstance.of(certificate);
        Optional<String> wanted = expected.text("gceInstanceExtension");
        assertThat(instance.isPresent()).isEqualTo(wanted.isPresent());
        if (instance.isPresent()) {
            DerReader outer = new DerReader(certificate.getExtensionValue(GceInstance.OID));
            assertThat(Bytes.of(outer.content("extension", DerReader.OCTET_STRING)).hex()).isEqualTo(wanted.orElseThrow());
            assertThat(instance.get()).isEqualTo(GceInstance.parse(Bytes.fromHex(wanted.get()).toArray()));
            assertThat(instance.get().zone()).isNotBlank();
            assertThat(instance.get().instanceName()).isNotBlank();
        }
    }
}
