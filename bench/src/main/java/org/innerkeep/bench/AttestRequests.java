package org.innerkeep.bench;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;

/**
 * Requests to attest, each with evidence of its own over data of its own, and what a service needs to decide them: synthetic makers'
 * roots and everything that they endorse.
 */
final class AttestRequests {
    /** A kind of evidence, and what is signed in each piece that no verifier can remember. */
    enum Kind {
        /** A quote of an SGX enclave, version 3: signed by the quoting enclave, whose report the platform signed. */
        SGX("SGX quote", "SgxEnclave", "secp256r1", "SHA256withECDSA", 2),
        /** A report of AMD SEV-SNP. */
        SNP("SNP report", "SevSnpVm", "secp384r1", "SHA384withECDSA", 1);

        private final String title;
        private final String type;
        private final String curve;
        private final String algorithm;
        private final int signatures;

        Kind(String title, String type, String curve, String algorithm, int signatures) {
            this.title = title;
            this.type = type;
            this.curve = curve;
            this.algorithm = algorithm;
            this.signatures = signatures;
        }

        String title() {
            return title;
        }

        /** {@return the type of attestation, as it stands in a path} */
        String type() {
            return type;
        }

        String curve() {
            return curve;
        }

        String algorithm() {
            return algorithm;
        }

        int signatures() {
            return signatures;
        }
    }

    private static final int SNP_REPORT_DATA = 0x50;

    private final FakeIntel intel;
    private final FakeAmd amd;

    AttestRequests(Instant at) {
        this.intel = FakeIntel.at(at);
        this.amd = FakeAmd.of(SnpProduct.MILAN, at);
    }

    /** Writes roots and endorsements, and returns the settings by which a service takes them. */
    Map<String, String> settings(Path folder) throws IOException {
        Path endorsements = Files.createDirectories(folder.resolve("endorsements"));
        List<Bytes> documents = new ArrayList<>(intel.collateral());
        documents.addAll(List.of(amd.ask().der(), amd.ark().der(), amd.vcek(), amd.revocationList()));
        for (int i = 0; i < documents.size(); i++) {
            Files.write(endorsements.resolve("document-" + i), documents.get(i).toArray());
        }
        return Map.of(
                "root-intel", pem(folder.resolve("intel.pem"), intel.root().certificate()),
                "root-amd", pem(folder.resolve("amd.pem"), amd.ark().certificate()),
                "endorsements", endorsements.toString());
    }

    private static String pem(Path file, X509Certificate certificate) throws IOException {
        Files.write(file, FakeIntel.pem(certificate).toArray());
        return file.toString();
    }

    /** Bodies of requests, all different. */
    List<byte[]> bodies(Kind kind, int count) {
        List<byte[]> bodies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            bodies.add(body(kind, i));
        }
        return bodies;
    }

    private byte[] body(Kind kind, int number) {
        byte[] data = ("{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"key " + number + "\",\"e\":\"AQAB\",\"n\":\"" + "u".repeat(342) + "\"}]}")
                .getBytes(StandardCharsets.UTF_8);
        Bytes digest = Bytes.sha256(data);
        String evidence = switch (kind) {
            case SGX -> "\"quote\":\"" + base64(intel.sgxQuote(3, quote -> quote.body(FakeIntel.SGX_REPORTDATA, over(digest))));
            case SNP -> "\"report\":\"" + base64(("{\"SnpReport\":\""
                            + base64(amd.report(2, false, report -> report.put(SNP_REPORT_DATA, over(digest).toArray())))
                            + "\"}").getBytes(StandardCharsets.US_ASCII));
        };
        return ("{" + evidence + "\",\"runtimeData\":{\"data\":\"" + base64(data) + "\",\"dataType\":\"JSON\"}}")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** The 64 bytes of report data. */
    private static Bytes over(Bytes digest) {
        byte[] all = new byte[64];
        System.arraycopy(digest.toArray(), 0, all, 0, digest.length());
        return Bytes.of(all);
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static void write(Path file, List<byte[]> bodies) throws IOException {
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(file))) {
            out.writeInt(bodies.size());
            for (byte[] each : bodies) {
                out.writeInt(each.length);
                out.write(each);
            }
        }
    }

    static List<byte[]> read(Path file) throws IOException {
        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            List<byte[]> bodies = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                bodies.add(in.readNBytes(in.readInt()));
            }
            return bodies;
        }
    }
}
