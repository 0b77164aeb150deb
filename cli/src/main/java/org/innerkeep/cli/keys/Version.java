package org.innerkeep.cli.keys;

import java.util.Optional;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.evidence.Bytes;
import tools.jackson.databind.JsonNode;

/**
 * A version of an enclave's code, as grants and evidence know it.
 *
 * @param signer who signed it, hex
 * @param product the signer's product
 * @param svn its security version
 * @param debug whether it can be debugged
 * @param measurement what it measures to where it runs, such as {@code sha-256:9b1d…}; nothing where that is not known
 */
record Version(String signer, long product, long svn, boolean debug, Optional<String> measurement) {
    static Version of(Bundle bundle, Optional<String> measurement) {
        return new Version(
                Bytes.of(bundle.signer().id().toArray()).hex(),
                bundle.manifest().productId(),
                bundle.manifest().svn(),
                bundle.manifest().debug(),
                measurement);
    }

    /** Of an enclave that asked; one that nobody signed has the empty signer. */
    static Optional<Version> of(JsonNode enclave) {
        if (!enclave.has("platform")) {
            return Optional.empty();
        }
        String measurement = enclave.path("measurement").stringValue("");
        return Optional.of(new Version(
                enclave.path("signer").stringValue(""),
                enclave.path("productId").longValue(-1),
                enclave.path("securityVersion").longValue(-1),
                enclave.path("debug").booleanValue(false),
                measurement.isEmpty() ? Optional.empty() : Optional.of(measurement)));
    }

    /** Whether an enclave that asked says that it is this version; what it measures to is another question. */
    boolean isOf(JsonNode enclave) {
        return signer.equals(enclave.path("signer").stringValue(""))
                && product == enclave.path("productId").longValue(-1)
                && svn == enclave.path("securityVersion").longValue(-1)
                && debug == enclave.path("debug").booleanValue(false);
    }

    @Override
    public String toString() {
        return "version " + svn + " of product " + product + ", signed by " + signer + (debug ? ", which can be debugged" : "");
    }
}
