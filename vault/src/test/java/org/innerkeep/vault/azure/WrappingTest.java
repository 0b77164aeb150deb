package org.innerkeep.vault.azure;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.encodings.OAEPEncoding;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.engines.RFC5649WrapEngine;
import org.bouncycastle.crypto.engines.RSAEngine;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.junit.jupiter.api.Test;

/** Wrapped keys, unwrapped by Bouncy Castle's own code for both steps. */
class WrappingTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** What an environment does: it knows its private key, and the algorithm that it asked for. */
    static byte[] unwrap(Wrapping wrapping, RSAPrivateKey key, byte[] wrapped) throws Exception {
        int head = (key.getModulus().bitLength() + 7) / 8;
        OAEPEncoding oaep = new OAEPEncoding(new RSAEngine(), digest(wrapping), digest(wrapping), new byte[0]);
        oaep.init(false, new RSAKeyParameters(true, key.getModulus(), key.getPrivateExponent()));
        byte[] aes = oaep.processBlock(wrapped, 0, head);
        RFC5649WrapEngine engine = new RFC5649WrapEngine(AESEngine.newInstance());
        engine.init(false, new KeyParameter(aes));
        assertThat(aes).hasSize(32);
        return engine.unwrap(wrapped, head, wrapped.length - head);
    }

    private static Digest digest(Wrapping wrapping) {
        return switch (wrapping) {
            case CKM_RSA_AES_KEY_WRAP -> new SHA1Digest();
            case RSA_AES_KEY_WRAP_256 -> new SHA256Digest();
            case RSA_AES_KEY_WRAP_384 -> new SHA384Digest();
        };
    }

    private static KeyPair rsa(int bits) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        return generator.generateKeyPair();
    }

    @Test
    void everyWrappingOfEverySizeIsUnwrappedByAnotherImplementation() throws Exception {
        for (int bits : List.of(2048, 3072)) {
            KeyPair target = rsa(bits);
            for (Wrapping wrapping : Wrapping.values()) {
                for (int length : List.of(1, 7, 8, 16, 32, 1218, 2375)) {
                    byte[] plain = new byte[length];
                    RANDOM.nextBytes(plain);
                    byte[] wrapped = wrapping.wrap((RSAPublicKey) target.getPublic(), plain, RANDOM);
                    assertThat(wrapped).hasSize(bits / 8 + (length + 7) / 8 * 8 + 8);
                    assertThat(unwrap(wrapping, (RSAPrivateKey) target.getPrivate(), wrapped)).isEqualTo(plain);
                }
            }
        }
    }

    /** RFC 5649 section 6. */
    @Test
    void keyWrapWithPaddingGivesThePublishedAnswers() throws Exception {
        SecretKeySpec key = new SecretKeySpec(HexFormat.of().parseHex("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8"), "AES");
        Cipher wrap = Cipher.getInstance("AES/KWP/NoPadding");
        wrap.init(Cipher.ENCRYPT_MODE, key);
        assertThat(wrap.doFinal(HexFormat.of().parseHex("c37b7e6492584340bed12207808941155068f738")))
                .asHexString().isEqualToIgnoringCase("138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a");
        wrap.init(Cipher.ENCRYPT_MODE, key);
        assertThat(wrap.doFinal(HexFormat.of().parseHex("466f7250617369")))
                .asHexString().isEqualToIgnoringCase("afbeb0f07dfbf5419200f2ccb50bb24f");
    }

    @Test
    void noTwoWrappingsAreTheSame() throws Exception {
        RSAPublicKey target = (RSAPublicKey) rsa(2048).getPublic();
        byte[] plain = new byte[32];
        byte[] one = Wrapping.RSA_AES_KEY_WRAP_256.wrap(target, plain, RANDOM);
        byte[] other = Wrapping.RSA_AES_KEY_WRAP_256.wrap(target, plain, RANDOM);
        assertThat(Arrays.copyOf(one, 256)).isNotEqualTo(Arrays.copyOf(other, 256));
        assertThat(Arrays.copyOfRange(one, 256, one.length)).isNotEqualTo(Arrays.copyOfRange(other, 256, other.length));
    }

    @Test
    void wrappingsAreFoundByTheirExactNames() {
        assertThat(Wrapping.of("RSA_AES_KEY_WRAP_384")).contains(Wrapping.RSA_AES_KEY_WRAP_384);
        assertThat(Wrapping.of("rsa_aes_key_wrap_384")).isEmpty();
        assertThat(Wrapping.of("RSA_AES_KEY_WRAP_512")).isEmpty();
        assertThat(Wrapping.of("")).isEmpty();
    }
}
