package org.innerkeep.attestation.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.innerkeep.attestation.AttestationRequest;
import org.innerkeep.attestation.AttestationType;
import org.innerkeep.attestation.HeldData;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Verifier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads the bodies of attestation requests. A field that is not known is refused: left out silently it would be a promise not kept. */
final class AttestBodies {
    /** The most bytes of a body of the interface's types. */
    static final int MAX_BYTES = 1 << 20;

    /** The most bytes of a body with evidence of any kind, and endorsements. */
    static final int MAX_EVIDENCE_BYTES = 8 << 20;

    private static final StrictJson JSON = StrictJson.upTo(MAX_EVIDENCE_BYTES);
    private static final String DRAFT = "draftPolicyForAttestation";
    private static final String RUNTIME = "runtimeData";
    private static final String INITIAL = "initTimeData";
    private static final String ENDORSEMENTS = "endorsements";
    private static final String NONCE = "nonce";
    private static final int MAX_ENDORSEMENTS = 64;

    private AttestBodies() {}

    /** The field that holds the evidence. */
    private static String field(AttestationType type) {
        return switch (type) {
            case SGX_ENCLAVE, TDX_VM -> "quote";
            case OPEN_ENCLAVE, SEV_SNP_VM -> "report";
            default -> "evidence";
        };
    }

    /**
     * Reads a body.
     *
     * @param type of the request
     * @param body hostile bytes
     * @return the request, of which nothing is verified
     * @throws RefusedException if it is anything else
     */
    static AttestationRequest read(AttestationType type, Bytes body) throws RefusedException {
        try {
            ObjectNode object = JSON.object("body", body.toArray());
            List<String> known = new ArrayList<>(List.of(field(type), RUNTIME, INITIAL, NONCE, DRAFT));
            if (type == AttestationType.EVIDENCE) {
                known.add(ENDORSEMENTS);
            }
            StrictJson.only("body", object, known);
            String evidence = StrictJson.text(object, field(type))
                    .orElseThrow(() -> new MalformedException("body", -1, "expected '" + field(type) + "', the evidence in base64url"));
            byte[] bytes = Base64Text.any(field(type), evidence);
            if (bytes.length == 0 || bytes.length > Verifier.MAX_EVIDENCE_BYTES) {
                throw new MalformedException(
                        field(type), -1, "expected 1 to " + Verifier.MAX_EVIDENCE_BYTES + " bytes, found " + bytes.length);
            }
            return new AttestationRequest(
                    type,
                    Bytes.of(bytes),
                    endorsements(object.get(ENDORSEMENTS)),
                    held(object, RUNTIME),
                    held(object, INITIAL),
                    nonce(object.get(NONCE)),
                    StrictJson.text(object, DRAFT));
        } catch (MalformedException e) {
            throw new RefusedException(Code.INVALID_REQUEST, e);
        }
    }

    private static Optional<HeldData> held(ObjectNode body, String name) throws MalformedException {
        JsonNode value = body.get(name);
        if (value == null || value.isNull()) {
            return Optional.empty();
        }
        if (!(value instanceof ObjectNode object)) {
            throw new MalformedException(name, -1, "expected an object with 'data' and 'dataType'");
        }
        StrictJson.only(name, object, List.of("data", "dataType"));
        String data = StrictJson.text(object, "data")
                .orElseThrow(() -> new MalformedException(name, -1, "expected 'data' in base64url"));
        byte[] bytes = Base64Text.any(name + ".data", data);
        if (bytes.length > HeldData.MAX_BYTES) {
            throw new MalformedException(name + ".data", -1, "expected at most " + HeldData.MAX_BYTES + " bytes, found " + bytes.length);
        }
        boolean json = switch (StrictJson.text(object, "dataType").orElse("").toLowerCase(Locale.ROOT)) {
            case "json" -> true;
            case "binary" -> false;
            default -> throw new MalformedException(name + ".dataType", -1, "expected 'Binary' or 'JSON'");
        };
        HeldData held = new HeldData(Bytes.of(bytes), json);
        if (json) {
            held.object(name + ".data");
        }
        return Optional.of(held);
    }

    /** Text, or a whole number of any size, which is taken by its digits. */
    private static Optional<String> nonce(@Nullable JsonNode value) throws MalformedException {
        if (value == null || value.isNull()) {
            return Optional.empty();
        }
        String text = value.isString() ? value.stringValue() : value.isIntegralNumber() ? value.bigIntegerValue().toString() : "";
        if (text.isEmpty() || text.length() > AttestationRequest.MAX_NONCE_CHARACTERS) {
            throw new MalformedException(NONCE, -1, "expected text of 1 to " + AttestationRequest.MAX_NONCE_CHARACTERS
                    + " characters, or a whole number");
        }
        return Optional.of(text);
    }

    private static List<Bytes> endorsements(@Nullable JsonNode value) throws MalformedException {
        if (value == null || value.isNull()) {
            return List.of();
        }
        if (!(value instanceof ArrayNode array) || array.size() > MAX_ENDORSEMENTS) {
            throw new MalformedException(ENDORSEMENTS, -1, "expected a list of at most " + MAX_ENDORSEMENTS + " documents in base64url");
        }
        List<Bytes> found = new ArrayList<>();
        long total = 0;
        for (JsonNode each : array) {
            if (!each.isString()) {
                throw new MalformedException(ENDORSEMENTS, -1, "expected documents in base64url");
            }
            byte[] bytes = Base64Text.any(ENDORSEMENTS, each.stringValue());
            total += bytes.length;
            if (bytes.length == 0 || total > EndorsementPool.MAX_BYTES) {
                throw new MalformedException(
                        ENDORSEMENTS, -1, "expected documents of at most " + EndorsementPool.MAX_BYTES + " bytes together");
            }
            found.add(Bytes.of(bytes));
        }
        return found;
    }
}
