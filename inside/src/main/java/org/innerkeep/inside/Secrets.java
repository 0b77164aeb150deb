package org.innerkeep.inside;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * The keys of the service that are in no store: what files beside it hold elsewhere. Made at the first start, and kept at the
 * beginning of each chapter of the journal, sealed to the enclave. Encoded: CBOR {@code [log key (PKCS #8), its public part,
 * release key (PKCS #8), its public part, tokens (32), master (32)]}.
 */
final class Secrets implements AutoCloseable {
    private static final int KEY_BYTES = 32;
    private static final int MAX_ENCODED_KEY = 8192;
    private static final int RSA_BITS = 3072;

    /** Signed by a key that is read, to see whose it is; no head of a log, and no token. */
    private static final byte[] TRIAL = "innerkeep: a trial of a key".getBytes(StandardCharsets.US_ASCII);

    private final KeyPair log;
    private final KeyPair release;
    private final byte[] tokens;
    private final byte[] master;

    private Secrets(KeyPair log, KeyPair release, byte[] tokens, byte[] master) {
        this.log = log;
        this.release = release;
        this.tokens = tokens;
        this.master = master;
    }

    static Secrets make(SecureRandom random) {
        try {
            KeyPairGenerator curve = KeyPairGenerator.getInstance("EC");
            curve.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
            rsa.initialize(RSA_BITS, random);
            byte[] tokens = new byte[KEY_BYTES];
            byte[] master = new byte[KEY_BYTES];
            random.nextBytes(tokens);
            random.nextBytes(master);
            return new Secrets(curve.generateKeyPair(), rsa.generateKeyPair(), tokens, master);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("P-256 and RSA are part of every Java platform", e);
        }
    }

    /** Encodes them, for the caller to wipe. */
    byte[] encode() {
        return new CborWriter()
                .array(6)
                .bytes(log.getPrivate().getEncoded())
                .bytes(log.getPublic().getEncoded())
                .bytes(release.getPrivate().getEncoded())
                .bytes(release.getPublic().getEncoded())
                .bytes(tokens)
                .bytes(master)
                .toByteArray();
    }

    static Secrets parse(byte[] encoded) throws MalformedException {
        CborReader reader = new CborReader(encoded);
        reader.arrayOf("secrets", 6);
        KeyPair log = pair(reader, "EC");
        KeyPair release = pair(reader, "RSA");
        byte[] tokens = reader.bytes("tokens", KEY_BYTES, KEY_BYTES);
        byte[] master = reader.bytes("master", KEY_BYTES, KEY_BYTES);
        reader.end("secrets");
        return new Secrets(log, release, tokens, master);
    }

    private static KeyPair pair(CborReader reader, String algorithm) throws MalformedException {
        int start = reader.offset();
        byte[] secret = reader.bytes("private key", 1, MAX_ENCODED_KEY);
        byte[] open = reader.bytes("public key", 1, MAX_ENCODED_KEY);
        try {
            KeyFactory factory = KeyFactory.getInstance(algorithm);
            KeyPair pair = new KeyPair(
                    factory.generatePublic(new X509EncodedKeySpec(open)),
                    factory.generatePrivate(new PKCS8EncodedKeySpec(secret)));
            if (!belongTogether(pair, algorithm)) {
                throw new MalformedException("key", start, "the private key is not that of the public key beside it");
            }
            return pair;
        } catch (GeneralSecurityException e) {
            throw new MalformedException("key", start, "expected a key of " + algorithm);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private static boolean belongTogether(KeyPair pair, String algorithm) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(algorithm.equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
        signature.initSign(pair.getPrivate());
        signature.update(TRIAL);
        byte[] signed = signature.sign();
        signature.initVerify(pair.getPublic());
        signature.update(TRIAL);
        try {
            return signature.verify(signed);
        } catch (SignatureException e) {
            // Of another length, say.
            return false;
        }
    }

    LogKey logKey() {
        return LogKey.of(log.getPrivate(), log.getPublic());
    }

    KeyPair release() {
        return release;
    }

    /** A copy of the key under which keys of tokens are wrapped, for the caller to wipe. */
    byte[] tokens() {
        return tokens.clone();
    }

    /** A copy of the key under which the vault's master key is wrapped, for the caller to wipe. */
    byte[] master() {
        return master.clone();
    }

    WrappingKey tokens(SecureRandom random) {
        return WrappingKey.of(tokens, random);
    }

    WrappingKey master(SecureRandom random) {
        return WrappingKey.of(master, random);
    }

    /** Wipes what can be wiped. */
    @Override
    public void close() {
        Arrays.fill(tokens, (byte) 0);
        Arrays.fill(master, (byte) 0);
    }
}
