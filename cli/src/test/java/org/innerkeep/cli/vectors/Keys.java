package org.innerkeep.cli.vectors;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import org.innerkeep.evidence.Bytes;

/** Keys made for the vectors. They are public, so they protect nothing. */
final class Keys {
    static final KeyPair KEEPER = p256(
            "5623bb6f572ee259f95630cc8a6f2309ccee148784ccff1d9712b42ddf865a96",
            "8b86fc589cbd52cd26aae998f33ca6bcfc8079fa44e59fc81f1b528776bc7641"
                    + "a2995c06d3033343d4eb6ff22a01107b79038314b635d3b753c77233b351a24f");

    static final KeyPair OTHER_KEEPER = p256(
            "423cbe4a336abff28b2b88e392f8026db16be605310e37917a538ba1aaef9c67",
            "15fd1146d82d3270028b3b3aae9bf2ab3473d640de7a190f82735955d7cd60ba"
                    + "f13cd0538195235c36ad1dcd84e54c60cb1259bfe0d67fd0d6b24de1f3438892");

    static final KeyPair ENCLAVE = p256(
            "fa859108ae98c94e1ef745bb762c3b963a35849c37570dd52e28fb61de7690f7",
            "569ad965f190bd4840a5dae523282e58055099ae3672b6b5e6e05e2a6bafd158"
                    + "3988833624b2eb5ffadff3e3b7ab731427ff02ae90097143ed46d7ad8b6feb65");

    static final KeyPair STATEMENT = p256(
            "f53a463087af5db8ed4d4099d7f138618505862fbc6e4cfab41205eb198ad5e8",
            "084a2904c01d9aaa524107a86713d7c43c5bbbeb2ee5aac40b6640a64c73ffc1"
                    + "5edb4b764fa8d2998958ca04b4eb2a341650fd8a3a465e14642d5270f1c8d5ca");

    static final KeyPair DEVELOPER_P256 = p256(
            "847a4dc1815dc8678c14ef5bf64dc6e367d386583362d2d9a2a0d725cb7f2b5d",
            "52ab5707fc619c9d3480a392147134ae8f8e82659030507536fea57f01c4b80a"
                    + "71afe5b20ccc3b0892d3ed6f94a044b8bc41c56b6a9af8615b3b5762506d2d4d");

    static final KeyPair DEVELOPER = ed25519(
            "816dda703007a866fa762af661bf9d6dec7a2a3b72280b16b1c19ed8624e6145",
            "2ff84c93189cfbd8a622cf55278f88727d35a7f64bf435d54e9767c3a64c580d");

    private static final String P256_PREFIX = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
    private static final String ED25519_PREFIX = "302a300506032b6570032100";

    private Keys() {}

    private static KeyPair p256(String scalar, String point) {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            PrivateKey secret = KeyFactory.getInstance("EC")
                    .generatePrivate(new ECPrivateKeySpec(
                            new BigInteger(scalar, 16), parameters.getParameterSpec(ECParameterSpec.class)));
            return pair("EC", P256_PREFIX + point, secret);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair ed25519(String seed, String point) {
        try {
            PrivateKey secret = KeyFactory.getInstance("Ed25519")
                    .generatePrivate(
                            new EdECPrivateKeySpec(NamedParameterSpec.ED25519, HexFormat.of().parseHex(seed)));
            return pair("Ed25519", ED25519_PREFIX + point, secret);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair pair(String algorithm, String spki, PrivateKey secret) throws GeneralSecurityException {
        byte[] der = HexFormat.of().parseHex(spki);
        return new KeyPair(KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(der)), secret);
    }

    static Bytes spki(KeyPair key) {
        return Bytes.of(key.getPublic().getEncoded());
    }

    /** Random bytes that are the same in every run: SHA-256 of a seed and a counter. For vectors only. */
    static final class FixedRandom extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final transient byte[] seed;
        private long counter;

        FixedRandom(String seed) {
            this.seed = seed.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        }

        @Override
        public void nextBytes(byte[] bytes) {
            ByteBuffer out = ByteBuffer.wrap(bytes);
            while (out.hasRemaining()) {
                byte[] count = ByteBuffer.allocate(Long.BYTES).putLong(counter++).array();
                byte[] block = Bytes.sha256(seed, count).toArray();
                out.put(block, 0, Math.min(block.length, out.remaining()));
            }
        }
    }
}
