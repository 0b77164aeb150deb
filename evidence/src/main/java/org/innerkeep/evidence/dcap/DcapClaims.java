package org.innerkeep.evidence.dcap;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.internal.Chain;

/**
 * The claims of a quote. Those that Microsoft Azure Attestation has go under its names ({@code x-ms-sgx-…}, {@code tdx_…}), bytes as
 * they lie in memory.
 */
final class DcapClaims {
    private final Map<String, ClaimValue> details = new HashMap<>();

    private DcapClaims() {}

    static Claims of(
            Quote quote,
            Optional<Chain> chain,
            Optional<PckChain> pck,
            Optional<TcbInfo> info,
            Optional<TcbEvaluation> evaluation,
            Collateral collateral) {
        DcapClaims claims = new DcapClaims();
        claims.put("quote-version", ClaimValue.of(quote.version()));
        claims.put("qe-vendor-id", ClaimValue.of(quote.qeVendorId()));
        claims.put("qe-svn", ClaimValue.of(quote.qeReport().isvSvn()));
        claims.put("qe-mrenclave", ClaimValue.of(quote.qeReport().mrEnclave()));
        claims.put(Claims.MEMORY_READABLE_BY, ClaimValue.of(quote.body().debug() ? "host" : "nobody"));
        pck.ifPresent(each -> claims.platform(each.extension()));
        info.ifPresent(each -> claims.put("tcb-evaluation-data-number", ClaimValue.of(each.evaluation())));
        evaluation.ifPresent(claims::tcb);
        if (!quote.tdx()) {
            claims.collateral(quote, collateral);
        }
        return switch (quote.body()) {
            case SgxReport enclave -> claims.enclave(enclave, anchor(chain));
            case TdReport domain -> claims.domain(domain, anchor(chain));
        };
    }

    private static Bytes anchor(Optional<Chain> chain) {
        return chain.map(each -> Bytes.sha256(each.root().toArray())).orElse(Bytes.EMPTY);
    }

    private void put(String name, ClaimValue value) {
        details.put(name, value);
    }

    private void platform(PckExtension pck) {
        put("fmspc", ClaimValue.of(pck.fmspc()));
        put("pceid", ClaimValue.of(pck.pceId()));
        put("pce-svn", ClaimValue.of(pck.pceSvn()));
        put("platform-tcb-components", ClaimValue.of(pck.tcbComponents()));
        put("sgx-type", ClaimValue.of(pck.sgxType()));
        pck.platformInstanceId().ifPresent(id -> put("platform-instance-id", ClaimValue.of(id)));
        pck.configuration().ifPresent(each -> {
            each.dynamicPlatform().ifPresent(flag -> put("dynamic-platform", ClaimValue.of((boolean) flag)));
            each.cachedKeys().ifPresent(flag -> put("cached-keys", ClaimValue.of((boolean) flag)));
            each.smtEnabled().ifPresent(flag -> put("smt-enabled", ClaimValue.of((boolean) flag)));
        });
    }

    /**
     * {@code x-ms-sgx-collateral}: by what an enclave was judged, each a SHA-256 in hexadecimal. Azure's service documents the names and
     * "the SHA256 value of" what each names, and not the exact bytes; so compare these with each other and not with its own. Here they
     * are over:
     *
     * <ul>
     *   <li>{@code quotehash}: the quote as it was given, up to its declared end;
     *   <li>{@code tcbinfohash}, {@code qeidhash}: the JSON document as it was served, its signature included;
     *   <li>{@code tcbinfocertshash}, {@code qeidcertshash}: the certificates from that of the key that signed the document up to the
     *       pinned root key, DER, one after the other; the root's own is among them where it was at hand;
     *   <li>{@code tcbinfocrlhash}, {@code qeidcrlhash}: the revocation lists that cover these certificates, DER, in the same order.
     * </ul>
     *
     * What no signature covers may differ between two that are both right, such as the text around certificates within the quote.
     */
    private void collateral(Quote quote, Collateral collateral) {
        Map<String, ClaimValue> hashes = new TreeMap<>();
        byte[] whole = quote.toByteArray();
        hashes.put("quotehash", ClaimValue.of(
                Bytes.sha256(Arrays.copyOf(whole, whole.length - quote.trailing().length()))));
        for (Map.Entry<String, Class<? extends SignedJson>> each :
                Map.<String, Class<? extends SignedJson>>of("tcbinfo", TcbInfo.class, "qeid", EnclaveIdentity.class).entrySet()) {
            collateral.used(each.getValue()).ifPresent(used -> {
                hashes.put(each.getKey() + "hash", ClaimValue.of(used.document()));
                hashes.put(each.getKey() + "certshash", ClaimValue.of(used.certificates()));
                hashes.put(each.getKey() + "crlhash", ClaimValue.of(used.lists()));
            });
        }
        put("x-ms-sgx-collateral", new ClaimValue.Group(hashes));
    }

    private void tcb(TcbEvaluation evaluation) {
        put(Claims.TCB_STATUS, ClaimValue.of(evaluation.status().toString()));
        put("tcb-date", ClaimValue.of(evaluation.date().toString()));
        put("advisory-ids", ClaimValue.ofTexts(evaluation.advisories()));
        put("tcb-platform-status", ClaimValue.of(evaluation.platform().toString()));
        put("tcb-qe-status", ClaimValue.of(evaluation.qe().toString()));
        evaluation.module().ifPresent(status -> put("tcb-tdx-module-status", ClaimValue.of(status.toString())));
        evaluation.launch().ifPresent(status -> put("tcb-launch-status", ClaimValue.of(status.toString())));
        evaluation.current().ifPresent(status -> put("tcb-current-status", ClaimValue.of(status.toString())));
    }

