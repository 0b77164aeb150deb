package org.innerkeep.cli.vault;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.innerkeep.bundle.Packer;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;

/** Versions of one enclave, as its developer publishes them: the program is the same, its notes tell them apart. */
final class StudyBundles {
    static final long PRODUCT = 7;

    private final Path folder;
    private final SigningKey developer = SigningKey.generate(SignerKey.Algorithm.P256);

    StudyBundles(Path folder) {
        this.folder = folder;
    }

    /** What one is. */
    record Kind(long svn, boolean debug, SigningKey signer, long product) {}

    SigningKey developer() {
        return developer;
    }

    String signer() {
        return developer.publicKey().id().toString();
    }

    Path version(long svn) throws Exception {
        return bundle("study-" + svn, new Kind(svn, false, developer, PRODUCT));
    }

    Path bundle(String name, Kind kind) throws Exception {
        Path jar = jar(name);
        Path file = folder.resolve(name + ".enclave");
        Packer.builder("study", ReaderEnclave.class.getName())
                .product(kind.product())
                .svn(kind.svn())
                .heapBytes((64L + kind.svn()) << 20)
                .debug(kind.debug())
                .jar(jar, "study.jar")
                .build()
                .write(file, kind.signer());
        return file;
    }

    private Path jar(String notes) throws IOException {
        Path file = folder.resolve(notes + ".jar");
        String program = ReaderEnclave.class.getName().replace('.', '/') + ".class";
        try (OutputStream to = Files.newOutputStream(file);
                JarOutputStream out = new JarOutputStream(to);
                InputStream code = StudyBundles.class.getClassLoader().getResourceAsStream(program)) {
            out.putNextEntry(entry(program));
            Objects.requireNonNull(code).transferTo(out);
            out.closeEntry();
            out.putNextEntry(entry("notes.txt"));
            out.write(notes.getBytes(StandardCharsets.UTF_8));
            out.closeEntry();
        }
        return file;
    }

    private static JarEntry entry(String name) {
        JarEntry entry = new JarEntry(name);
        entry.setTimeLocal(LocalDateTime.of(2026, 1, 1, 0, 0));
        return entry;
    }
}
