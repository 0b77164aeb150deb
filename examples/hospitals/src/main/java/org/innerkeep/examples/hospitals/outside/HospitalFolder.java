package org.innerkeep.examples.hospitals.outside;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
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
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.Recipient;
import org.innerkeep.channel.release.VaultLocation;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.examples.hospitals.OwnersVault;

/** What one hospital keeps: the key that it signs with, the identity of its files, its releases and vouches, its results. */
record HospitalFolder(Path folder) {
    private static final String OWNER_KEY = "owner.key";
    private static final String OWNER_PUBLIC = "owner.pub";
    private static final String IDENTITY = "identity.age";
    private static final String RELEASES = "releases.txt";
    private static final String VOUCHES = "vouches.txt";
    private static final String RESULT = "result";
    private static final String KEPT_RESULT = "result.cbor";
    private static final String KEPT_STATEMENT = "result.statement";
    private static final String KEPT_MODEL = "result.model";

    /** A result as it was opened, the statement about it, and its model in a file of its own for whoever uses it. */
    record Kept(byte[] result, byte[] statement, byte[] model) {}

    /** What the statement about a job's result must repeat. */
    record Released(Bytes jobDigest, Bytes nonce, Bytes inputDigest) {}

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

    /**
     * Keeps a release before it is sent. Earlier ones stay: if this process or its connection ends before the answer, it is not
     * known which of them the enclave took.
     */
    void remember(Released released) throws IOException {
        List<String> lines = new ArrayList<>(lines());
        lines.add(released.jobDigest() + " " + released.nonce() + " " + released.inputDigest());
        Durable.replace(folder.resolve(RELEASES), (String.join("\n", lines) + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Everything released to a job. */
    List<Released> released(Bytes jobDigest) throws IOException {
        List<Released> found = new ArrayList<>();
        for (String line : lines()) {
            String[] parts = line.split(" ", 3);
            Released released =
                    new Released(Bytes.fromHex(parts[0]), Bytes.fromHex(parts[1]), Bytes.fromHex(parts[2]));
            if (released.jobDigest().equals(jobDigest)) {
                found.add(released);
            }
        }
        return found;
    }

    private List<String> lines() throws IOException {
        return lines(RELEASES);
    }

    private List<String> lines(String name) throws IOException {
        Path file = folder.resolve(name);
        return Files.exists(file) ? Files.readAllLines(file, StandardCharsets.US_ASCII) : List.of();
    }

    /** Keeps what this hospital vouches for, as the last, before the signature leaves. */
    void remember(OwnersVault vault) throws IOException {
        String line = vault.location() + " " + vault.key() + " " + vault.file();
        List<String> lines = new ArrayList<>(lines(VOUCHES));
        lines.remove(line);
        lines.add(line);
        Durable.replace(folder.resolve(VOUCHES), (String.join("\n", lines) + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Everything that this hospital ever vouched for, the last one last. */
    List<OwnersVault> vouched() throws IOException {
        List<OwnersVault> found = new ArrayList<>();
        for (String line : lines(VOUCHES)) {
            String[] parts = line.split(" ", 3);
            found.add(new OwnersVault(VaultLocation.of(URI.create(parts[0])), parts[1], Bytes.fromHex(parts[2])));
        }
        return found;
    }

    /** Keeps a result that was checked, in place of an earlier one, in one step. */
    void keep(byte[] result, byte[] statement, byte[] model) throws IOException {
        Durable.replaceAll(
                folder.resolve(RESULT), Map.of(KEPT_RESULT, result, KEPT_STATEMENT, statement, KEPT_MODEL, model));
    }

    /** The result that was kept last. */
    Kept kept() throws IOException {
        // The link is followed once, so that all three are of one result.
        Path kept = folder.resolve(RESULT).toRealPath();
        return new Kept(
                Files.readAllBytes(kept.resolve(KEPT_RESULT)),
                Files.readAllBytes(kept.resolve(KEPT_STATEMENT)),
                Files.readAllBytes(kept.resolve(KEPT_MODEL)));
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
