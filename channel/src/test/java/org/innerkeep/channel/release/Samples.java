package org.innerkeep.channel.release;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.innerkeep.channel.file.FileKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.cose.P256PublicKey;

/** A vault's key, a sealed file and its file key, and one of each form. */
final class Samples {
    static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    static final SecureRandom RANDOM = new SecureRandom();
    static final KeyPair VAULT_KEY = newKey();
    static final P256PublicKey VAULT_PUBLIC = P256PublicKey.of(VAULT_KEY.getPublic());
    static final VaultAnchor VAULT = new VaultAnchor(VAULT_PUBLIC.spki());
    static final String ID = "0123456789abcdef0123456789abcdef";

    private Samples() {}

    static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static Bytes digest(String text) {
        return Bytes.sha256(text.getBytes(UTF_8));
    }

    static byte[] sealed(Identity identity) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SealedFile.seal(new ByteArrayInputStream("the patients".getBytes(UTF_8)), out, List.of(identity.recipient()), RANDOM);
        return out.toByteArray();
    }

    static Bytes header(byte[] sealed) throws IOException {
        return SealedFile.header(new ByteArrayInputStream(sealed));
    }

    static FileKey fileKey(byte[] sealed, Identity identity) throws IOException {
        return SealedFile.unwrap(new ByteArrayInputStream(sealed), List.of(identity));
    }

    static Challenge challenge() {
        return new Challenge(digest("nonce"), VAULT.id(), NOW, Duration.ofMinutes(2));
    }

    /** With a header that is none, for forms alone. */
    static ReleaseRequest request(Optional<Bytes> job) {
        try (TransportKey transport = TransportKey.generate(RANDOM)) {
            return new ReleaseRequest(digest("nonce"), VAULT.id(), "patients", digest("header"), transport.publicKey(), job);
        }
    }

    static ReleaseTerms terms(Bytes request) {
        return new ReleaseTerms(request, ID, ID, NOW, Optional.of(NOW.plusSeconds(900)), OptionalLong.of(4), 2);
    }

    static ReleaseResponse response(ReleaseTerms terms, Bytes transportKey, FileKey fileKey, KeyPair by) {
        return ReleaseResponse.make(
                terms, transportKey, fileKey, digest("receipt"), by.getPrivate(), P256PublicKey.of(by.getPublic()), RANDOM);
    }

    static SignedRecipient recipient(String key) {
        return SignedRecipient.make(key, "0".repeat(32), "age1recipient", NOW, VAULT_KEY.getPrivate(), VAULT_PUBLIC);
    }

    static ReleaseResponse response() {
        try (TransportKey transport = TransportKey.generate(RANDOM);
                FileKey fileKey = FileKey.fromSecretBytes(new byte[FileKey.LENGTH])) {
            return response(terms(digest("request")), transport.publicKey(), fileKey, VAULT_KEY);
        }
    }
}
