package org.innerkeep.attestation;

import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import tools.jackson.databind.node.ObjectNode;

/**
 * Data that the evidence is said to hold the digest of: {@code runtimeData} and {@code initTimeData}. The digest is over these bytes as
 * they were sent, never over JSON written anew.
 *
 * @param data the bytes, decoded from base64
 * @param json whether they are to stand in the token as a JSON object, else as bytes
 */
public record HeldData(Bytes data, boolean json) {
    /** The most bytes. */
    public static final int MAX_BYTES = 256 << 10;

    private static final StrictJson JSON = StrictJson.upTo(MAX_BYTES);

    /**
     * The data as JSON.
     *
     * @param what which data, for messages
     * @return the object
     * @throws MalformedException if they are no JSON object, or too large
     */
    public ObjectNode object(String what) throws MalformedException {
        return JSON.object(what, data.toArray());
    }
}
