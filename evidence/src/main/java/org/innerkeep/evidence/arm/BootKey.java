package org.innerkeep.evidence.arm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborValue;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * A key by which the platform's boot code accepts firmware (draft-ffm-rats-cca-token-03, CCA platform TBB ROTPK).
 *
 * @param name whose key it is, such as {@code CM} or {@code DM}; key 1
 * @param array which of the arrays of keys is in use; key 2
 * @param index which key in it; key 3
 * @param hash the key's digest, 32, 48 or 64 bytes; key 4
 */
public record BootKey(String name, int array, int index, Bytes hash) {
    private static final int MAX_KEYS = 64;
    private static final int MAX_TEXT = 64;
    private static final Set<Long> KEYS = Set.of(1L, 2L, 3L, 4L);

    static List<BootKey> parse(CborValue list, String field) throws MalformedException {
        List<BootKey> found = new ArrayList<>();
        for (CborValue each : list.items(field, 1, MAX_KEYS)) {
            String at = field + "[" + found.size() + "]";
            CborValue.Obj map = each.map(at);
            if (!map.byName().isEmpty() || !KEYS.containsAll(map.byNumber().keySet())) {
                throw new MalformedException(at, map.start(), "expected no fields but those of a key");
            }
            found.add(new BootKey(
                    map.get(1, at + ".name").text(at + ".name", MAX_TEXT),
                    (int) map.get(2, at + ".array").integer(at + ".array", 0, Integer.MAX_VALUE),
                    (int) map.get(3, at + ".index").integer(at + ".index", 0, Integer.MAX_VALUE),
                    Claim.hash(map.get(4, at + ".hash"), at + ".hash")));
        }
        return found;
    }

    void write(CborWriter writer) {
        writer.map(4).integer(1).text(name).integer(2).integer(array).integer(3).integer(index).integer(4).bytes(hash.toArray());
    }

    ClaimValue claim() {
        Map<String, ClaimValue> values = new LinkedHashMap<>();
        values.put("name", ClaimValue.of(name));
        values.put("active-array-index", ClaimValue.of(array));
        values.put("index", ClaimValue.of(index));
        values.put("hash", ClaimValue.of(hash));
        return new ClaimValue.Group(values);
    }
}
