package org.innerkeep.evidence.arm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborValue;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * A device that became part of the platform while it ran, such as coherent memory (RMM specification 2.0, CCA platform extension;
 * draft-ffm-rats-cca-token-03, which adds the last two fields). The platform vouches for it; what its digests are of is not known
 * here.
 *
 * @param hashAlgorithm of the digests, where it is not the platform's; key 1
 * @param measurements the digest of the measurements that it gave, 32, 48 or 64 bytes; key 2
 * @param certificates the digest of its certificates, 32, 48 or 64 bytes; key 3
 * @param linkEncrypted whether its link is encrypted (IDE); key 4
 * @param protocol how the platform talked to it, such as {@code spdm-1.2.0}; key 5
 * @param negotiation the digest of what SPDM negotiated, 32, 48 or 64 bytes; present exactly where the protocol is SPDM; key 6
 * @param type what it is, such as {@code cxl-type-3}; key 7
 * @param encryption who encrypts what it keeps; key 8
 */
public record ExtensionDevice(
        Optional<String> hashAlgorithm,
        Bytes measurements,
        Bytes certificates,
        boolean linkEncrypted,
        String protocol,
        Optional<Bytes> negotiation,
        Optional<String> type,
        OptionalInt encryption) {
    private static final int MAX_DEVICES = 64;
    private static final int MAX_TEXT = 64;
    private static final int MAX_ENCRYPTION = 255;
    private static final Set<Long> KEYS = Set.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);

    static List<ExtensionDevice> parse(CborValue list, String field) throws MalformedException {
        List<ExtensionDevice> found = new ArrayList<>();
        for (CborValue each : list.items(field, 1, MAX_DEVICES)) {
            String at = field + "[" + found.size() + "]";
            CborValue.Obj map = each.map(at);
            if (!map.byName().isEmpty() || !KEYS.containsAll(map.byNumber().keySet())) {
                throw new MalformedException(at, map.start(), "expected no fields but those of a device");
            }
            String protocol = map.get(5, at + ".protocol").text(at + ".protocol", MAX_TEXT);
            Optional<CborValue> negotiation = map.find(6);
            if (negotiation.isPresent() != protocol.startsWith("spdm-")) {
                throw new MalformedException(
                        at + ".vca-digest", map.start(), "expected a digest where the protocol is SPDM, and only there");
            }
            Optional<CborValue> encryption = map.find(8);
            found.add(new ExtensionDevice(
                    Claim.text(map.find(1), at + ".hash-algo-id", MAX_TEXT),
                    Claim.hash(map.get(2, at + ".measurements"), at + ".measurements"),
                    Claim.hash(map.get(3, at + ".certificates"), at + ".certificates"),
                    map.get(4, at + ".uses-ide").bool(at + ".uses-ide"),
                    protocol,
                    negotiation.isPresent() ? Optional.of(Claim.hash(negotiation.get(), at + ".vca-digest")) : Optional.empty(),
                    Claim.text(map.find(7), at + ".type", MAX_TEXT),
                    encryption.isPresent()
                            ? OptionalInt.of((int) encryption.get().integer(at + ".encryption", 0, MAX_ENCRYPTION))
                            : OptionalInt.empty()));
        }
        return found;
    }

    void write(CborWriter writer) {
        int pairs = 4 + (hashAlgorithm.isPresent() ? 1 : 0) + (negotiation.isPresent() ? 1 : 0) + (type.isPresent() ? 1 : 0)
                + (encryption.isPresent() ? 1 : 0);
        writer.map(pairs);
        hashAlgorithm.ifPresent(text -> writer.integer(1).text(text));
        writer.integer(2).bytes(measurements.toArray()).integer(3).bytes(certificates.toArray());
        writer.integer(4).bool(linkEncrypted).integer(5).text(protocol);
        negotiation.ifPresent(digest -> writer.integer(6).bytes(digest.toArray()));
        type.ifPresent(text -> writer.integer(7).text(text));
        encryption.ifPresent(value -> writer.integer(8).integer(value));
    }

    ClaimValue claim() {
        Map<String, ClaimValue> values = new LinkedHashMap<>();
        hashAlgorithm.ifPresent(text -> values.put("hash-algo-id", ClaimValue.of(text)));
        values.put("device-measurements-digest", ClaimValue.of(measurements));
        values.put("certificate-chain-digest", ClaimValue.of(certificates));
        values.put("uses-ide", ClaimValue.of(linkEncrypted));
        values.put("protocol", ClaimValue.of(protocol));
        negotiation.ifPresent(digest -> values.put("vca-digest", ClaimValue.of(digest)));
        type.ifPresent(text -> values.put("device-type", ClaimValue.of(text)));
        encryption.ifPresent(value -> values.put("encryption-type", ClaimValue.of(value)));
        return new ClaimValue.Group(values);
    }
}
