package org.innerkeep.vault.azure;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;

/** Makes keys. */
final class KeyMaker {
    private KeyMaker() {}

    /**
     * Makes a key.
     *
     * @param type its type
     * @param parameter its size in bits or its curve, one of those in {@link KeyFields}
     * @param random where it comes from
     * @return the key, for the caller to close
     */
    static FreshKey make(WebKeyType type, String parameter, SecureRandom random) {
        if (type == WebKeyType.OCT) {
            byte[] secret = new byte[Integer.parseInt(parameter) / 8];
            random.nextBytes(secret);
            return FreshKey.symmetric(secret);
        }
        try {
            KeyPair pair = generator(type, parameter, random).generateKeyPair();
            return FreshKey.of(type, parameter, pair.getPublic(), pair.getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the platform makes no " + type.text() + " key " + parameter, e);
        }
    }

    private static KeyPairGenerator generator(WebKeyType type, String parameter, SecureRandom random) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(type == WebKeyType.OKP ? "X25519" : type.text());
        switch (type) {
            case RSA -> generator.initialize(Integer.parseInt(parameter), random);
            case EC -> generator.initialize(new ECGenParameterSpec(KeyFields.javaCurve(parameter)), random);
            default -> generator.initialize(NamedParameterSpec.X25519, random);
        }
        return generator;
    }
}
