package org.innerkeep.channel.file;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.innerkeep.channel.internal.hpke.ChaCha20Poly1305;
import org.innerkeep.channel.internal.hpke.X25519;

/** How file keys are wrapped with X25519; age specification, section "The X25519 recipient type". */
final class ClassicKeys {
    private static final String INFO = "age-encryption.org/v1/X25519";
    /** The wrapping key is used once, so that a fixed nonce never repeats under it. */
    private static final byte[] NONCE = new byte[ChaCha20Poly1305.NONCE];

    private ClassicKeys() {}

    static Stanza wrap(byte[] publicKey, byte[] fileKey, SecureRandom random) throws InvalidKeyException {
        byte[] ephemeral = new byte[X25519.LENGTH];
        byte[] shared = {};
        try {
            random.nextBytes(ephemeral);
            byte[] share = X25519.publicKey(ephemeral);
            shared = X25519.agree(ephemeral, publicKey);
            byte[] wrapped = new byte[Stanza.WRAPPED_KEY];
            try (var cipher = new ChaCha20Poly1305(Kdf.hkdf(shared, salt(share, publicKey), INFO))) {
                cipher.seal(NONCE, fileKey, 0, fileKey.length, wrapped);
            }
            return Stanza.of(KeyKind.CLASSIC, share, wrapped);
        } finally {
            Arrays.fill(ephemeral, (byte) 0);
            Arrays.fill(shared, (byte) 0);
        }
    }

    /** {@return the file key, which the caller wipes, or nothing if the stanza is for another scalar} */
    static Optional<byte[]> unwrap(byte[] scalar, byte[] publicKey, byte[] share, byte[] wrapped) throws InvalidKeyException {
        byte[] shared = {};
        byte[] plain = new byte[FileKey.LENGTH];
        try {
            shared = X25519.agree(scalar, share);
            try (var cipher = new ChaCha20Poly1305(Kdf.hkdf(shared, salt(share, publicKey), INFO))) {
                return cipher.open(NONCE, wrapped, wrapped.length, plain) < 0 ? Optional.empty() : Optional.of(plain);
            }
        } finally {
            Arrays.fill(shared, (byte) 0);
        }
    }

    /** Binds the wrapping key to both public keys. */
    private static byte[] salt(byte[] share, byte[] publicKey) {
        byte[] salt = Arrays.copyOf(share, 2 * X25519.LENGTH);
        System.arraycopy(publicKey, 0, salt, X25519.LENGTH, X25519.LENGTH);
        return salt;
    }
}
