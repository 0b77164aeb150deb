package org.innerkeep.evidence.nvidia;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Need;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.internal.Chain;
import org.innerkeep.evidence.internal.DerReader;
import org.innerkeep.evidence.internal.SignatureScheme;
import org.innerkeep.evidence.internal.Verification;

/** Verifies reports of NVIDIA's devices. */
public final class NvidiaVerifier {
    /** TCG DICE attestation architecture, extension with the digest of the firmware that holds the key. */
    private static final String COMPOSITE_DEVICE_ID = "2.23.133.5.4.1";

    /** TCG DICE attestation architecture, {@code DiceTcbInfo}. */
    private static final String TCB_INFO = "2.23.133.5.4.1.1";

    private static final int MOST_LEAVES = 8;

    private NvidiaVerifier() {}

    /**
     * Verifies:
     *
     * <ol>
     *   <li>it was made for the nonce, where one is expected;
     *   <li>the certificate of the device's key is at hand, and the report is signed with that key;
     *   <li>the certificate leads to a pinned root;
     *   <li>the firmware that signs is that of the certificate, where the report says which it is.
     * </ol>
     *
     * @param evidence the report, and certificates where it came with them
     * @param run the verification
     * @return the verdict
     */
    public static Verdict verify(NvidiaEvidence evidence, Verification run) {
        NvidiaReport report = evidence.report();
        checkNonce(report, run);
        List<X509Certificate> certificates;
        Endorsements.Answer answer = new Endorsements.Answer(List.of(), List.of());
        try {
            certificates = new ArrayList<>(Chain.certificates(run, evidence.certificates()));
        } catch (MalformedException e) {
            run.refuse(Code.MALFORMED, "certificate-chain", e, "Send the chain in PEM.");
            return run.refusal();
        }
        if (leaves(certificates).isEmpty()) {
            answer = run.find(new Need.ChainOf("the device"));
            certificates.addAll(Chain.certificates(run, answer.documents()));
        }
        Optional<X509Certificate> leaf = leaf(report, certificates, run);
        if (leaf.isEmpty()) {
            run.missing("report.certificate", "the certificate of the device's key", answer.problems());
            return run.refusal();
        }
        checkSignature(report, leaf.get(), run);
        Optional<Chain> chain = Chain.prove(run, leaf.get(), certificates,
                new Chain.Rules("report.chain", run.options().roots(Maker.NVIDIA), Set.of(), Chain.Revocation.IF_AT_HAND));
        checkFirmware(report, leaf.get(), run);
        run.notChecked("revocation by OCSP", "NVIDIA says only by OCSP which certificates are revoked or on hold");
        run.notChecked("reference measurements", "compare the claims with NVIDIA's reference values (RIM) of this driver and VBIOS");
        run.notChecked("confidential mode", "the report does not say whether it is on");
        return chain.isEmpty() ? run.refusal() : run.conclude(claims(report, leaf.get(), chain.get()));
    }

    private static void checkNonce(NvidiaReport report, Verification run) {
        Optional<Bytes> expected = run.expectedNonce();
        if (expected.isEmpty()) {
            run.notChecked("nonce", "no value is expected: without one, a report may be replayed or relayed");
        } else if (!expected.get().equals(report.nonce())) {
            run.refuse(Code.NONCE_MISMATCH, "report.nonce", report.nonce().shortHex(), expected.get().shortHex(),
                    "The report was made for another request: ask for a fresh one.");
        }
    }

    private static List<X509Certificate> leaves(List<X509Certificate> certificates) {
        return certificates.stream().filter(each -> each.getBasicConstraints() < 0).limit(MOST_LEAVES).toList();
    }

    /** The one whose key signed; where none did, the first, which is then refused. */
    private static Optional<X509Certificate> leaf(NvidiaReport report, List<X509Certificate> certificates, Verification run) {
        List<X509Certificate> leaves = leaves(certificates);
        return leaves.size() < 2
                ? leaves.stream().findFirst()
                : leaves.stream().filter(each -> signed(report, each, run)).findFirst().or(() -> leaves.stream().findFirst());
    }

    private static void checkSignature(NvidiaReport report, X509Certificate leaf, Verification run) {
        if (signed(report, leaf, run)) {
            run.checked("report signature", "by the key of " + Chain.name(leaf.getSubjectX500Principal()));
        } else {
            run.refuse(Code.SIGNATURE_INVALID, "report.signature", "a signature that is not by the certificate's key",
                    "a valid signature", "The report was changed or forged, or this is not its certificate.");
        }
    }

