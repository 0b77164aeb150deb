package org.innerkeep.channel.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.cbor.CborWriter;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RaTlsTest {
    private final SecureRandom random = new SecureRandom();
    private final KeyPair pair = HostileServer.keyPair();
    private final Bytes hash = Bytes.sha256(pair.getPublic().getEncoded());
    private final Bytes evidence = Bytes.of("evidence".getBytes(StandardCharsets.UTF_8));

    private byte[] certificate() throws Exception {
        return RaTls.write(pair, evidence, random);
    }

    @Test
    void readsBackWhatItWrites() throws Exception {
        RaTls raTls = RaTls.parse(certificate());
        assertThat(raTls.publicKey()).isEqualTo(Bytes.of(pair.getPublic().getEncoded()));
        assertThat(raTls.taggedEvidence()).isEqualTo(new TaggedEvidence(evidence, hash));
        assertThat(raTls.speaksForItsKey()).isTrue();
    }

    /**
     * Key, claims and report data of the certificate that Gramine made on SGX hardware for the interoperability tests of
     * the Confidential Computing Consortium (repository CCC-Attestation/interoperable-ra-tls,
     * interoperability-tests/gramine-cert.pem).
     */
    @Test
    void claimsAndReportDataAreThoseOfGramine() {
        byte[] publicKey = HexFormat.of().parseHex("3076301006072a8648ce3d020106052b8104002203620004711759349404562"
                + "16c01770d57f89d92176b28c5fa00fb3ee3ccc2bee0735a264883145b6f3cb7a3d5c3636efc4229f3e55004c4f274e77ff8"
                + "b061166689da45fc5e1884a6b85fd0413e5fe8a27ceca0ef4bcbb6c4c11666238ce7145a63e239");
        byte[] claims = TaggedEvidence.claims(Bytes.sha256(publicKey));
        assertThat(HexFormat.of().formatHex(claims))
                .isEqualTo("a16b7075626b65792d686173685824820158205a5a5b2d177433048e9d62409d1acc4ec526c06e294d09e69a36c"
                        + "ff9369e4851");
        assertThat(HexFormat.of().formatHex(Arrays.copyOf(ReportData.ofCertificateClaims(claims), 32)))
                .isEqualTo("d8673446fe0f6842d4af0d182c8751d7e967039116deff5f85a43b2ca90c2831");
    }

    @Test
    void extensionValueIsATaggedPairOfByteStrings() {
        byte[] value = new TaggedEvidence(evidence, hash).write();
        // d9 ea60 is tag 60000, 82 an array of two, 48 a byte string of eight bytes, 58 33 one of 51.
        assertThat(HexFormat.of().formatHex(value))
                .isEqualTo("d9ea6082" + "48" + evidence.hex() + "5833" + "a16b"
                        + HexFormat.of().formatHex("pubkey-hash".getBytes(StandardCharsets.US_ASCII))
                        + "582482015820" + hash.hex());
    }

    @Test
    void theJavaRuntimeAcceptsTheCertificateAsSelfSignedAndAlwaysValid() throws Exception {
        X509Certificate certificate = HostileServer.read(certificate());
        certificate.verify(pair.getPublic());
        certificate.checkValidity();
        assertThat(certificate.getVersion()).isEqualTo(3);
        assertThat(certificate.getSerialNumber()).isPositive();
        assertThat(certificate.getNotBefore().toInstant()).isEqualTo(Instant.parse("2000-01-01T00:00:00Z"));
        assertThat(certificate.getNotAfter().toInstant()).isEqualTo(Instant.parse("9999-12-31T23:59:59Z"));
        assertThat(certificate.getKeyUsage()).startsWith(true, false);
        assertThat(certificate.getPublicKey()).isEqualTo(pair.getPublic());
        assertThat(certificate.getNonCriticalExtensionOIDs()).containsExactly("2.23.133.5.4.9");
    }

    @Test
    void opensslReadsTheCertificateAndVerifiesItsSignature(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("certificate.der");
        Path pem = folder.resolve("certificate.pem");
        Files.write(file, certificate());
        String text = openssl("x509", "-inform", "DER", "-in", file.toString(), "-noout", "-text");
        assertThat(text)
                .contains("Version: 3 (0x2)", "ecdsa-with-SHA256", "NIST CURVE: P-256", "Digital Signature")
                .contains("CN = Innerkeep enclave", "2.23.133.5.4.9", "Dec 31 23:59:59 9999 GMT");
        openssl("x509", "-inform", "DER", "-in", file.toString(), "-out", pem.toString());
        assertThat(openssl("verify", "-check_ss_sig", "-CAfile", pem.toString(), pem.toString())).contains("OK");
        assertThat(openssl("asn1parse", "-strictpem", "-in", pem.toString())).doesNotContain("Error");
    }

    private static String openssl(String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 1];
        command[0] = "openssl";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return Assumptions.abort("openssl is missing: certificates are not checked against it");
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }

    @Test
    void refusesEvidenceGivenTwice() {
        byte[] extension = HostileServer.evidenceExtension(new TaggedEvidence(evidence, hash).write());
        assertThatThrownBy(() -> RaTls.parse(HostileServer.certificate(pair, extension, extension)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("twice");
    }

    @Test
    void refusesMoreExtensionsThanAnyEnclaveNeeds() {
        byte[][] many = new byte[16][];
        Arrays.fill(many, Der.sequence(Der.oid(1, 2, 3), Der.octets(new byte[1])));
        many[0] = HostileServer.evidenceExtension(new TaggedEvidence(evidence, hash).write());
        assertThatThrownBy(() -> RaTls.parse(HostileServer.certificate(pair, many)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("at most 16");
        byte[][] fewer = Arrays.copyOf(many, 15);
        assertThat(HostileServer.certificate(pair, fewer)).satisfies(der -> RaTls.parse(der));
    }

    @Test
    void evidenceOfTheLargestSizeFitsAndLargerIsRefused() throws Exception {
        byte[] largest = new byte[TaggedEvidence.MAX_EVIDENCE_BYTES];
        byte[] der = RaTls.write(pair, Bytes.of(largest), random);
        assertThat(der.length).isLessThan(RaTls.MAX_CERTIFICATE_BYTES - 100);
        assertThat(RaTls.parse(der).taggedEvidence().evidence().length()).isEqualTo(largest.length);

        assertThatThrownBy(() -> SessionKey.create(_ -> new byte[largest.length + 1], random))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("28672");
        assertThatThrownBy(() -> SessionKey.create(_ -> new byte[0], random)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> RaTls.parse(new byte[RaTls.MAX_CERTIFICATE_BYTES + 1]))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("at most");
    }

    @Test
    void refusesClaimsOfAnyOtherForm() {
        byte[] entry = new CborWriter().array(2).integer(1).bytes(hash.toArray()).toByteArray();
        byte[] sha384 = new CborWriter().array(2).integer(7).bytes(new byte[48]).toByteArray();
        byte[] shortHash = new CborWriter().array(2).integer(1).bytes(new byte[31]).toByteArray();
        byte[] nonce = new CborWriter()
                .map(2)
                .text("nonce")
                .bytes(new byte[8])
                .text("pubkey-hash")
                .bytes(entry)
                .toByteArray();
        assertRefused(60001, claims("pubkey-hash", entry), "60000");
        assertRefused(60000, claims("pubkey-hasH", entry), "pubkey-hash");
        assertRefused(60000, claims("pubkey-hash", sha384), "hash-alg-id");
        assertRefused(60000, claims("pubkey-hash", shortHash), "hash-value");
        assertRefused(60000, claims("pubkey-hash", Arrays.copyOf(entry, entry.length + 1)), "pubkey-hash");
        assertRefused(60000, nonce, "pairs");
        assertRefused(60000, new byte[0], "claims");
        assertRefused(60000, new byte[129], "claims");
    }

    private static byte[] claims(String name, byte[] value) {
        return new CborWriter().map(1).text(name).bytes(value).toByteArray();
    }

    private void assertRefused(int tag, byte[] claims, String message) {
        byte[] value =
                new CborWriter().tag(tag).array(2).bytes(evidence.toArray()).bytes(claims).toByteArray();
        assertThatThrownBy(() -> TaggedEvidence.parse(value))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "30", "3080", "308100", "30817f", "30820080", "3084000000010000", "3003020100", "300002", "31020500",
                "30830fffff00"
            })
    void refusesDerOfAnyOtherForm(String hex) {
        assertThatThrownBy(() -> RaTls.parse(HexFormat.of().parseHex(hex))).isInstanceOf(MalformedException.class);
    }

    @Test
    void derLengthsHaveTheirShortestForm() {
        assertThat(Der.octets(new byte[0x7f])).startsWith(0x04, 0x7f).hasSize(2 + 0x7f);
        assertThat(Der.octets(new byte[0x80])).startsWith(0x04, 0x81, 0x80).hasSize(3 + 0x80);
        assertThat(Der.octets(new byte[0xff])).startsWith(0x04, 0x81, 0xff);
        assertThat(Der.octets(new byte[0x100])).startsWith(0x04, 0x82, 0x01, 0x00);
        assertThat(Der.octets(new byte[0x10000])).startsWith(0x04, 0x83, 0x01, 0x00, 0x00);
    }

    @Test
    void objectIdentifiersAreThoseOfTheStandards() {
        assertThat(HexFormat.of().formatHex(Der.oid(2, 23, 133, 5, 4, 9))).isEqualTo("0606678105050409");
        assertThat(HexFormat.of().formatHex(Der.oid(1, 2, 840, 10045, 4, 3, 2))).isEqualTo("06082a8648ce3d040302");
        assertThat(HexFormat.of().formatHex(Der.oid(2, 5, 29, 15))).isEqualTo("0603551d0f");
    }
}
