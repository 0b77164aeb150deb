package org.innerkeep.channel.file;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.spec.HKDFParameterSpec;
import org.innerkeep.channel.internal.hpke.RawKey;

/** HKDF-SHA-256 (RFC 5869) and HMAC-SHA-256 (RFC 2104), with the sizes that the age format uses. */
final class Kdf {
    static final int LENGTH = 32;
    static final byte[] NO_SALT = {};

    private Kdf() {}

    /** Extracts and expands. {@return 32 bytes, which the caller wipes} */
    static byte[] hkdf(byte[] secret, byte[] salt, String info) {
        HKDFParameterSpec.Builder extract = HKDFParameterSpec.ofExtract().addIKM(new RawKey("Generic", secret));
        if (salt.length > 0) {
            extract.addSalt(salt);
        }
        try {
            return KDF.getInstance("HKDF-SHA256").deriveData(extract.thenExpand(info.getBytes(US_ASCII), LENGTH));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no HKDF-SHA256", e);
        }
    }

    /** {@return the HMAC of the bytes under a key derived from the secret, 32 bytes} */
    static byte[] hmac(byte[] secret, String info, byte[] bytes) {
        byte[] key = hkdf(secret, NO_SALT, info);
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new RawKey("HmacSHA256", key));
            return mac.doFinal(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no HmacSHA256", e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }
}
