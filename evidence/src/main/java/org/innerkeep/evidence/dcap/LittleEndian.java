package org.innerkeep.evidence.dcap;

import org.innerkeep.evidence.Bytes;

/** Numbers in byte strings that are kept as they lie in memory. */
final class LittleEndian {
    private LittleEndian() {}

    /** Eight bytes from an offset. */
    static long u64(Bytes bytes, int offset) {
        byte[] all = bytes.toArray();
        long value = 0;
        for (int i = 7; i >= 0; i--) {
            value = (value << 8) | (all[offset + i] & 0xff);
        }
        return value;
    }
}
