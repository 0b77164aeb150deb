package org.innerkeep.channel.file;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serial;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;

/** Repeatable keys, plaintexts and sealed files. */
final class Samples {
    private Samples() {}

    /** Random bytes that are the same in every run; for tests only. */
    static SecureRandom random(long seed) {
        return new SecureRandom() {
            @Serial
            private static final long serialVersionUID = 1L;

            private final Random random = new Random(seed);

            @Override
            public void nextBytes(byte[] bytes) {
                random.nextBytes(bytes);
            }
        };
    }

    /** Of the kind that is made by default. */
    static Identity identity(long seed) {
        return Identity.generate(random(seed));
    }

    static Identity identity(KeyKind kind, long seed) {
        return Identity.generate(kind, random(seed));
    }

    static byte[] plaintext(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    static byte[] seal(byte[] plaintext, Identity... to) {
        return seal(plaintext, 7, to);
    }

    static byte[] seal(byte[] plaintext, long seed, Identity... to) {
        List<Recipient> recipients = new ArrayList<>();
        for (Identity identity : to) {
            recipients.add(identity.recipient());
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (OutputStream out = SealedFile.seal(file, recipients, random(seed))) {
            out.write(plaintext);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file.toByteArray();
    }

    static byte[] unseal(byte[] file, Identity... identities) throws IOException {
        try (InputStream in = SealedFile.unseal(new ByteArrayInputStream(file), List.of(identities))) {
            return in.readAllBytes();
        }
    }

    static FileKey unwrap(byte[] file, Identity... identities) throws IOException {
        return SealedFile.unwrap(new ByteArrayInputStream(file), List.of(identities));
    }

    static byte[] open(byte[] file, FileKey key) throws IOException {
        try (InputStream in = SealedFile.open(new ByteArrayInputStream(file), key)) {
            return in.readAllBytes();
        }
    }

    static int headerLength(byte[] file) throws IOException {
        return Header.read(new ByteArrayInputStream(file)).write().length;
    }

    /** The folder of published vectors beside the project; a test without them is skipped and says so. */
    static Path standards(String folder) {
        Optional<Path> shared = Optional.ofNullable(System.getenv("INNERKEEP_SHARED")).map(Path::of)
            .or(() -> Optional.ofNullable(System.getProperty("innerkeep.root")).map(root -> Path.of(root, "..", "shared")));
        Path path = shared.orElse(Path.of("..", "..", "shared")).resolve("standards").resolve(folder);
        if (!Files.isDirectory(path)) {
            Assumptions.abort(path + " is missing: the published vectors are not checked");
        }
        return path;
    }
}