    private static boolean signed(NvidiaReport report, X509Certificate leaf, Verification run) {
        try {
            return run.crypto().verify(
                    SignatureScheme.ES384,
                    run.crypto().publicKey("key", Bytes.of(leaf.getPublicKey().getEncoded())),
                    report.signedBytes(),
                    report.signature().toArray());
        } catch (MalformedException e) {
            return false;
        }
    }

    /** Older firmware does not say which it is; its certificate does, and that is signed by the device's own boot code. */
    private static void checkFirmware(NvidiaReport report, X509Certificate leaf, Verification run) {
        Optional<Bytes> said = Optional.ofNullable(report.opaque().get(NvidiaReport.FIRMWARE_ID));
        if (said.isEmpty()) {
            run.notChecked("firmware id", "the report does not say which firmware signed it");
            return;
        }
        Set<Bytes> certified = new HashSet<>();
        try {
            certified.addAll(firmwareIds(leaf));
        } catch (MalformedException e) {
            run.refuse(Code.ENDORSEMENT_INVALID, "report.certificate", e, "Do not trust this certificate.");
            return;
        }
        if (!certified.contains(said.get()) || said.get().equals(Bytes.of(new byte[said.get().length()]))) {
            run.refuse(Code.BINDING_MISMATCH, "report.firmware-id", said.get().shortHex(),
                    "the firmware id of the certificate: " + String.join(", ", certified.stream().map(Bytes::shortHex).toList()),
                    "Other firmware signed than was certified: do not trust this device.");
        }
    }

    /** Digests of firmware in a DICE certificate, of one form or the other. */
    private static List<Bytes> firmwareIds(X509Certificate leaf) throws MalformedException {
        List<Bytes> found = new ArrayList<>();
        byte[] composite = leaf.getExtensionValue(COMPOSITE_DEVICE_ID);
        if (composite != null) {
            DerReader fields = unwrapped(composite);
            fields.integer("version", 0, 255);
            fields.any("device id");
            found.add(firmwareId(fields.enter("firmware id", DerReader.SEQUENCE)));
            fields.end("composite device id");
        }
        byte[] info = leaf.getExtensionValue(TCB_INFO);
        if (info != null) {
            DerReader fields = unwrapped(info);
            while (!fields.atEnd()) {
                if (fields.peek() == 0xa6) {
                    DerReader ids = fields.enter("firmware ids", 0xa6);
                    while (!ids.atEnd()) {
                        found.add(firmwareId(ids.enter("firmware id", DerReader.SEQUENCE)));
                    }
                } else {
                    fields.any("TCB info");
                }
            }
        }
        return found;
    }

    private static DerReader unwrapped(byte[] extension) throws MalformedException {
        DerReader outer = new DerReader(extension);
        DerReader value = new DerReader(outer.content("extension", DerReader.OCTET_STRING));
        DerReader fields = value.enter("extension", DerReader.SEQUENCE);
        value.end("extension");
        return fields;
    }

    private static Bytes firmwareId(DerReader fields) throws MalformedException {
        fields.oid("firmware id algorithm");
        Bytes digest = Bytes.of(fields.content("firmware id digest", DerReader.OCTET_STRING));
        fields.end("firmware id");
        return digest;
    }

    private static Claims claims(NvidiaReport report, X509Certificate leaf, Chain chain) {
        Map<String, ClaimValue> details = new TreeMap<>();
        report.driverVersion().ifPresent(version -> details.put("driver-version", ClaimValue.of(version)));
        report.vbiosVersion().ifPresent(version -> details.put("vbios-version", ClaimValue.of(version)));
        details.put("device-serial", ClaimValue.of(leaf.getSerialNumber().toString(16)));
        details.put("device-name", ClaimValue.of(leaf.getSubjectX500Principal().getName()));
        Map<String, ClaimValue> blocks = new LinkedHashMap<>();
        report.measurements().forEach((index, measured) -> blocks.put(index.toString(), ClaimValue.of(measured.value())));
        details.put("measurements", new ClaimValue.Group(blocks));
        Map<String, ClaimValue> fields = new LinkedHashMap<>();
        report.opaque().forEach((type, value) -> fields.put(type.toString(), ClaimValue.of(value)));
        details.put("opaque-fields", new ClaimValue.Group(fields));
        return new Claims(
                "nvidia-report",
                "gpu",
                Optional.of(Measurement.sha384(sha384(report.record()))),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                false,
                report.nonce(),
                Optional.empty(),
                Bytes.sha256(chain.root().toArray()),
                details);
    }

    private static Bytes sha384(byte[] value) {
        try {
            return Bytes.of(MessageDigest.getInstance("SHA-384").digest(value));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java platform has no SHA-384", e);
        }
    }
}
