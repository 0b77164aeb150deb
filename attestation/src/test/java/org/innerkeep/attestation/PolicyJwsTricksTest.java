package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.attestation.jws.PolicyJws;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.Authority;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tricks with JWS, against a service in isolated mode whose only policy signer they try to stand in for. */
class PolicyJwsTricksTest {
    private static final String PATH = "/policies/SgxEnclave?api-version=2020-10-01";
    private static final String POLICY = "version=1.0;\nauthorizationrules { => permit(); };\nissuancerules { };";
    private static final String PAYLOAD =
            "{\"AttestationPolicy\":\"" + Rig.base64(POLICY.getBytes(StandardCharsets.UTF_8)) + "\"}";

    @TempDir
    private static Path folder;

    private static Rig rig;
    private static KeyPair keys;
    private static X509Certificate signer;
    private static KeyPair strangerKeys;
    private static X509Certificate stranger;
    private static String before;

    @BeforeAll
    static void startService() throws Exception {
        keys = Authority.rsaKeys(2048);
        signer = Authority.root("CN=signer", keys, "SHA256withRSA", Rig.NOW).certificate();
        strangerKeys = Authority.rsaKeys(2048);
        stranger = Authority.root("CN=signer", strangerKeys, "SHA256withRSA", Rig.NOW).certificate();
        rig = Rig.of(folder, FakeIntel.at(Rig.NOW), FakeAmd.of(SnpProduct.MILAN, Rig.NOW),
                Map.of("mode", "isolated", "policy-signers", Rig.pem(folder.resolve("signer.pem"), signer)));
        before = policy();
    }

    @AfterAll
    static void endService() {
        rig.close();
    }

    @AfterEach
    void thePolicyIsWhatItWas() {
        assertThat(policy()).isEqualTo(before);
    }

    private static String policy() {
        return rig.get(PATH, rig.asAdmin()).claims().path("x-ms-policy").stringValue();
    }

    private static String part(String text) {
        return Rig.base64(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String x5c(X509Certificate... chain) throws Exception {
        StringBuilder all = new StringBuilder();
        for (X509Certificate each : chain) {
            all.append(all.isEmpty() ? "" : ",").append('"').append(Base64.getEncoder().encodeToString(each.getEncoded())).append('"');
        }
        return "\"x5c\":[" + all + "]";
    }

    private static String signed(String header, String payload, KeyPair by) throws Exception {
        String input = part(header) + "." + part(payload);
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(by.getPrivate());
        signature.update(input.getBytes(StandardCharsets.US_ASCII));
        return input + "." + Rig.base64(signature.sign());
    }

    private static void refused(String jws, String why) {
        Rig.Answer answer = rig.put(PATH, "text/plain", jws, rig.asAdmin());
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.code()).isEqualTo("InvalidOperation");
        assertThat(answer.message()).contains(why);
    }

    @Test
    void noSignatureWhereOneIsNeeded() {
        refused(PolicyJws.unsigned(POLICY).jws().text(), "expected a signature");
        refused(part("{\"alg\":\"None\"}") + "." + part(PAYLOAD) + ".", "'alg'");
        refused(part("{\"alg\":\"RS256\"}") + "." + part(PAYLOAD) + ".", "expected a signature");
    }

    @Test
    void aSignatureUnderTheAlgorithmNone() throws Exception {
        refused(signed("{\"alg\":\"none\"," + x5c(signer) + "}", PAYLOAD, keys), "no signature with the algorithm none");
    }

    @Test
    void thePublicKeyAsASharedSecret() throws Exception {
        String input = part("{\"alg\":\"HS256\"," + x5c(signer) + "}") + "." + part(PAYLOAD);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(signer.getPublicKey().getEncoded(), "HmacSHA256"));
        refused(input + "." + Rig.base64(mac.doFinal(input.getBytes(StandardCharsets.US_ASCII))), "'alg'");
    }

