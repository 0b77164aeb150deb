package org.innerkeep.examples.hospitals.outside;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.Recipient;

/** What one hospital keeps: the key it signs with, the identity that its files are sealed to, its last release, its results. */
record HospitalFolder(Path folder) {
    private static final String OWNER_KEY = "owner.key";
    private static final String OWNER_PUBLIC = "owner.pub";
    private static final String IDENTITY = "identity.age";
    private static final String RELEASE = "release.txt";

    /** What the statement about the result must repeat. */
    record Released(byte[] nonce, byte[] inputDigest) {}

    void makeKeys(SecureRandom random) throws IOException, GeneralSecurityException {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        secret(OWNER_KEY, pair.getPrivate().getEncoded());
        Files.writeString(folder.resolve(OWNER_PUBLIC), Base64.getEncoder().encodeToString(pair.getPublic().getEncoded()));
        try (Identity identity = Identity.generate(random);
                OutputStream out = newSecret(IDENTITY)) {
            identity.writeFile(out, Instant.now());
        }
    }

    String ownerPublic() throws IOException {
        return Files.readString(folder.resolve(OWNER_PUBLIC)).strip();
    }

    byte[] sign(byte[] message) throws IOException, GeneralSecurityException {
        PrivateKey key = KeyFactory.getInstance("Ed25519")
                .generatePrivate(new PKCS8EncodedKeySpec(Files.readAllBytes(folder.resolve(OWNER_KEY))));
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(key);
        signature.update(message);
        return signature.sign();
    }

    List<Identity> identities() throws IOException {
        try (InputStream in = Files.newInputStream(folder.resolve(IDENTITY))) {
            return Identity.readFile(in);
        }
    }

    Recipient recipient() throws IOException {
        List<Identity> identities = identities();
        try {
            return identities.getFirst().recipient();
        } finally {
            identities.forEach(Identity::close);
        }
    }

    void remember(Released released) throws IOException {
        HexFormat hex = HexFormat.of();
        replace(
                RELEASE,
                (hex.formatHex(released.nonce()) + "\n" + hex.formatHex(released.inputDigest()) + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    Released released() throws IOException {
        List<String> lines = Files.readAllLines(folder.resolve(RELEASE));
        return new Released(HexFormat.of().parseHex(lines.get(0)), HexFormat.of().parseHex(lines.get(1)));
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    /** Writes beside, forces to the disk, renames: afterwards the old file is there or the new one, whole. */
    void replace(String name, byte[] content) throws IOException {
        Durable.replace(folder.resolve(name), content);
    }

    private void secret(String name, byte[] content) throws IOException {
        try (OutputStream out = newSecret(name)) {
            out.write(content);
        }
    }

    private OutputStream newSecret(String name) throws IOException {
        return Channels.newOutputStream(FileChannel.open(
                folder.resolve(name),
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
    }
}
