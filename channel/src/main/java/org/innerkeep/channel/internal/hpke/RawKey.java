package org.innerkeep.channel.internal.hpke;

import java.io.Serial;
import javax.crypto.SecretKey;

/**
 * Shows an array to a JDK primitive as its key. Unlike {@link javax.crypto.spec.SecretKeySpec} it keeps no copy of its own, so
 * that wiping the array wipes the key. The providers of the JDK wipe the copies that they take.
 */
public final class RawKey implements SecretKey {
    @Serial
    private static final long serialVersionUID = 1L;

    private final String algorithm;
    private final transient byte[] bytes;

    /**
     * Shows the array, which stays the caller's to wipe.
     *
     * @param algorithm the name that the primitive asks for
     * @param bytes the key
     */
    public RawKey(String algorithm, byte[] bytes) {
        this.algorithm = algorithm;
        this.bytes = bytes;
    }

    @Override
    public String getAlgorithm() {
        return algorithm;
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    @Override
    public byte[] getEncoded() {
        return bytes.clone();
    }

    @Override
    public String toString() {
        return algorithm + " key";
    }
}
