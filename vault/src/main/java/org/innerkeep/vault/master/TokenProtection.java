package org.innerkeep.vault.master;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import org.innerkeep.attestation.token.Pkcs11Token;
import org.innerkeep.evidence.Bytes;

/**
 * Under an AES-256 key that never leaves a token that speaks PKCS #11: AES-GCM within the token. The master key itself is in the memory of
 * the service while it runs.
 */
final class TokenProtection implements Protection {
    private static final String ATTRIBUTES = """
            attributes(generate,CKO_SECRET_KEY,CKK_AES) = {
             CKA_TOKEN = true
             CKA_PRIVATE = true
             CKA_SENSITIVE = true
             CKA_EXTRACTABLE = false
             CKA_ENCRYPT = true
             CKA_DECRYPT = true
            }
            """;
    private static final int KEY_BITS = 256;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final Pkcs11Token token;
    private final SecretKey key;
    private final String label;
    private final SecureRandom random;

    private TokenProtection(Pkcs11Token token, SecretKey key, String label, SecureRandom random) {
        this.token = token;
        this.key = key;
        this.label = label;
        this.random = random;
    }

    /**
     * Opens a token.
     *
     * @param make whether a key is made where there is none of this label
     */
    static TokenProtection open(MasterSettings.Token place, char[] pin, boolean make, SecureRandom random) throws IOException {
        Pkcs11Token token = Pkcs11Token.open(place.library(), place.slot(), pin, ATTRIBUTES);
        try {
            Key found = token.keys().getKey(place.label(), null);
            if (found == null && make) {
                KeyGenerator generator = KeyGenerator.getInstance("AES", token.provider());
                generator.init(KEY_BITS);
                token.keys().setKeyEntry(place.label(), generator.generateKey(), null, null);
                found = token.keys().getKey(place.label(), null);
            }
            if (found instanceof SecretKey key && key.getAlgorithm().equals("AES")) {
                return new TokenProtection(token, key, place.label(), random);
            }
            throw new IOException("vault: expected an AES key labelled '" + place.label() + "' in the token of slot " + place.slot()
                    + ", found " + (found == null ? "none" : "a key of " + found.getAlgorithm())
                    + "; name the right token with vault-pkcs11-slot, or its key with vault-pkcs11-label");
        } catch (GeneralSecurityException | ProviderException e) {
            throw new IOException("vault: the PKCS #11 token in slot " + place.slot() + " gives no key: " + e.getMessage(), e);
        }
    }

    @Override
    public Wrap wrap(Bytes id, byte[] master) throws IOException {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, id, label).doFinal(master);
            return new Wrap.UnderToken(
                    label, Bytes.of(ByteBuffer.allocate(NONCE_BYTES + sealed.length).put(nonce).put(sealed).array()));
        } catch (GeneralSecurityException | ProviderException e) {
            throw new IOException("vault: the PKCS #11 token does not wrap the master key: " + e.getMessage(), e);
        }
    }

    @Override
    public byte[] unwrap(Bytes id, Wrap wrap) throws IOException {
        if (!(wrap instanceof Wrap.UnderToken under)) {
            throw Protection.otherWay(wrap);
        }
        byte[] bytes = under.wrapped().toArray();
        if (bytes.length <= NONCE_BYTES + TAG_BITS / 8) {
            throw new IOException("vault: the master key in this store was cut off");
        }
        try {
            return cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(bytes, NONCE_BYTES), id, under.label())
                    .doFinal(bytes, NONCE_BYTES, bytes.length - NONCE_BYTES);
        } catch (GeneralSecurityException | ProviderException e) {
            throw new IOException("vault: the master key of this store was not wrapped under the key '" + label + "' of this token, or the"
                    + " token fails; nothing was changed", e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce, Bytes id, String wrappedAs) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", token.provider());
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(Wrap.label(id, Way.PKCS11, wrappedAs).getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    @Override
    public void close() {
        // The session ends with the process; the key was never here.
    }

    /** {@return the token's name and the key's label} */
    @Override
    public String toString() {
        return token + ", key " + label;
    }
}