    private Claims enclave(SgxReport enclave, Bytes anchor) {
        put("x-ms-sgx-is-debuggable", ClaimValue.of(enclave.debug()));
        put("x-ms-sgx-product-id", ClaimValue.of(enclave.isvProdId()));
        put("x-ms-sgx-svn", ClaimValue.of(enclave.isvSvn()));
        put("x-ms-sgx-mrenclave", ClaimValue.of(enclave.mrEnclave()));
        put("x-ms-sgx-mrsigner", ClaimValue.of(enclave.mrSigner()));
        put("x-ms-sgx-report-data", ClaimValue.of(enclave.reportData()));
        put("x-ms-sgx-config-id", ClaimValue.of(enclave.configId()));
        put("x-ms-sgx-config-svn", ClaimValue.of(enclave.configSvn()));
        put("x-ms-sgx-isv-extended-product-id", ClaimValue.of(enclave.isvExtProdId()));
        put("x-ms-sgx-isv-family-id", ClaimValue.of(enclave.isvFamilyId()));
        put("sgx-attributes", ClaimValue.of(enclave.attributes()));
        put("sgx-miscselect", ClaimValue.of(enclave.miscSelect()));
        return new Claims(
                "sgx-quote",
                "sgx",
                Optional.of(Measurement.sha256(enclave.mrEnclave())),
                Optional.of(enclave.mrSigner()),
                OptionalLong.of(enclave.isvProdId()),
                OptionalLong.of(enclave.isvSvn()),
                enclave.debug(),
                enclave.reportData(),
                Optional.empty(),
                anchor,
                details);
    }

    private Claims domain(TdReport domain, Bytes anchor) {
        put("tdx_mrtd", ClaimValue.of(domain.mrTd()));
        put("tdx_mrseam", ClaimValue.of(domain.mrSeam()));
        put("tdx_mrsignerseam", ClaimValue.of(domain.mrSignerSeam()));
        put("tdx_mrconfigid", ClaimValue.of(domain.mrConfigId()));
        put("tdx_mrowner", ClaimValue.of(domain.mrOwner()));
        put("tdx_mrownerconfig", ClaimValue.of(domain.mrOwnerConfig()));
        for (int i = 0; i < domain.rtmrs().size(); i++) {
            put("tdx_rtmr" + i, ClaimValue.of(domain.rtmrs().get(i)));
        }
        put("tdx_report_data", ClaimValue.of(domain.reportData()));
        put("tdx_seam_attributes", ClaimValue.of(domain.seamAttributes()));
        put("tdx_td_attributes", ClaimValue.of(domain.tdAttributes()));
        put("tdx_xfam", ClaimValue.of(domain.xfam()));
        put("tdx_tee_tcb_svn", ClaimValue.of(domain.teeTcbSvn()));
        put("tdx_td_attributes_debug", ClaimValue.of(domain.debug()));
        put("tdx_td_attributes_septve_disable", ClaimValue.of(domain.has(TdReport.SEPT_VE_DISABLE)));
        put("tdx_td_attributes_protection_keys", ClaimValue.of(domain.has(TdReport.PKS)));
        put("tdx_td_attributes_key_locker", ClaimValue.of(domain.has(TdReport.KEY_LOCKER)));
        put("tdx_td_attributes_perfmon", ClaimValue.of(domain.has(TdReport.PERFMON)));
        put("tdx-td-attributes-migratable", ClaimValue.of(domain.has(TdReport.MIGRATABLE)));
        domain.current().ifPresent(current -> {
            put("tdx-tee-tcb-svn-2", ClaimValue.of(current.teeTcbSvn2()));
            put("tdx-mrservicetd", ClaimValue.of(current.mrServiceTd()));
        });
        domain.extended().ifPresent(this::extended);
        return new Claims(
                "tdx-quote",
                "tdx",
                Optional.of(Measurement.sha384(domain.mrTd())),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                domain.debug(),
                domain.reportData(),
                Optional.empty(),
                anchor,
                details);
    }

    private void extended(TdReport.Extended extended) {
        put("tdx-vm-id", ClaimValue.of(extended.vmId()));
        put("tdx-td-id", ClaimValue.of(extended.tdId()));
        put("tdx-dev-info", ClaimValue.of(extended.devInfo()));
        put("tdx-init-servtd-hash", ClaimValue.of(extended.initServTdHash()));
        put("tdx-init-servtd-attributes", ClaimValue.of(extended.initServTdAttributes()));
        put("tdx-init-cpu-svn", ClaimValue.of(extended.initCpuSvn()));
        put("tdx-init-tee-tcb-svn", ClaimValue.of(extended.initTeeTcbSvn()));
        put("tdx-init-tee-fmspc", ClaimValue.of(extended.initTeeFmspc()));
        put("tdx-cur-servtd-hash", ClaimValue.of(extended.curServTdHash()));
        put("tdx-cur-servtd-attributes", ClaimValue.of(extended.curServTdAttributes()));
    }
}
