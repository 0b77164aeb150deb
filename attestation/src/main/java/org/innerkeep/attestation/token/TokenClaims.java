package org.innerkeep.attestation.token;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.innerkeep.attestation.AttestationType;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Measurement;

/**
 * What a token says of proven claims, under the names that Microsoft Azure Attestation has for them. What it has no name for stands in
 * one object, {@value #OWN}, so that no top-level claim is a list: a widespread client of tokens does not read those.
 */
public final class TokenClaims {
    /** The object of this service's own claims. */
    public static final String OWN = "innerkeep";

    private static final String ATTESTATION_TYPE = "x-ms-attestation-type";
    private static final String SGX = "x-ms-sgx-";
    private static final String SNP = "x-ms-sevsnpvm-";
    private static final int KSS = 0x80;

    /** Claims that only enclaves with key separation and sharing have. */
    private static final Set<String> WITH_KSS =
            Set.of(SGX + "config-id", SGX + "config-svn", SGX + "isv-extended-product-id", SGX + "isv-family-id");

    /** Common details that the token gives for every kind under {@link #OWN}. */
    private static final List<String> COMMON =
            List.of(Claims.TCB_STATUS, "tcb-date", "tcb-evaluation-data-number", "advisory-ids", Claims.MEMORY_READABLE_BY);

    private TokenClaims() {}

    /**
     * The claims by name. The interface's names stand only in tokens of its own types, under whose policies they were appraised: whoever
     * asks for {@link AttestationType#EVIDENCE} in place of another type, to be appraised by another policy, gets no token that could be
     * taken for one of that type.
     *
     * @param type what was asked to be attested
     * @param claims proven
     * @return text, numbers, flags, lists and objects, in their order
     */
    public static Map<String, Object> of(AttestationType type, Claims claims) {
        Map<String, Object> token = new LinkedHashMap<>();
        token.put("x-ms-ver", "1.0");
        switch (type) {
            case SGX_ENCLAVE, OPEN_ENCLAVE -> {
                token.put(ATTESTATION_TYPE, "sgx");
                sgx(claims, token);
            }
            case SEV_SNP_VM -> {
                token.put(ATTESTATION_TYPE, "sevsnpvm");
                copy(claims, SNP, token);
            }
            case TDX_VM -> {
                token.put(ATTESTATION_TYPE, "tdxvm");
                tdx(claims, token);
            }
            default -> token.put(ATTESTATION_TYPE, claims.kind());
        }
        token.put(OWN, own(claims, type));
        return token;
    }

    private static void copy(Claims claims, String prefix, Map<String, Object> token) {
        claims.details().forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                token.put(name, value.plain());
            }
        });
    }

    private static void sgx(Claims claims, Map<String, Object> token) {
        boolean kss = claims.text("sgx-attributes")
                .map(hex -> (Bytes.fromHex(hex).toArray()[0] & KSS) != 0)
                .orElse(false);
        copy(claims, SGX, token);
        if (!kss) {
            WITH_KSS.forEach(token::remove);
        }
    }

    private static void tdx(Claims claims, Map<String, Object> token) {
        copy(claims, "tdx_", token);
        token.put("eat_profile", "https://aka.ms/maa-eat-profile-tdxvm");
        token.put("intuse", "generic");
        token.put("dbgstat", claims.debug() ? "enabled" : "disabled");
        claims.text(Claims.TCB_STATUS).ifPresent(status -> token.put("attester_tcb_status", status));
        claims.text("tdx_tee_tcb_svn").ifPresent(hex -> {
            // The module's minor and major version, little-endian.
            byte[] svn = Bytes.fromHex(hex).toArray();
            token.put("tdx_seamsvn", (svn[0] & 0xff) | (svn[1] & 0xff) << 8);
        });
    }

    private static Map<String, Object> own(Claims claims, AttestationType type) {
        Map<String, Object> own = new LinkedHashMap<>();
        own.put("type", type.segment());
        own.put("kind", claims.kind());
        own.put("platform", claims.platform());
        own.put("debug", claims.debug());
        claims.measurement().map(Measurement::toString).ifPresent(value -> own.put("measurement", value));
        claims.signer().map(Bytes::hex).ifPresent(value -> own.put("signer", value));
        put(own, "product-id", claims.productId());
        put(own, "security-version", claims.securityVersion());
        claims.issuedAt().ifPresent(value -> own.put("issued-at", value.toString()));
        own.put("anchor", claims.anchor().hex());
        if (type == AttestationType.EVIDENCE) {
            own.put("report-data", claims.reportData().hex());
            new TreeMap<>(claims.details()).forEach((name, value) -> own.putIfAbsent(name, value.plain()));
        } else {
            COMMON.forEach(name -> Optional.ofNullable(claims.details().get(name)).ifPresent(value -> own.put(name, value.plain())));
        }
        return own;
    }

    private static void put(Map<String, Object> own, String name, OptionalLong value) {
        if (value.isPresent()) {
            own.put(name, value.getAsLong());
        }
    }
}
