package org.innerkeep.bench;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.release.TransportKey;
import org.innerkeep.evidence.Bytes;

/**
 * The cryptographic operations that each release needs, and nothing else, by the same code and providers as the vault: the evidence's
 * signature verified (P-256); the file key unwrapped from the header (X-Wing from its seed, HPKE, the header's MAC); the file key
 * encrypted to the transport key (X-Wing, HPKE); the response signed (P-256). The log's signature is left out: one is made for all
 * releases that wait for the disk together.
 */
final class VaultFloor {
    private static final String ALGORITHM = "SHA256withECDSAinP1363Format";

    /** About as long as what is signed. */
    private static final int EVIDENCE_BYTES = 500;
    private static final int RESPONSE_BYTES = 2000;
    private static final int INFO_BYTES = 200;

    private final SecureRandom random = new SecureRandom();
    private final KeyPair keys;
    private final byte[] evidence = new byte[EVIDENCE_BYTES];
    private final byte[] response = new byte[RESPONSE_BYTES];
    private final byte[] info = new byte[INFO_BYTES];
    private final byte[] signature;
    private final Identity identity = Identity.generate(random);
    private final byte[] header;
    private final Bytes transportKey;

    VaultFloor() throws GeneralSecurityException, IOException {
        KeyPairGenerator curves = KeyPairGenerator.getInstance("EC");
        curves.initialize(new ECGenParameterSpec("secp256r1"));
        this.keys = curves.generateKeyPair();
        this.signature = sign(evidence);
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        SealedFile.seal(new ByteArrayInputStream(new byte[1]), sealed, List.of(identity.recipient()), random);
        this.header = sealed.toByteArray();
        try (TransportKey key = TransportKey.generate(random)) {
            this.transportKey = key.publicKey();
        }
    }

    private byte[] sign(byte[] bytes) throws GeneralSecurityException {
        Signature signer = Signature.getInstance(ALGORITHM);
        signer.initSign(keys.getPrivate());
        signer.update(bytes);
        return signer.sign();
    }

    /** Does what one release needs. Safe for use by several threads. */
    void once() throws GeneralSecurityException, IOException {
        Signature verifier = Signature.getInstance(ALGORITHM);
        verifier.initVerify(keys.getPublic());
        verifier.update(evidence);
        if (!verifier.verify(signature)) {
            throw new IllegalStateException("a good signature was found wrong");
        }
        try (FileKey key = SealedFile.unwrap(new ByteArrayInputStream(header), List.of(identity))) {
            TransportKey.encrypt(transportKey, info, key, random);
        }
        sign(response);
    }
}
