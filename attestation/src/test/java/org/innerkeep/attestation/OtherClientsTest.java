package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.Authority;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What Azure's clients for JavaScript, .NET and Python send and read, where it differs from what the one for Java does. */
class OtherClientsTest {
    private static final String VERSION = "?api-version=2020-10-01";
    private static final String POLICY = "version=1.0; authorizationrules{=> permit();}; issuancerules{};";

    @TempDir
    private static Path folder;

    private static Rig rig;
    private static KeyPair keys;
    private static X509Certificate signer;

    @BeforeAll
    static void startService() throws Exception {
        keys = Authority.rsaKeys(2048);
        signer = Authority.root("CN=signer", keys, "SHA256withRSA", Rig.NOW).certificate();
        rig = Rig.of(folder, FakeIntel.at(Rig.NOW), FakeAmd.of(SnpProduct.MILAN, Rig.NOW),
                Map.of("mode", "isolated", "policy-signers", Rig.pem(folder.resolve("signer.pem"), signer)));
    }

    @AfterAll
    static void endService() {
        rig.close();
    }

    private static String base64(X509Certificate certificate) throws Exception {
        return Base64.getEncoder().encodeToString(certificate.getEncoded());
    }

    private static String part(String text) {
        return Rig.base64(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String signed(String header, String payload) throws Exception {
        String input = part(header) + "." + (payload.isEmpty() ? "" : part(payload));
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(keys.getPrivate());
        signature.update(input.getBytes(StandardCharsets.US_ASCII));
        return input + "." + Rig.base64(signature.sign());
    }

    private static void setAndReset(String header) throws Exception {
        String path = "/policies/OpenEnclave";
        String jws = signed(header, "{\"AttestationPolicy\": \"" + part(POLICY) + "\"}");

        Rig.Answer set = rig.put(path + VERSION, "text/plain", jws, rig.asAdmin());
        assertThat(set.status()).as(set.message()).isEqualTo(200);
        assertThat(set.claims().path("x-ms-policy-result").stringValue()).isEqualTo("Updated");
        assertThat(set.claims().path("x-ms-policy-token-hash").stringValue())
                .isEqualTo(Rig.base64(MessageDigest.getInstance("SHA-256").digest(jws.getBytes(StandardCharsets.US_ASCII))));
        assertThat(set.claims().path("x-ms-policy-signer").path("x5c").path(0).stringValue()).isEqualTo(base64(signer));
        assertThat(rig.get(path + VERSION, rig.asAdmin()).claims().path("x-ms-policy").stringValue()).isEqualTo(jws);

        Rig.Answer reset = rig.post(path + ":reset" + VERSION, "text/plain", signed(header, ""), rig.asAdmin());
        assertThat(reset.claims().path("x-ms-policy-result").stringValue()).isEqualTo("Removed");
    }

    @Test
    void theClientForJavaScriptReadsKeysAndAllElseAsPlainJson() {
        for (String path : List.of("/certs", "/.well-known/openid-configuration", "/policies/SgxEnclave" + VERSION)) {
            assertThat(rig.get(path, rig.asAdmin()).response().headers().firstValue("Content-Type"))
                    .as(path)
                    .hasValue("application/json; charset=utf-8");
        }
        assertThat(rig.get("/policies/SgxEnclave" + VERSION).response().headers().firstValue("Content-Type"))
                .as("an error")
                .hasValue("application/json; charset=utf-8");
    }

    @Test
    void everyKeyHasWhatTheClientsLookFor() {
        JsonNode set = rig.get("/certs").body().path("keys");
        assertThat(set.isEmpty()).isFalse();
        for (JsonNode key : set) {
            assertThat(key.path("kid").isString()).isTrue();
            assertThat(key.path("kty").isString()).isTrue();
            assertThat(key.path("x5c").path(0).isString()).isTrue();
        }
    }

    @Test
    void theClientForDotNetNamesTheAlgorithmInItsOwnWay() throws Exception {
        setAndReset("{\"alg\":\"RSA256\",\"x5c\":[\"" + base64(signer).replace("+", "\\u002B") + "\"]}");
    }

    @Test
    void theClientForPythonPutsTheCertificateIntoAKey() throws Exception {
        setAndReset("{\"alg\": \"RSA256\", \"jwk\": {\"x5c\": [\"" + base64(signer) + "\"]}}");
    }

    @Test
    void theClientForJavaScriptWritesTheStandardForm() throws Exception {
        setAndReset("{\"alg\":\"RS256\",\"x5c\":[\"" + base64(signer) + "\"]}");
    }

    @Test
    void theClientForDotNetComparesThumbprintsInUpperCase() throws Exception {
        X509Certificate other = Authority.root("CN=other", Authority.rsaKeys(2048), "SHA256withRSA", Rig.NOW).certificate();
        String body = "{\"policyCertificate\":{\"alg\":\"RS256\",\"use\":\"sig\",\"kty\":\"RSA\",\"x5c\":[\"" + base64(other)
                + "\"]}}";
        String request = "\"" + signed("{\"alg\":\"RSA256\",\"x5c\":[\"" + base64(signer) + "\"]}", body) + "\"";
        byte[] digest = MessageDigest.getInstance("SHA-1").digest(other.getEncoded());
        String thumbprint = HexFormat.of().withUpperCase().formatHex(digest);

        Rig.Answer added = rig.post("/certificates:add" + VERSION, "application/json", request, rig.asAdmin());
        assertThat(added.claims().path("x-ms-policycertificates-result").stringValue()).isEqualTo("IsPresent");
        assertThat(added.claims().path("x-ms-certificate-thumbprint").stringValue()).isEqualTo(thumbprint);

        Rig.Answer removed = rig.post("/certificates:remove" + VERSION, "application/json", request, rig.asAdmin());
        assertThat(removed.claims().path("x-ms-policycertificates-result").stringValue()).isEqualTo("IsAbsent");
        assertThat(removed.claims().path("x-ms-certificate-thumbprint").stringValue()).isEqualTo(thumbprint);
    }
}
