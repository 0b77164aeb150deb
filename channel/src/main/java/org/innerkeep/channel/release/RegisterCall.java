package org.innerkeep.channel.release;

import java.util.ArrayList;
import java.util.List;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * What is sent to a vault's register: a CBOR array of {@value #PROFILE}, request, evidence and an array of endorsements, as in a {@link
 * ReleaseCall}.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param request what is asked
 * @param evidence over the request's report data, 1 byte to 1 MiB
 * @param endorsements that the vault may need to verify the evidence, at most 32 of at most 256 KiB
 */
public record RegisterCall(RegisterRequest request, Bytes evidence, List<Bytes> endorsements) {
    /** What begins a call. */
    public static final String PROFILE = "tag:innerkeep.org,2026:register-call/1";

    private static final int MAX_EVIDENCE = 1 << 20;
    private static final int MAX_ENDORSEMENTS = 32;
    private static final int MAX_ENDORSEMENT = 256 << 10;

    /**
     * Checks sizes.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public RegisterCall {
        endorsements = List.copyOf(endorsements);
        if (evidence.length() == 0 || evidence.length() > MAX_EVIDENCE) {
            throw new IllegalArgumentException("evidence: expected 1 to " + MAX_EVIDENCE + " bytes, found " + evidence.length());
        }
        if (endorsements.size() > MAX_ENDORSEMENTS
                || endorsements.stream().anyMatch(each -> each.length() == 0 || each.length() > MAX_ENDORSEMENT)) {
            throw new IllegalArgumentException(
                    "endorsements: expected at most " + MAX_ENDORSEMENTS + " of 1 to " + MAX_ENDORSEMENT + " bytes");
        }
    }

    /**
     * Reads a call.
     *
     * @param bytes hostile bytes
     * @return the call, of which nothing is proven
     * @throws MalformedException if the bytes are anything else
     */
    public static RegisterCall parse(byte[] bytes) throws MalformedException {
        Forms.checkSize("call", bytes, ReleaseCall.MAX_BYTES);
        CborReader reader = new CborReader(bytes);
        reader.arrayOf("call", 4);
        int start = reader.offset();
        if (!reader.text("profile", PROFILE.length()).equals(PROFILE)) {
            throw new MalformedException("profile", start, "expected " + PROFILE);
        }
        RegisterRequest request = RegisterRequest.parse(reader.bytes("request", 1, RegisterRequest.MAX_BYTES));
        Bytes evidence = Bytes.of(reader.bytes("evidence", 1, MAX_EVIDENCE));
        List<Bytes> endorsements = new ArrayList<>();
        for (int count = reader.array("endorsements", 0, MAX_ENDORSEMENTS); count > 0; count--) {
            endorsements.add(Bytes.of(reader.bytes("endorsement", 1, MAX_ENDORSEMENT)));
        }
        reader.end("call");
        return new RegisterCall(request, evidence, endorsements);
    }

    /** {@return the encoded form; {@code parse(b).toByteArray()} equals {@code b}} */
    public byte[] toByteArray() {
        CborWriter writer = new CborWriter()
                .array(4)
                .text(PROFILE)
                .bytes(request.toByteArray())
                .bytes(evidence.toArray())
                .array(endorsements.size());
        endorsements.forEach(each -> writer.bytes(each.toArray()));
        return writer.toByteArray();
    }
}