    @Test
    void aKeyThatComesInTheHeader() throws Exception {
        refused(signed("{\"alg\":\"RS256\",\"jwk\":{\"kty\":\"RSA\"}}", PAYLOAD, strangerKeys), "'jwk' is not accepted");
        String keyAndChain = "\"jwk\":{\"kty\":\"RSA\"," + x5c(signer) + "}";
        refused(signed("{\"alg\":\"RS256\"," + keyAndChain + "}", PAYLOAD, strangerKeys), "'jwk' is not accepted");
        String twoChains = x5c(stranger) + ",\"jwk\":{" + x5c(signer) + "}";
        refused(signed("{\"alg\":\"RS256\"," + twoChains + "}", PAYLOAD, strangerKeys), "'jwk' is not accepted");
        refused(signed("{\"alg\":\"RS256\",\"jwk\":[" + "]}", PAYLOAD, strangerKeys), "'jwk' is not accepted");
        refused(signed("{\"alg\":\"RS256\",\"jku\":\"https://stranger.example/keys\"}", PAYLOAD, strangerKeys), "'jku' is not accepted");
        refused(signed("{\"alg\":\"RS256\",\"x5u\":\"https://stranger.example/chain\"}", PAYLOAD, strangerKeys), "'x5u' is not accepted");
        refused(signed("{\"alg\":\"RS256\",\"crit\":[\"b64\"]," + x5c(signer) + "}", PAYLOAD, keys), "'crit' is not accepted");
    }

    @Test
    void anotherCertificateOfTheSameName() throws Exception {
        refused(signed("{\"alg\":\"RS256\"," + x5c(stranger) + "}", PAYLOAD, strangerKeys), "not one of the policy certificates");
    }

    @Test
    void theTrustedCertificateWithASignatureByAnotherKey() throws Exception {
        refused(signed("{\"alg\":\"RS256\"," + x5c(signer) + "}", PAYLOAD, strangerKeys), "not by the key");
    }

    @Test
    void theTrustedCertificateBehindAnother() throws Exception {
        refused(signed("{\"alg\":\"RS256\"," + x5c(stranger, signer) + "}", PAYLOAD, strangerKeys), "not one of the policy certificates");
    }

    @Test
    void theSamePayloadUnderAnotherPolicy() throws Exception {
        String[] parts = signed("{\"alg\":\"RS256\"," + x5c(signer) + "}", PAYLOAD, keys).split("\\.", -1);
        refused(parts[0] + "." + part(PAYLOAD.replace("AttestationPolicy", "AttestationPolicy ")) + "." + parts[2], "");
    }

    @Test
    void aNameGivenTwice() throws Exception {
        refused(signed("{\"alg\":\"none\",\"alg\":\"RS256\"," + x5c(signer) + "}", PAYLOAD, keys), "every name once");
        String twice = "{\"AttestationPolicy\":\"\",\"AttestationPolicy\":\"\"}";
        refused(signed("{\"alg\":\"RS256\"," + x5c(signer) + "}", twice, keys), "every name once");
    }

    @Test
    void textThatIsNotTheOneEncoding() throws Exception {
        String good = signed("{\"alg\":\"RS256\"," + x5c(signer) + "}", PAYLOAD, keys);
        refused(good + "=", "base64url");
        refused(good + ".", "three parts");
        refused(good.substring(0, good.length() - 1), "base64url");
    }

    @Test
    void theSpellingsOfOtherClientsBySomebodyElse() throws Exception {
        refused(signed("{\"alg\":\"RSA256\"," + x5c(signer) + "}", PAYLOAD, strangerKeys), "not by the key");
        refused(
                signed("{\"alg\":\"RSA256\"," + x5c(stranger) + "}", PAYLOAD, strangerKeys),
                "not one of the policy certificates");
        refused(signed("{\"alg\":\"RSA256\",\"jwk\":{" + x5c(stranger) + "}}", PAYLOAD, strangerKeys),
                "not one of the policy certificates");
        refused(signed("{\"alg\":\"RSA384\"," + x5c(signer) + "}", PAYLOAD, keys), "'alg'");
        refused(signed("{\"alg\":\"rsa256\"," + x5c(signer) + "}", PAYLOAD, keys), "'alg'");
    }

    @Test
    void aCertificateIsAddedByNobodyButASigner() throws Exception {
        Map<String, Object> key = new LinkedHashMap<>();
        key.put("policyCertificate",
                Map.of("kty", "X.509", "x5c", List.of(Base64.getEncoder().encodeToString(stranger.getEncoded()))));
        String request = signed("{\"alg\":\"RS256\"," + x5c(stranger) + "}", Rig.json(key), strangerKeys);

        Rig.Answer answer = rig.post(
                "/certificates:add?api-version=2020-10-01", "application/json", "\"" + request + "\"", rig.asAdmin());

        assertThat(answer.code()).isEqualTo("InvalidOperation");
        assertThat(rig.get("/certificates?api-version=2020-10-01", rig.asAdmin())
                .claims().path("x-ms-policy-certificates").path("keys").size()).isEqualTo(1);
    }
}
