package org.innerkeep.makers;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.TokenIssuer;

/**
 * A synthetic attestation service. It signs the tokens of Microsoft Azure Attestation, Intel Trust Authority and Google Cloud
 * Attestation in their wire form, with its own keys; and whatever else it is told to: tests need wrong tokens too.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class FakeTokenService {
    /** How a service signs. */
    public enum Algorithm {
        /** As Azure and Google do. */
        RS256,
        /** As Intel does. */
        PS384,
        /** As neither does, and RFC 7518 recommends. */
        ES256
    }

    private static final String RSA_CERTIFICATES = "SHA256WITHRSA";

    private final String issuer;
    private final Algorithm algorithm;
    private final KeyPair keys;
    private final String keyId;
    private final Authority root;
    private final Authority middle;
    private final X509Certificate leaf;

    /**
     * Opens a service.
     *
     * @param issuer its name
     * @param algorithm how it signs
     * @param at the time around which its certificates are valid
     */
    public FakeTokenService(String issuer, Algorithm algorithm, Instant at) {
        this(issuer, algorithm, at, wish -> {});
    }

    /** As before, with a changed wish for the certificate of its key. */
    public FakeTokenService(String issuer, Algorithm algorithm, Instant at, Consumer<Authority.Wish> change) {
        this.issuer = issuer;
        this.algorithm = algorithm;
        this.keys = algorithm == Algorithm.ES256 ? Authority.ecKeys("secp256r1") : Authority.rsaKeys(2048);
        // Azure's key ids are base64 with padding.
        this.keyId = Base64.getEncoder().encodeToString(Bytes.sha256(keys.getPublic().getEncoded()).toArray());
        this.root = Authority.root("CN=Token Root CA", Authority.rsaKeys(2048), RSA_CERTIFICATES, at);
        this.middle = root.below("CN=Token Signing CA", Authority.rsaKeys(2048), RSA_CERTIFICATES, at, wish -> {});
        this.leaf = middle.certify("CN=Token Signing", keys.getPublic(), at, change);
    }

    /** {@return its name} */
    public String issuer() {
        return issuer;
    }

    /** {@return the id of its key} */
    public String keyId() {
        return keyId;
    }

    /** {@return its root} */
    public Authority root() {
        return root;
    }

    /** {@return its certificate chain, leaf first, with the root} */
    public List<Bytes> chain() {
        return List.of(Authority.der(leaf), middle.der(), root.der());
    }

    /** {@return the authority below the root} */
    public Authority middle() {
        return middle;
    }

    /** {@return what pins its key} */
    public TokenIssuer keyAnchor() {
        try {
            return TokenIssuer.of(issuer, keySet());
        } catch (MalformedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** {@return what pins its root} */
    public TokenIssuer rootAnchor() {
        return TokenIssuer.root(issuer, root.certificate());
    }

    /** {@return its key set with the key as its numbers and what it is for} */
    public byte[] keySet() {
        return set("\"use\":\"sig\",\"alg\":\"" + algorithm + "\"," + numbers());
    }

    /** {@return its key set with the key in its certificate alone, and nothing that says what it is for, as Azure has it} */
    public byte[] keySetOfCertificates() {
        return set("\"kty\":\"" + kind() + "\"," + x5c(chain()));
    }

    /** {@return its key set with both, as Intel has it} */
    public byte[] keySetWithChain() {
        return keySetWithChain(chain());
    }

    /** As before, with another chain. */
    public byte[] keySetWithChain(List<Bytes> certificates) {
        return set("\"alg\":\"" + algorithm + "\"," + numbers() + "," + x5c(certificates));
    }

    private byte[] set(String key) {
        return ascii("{\"keys\":[{\"kid\":\"" + keyId + "\"," + key + "}]}");
    }

    private String kind() {
        return algorithm == Algorithm.ES256 ? "EC" : "RSA";
    }

    private String numbers() {
        if (keys.getPublic() instanceof ECPublicKey ec) {
            byte[] encoded = ec.getEncoded();
            return "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" + url(Arrays.copyOfRange(encoded, encoded.length - 64, encoded.length - 32))
                    + "\",\"y\":\"" + url(Arrays.copyOfRange(encoded, encoded.length - 32, encoded.length)) + "\"";
        }
        byte[] n = ((RSAPublicKey) keys.getPublic()).getModulus().toByteArray();
        return "\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" + url(Arrays.copyOfRange(n, n.length - 256, n.length)) + "\"";
    }

    private static String x5c(List<Bytes> certificates) {
        return certificates.stream()
                .map(each -> "\"" + Base64.getEncoder().encodeToString(each.toArray()) + "\"")
                .collect(Collectors.joining(",", "\"x5c\":[", "]"));
    }

    /** {@return the header that names its key} */
    public Map<String, String> header() {
        Map<String, String> header = new LinkedHashMap<>();
        header.put("alg", quoted(algorithm.toString()));
        header.put("jku", quoted(issuer + "/certs"));
        header.put("kid", quoted(keyId));
        header.put("typ", quoted("JWT"));
        return header;
    }

    /** {@return the header that brings its certificate chain, with a key id that is in no set} */
    public Map<String, String> headerWithChain() {
        return headerWithChain(chain());
    }

    /** As before, with another chain. */
    public Map<String, String> headerWithChain(List<Bytes> certificates) {
        Map<String, String> header = new LinkedHashMap<>();
        header.put("alg", quoted(algorithm.toString()));
        header.put("kid", quoted("of-the-certificate"));
        header.put("typ", quoted("JWT"));
        header.put("x5c", x5c(certificates).substring("\"x5c\":".length()));
        return header;
    }

    /**
     * Signs a token.
     *
     * @param header names and values, JSON as it is to stand
     * @param claims names and values, JSON as it is to stand
     * @return the token
     */
    public byte[] sign(Map<String, String> header, Map<String, String> claims) {
        return sign(object(header), object(claims));
    }

    /** As before, of texts that need not be JSON. */
    public byte[] sign(String header, String claims) {
        String signed = url(header.getBytes(StandardCharsets.UTF_8)) + "." + url(claims.getBytes(StandardCharsets.UTF_8));
        return ascii(signed + "." + url(signature(ascii(signed))));
    }

    private byte[] signature(byte[] message) {
        try {
            Signature signer = switch (algorithm) {
                case RS256 -> Signature.getInstance("SHA256withRSA");
                case PS384 -> Signature.getInstance("RSASSA-PSS");
                case ES256 -> Signature.getInstance("SHA256withECDSAinP1363Format");
            };
            signer.initSign(keys.getPrivate());
            if (algorithm == Algorithm.PS384) {
                signer.setParameter(new PSSParameterSpec("SHA-384", "MGF1", MGF1ParameterSpec.SHA384, 48, 1));
            }
            signer.update(message);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The registered claims of a token of this service that is valid for eight hours. */
    private Map<String, String> registered(Instant at) {
        Map<String, String> claims = new LinkedHashMap<>();
        claims.put("iss", quoted(issuer));
        claims.put("iat", Long.toString(at.getEpochSecond()));
        claims.put("nbf", Long.toString(at.getEpochSecond()));
        claims.put("exp", Long.toString(at.plus(Duration.ofHours(8)).getEpochSecond()));
        return claims;
    }

    /** {@return Azure's claims of an SGX enclave} */
    public Map<String, String> azureSgx(Instant at) {
        Map<String, String> claims = registered(at);
        claims.put("x-ms-ver", quoted("1.0"));
        claims.put("x-ms-attestation-type", quoted("sgx"));
        claims.put("x-ms-policy-hash", quoted("policy"));
        claims.put("x-ms-sgx-is-debuggable", "false");
        claims.put("x-ms-sgx-product-id", "4639");
        claims.put("x-ms-sgx-svn", "2");
        claims.put("x-ms-sgx-mrsigner", hex(0x51, 32));
        claims.put("x-ms-sgx-mrenclave", hex(0xe1, 32));
        claims.put("x-ms-sgx-report-data", hex(0xda, 64));
        claims.put("nonce", quoted("a nonce of the relying party"));
        return claims;
    }

    /** {@return Azure's claims of an SEV-SNP guest} */
    public Map<String, String> azureSnp(Instant at) {
        Map<String, String> claims = registered(at);
        claims.put("x-ms-ver", quoted("1.0"));
        claims.putAll(snp());
        return claims;
    }

    private static Map<String, String> snp() {
        Map<String, String> claims = new LinkedHashMap<>();
        claims.put("x-ms-attestation-type", quoted("sevsnpvm"));
        claims.put("x-ms-sevsnpvm-authorkeydigest", hex(0, 48));
        claims.put("x-ms-sevsnpvm-idkeydigest", hex(0x1d, 48));
        claims.put("x-ms-sevsnpvm-guestsvn", "4");
        claims.put("x-ms-sevsnpvm-is-debuggable", "false");
        claims.put("x-ms-sevsnpvm-migration-allowed", "false");
        claims.put("x-ms-sevsnpvm-launchmeasurement", hex(0x1a, 48));
        claims.put("x-ms-sevsnpvm-reportdata", hex(0xda, 64));
        return claims;
    }

    /** {@return Azure's claims of a virtual machine that is an SEV-SNP guest} */
    public Map<String, String> azureVm(Instant at) {
        Map<String, String> claims = registered(at);
        claims.put("x-ms-attestation-type", quoted("azurevm"));
        claims.put("secureboot", "true");
        claims.put("x-ms-azurevm-kerneldebug-enabled", "false");
        claims.put("x-ms-azurevm-bootdebug-enabled", "false");
        claims.put("x-ms-azurevm-attested-pcrs", "[0,1,7]");
        claims.put("x-ms-isolation-tee", object(snp()));
        claims.put("x-ms-runtime", "{\"client-payload\":{\"nonce\":" + quoted(Base64.getEncoder()
                .encodeToString("a nonce of the relying party".getBytes(StandardCharsets.UTF_8))) + "}}");
        return claims;
    }

    /** {@return Intel's claims of a TD, all at the top (EAT profile version 1)} */
    public Map<String, String> intelTdx(Instant at) {
        Map<String, String> claims = registered(at);
        claims.putAll(td());
        claims.put("dbgstat", quoted("disabled"));
        claims.put("eat_profile", quoted(issuer + "/eat_profile.html"));
        claims.put("policy_defined_claims", "null");
        return claims;
    }

    private static Map<String, String> td() {
        Map<String, String> claims = new LinkedHashMap<>();
        claims.put("attester_type", quoted("TDX"));
        claims.put("attester_tcb_status", quoted("UpToDate"));
        claims.put("attester_advisory_ids", "[\"INTEL-SA-00837\"]");
        claims.put("tdx_mrtd", hex(0x3d, 48));
        claims.put("tdx_report_data", hex(0xda, 64));
        claims.put("tdx_td_attributes", quoted("0000001000000000"));
        claims.put("tdx_td_attributes_debug", "false");
        claims.put("tdx_is_debuggable", "false");
        return claims;
    }

    /** {@return Intel's claims of a TD in an object of its own, beside those of a GPU (EAT profile version 2)} */
    public Map<String, String> intelTdxNested(Instant at) {
        Map<String, String> claims = registered(at);
        claims.put("tdx", object(td()));
        claims.put("nvgpu", "{\"secboot\":true}");
        return claims;
    }

    /** {@return Google's claims of a workload in a Confidential Space on TDX} */
    public Map<String, String> googleTdx(Instant at) {
        Map<String, String> claims = registered(at);
        claims.put("aud", quoted("audience"));
        claims.put("eat_nonce", "[\"first nonce\",\"a nonce of the relying party\"]");
        claims.put("hwmodel", quoted("GCP_INTEL_TDX"));
        claims.put("swname", quoted("CONFIDENTIAL_SPACE"));
        claims.put("dbgstat", quoted("disabled-since-boot"));
        claims.put("tdx", "{\"gcp_attester_tcb_status\":\"UpToDate\"}");
        claims.put("submods", "{\"container\":{\"image_digest\":\"sha256:" + "c0".repeat(32) + "\"}}");
        return claims;
    }

    /** {@return the claims of this project's own service over a report of a keeper} */
    public Map<String, String> innerkeep(Instant at) {
        Map<String, String> claims = registered(at);
        claims.put("x-ms-ver", quoted("1.0"));
        claims.put("x-ms-attestation-type", quoted("keeper-report"));
        claims.put("x-ms-policy-hash", quoted("policy"));
        claims.put("innerkeep", object(innerkeepReport(at)));
        claims.put("nonce", quoted("a nonce of the relying party"));
        return claims;
    }

    /** {@return the object of those claims that says what was proven} */
    public static Map<String, String> innerkeepReport(Instant at) {
        Map<String, String> own = new LinkedHashMap<>();
        own.put("type", quoted("Evidence"));
        own.put("kind", quoted("keeper-report"));
        own.put("platform", quoted("process"));
        own.put("debug", "false");
        own.put("measurement", quoted("sha-256:" + "e1".repeat(32)));
        own.put("signer", hex(0x51, 32));
        own.put("product-id", "4639");
        own.put("security-version", "2");
        own.put("issued-at", quoted(at.toString()));
        own.put("anchor", hex(0xac, 32));
        own.put("report-data", hex(0xda, 64));
        own.put("enclave-id", hex(0x1d, 16));
        own.put("isolation", quoted("separate-user"));
        own.put("memory-readable-by", quoted("root"));
        own.put("runtime-digest", hex(0xee, 32));
        return own;
    }

    /** {@return JSON text} */
    public static String quoted(String text) {
        return "\"" + text + "\"";
    }

    /** {@return an object} */
    public static String object(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(each -> quoted(each.getKey()) + ":" + each.getValue())
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String hex(int value, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return quoted(Bytes.of(bytes).hex());
    }

    private static String url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
