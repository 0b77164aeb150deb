package org.innerkeep.evidence.arm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborValue;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * A piece of firmware that was measured (RFC 9783 section 4.4.1; RMM specification, CCA platform software components).
 *
 * @param type its role, such as {@code BL} or {@code RMM}; key 1
 * @param value the digest of it, 32, 48 or 64 bytes; key 2
 * @param version its version, whatever its vendor means by it; key 4
 * @param signerId the digest of the key that signed it, 32, 48 or 64 bytes; key 5
 * @param description how it was measured, such as {@code sha-256}; key 6
 * @param liveActivation whether it may be updated while the platform runs; key 7, of RMM 2.0 only
 * @param countersigners digests of further keys that signed it; key 8, of RMM 2.0 only
 */
public record SoftwareComponent(
        Optional<String> type,
        Bytes value,
        Optional<String> version,
        Bytes signerId,
        Optional<String> description,
        Optional<Boolean> liveActivation,
        List<Bytes> countersigners) {
    private static final int MAX_COMPONENTS = 64;
    private static final int MAX_TEXT = 128;
    private static final int MAX_COUNTERSIGNERS = 16;
    private static final Set<Long> PSA_KEYS = Set.of(1L, 2L, 4L, 5L, 6L);
    private static final Set<Long> CCA_KEYS = Set.of(1L, 2L, 4L, 5L, 6L, 7L, 8L);

    /** Copies the list. */
    public SoftwareComponent {
        countersigners = List.copyOf(countersigners);
    }

    /**
     * A component without what only RMM 2.0 says.
     *
     * @param type its role
     * @param value the digest of it
     * @param version its version
     * @param signerId the digest of the key that signed it
     * @param description how it was measured
     */
    public SoftwareComponent(
            Optional<String> type, Bytes value, Optional<String> version, Bytes signerId, Optional<String> description) {
        this(type, value, version, signerId, description, Optional.empty(), List.of());
    }

    static List<SoftwareComponent> parse(CborValue list, String field, boolean cca) throws MalformedException {
        List<SoftwareComponent> found = new ArrayList<>();
        for (CborValue each : list.items(field, 1, MAX_COMPONENTS)) {
            String at = field + "[" + found.size() + "]";
            CborValue.Obj map = each.map(at);
            if (!map.byName().isEmpty() || !(cca ? CCA_KEYS : PSA_KEYS).containsAll(map.byNumber().keySet())) {
                throw new MalformedException(at, each.start(), "expected no entries but those of a software component");
            }
            List<Bytes> countersigners = new ArrayList<>();
            if (map.find(8).isPresent()) {
                for (CborValue id : map.get(8, at).items(at + ".countersigners", 1, MAX_COUNTERSIGNERS)) {
                    countersigners.add(Claim.hash(id, at + ".countersigners"));
                }
            }
            Optional<CborValue> live = map.find(7);
            found.add(new SoftwareComponent(
                    Claim.text(map.find(1), at + ".type", MAX_TEXT),
                    Claim.hash(map.get(2, at + ".value"), at + ".value"),
                    Claim.text(map.find(4), at + ".version", MAX_TEXT),
                    Claim.hash(map.get(5, at + ".signer-id"), at + ".signer-id"),
                    Claim.text(map.find(6), at + ".description", MAX_TEXT),
                    live.isPresent() ? Optional.of(live.get().bool(at + ".live-activation")) : Optional.empty(),
                    countersigners));
        }
        return found;
    }

    void write(CborWriter writer) {
        int pairs = 2 + count(type) + count(version) + count(description) + count(liveActivation) + (countersigners.isEmpty() ? 0 : 1);
        writer.map(pairs);
        type.ifPresent(text -> writer.integer(1).text(text));
        writer.integer(2).bytes(value.toArray());
        version.ifPresent(text -> writer.integer(4).text(text));
        writer.integer(5).bytes(signerId.toArray());
        description.ifPresent(text -> writer.integer(6).text(text));
        liveActivation.ifPresent(flag -> writer.integer(7).bool(flag));
        if (!countersigners.isEmpty()) {
            writer.integer(8).array(countersigners.size());
            countersigners.forEach(each -> writer.bytes(each.toArray()));
        }
    }

    private static int count(Optional<?> value) {
        return value.isPresent() ? 1 : 0;
    }

    static ClaimValue claims(List<SoftwareComponent> components) {
        List<ClaimValue> all = new ArrayList<>();
        components.forEach(each -> all.add(each.claim()));
        return new ClaimValue.Many(all);
    }

    private ClaimValue claim() {
        Map<String, ClaimValue> values = new LinkedHashMap<>();
        type.ifPresent(text -> values.put("measurement-type", ClaimValue.of(text)));
        values.put("measurement-value", ClaimValue.of(value));
        version.ifPresent(text -> values.put("version", ClaimValue.of(text)));
        values.put("signer-id", ClaimValue.of(signerId));
        description.ifPresent(text -> values.put("measurement-description", ClaimValue.of(text)));
        liveActivation.ifPresent(flag -> values.put("live-activation", ClaimValue.of(flag)));
        if (!countersigners.isEmpty()) {
            values.put("countersigner-ids", ClaimValue.ofTexts(countersigners.stream().map(Bytes::hex).toList()));
        }
        return new ClaimValue.Group(values);
    }
}
