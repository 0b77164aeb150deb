package org.innerkeep.channel.release;

import java.util.ArrayList;
import java.util.List;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * The form of a call, whatever is asked by it.
 *
 * @param request its encoded form
 * @param evidence over the request's report data
 * @param endorsements that the vault may need
 */
record CallForm(Bytes request, Bytes evidence, List<Bytes> endorsements) {
    private static final int MAX_EVIDENCE = 1 << 20;
    private static final int MAX_ENDORSEMENTS = 32;
    private static final int MAX_ENDORSEMENT = 256 << 10;

    static void check(Bytes evidence, List<Bytes> endorsements) {
        if (evidence.length() == 0 || evidence.length() > MAX_EVIDENCE) {
            throw new IllegalArgumentException("evidence: expected 1 to " + MAX_EVIDENCE + " bytes, found " + evidence.length());
        }
        if (endorsements.size() > MAX_ENDORSEMENTS
                || endorsements.stream().anyMatch(each -> each.length() == 0 || each.length() > MAX_ENDORSEMENT)) {
            throw new IllegalArgumentException(
                    "endorsements: expected at most " + MAX_ENDORSEMENTS + " of 1 to " + MAX_ENDORSEMENT + " bytes");
        }
    }

    static CallForm parse(byte[] bytes, String profile, int mostOfRequest) throws MalformedException {
        Forms.checkSize("call", bytes, VaultCall.MAX_BYTES);
        CborReader reader = new CborReader(bytes);
        reader.arrayOf("call", 4);
        int start = reader.offset();
        if (!reader.text("profile", profile.length()).equals(profile)) {
            throw new MalformedException("profile", start, "expected " + profile);
        }
        Bytes request = Bytes.of(reader.bytes("request", 1, mostOfRequest));
        Bytes evidence = Bytes.of(reader.bytes("evidence", 1, MAX_EVIDENCE));
        List<Bytes> endorsements = new ArrayList<>();
        for (int count = reader.array("endorsements", 0, MAX_ENDORSEMENTS); count > 0; count--) {
            endorsements.add(Bytes.of(reader.bytes("endorsement", 1, MAX_ENDORSEMENT)));
        }
        reader.end("call");
        return new CallForm(request, evidence, endorsements);
    }

    static byte[] write(String profile, VaultCall call) {
        CborWriter writer = new CborWriter()
                .array(4)
                .text(profile)
                .bytes(call.request().toByteArray())
                .bytes(call.evidence().toArray())
                .array(call.endorsements().size());
        call.endorsements().forEach(each -> writer.bytes(each.toArray()));
        return writer.toByteArray();
    }
}
