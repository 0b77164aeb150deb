package org.innerkeep.bundle;

import java.util.Optional;

/** ECDSA-Sig-Value of P-256 in DER (RFC 3279, section 2.2.3), as openssl and most HSM tools write it: a sequence of two integers. */
final class EcdsaSignature {
    private static final int SEQUENCE = 0x30;
    private static final int INTEGER = 0x02;
    private static final int PART_BYTES = SignerKey.SIGNATURE_BYTES / 2;

    private final byte[] der;
    private int at;

    private EcdsaSignature(byte[] der) {
        this.der = der;
    }

    /** {@return r and s, 32 bytes each; empty if this is anything but the one DER encoding of two such numbers} */
    static Optional<byte[]> fromDer(byte[] der) {
        // Two integers of at most 33 bytes: every length is one byte.
        if (der.length < 8 || der.length > 72 || der[0] != SEQUENCE || der[1] != der.length - 2) {
            return Optional.empty();
        }
        EcdsaSignature value = new EcdsaSignature(der);
        value.at = 2;
        byte[] out = new byte[2 * PART_BYTES];
        boolean sound = value.integer(out, 0) && value.integer(out, PART_BYTES) && value.at == der.length;
        return sound ? Optional.of(out) : Optional.empty();
    }

    private boolean integer(byte[] out, int offset) {
        if (der.length - at < 3 || der[at] != INTEGER) {
            return false;
        }
        int length = der[at + 1];
        int from = at + 2;
        if (length < 1 || length > der.length - from || der[from] < 0) {
            return false;
        }
        if (der[from] == 0 && length > 1) {
            if (der[from + 1] >= 0) {
                // A zero in front that no sign bit needs.
                return false;
            }
            from++;
            length--;
        }
        if (length > PART_BYTES) {
            return false;
        }
        System.arraycopy(der, from, out, offset + PART_BYTES - length, length);
        at = from + length;
        return true;
    }
}
