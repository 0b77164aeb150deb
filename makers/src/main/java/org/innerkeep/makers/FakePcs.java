package org.innerkeep.makers;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Need;

/**
 * What the provisioning certification service of a {@link FakeIntel} answers, by path and query (Intel PCS API version 4), and what a
 * caching service in front of it does. No server of its own: whoever tests puts one in front.
 */
public final class FakePcs {
    /** Where a service of {@link Form#INTEL} has the revocation list of the root: at another address, by its own path. */
    public static final String ROOT_LIST = "/IntelSGXRootCA.der";

    private static final String SGX = "/sgx/certification/v4";
    private static final String TDX = "/tdx/certification/v4";

    /** Whose manners a service has. */
    public enum Form {
        /** Intel's own: lists in DER, that of the root elsewhere. */
        INTEL,
        /** A caching service: that of the root too, as hexadecimal text, and the name that the header for TCB info had before version 4. */
        CACHING
    }

    private FakePcs() {}

    /**
     * Everything that it answers.
     *
     * @param intel whose documents
     * @param form whose manners
     * @param version the parameter of a query that asks for a version, such as {@code update=standard}, or nothing
     * @return answers by path and query, a new map
     */
    public static Map<String, Served> answers(FakeIntel intel, Form form, String version) {
        String signing = header(intel.tcbSigningChain());
        String infoHeader = form == Form.INTEL ? "TCB-Info-Issuer-Chain" : "SGX-TCB-Info-Issuer-Chain";
        Map<String, Served> all = new LinkedHashMap<>();
        for (Need.Tee tee : Need.Tee.values()) {
            all.put(tcbInfo(tee, version), new Served(Map.of(infoHeader, signing), intel.tcbInfo(tee, wish -> {})));
            all.put(identity(tee, version), new Served(
                    Map.of("SGX-Enclave-Identity-Issuer-Chain", signing), intel.qeIdentity(tee, wish -> {})));
        }
        for (Authority authority : new Authority[] {intel.platformCa(), intel.processorCa()}) {
            Bytes chain = FakeIntel.pem(authority.certificate(), intel.root().certificate());
            all.put(pckList(authority == intel.platformCa()),
                    new Served(Map.of("SGX-PCK-CRL-Issuer-Chain", header(chain)), intel.crl(authority)));
        }
        if (form == Form.INTEL) {
            all.put(ROOT_LIST, new Served(intel.rootCrl()));
        } else {
            all.put(SGX + "/rootcacrl", new Served(Bytes.of(intel.rootCrl().hex().getBytes(StandardCharsets.US_ASCII))));
        }
        return all;
    }

    /**
     * Where TCB info is.
     *
     * @param tee SGX or TDX
     * @param version as above
     * @return path and query
     */
    public static String tcbInfo(Need.Tee tee, String version) {
        return path(tee) + "/tcb?fmspc=" + FakeIntel.FMSPC.hex().toUpperCase(Locale.ROOT) + (version.isEmpty() ? "" : "&" + version);
    }

    /**
     * Where the identity of a quoting enclave is.
     *
     * @param tee SGX or TDX
     * @param version as above
     * @return path and query
     */
    public static String identity(Need.Tee tee, String version) {
        return path(tee) + "/qe/identity" + (version.isEmpty() ? "" : "?" + version);
    }

    /**
     * Where a revocation list of platforms' keys is.
     *
     * @param platform that of the Platform CA, else that of the Processor CA
     * @return path and query
     */
    public static String pckList(boolean platform) {
        return SGX + "/pckcrl?ca=" + (platform ? "platform" : "processor") + "&encoding=der";
    }

    private static String path(Need.Tee tee) {
        return switch (tee) {
            case SGX -> SGX;
            case TDX -> TDX;
        };
    }

    /**
     * Certificates as they stand in a header.
     *
     * @param pem one after the other
     * @return the same, percent-encoded
     */
    public static String header(Bytes pem) {
        return URLEncoder.encode(new String(pem.toArray(), StandardCharsets.US_ASCII), StandardCharsets.US_ASCII).replace("+", "%20");
    }
}
