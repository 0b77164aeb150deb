package org.innerkeep.vault.azure;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

/**
 * How a released key is encrypted to the environment's RSA key (PKCS #11 3.0, CKM_RSA_AES_KEY_WRAP): a fresh AES-256 key under RSAES-OAEP
 * (RFC 8017 section 7.1, without a label), followed by the key under AES Key Wrap with Padding (RFC 5649) by that AES key. OAEP and its
 * MGF1 use the same hash.
 */
enum Wrapping {
    /** By SHA-1, which OAEP needs no collision resistance of; what Azure does where no algorithm is asked for. */
    CKM_RSA_AES_KEY_WRAP("SHA-1"),
    /** By SHA-256. */
    RSA_AES_KEY_WRAP_256("SHA-256"),
    /** By SHA-384. */
    RSA_AES_KEY_WRAP_384("SHA-384");

    private static final int AES_BYTES = 32;

    private final String hash;

    Wrapping(String hash) {
        this.hash = hash;
    }

    /** Finds one by its name in requests, exactly. */
    static Optional<Wrapping> of(String name) {
        return Arrays.stream(values()).filter(each -> each.name().equals(name)).findFirst();
    }

    /**
     * Encrypts.
     *
     * @param target at least 2048 bits
     * @param plain what is encrypted: PKCS #8 in DER for RSA, EC and X25519, the bytes of a symmetric key; the caller wipes it
     * @param random for the AES key and the padding
     * @return modulus length of encrypted AES key, then the wrapped key
     */
    byte[] wrap(RSAPublicKey target, byte[] plain, SecureRandom random) {
        byte[] fresh = new byte[AES_BYTES];
        random.nextBytes(fresh);
        try {
            Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
            oaep.init(Cipher.ENCRYPT_MODE, target, parameters(), random);
            byte[] head = oaep.doFinal(fresh);
            Cipher wrap = Cipher.getInstance("AES/KWP/NoPadding");
            wrap.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(fresh, "AES"));
            byte[] tail = wrap.doFinal(plain);
            return ByteBuffer.allocate(head.length + tail.length).put(head).put(tail).array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("RSAES-OAEP and AES Key Wrap are part of every Java platform", e);
        } finally {
            Arrays.fill(fresh, (byte) 0);
        }
    }

    private AlgorithmParameterSpec parameters() {
        return new OAEPParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), PSource.PSpecified.DEFAULT);
    }
}
