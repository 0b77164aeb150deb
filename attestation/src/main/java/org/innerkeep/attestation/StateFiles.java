package org.innerkeep.attestation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.token.SelfSigned;

/** The files that a service makes for itself, in a folder that only its owner can enter. What is there already is used as it is. */
final class StateFiles {
    private static final int ADMIN_KEY_BYTES = 32;
    private static final Duration TRIAL = Duration.ofDays(90);
    private static final Duration SPARE = Duration.ofDays(1);

    private final Path folder;

    /**
     * A server's TLS.
     *
     * @param context for it
     * @param trialCertificate the file with its certificate, where it was generated
     */
    record Tls(SSLContext context, Optional<Path> trialCertificate) {}

    StateFiles(Path folder) throws IOException {
        this.folder = folder;
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    /** {@return the file, whose folder is there} */
    Path inFolder(Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new IOException(file + ": its folder does not exist");
        }
        return file;
    }

    LogKey logKey(Path file) throws IOException {
        if (!Files.exists(inFolder(file))) {
            LogKey.generate().write(file);
        }
        return LogKey.read(file);
    }

    Path adminKey(SecureRandom random) throws IOException {
        Path file = folder.resolve("admin.key");
        if (!Files.exists(file)) {
            byte[] key = new byte[ADMIN_KEY_BYTES];
            random.nextBytes(key);
            write(file, Base64Text.url(key) + "\n");
        }
        return file;
    }

    /** The certificate of a trial, for this machine alone; made anew when it is about to end. */
    Tls trialTls(Instant now, SecureRandom random) throws IOException {
        Path certificateFile = folder.resolve("trial-tls.pem");
        Path keyFile = folder.resolve("trial-tls.key");
        if (!Files.exists(keyFile) || !Files.exists(certificateFile) || ends(certificateFile, now)) {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
                generator.initialize(new ECGenParameterSpec("secp256r1"), random);
                KeyPair pair = generator.generateKeyPair();
                X509Certificate certificate = SelfSigned.ofTrial(
                        pair, List.of("localhost", "127.0.0.1", "::1"), now, now.plus(TRIAL), random);
                Files.deleteIfExists(keyFile);
                Files.deleteIfExists(certificateFile);
                write(keyFile, Pem.block("PRIVATE KEY", pair.getPrivate().getEncoded()));
                write(certificateFile, Pem.block("CERTIFICATE", certificate.getEncoded()));
            } catch (GeneralSecurityException e) {
                throw new IOException("the certificate of a trial cannot be made", e);
            }
        }
        return new Tls(
                Pem.serverContext(Pem.certificates(certificateFile), Pem.privateKey(keyFile)), Optional.of(certificateFile));
    }

    private static boolean ends(Path certificateFile, Instant now) throws IOException {
        return Pem.certificates(certificateFile).getFirst().getNotAfter().toInstant().isBefore(now.plus(SPARE));
    }

    private static void write(Path file, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer bytes = StandardCharsets.US_ASCII.encode(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }
}
