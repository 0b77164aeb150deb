package org.innerkeep.attestation;

import java.util.List;
import java.util.Optional;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code report} of a request for {@link AttestationType#SEV_SNP_VM}: JSON that holds the report and its certificates, each in
 * base64url. {@code Endorsements} over a utility VM's measurement are read over: nothing here verifies them, so nothing is said of them.
 *
 * @param report as the firmware signed it
 * @param certificates a chain in PEM, where there is one; hostile
 */
record SnpBody(Bytes report, Optional<Bytes> certificates) {
    private static final int MAX_BYTES = 1 << 20;
    private static final StrictJson JSON = StrictJson.upTo(MAX_BYTES);

    /**
     * Reads it.
     *
     * @param body hostile bytes; a report without JSON around it is taken as well
     * @return its parts
     * @throws MalformedException if it is JSON of another form
     */
    static SnpBody parse(Bytes body) throws MalformedException {
        byte[] bytes = body.toArray();
        if (bytes.length == 0 || bytes[0] != '{') {
            return new SnpBody(body, Optional.empty());
        }
        ObjectNode object = JSON.object("report", bytes);
        StrictJson.only("report", object, List.of("SnpReport", "VcekCertChain", "Endorsements"));
        String report = StrictJson.text(object, "SnpReport")
                .orElseThrow(() -> new MalformedException("report", -1, "expected 'SnpReport', base64url of the report"));
        Optional<String> chain = StrictJson.text(object, "VcekCertChain");
        return new SnpBody(
                Bytes.of(Base64Text.any("SnpReport", report)),
                chain.isPresent() ? Optional.of(Bytes.of(Base64Text.any("VcekCertChain", chain.get()))) : Optional.empty());
    }
}
