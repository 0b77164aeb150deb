package org.innerkeep.enclave.internal;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.channel.keeper.PlatformService;
import org.innerkeep.channel.keeper.PlatformService.SealingKeyRequest;
import org.innerkeep.channel.keeper.PlatformService.SealingPolicy;
import org.innerkeep.channel.keeper.SealingRefusedException;
import org.innerkeep.channel.secret.Remains;
import org.innerkeep.enclave.SealTo;
import org.innerkeep.enclave.UnsealException;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.Confinement.Mechanism;

/**
 * Sealed values: CBOR {@code [purpose, policy, security version, confinement, salt (32 bytes), ciphertext with tag]}. The key is
 * the platform's, derived with the salt, so each value has a key of its own and the nonce is fixed; everything before the ciphertext is
 * authenticated with it. The purpose is 1 for what a program seals, and 2 for keys of stored values: a program that seals what others
 * give it must not thereby make keys that others know.
 */
final class Sealing {
    private static final int OF_PROGRAM = 1;
    private static final int OF_STORE = 2;
    private static final int SALT_BYTES = 32;
    private static final int TAG_BYTES = 16;
    private static final int MAX_CONFINEMENT = Confinement.of(Mechanism.values()).bits();
    private static final int MAX_PLAINTEXT_BYTES = 64 << 20;

    private final PlatformService platform;
    private final long securityVersion;
    private final int confinement;
    private final SecureRandom random;

    Sealing(PlatformService platform, long securityVersion, int confinement, SecureRandom random) {
        this.platform = platform;
        this.securityVersion = securityVersion;
        this.confinement = confinement;
        this.random = random;
    }

    byte[] seal(SealTo to, byte[] plaintext) throws IOException {
        return seal(OF_PROGRAM, to, plaintext);
    }

    /** Seals the key of a stored value, which only {@link #unsealStored} opens. */
    byte[] sealStored(SealTo to, byte[] key) throws IOException {
        return seal(OF_STORE, to, key);
    }

    private byte[] seal(int purpose, SealTo to, byte[] plaintext) throws IOException {
        if (plaintext.length > MAX_PLAINTEXT_BYTES) {
            throw new IllegalArgumentException(
                    "at most " + MAX_PLAINTEXT_BYTES + " bytes can be sealed at once, found " + plaintext.length);
        }
        SealingPolicy policy = to == SealTo.SIGNER ? SealingPolicy.SIGNER : SealingPolicy.MEASUREMENT;
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        byte[] head = head(purpose, policy, securityVersion, confinement, salt);
        try {
            byte[] ciphertext = crypt(
                    Cipher.ENCRYPT_MODE, new SealingKeyRequest(policy, securityVersion, confinement, salt), head, plaintext);
            return new CborWriter().raw(head).bytes(ciphertext).toByteArray();
        } catch (SealingRefusedException | AEADBadTagException e) {
            throw new IOException("the keeper refuses this enclave its own sealing key", e);
        }
    }

    byte[] unseal(byte[] sealed) throws UnsealException, IOException {
        return unseal(OF_PROGRAM, sealed);
    }

    /** Opens what {@link #sealStored} sealed. */
    byte[] unsealStored(byte[] sealed) throws UnsealException, IOException {
        return unseal(OF_STORE, sealed);
    }

    private byte[] unseal(int purpose, byte[] sealed) throws UnsealException, IOException {
        try {
            CborReader reader = new CborReader(sealed);
            reader.arrayOf("sealed value", 6);
            reader.integer("purpose", purpose, purpose);
            SealingPolicy policy = SealingPolicy.values()[(int) reader.integer("policy", 0, SealingPolicy.values().length - 1)];
            long version = reader.integer("security version", 0, 0xffffffffL);
            int confined = (int) reader.integer("confinement", 0, MAX_CONFINEMENT);
            byte[] salt = reader.bytes("salt", SALT_BYTES, SALT_BYTES);
            byte[] head = Arrays.copyOf(sealed, reader.offset());
            byte[] ciphertext = reader.bytes("ciphertext", TAG_BYTES, MAX_PLAINTEXT_BYTES + TAG_BYTES);
            reader.end("sealed value");
            return crypt(Cipher.DECRYPT_MODE, new SealingKeyRequest(policy, version, confined, salt), head, ciphertext);
        } catch (MalformedException e) {
            throw new UnsealException("these bytes are not a sealed value: " + e.getMessage(), e);
        } catch (SealingRefusedException e) {
            throw new UnsealException(String.valueOf(e.getMessage()), e);
        } catch (AEADBadTagException e) {
            throw new UnsealException(
                    "the sealed value was changed, or sealed by another identity or on another platform", e);
        }
    }

    private static byte[] head(int purpose, SealingPolicy policy, long version, int confinement, byte[] salt) {
        return new CborWriter()
                .array(6)
                .integer(purpose)
                .integer(policy.ordinal())
                .integer(version)
                .integer(confinement)
                .bytes(salt)
                .toByteArray();
    }

    private byte[] crypt(int mode, SealingKeyRequest request, byte[] head, byte[] input)
            throws IOException, SealingRefusedException, AEADBadTagException {
        byte[] key = PlatformDriver.sealingKey(platform, request);
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BYTES * 8, new byte[12]));
            cipher.updateAAD(head);
            return cipher.doFinal(input);
        } catch (AEADBadTagException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform provides AES-GCM", e);
        } finally {
            Arrays.fill(key, (byte) 0);
            Remains.overwrite();
        }
    }
}
