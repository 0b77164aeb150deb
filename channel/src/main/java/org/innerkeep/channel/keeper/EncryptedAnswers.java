package org.innerkeep.channel.keeper;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.internal.hpke.Hpke;
import org.innerkeep.channel.internal.hpke.XWing;
import org.innerkeep.channel.keeper.PlatformService.RegisterState;
import org.jspecify.annotations.Nullable;

/**
 * Both ends of {@link PlatformAnswers}. This hides answers from whoever finds copies of them in memory, in a dump or on the way.
 * Who the
 * other end is, the connection's token proves, not this. The key of a connection is made when the first secret answer is wanted,
 * so an
 * enclave that seals nothing does nothing for it. Safe for use by several threads.
 */
public final class EncryptedAnswers {
    private static final byte[] INFO = "innerkeep keeper answers v1".getBytes(US_ASCII);
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;

    private EncryptedAnswers() {}

    /**
     * The keeper's end.
     *
     * @param platform answers for one enclave
     * @param random makes the key and the nonces
     * @return what to offer over one connection
     */
    public static PlatformAnswers of(PlatformService platform, SecureRandom random) {
        return new Keeper(Objects.requireNonNull(platform, "platform"), Objects.requireNonNull(random, "random"));
    }

    /**
     * The enclave's end.
     *
     * @param keeper the other end
     * @param random makes the key pair
     * @return the platform; a secret answer that cannot be opened is a {@link CallException} of code {@code MALFORMED}
     */
    public static PlatformService over(PlatformAnswers keeper, SecureRandom random) {
        return new Enclave(Objects.requireNonNull(keeper, "keeper"), Objects.requireNonNull(random, "random"));
    }

    private static byte[] crypt(int mode, byte[] key, byte[] nonce, byte[] in, int offset) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
        return cipher.doFinal(in, offset, in.length - offset);
    }

    private static final class Keeper implements PlatformAnswers {
        private final PlatformService platform;
        private final SecureRandom random;
        private byte @Nullable [] key;

        Keeper(PlatformService platform, SecureRandom random) {
            this.platform = platform;
            this.random = random;
        }

        @Override
        public PlatformService.Launch launch() {
            return platform.launch();
        }

        @Override
        public byte[] report(byte[] reportData) {
            return platform.report(reportData);
        }

        @Override
        public synchronized byte[] answerKey(byte[] publicKey) {
            if (key != null) {
                throw new IllegalStateException("this connection has its key already");
            }
            byte[] made = new byte[KEY_BYTES];
            random.nextBytes(made);
            try {
                Hpke.Sealed sealed = Hpke.seal(publicKey, INFO, made, random);
                byte[] answer = Arrays.copyOf(sealed.encapsulation(), XWing.CIPHERTEXT + sealed.encrypted().length);
                System.arraycopy(sealed.encrypted(), 0, answer, XWing.CIPHERTEXT, sealed.encrypted().length);
                key = made;
                return answer;
            } catch (InvalidKeyException e) {
                throw new IllegalArgumentException("the public key is not one of X-Wing: " + e.getMessage(), e);
            }
        }

        @Override
        public byte[] sealingKey(PlatformService.SealingKeyRequest request) throws SealingRefusedException {
            byte[] with;
            synchronized (this) {
                with = key;
            }
            if (with == null) {
                throw new IllegalStateException("no key was made for secret answers: call answerKey first");
            }
            byte[] secret = platform.sealingKey(request);
            byte[] nonce = new byte[NONCE_BYTES];
            random.nextBytes(nonce);
            try {
                byte[] encrypted = crypt(Cipher.ENCRYPT_MODE, with, nonce, secret, 0);
                byte[] answer = Arrays.copyOf(nonce, NONCE_BYTES + encrypted.length);
                System.arraycopy(encrypted, 0, answer, NONCE_BYTES, encrypted.length);
                return answer;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java platform provides AES-GCM", e);
            } finally {
                Arrays.fill(secret, (byte) 0);
            }
        }

        @Override
        public Optional<RegisterState> claimRegister(String name) throws RegisterRefusedException {
            return platform.claimRegister(name);
        }

        @Override
        public void advanceRegister(String name, long from, RegisterState to) throws RegisterRefusedException {
            platform.advanceRegister(name, from, to);
        }

        @Override
        public void waiting() {
            platform.waiting();
        }
    }

    private static final class Enclave implements PlatformService {
        private final PlatformAnswers keeper;
        private final SecureRandom random;
        private byte @Nullable [] key;

        Enclave(PlatformAnswers keeper, SecureRandom random) {
            this.keeper = keeper;
            this.random = random;
        }

        @Override
        public Launch launch() {
            return keeper.launch();
        }

        @Override
        public byte[] report(byte[] reportData) {
            return keeper.report(reportData);
        }

        @Override
        public byte[] sealingKey(SealingKeyRequest request) throws SealingRefusedException {
            byte[] with = key();
            byte[] answer = keeper.sealingKey(request);
            if (answer.length != NONCE_BYTES + KEY_BYTES + TAG_BYTES) {
                throw unopened("has " + answer.length + " bytes");
            }
            try {
                return crypt(Cipher.DECRYPT_MODE, with, Arrays.copyOf(answer, NONCE_BYTES), answer, NONCE_BYTES);
            } catch (GeneralSecurityException e) {
                throw unopened("is not encrypted under this connection's key");
            }
        }

        private synchronized byte[] key() {
            byte[] known = key;
            if (known != null) {
                return known;
            }
            byte[] seed = new byte[XWing.SEED];
            random.nextBytes(seed);
            try (XWing pair = new XWing(seed)) {
                byte[] answer = keeper.answerKey(pair.publicKey());
                if (answer.length != XWing.CIPHERTEXT + KEY_BYTES + Hpke.TAG) {
                    throw unopened("has " + answer.length + " bytes");
                }
                byte[] made = Hpke.open(pair, INFO, new Hpke.Sealed(
                                Arrays.copyOf(answer, XWing.CIPHERTEXT),
                                Arrays.copyOfRange(answer, XWing.CIPHERTEXT, answer.length)))
                        .orElseThrow(() -> unopened("is not sealed to this enclave"));
                key = made;
                return made;
            } catch (InvalidKeyException e) {
                throw unopened("is not sealed to this enclave");
            } finally {
                Arrays.fill(seed, (byte) 0);
            }
        }

        private static CallException unopened(String why) {
            return new CallException(CallException.Code.MALFORMED, "a secret answer of the keeper " + why);
        }

        @Override
        public Optional<RegisterState> claimRegister(String name) throws RegisterRefusedException {
            return keeper.claimRegister(name);
        }

        @Override
        public void advanceRegister(String name, long from, RegisterState to) throws RegisterRefusedException {
            keeper.advanceRegister(name, from, to);
        }

        @Override
        public void waiting() {
            keeper.waiting();
        }
    }
}
