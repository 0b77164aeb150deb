package org.innerkeep.evidence.tpm;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.eventlog.TpmHash;

/**
 * Which registers of a bank are meant: TPMS_PCR_SELECTION (TPM 2.0 Library, Part 2, 10.6.2).
 *
 * @param bank the hash algorithm of the bank
 * @param bitmap one bit for each register, the lowest bit of the first byte for PCR 0; 1 to 4 bytes, 3 on PC clients
 */
public record PcrSelection(TpmHash bank, Bytes bitmap) {
    /** The most bytes of a bitmap, so that registers go from 0 to 31. */
    public static final int MAX_BITMAP = 4;

    /**
     * Checks the size.
     *
     * @throws IllegalArgumentException if the bitmap has another size
     */
    public PcrSelection {
        if (bitmap.length() < 1 || bitmap.length() > MAX_BITMAP) {
            throw new IllegalArgumentException("PCR selection: expected 1 to " + MAX_BITMAP + " bytes, found " + bitmap.length());
        }
    }

    /**
     * Selects registers of a PC client, in three bytes.
     *
     * @param bank the hash algorithm of the bank
     * @param registers 0 to 23
     * @return the selection
     */
    public static PcrSelection of(TpmHash bank, Collection<Integer> registers) {
        byte[] bitmap = new byte[3];
        for (int each : registers) {
            bitmap[each / 8] |= (byte) (1 << each % 8);
        }
        return new PcrSelection(bank, Bytes.of(bitmap));
    }

    /** {@return the registers selected, ascending} */
    public List<Integer> registers() {
        byte[] bits = bitmap.toArray();
        List<Integer> selected = new ArrayList<>();
        for (int i = 0; i < 8 * bits.length; i++) {
            if ((bits[i / 8] >> i % 8 & 1) != 0) {
                selected.add(i);
            }
        }
        return selected;
    }
}
