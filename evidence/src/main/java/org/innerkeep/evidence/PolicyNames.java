package org.innerkeep.evidence;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The names under which appraisal policies find claims, the same wherever a policy is evaluated. */
final class PolicyNames {
    private static final String ATTESTATION_TYPE = "x-ms-attestation-type";

    private PolicyNames() {}

    static Map<String, ClaimValue> of(Claims claims) {
        Map<String, ClaimValue> named = new TreeMap<>(claims.details());
        // What a token says of its type is the token's; what the rest of the evidence is, only its kind says.
        attestationType(claims.kind()).ifPresent(type -> named.put(ATTESTATION_TYPE, ClaimValue.of(type)));
        if (claims.kind().equals("sgx-quote")) {
            sgx(claims, named);
        }
        set(named, "kind", Optional.of(ClaimValue.of(claims.kind())));
        set(named, "platform", Optional.of(ClaimValue.of(claims.platform())));
        set(named, "measurement", claims.measurement().map(each -> ClaimValue.of(each.toString())));
        set(named, "signer", claims.signer().map(ClaimValue::of));
        set(
                named,
                "product-id",
                claims.productId().stream().mapToObj(ClaimValue::of).findFirst());
        set(
                named,
                "security-version",
                claims.securityVersion().stream().mapToObj(ClaimValue::of).findFirst());
        set(named, "debug", Optional.of(ClaimValue.of(claims.debug())));
        set(named, "report-data", Optional.of(ClaimValue.of(claims.reportData())));
        set(named, "issued-at", claims.issuedAt().map(each -> ClaimValue.of(each.getEpochSecond())));
        set(named, "anchor", Optional.of(ClaimValue.of(claims.anchor())));
        return Collections.unmodifiableMap(named);
    }

    /** A claim that the evidence does not have is absent, even if a detail has its name. */
    private static void set(Map<String, ClaimValue> named, String name, Optional<ClaimValue> value) {
        named.remove(name);
        value.ifPresent(each -> named.put(name, each));
    }

    private static Optional<String> attestationType(String kind) {
        return switch (kind) {
            case "sgx-quote" -> Optional.of("sgx");
            case "tdx-quote" -> Optional.of("tdxvm");
            case "snp-report" -> Optional.of("sevsnpvm");
            case "azure-snp", "azure-tdx" -> Optional.of("azurevm");
            case "tpm-quote" -> Optional.of("tpm");
            default -> Optional.empty();
        };
    }

    /** The older names of the same claims, which published policies still use. */
    private static void sgx(Claims claims, Map<String, ClaimValue> named) {
        named.put("$tee", ClaimValue.of("sgx"));
        named.put("$is-debuggable", ClaimValue.of(claims.debug()));
        claims.productId().ifPresent(id -> named.put("$product-id", ClaimValue.of(id)));
        claims.securityVersion().ifPresent(version -> named.put("$svn", ClaimValue.of(version)));
        claims.signer().ifPresent(signer -> named.put("$sgx-mrsigner", ClaimValue.of(signer)));
        claims.measurement().ifPresent(code -> named.put("$sgx-mrenclave", ClaimValue.of(code.digest())));
    }
}
