package org.innerkeep.evidence.snp;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.innerkeep.evidence.Bytes;

/**
 * A {@code TCB_VERSION}: security patch levels of the parts of the firmware, one byte each. What a byte stands for depends on the line
 * of products; the order of two versions does not, as each byte is compared with its own.
 *
 * @param value 8 bytes as they stand in the report
 */
public record SnpTcb(Bytes value) {
    /** Its length. */
    public static final int BYTES = 8;

    /** Checks the length. */
    public SnpTcb {
        if (value.length() != BYTES) {
            throw new IllegalArgumentException("TCB version: expected " + BYTES + " bytes, found " + value.length());
        }
    }

    /**
     * Compares each component.
     *
     * @param other another version of the same line
     * @return whether no component is higher than the other's
     */
    public boolean atMost(SnpTcb other) {
        byte[] mine = value.toArray();
        byte[] others = other.value.toArray();
        for (int i = 0; i < BYTES; i++) {
            if (Byte.toUnsignedInt(mine[i]) > Byte.toUnsignedInt(others[i])) {
                return false;
            }
        }
        return true;
    }

    /**
     * Names the components.
     *
     * @param product the line
     * @return each component's level, 0 to 255, by its name, reserved ones too, from the lowest byte
     */
    public Map<String, Integer> components(SnpProduct product) {
        byte[] bytes = value.toArray();
        Map<String, Integer> levels = new LinkedHashMap<>();
        for (int i = 0; i < BYTES; i++) {
            levels.put(product.tcbComponents().get(i), Byte.toUnsignedInt(bytes[i]));
        }
        return Collections.unmodifiableMap(levels);
    }

    /** {@return the bytes in hexadecimal, as they stand in the report} */
    @Override
    public String toString() {
        return value.hex();
    }
}
