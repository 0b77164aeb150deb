package org.innerkeep.channel.file;

import javax.crypto.SecretKey;

/**
 * Shows an array to a JDK primitive as its key. Unlike {@link javax.crypto.spec.SecretKeySpec} it keeps no copy of its own, so
 * that wiping the array wipes the key. The providers of the JDK wipe the copies that they take.
 */
record RawKey(String algorithm, byte[] bytes) implements SecretKey {
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
