package org.innerkeep.bundle;

import java.util.Arrays;
import org.innerkeep.bundle.BundleException.Code;

/** ECDSA-Sig-Value (RFC 3279, section 2.2.3) for P-256: a SEQUENCE of the INTEGERs r and s. */
final class DerSignature {
    private static final int SEQUENCE = 0x30;
    private static final int INTEGER = 0x02;
    private static final int HALF = SignerKey.SIGNATURE_BYTES / 2;

    private final byte[] der;
    private int at;

    private DerSignature(byte[] der) {
        this.der = der;
    }

    /** r and s, 32 bytes each, big-endian. */
    static byte[] toFixed(byte[] der) throws BundleException {
        DerSignature reader = new DerSignature(der);
        // Two integers of at most 33 bytes always have a length of one byte.
        if (reader.next() != SEQUENCE || reader.next() != der.length - 2) {
            throw malformed();
        }
        byte[] fixed = new byte[SignerKey.SIGNATURE_BYTES];
        reader.integer(fixed, 0);
        reader.integer(fixed, HALF);
        if (reader.at != der.length) {
            throw malformed();
        }
        return fixed;
    }

    private void integer(byte[] into, int offset) throws BundleException {
        int tag = next();
        int length = next();
        if (tag != INTEGER || length < 1 || length > HALF + 1 || at + length > der.length) {
            throw malformed();
        }
        byte[] value = Arrays.copyOfRange(der, at, at + length);
        at += length;
        boolean padded = value[0] == 0;
        if (value[0] < 0 || padded && (length == 1 || value[1] >= 0) || !padded && length > HALF) {
            throw malformed();
        }
        int skip = padded ? 1 : 0;
        System.arraycopy(value, skip, into, offset + HALF - (length - skip), length - skip);
    }

    private int next() throws BundleException {
        if (at >= der.length) {
            throw malformed();
        }
        return der[at++] & 0xff;
    }

    private static BundleException malformed() {
        return new BundleException(
                Code.SIGNATURE_INVALID, "signature: expected 64 bytes, or an ECDSA signature of P-256 in DER, found another form");
    }
}
