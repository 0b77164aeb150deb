package org.innerkeep.evidence.real;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.eventlog.TpmHash;
import org.innerkeep.evidence.internal.JsonValue;
import org.innerkeep.evidence.tpm.PcrValues;

/** Register values as vectors have them: a list from PCR 0 on, or values by register. */
final class PcrFiles {
    private PcrFiles() {}

    static SortedMap<Integer, Bytes> bank(Bytes file) throws MalformedException {
        TreeMap<Integer, Bytes> values = new TreeMap<>();
        switch (JsonValue.parse("pcrs", file.toArray())) {
            case JsonValue.Arr list -> {
                List<JsonValue> items = list.items();
                for (int i = 0; i < items.size(); i++) {
                    values.put(i, Bytes.fromHex(((JsonValue.Text) items.get(i)).value()));
                }
            }
            case JsonValue.Obj object -> object.fields()
                    .forEach((register, value) -> values.put(Integer.valueOf(register), Bytes.fromHex(((JsonValue.Text) value).value())));
            default -> throw new IllegalStateException("register values of another form");
        }
        return values;
    }

    static TpmHash hash(String name) {
        return List.of(TpmHash.values()).stream().filter(each -> each.claimName().equals(name)).findFirst().orElseThrow();
    }

    static PcrValues values(TpmHash bank, Bytes file) throws MalformedException {
        return PcrValues.of(Map.of(bank, bank(file)));
    }
}
