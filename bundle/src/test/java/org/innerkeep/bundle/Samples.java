package org.innerkeep.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Jars, keys and small bundles for tests. */
final class Samples {
    static final String PROGRAM = "com.acme.FraudEnclave";
    static final byte[] ELF = {0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 9, 9, 9, 9};

    private Samples() {}

    /** Writes a jar with these entries in the map's order, all changed at this time. */
    static Path jar(Path file, Map<String, byte[]> entries, long modifiedMillis) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                ZipEntry header = new ZipEntry(entry.getKey());
                header.setTime(modifiedMillis);
                zip.putNextEntry(header);
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        }
        Files.setLastModifiedTime(file, FileTime.fromMillis(modifiedMillis));
        return file;
    }

    static Path jar(Path file, Map<String, byte[]> entries) throws IOException {
        return jar(file, entries, 1_700_000_000_000L);
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    /** What a class file begins with, and something more. */
    static byte[] classFile(int version, String rest) {
        byte[] tail = bytes(rest);
        byte[] file = new byte[8 + tail.length];
        file[0] = (byte) 0xca;
        file[1] = (byte) 0xfe;
        file[2] = (byte) 0xba;
        file[3] = (byte) 0xbe;
        file[7] = (byte) version;
        System.arraycopy(tail, 0, file, 8, tail.length);
        return file;
    }

    static Path programJar(Path file) throws IOException {
        return jar(file, Map.of("com/acme/FraudEnclave.class", classFile(69, "program")));
    }

    static Packer.Builder fraud() {
        return Packer.builder("fraud", PROGRAM).product(7).svn(3);
    }

    /** A manifest of these files, with every kind of line. */
    static Manifest manifest(BundleFile... files) {
        return new Manifest(
                "fraud", 7, 3, PROGRAM, 64L << 20, 8, false, true, List.of(), 25, List.of("java.base", "java.logging"),
                List.of(
                        new OfferedInterface(OfferedInterface.Side.CLIENT, "com.acme.Scoring", Digest.sha256(bytes("scoring"))),
                        new OfferedInterface(OfferedInterface.Side.HOST, "com.acme.Store", Digest.sha256(bytes("store")))),
                List.of(files));
    }

    static BundleFile file(String path, byte[] content) {
        return new BundleFile(path, content.length, Digest.sha256(content));
    }

    /** Three small files, one of them empty. */
    static final Map<String, byte[]> CONTENTS = Map.of(
            "lib/a.jar", bytes("first jar"),
            "lib/b.jar", bytes(""),
            "native/linux-x86_64/libx.so", bytes("machine code"));

    static Manifest smallManifest() {
        return manifest(CONTENTS.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> file(entry.getKey(), entry.getValue()))
                .toArray(BundleFile[]::new));
    }

    /** A correct small bundle. */
    static byte[] smallBundle(SigningKey key) {
        return signed(smallManifest(), key, contents());
    }

    static byte[] contents() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        CONTENTS.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(entry -> all.writeBytes(entry.getValue()));
        return all.toByteArray();
    }

    /** Any content after a correctly signed manifest. */
    static byte[] signed(Manifest manifest, SigningKey key, byte[] contents) {
        return signed(manifest.toBytes(), key, contents);
    }

    static byte[] signed(byte[] manifest, SigningKey key, byte[] contents) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            BundleReader.writeHeader(out, manifest, key.publicKey(), key.sign(BundleReader.toBeSigned(manifest)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        out.writeBytes(contents);
        return out.toByteArray();
    }

    static Bundle inspect(byte[] bundle) throws BundleException {
        try {
            return Bundle.inspect(new ByteArrayInputStream(bundle));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void assertRefused(BundleException.Code code, ThrowingCallable call) {
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
    }
}
