package org.innerkeep.bundle;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.innerkeep.bundle.Samples.assertRefused;
import static org.innerkeep.bundle.Samples.bytes;
import static org.innerkeep.bundle.Samples.classFile;
import static org.innerkeep.bundle.Samples.fraud;
import static org.innerkeep.bundle.Samples.jar;
import static org.innerkeep.bundle.Samples.programJar;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.SignatureException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarInputStream;
import java.util.stream.Stream;
import org.innerkeep.bundle.BundleException.Code;
import org.innerkeep.bundle.OfferedInterface.Side;
import org.innerkeep.bundle.SignerKey.Algorithm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackerTest {
    private static final String SO = "lib/linux/x86_64/libboost4j.so";
    private static final byte[] SO_BYTES = Samples.ELF;

    private final SigningKey key = SigningKey.generate(Algorithm.ED25519);

    @TempDir
    Path dir;

    /** Laid out like a machine learning library's jar: one native library for each platform. */
    private Path boostJar(Path file) throws IOException {
        return jar(file, boostEntries());
    }

    private static Map<String, byte[]> boostEntries() {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("META-INF/", new byte[0]);
        entries.put("META-INF/MANIFEST.MF", bytes("Manifest-Version: 1.0\r\n\r\n"));
        entries.put("ml/boost/Booster.class", classFile(52, "booster"));
        entries.put("lib/linux/x86_64/", new byte[0]);
        entries.put(SO, SO_BYTES);
        entries.put("lib/linux/aarch64/libboost4j.so", bytes("for another processor"));
        entries.put("lib/macos/x86_64/libboost4j.dylib", bytes("for a Mac"));
        entries.put("lib/windows/x86_64/boost4j.DLL", bytes("for Windows"));
        entries.put("ml/boost/version.properties", bytes("version=3\n"));
        return entries;
    }

    private Packer.Builder boost(Path boostJar) throws IOException {
        return fraud()
                .jar(programJar(dir.resolve("program.jar")))
                .jar(boostJar, "boost.jar")
                .nativeLibrary("linux-x86_64", SO)
                .dropNative("lib/linux/aarch64/libboost4j.so")
                .dropNative("lib/macos/")
                .dropNative("lib/windows/");
    }

    private Bundle packAndUnpack(Packer packer, Path folder) throws Exception {
        Path file = dir.resolve("x.enclave");
        packer.write(file, key);
        try (InputStream in = Files.newInputStream(file)) {
            return Bundle.unpack(in, folder, 1 << 20);
        }
    }

    @Test
    void packsWhatUnpackGives() throws Exception {
        Path program = programJar(dir.resolve("program.jar"));
        Path library = jar(dir.resolve("library.jar"), Map.of("a/B.class", classFile(69, "b")));
        Path so = Files.write(dir.resolve("libz.so.1"), Samples.ELF);
        Packer packer = Packer.builder("fraud", Samples.PROGRAM)
                .product(7)
                .svn(3)
                .heapBytes(128 << 20)
                .threads(4)
                .debug(true)
                .javaModule("java.logging")
                .offers(Side.HOST, "com.acme.Store", Digest.sha256(bytes("store")))
                .offers(Side.CLIENT, "com.acme.Scoring", Digest.sha256(bytes("scoring")))
                .jar(program)
                .jar(library)
                .nativeFile("linux-x86_64", so)
                .build();
        Path target = dir.resolve("target");
        Bundle bundle = packAndUnpack(packer, target);

        assertThat(bundle.manifest())
                .isEqualTo(packer.manifest())
                .isEqualTo(new Manifest(
                        "fraud", 7, 3, Samples.PROGRAM, 128 << 20, 4, true, true, List.of(), 25, List.of("java.base", "java.logging"),
                        List.of(
                                new OfferedInterface(Side.CLIENT, "com.acme.Scoring", Digest.sha256(bytes("scoring"))),
                                new OfferedInterface(Side.HOST, "com.acme.Store", Digest.sha256(bytes("store")))),
                        List.of(
                                Samples.file("lib/library.jar", Files.readAllBytes(library)),
                                Samples.file("lib/program.jar", Files.readAllBytes(program)),
                                Samples.file("native/linux-x86_64/libz.so.1", Samples.ELF))));
        assertThat(bundle.signer()).isEqualTo(key.publicKey());
        assertThat(target.resolve("lib/program.jar")).hasSameBinaryContentAs(program);
    }

    @Test
    void sameInputsElsewhereGiveTheSameDigest() throws Exception {
        Path one = dir.resolve("one");
        Path other = dir.resolve("far/away/other");
        Packer first = Packer.builder("fraud", Samples.PROGRAM)
                .jar(programJar(one.resolve("program.jar")))
                .jar(boostJar(one.resolve("boost.jar")))
                .nativeLibrary("linux-x86_64", SO)
                .dropNative("lib/macos/")
                .dropNative("lib/windows/")
                .dropNative("lib/linux/aarch64/")
                .javaModule("java.sql")
                .javaModule("java.logging")
                .build();

        // The jar with native code was even built at another time and in another order, by a machine in another time zone.
        Map<String, byte[]> shuffled = new LinkedHashMap<>();
        List<String> names = List.copyOf(boostEntries().keySet());
        for (String name : names.reversed()) {
            shuffled.put(name, boostEntries().get(name));
        }
        TimeZone home = TimeZone.getDefault();
        Digest digest;
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Kiritimati"));
            Files.createDirectories(other);
            Path program = Files.copy(one.resolve("program.jar"), other.resolve("program.jar"));
            Files.setLastModifiedTime(program, FileTime.fromMillis(1));
            Packer second = Packer.builder("fraud", Samples.PROGRAM)
                    .dropNative("lib/linux/aarch64/libboost4j.so")
                    .dropNative("lib/windows/x86_64/")
                    .dropNative("lib/macos/x86_64/libboost4j.dylib")
                    .javaModule("java.logging")
                    .javaModule("java.base")
                    .javaModule("java.sql")
                    .jar(jar(other.resolve("boost.jar"), shuffled, 1_000_000_000_000L))
                    .jar(program)
                    .nativeLibrary("linux-x86_64", SO)
                    .build();
            digest = second.manifest().digest();
        } finally {
            TimeZone.setDefault(home);
        }
        assertThat(digest).isEqualTo(first.manifest().digest());
    }

    @Test
    void aBillOfMaterialsIsPartOfTheDigestButOfNoClassPath() throws Exception {
        Path program = programJar(dir.resolve("program.jar"));
        Path sbom = Files.writeString(dir.resolve("made.json"), "{}");
        Packer packer = fraud().jar(program).sbom(sbom).build();
        Path target = dir.resolve("target");
        Bundle bundle = packAndUnpack(packer, target);

        assertThat(bundle.digest()).isNotEqualTo(fraud().jar(program).build().manifest().digest());
        assertThat(target.resolve(Bundle.SBOM)).hasContent("{}");
        assertThat(bundle.manifest().files().stream().filter(BundleFile::isJar).map(BundleFile::path)).containsExactly("lib/program.jar");
    }

    @Test
    void refusesABillOfMaterialsThatReadersWouldNotKeep() throws Exception {
        Path program = programJar(dir.resolve("program.jar"));
        Path large = dir.resolve("large.json");
        try (var file = new java.io.RandomAccessFile(large.toFile(), "rw")) {
            file.setLength(BundleFile.MAX_META_BYTES + 1);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fraud().jar(program).sbom(large).build())
                .withMessageContaining("meta/sbom.cdx.json")
                .withMessageContaining("16777216");
    }

    /** Known answer: fails if a JDK, a zlib or a change here makes other bytes of the same input. */
    @Test
    void strippedJarIsTheSameOnEveryMachine() throws Exception {
        Packer packer = boost(boostJar(dir.resolve("boost.jar"))).build();
        BundleFile stripped = packer.manifest().files().getFirst();
        assertThat(stripped.path()).isEqualTo("lib/boost.jar");
        assertThat(stripped.digest()).hasToString("e0cd7ebf1619fb5915b389f3f6b6323eb460c324935c108916f599421a25c779");
    }

    @Test
    void eachSettingChangesTheDigest() throws Exception {
        Path program = programJar(dir.resolve("program.jar"));
        Digest schema = Digest.sha256();
        List<Packer.Builder> variants = List.of(
                fraud(),
                fraud().product(8),
                fraud().svn(4),
                fraud().heapBytes(16 << 20),
                fraud().threads(1),
                fraud().debug(true),
                fraud().javaRelease(26),
                fraud().javaModule("java.sql"),
                fraud().offers(Side.CLIENT, "a.B", schema),
                fraud().offers(Side.HOST, "a.B", schema),
                fraud().offers(Side.CLIENT, "a.B", Digest.sha256(new byte[1])),
                fraud().nativeFile("linux-x86_64", Files.write(dir.resolve("x.so"), Samples.ELF)),
                Packer.builder("frauds", Samples.PROGRAM));
        assertThat(variants.stream().map(variant -> {
                    try {
                        return variant.jar(program).build().manifest().digest();
                    } catch (IOException | BundleException e) {
                        throw new AssertionError(e);
                    }
                }))
                .doesNotHaveDuplicates();
    }

    @Test
    void takesNativeCodeOutOfJars() throws Exception {
        Path target = dir.resolve("target");
        Bundle bundle = packAndUnpack(boost(boostJar(dir.resolve("boost.jar"))).build(), target);

        assertThat(bundle.manifest().files().stream().map(BundleFile::path))
                .containsExactly("lib/boost.jar", "lib/program.jar", "native/linux-x86_64/libboost4j.so");
        assertThat(target.resolve("native/linux-x86_64/libboost4j.so")).hasBinaryContent(SO_BYTES);
        try (JarFile stripped = new JarFile(target.resolve("lib/boost.jar").toFile())) {
            assertThat(stripped.stream().map(JarEntry::getName))
                    .containsExactly(
                            "META-INF/MANIFEST.MF",
                            "META-INF/",
                            "lib/linux/x86_64/",
                            "ml/boost/Booster.class",
                            "ml/boost/version.properties");
            assertThat(stripped.getInputStream(stripped.getEntry("ml/boost/Booster.class")).readAllBytes())
                    .isEqualTo(classFile(52, "booster"));
            assertThat(stripped.stream().map(JarEntry::getExtra)).containsOnlyNulls();
        }
        try (JarInputStream in = new JarInputStream(Files.newInputStream(target.resolve("lib/boost.jar")))) {
            assertThat(in.getManifest()).isNotNull();
        }
    }

    @Test
    void refusesUndeclaredNativeCodeAndSaysWhatToDeclare() throws Exception {
        Packer.Builder builder = fraud()
                .jar(programJar(dir.resolve("program.jar")))
                .jar(boostJar(dir.resolve("boost.jar")))
                .nativeLibrary("linux-x86_64", SO)
                .dropNative("lib/windows/");
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(builder::build)
                .satisfies(e -> assertThat(e.code()).isEqualTo(Code.NATIVE_CODE_UNDECLARED))
                .withMessage("lib/boost.jar: expected all native code in it to be declared, found lib/linux/aarch64/libboost4j.so,"
                        + " lib/macos/x86_64/libboost4j.dylib; declare each as a native library of a platform (such as linux-x86_64),"
                        + " or drop it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x.so", "a/x.so.1.2", "x.DLL", "x.dylib", "x.jnilib"})
    void findsNativeCodeByName(String entry) throws Exception {
        assertRefused(Code.NATIVE_CODE_UNDECLARED, () -> programWith(entry, bytes("?")).build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"7f454c4602010100", "cffaedfe07000001", "cefaedfe07000000", "cafebabe00000002"})
    void findsNativeCodeByContent(String head) throws Exception {
        assertRefused(
                Code.NATIVE_CODE_UNDECLARED, () -> programWith("data.bin", HexFormat.of().parseHex(head)).build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"also.txt", "x.sox", "so", "dll.properties", "A.class"})
    void takesNothingElseForNativeCode(String entry) throws Exception {
        assertThat(programWith(entry, classFile(45, "a class may have another name")).build().manifest().files()).hasSize(1);
    }

    private Packer.Builder programWith(String entry, byte[] content) throws IOException {
        return fraud().jar(jar(
                dir.resolve("program.jar"), Map.of("com/acme/FraudEnclave.class", classFile(69, "program"), entry, content)));
    }

    @Test
    void refusesDeclarationsThatMatchNothing() throws Exception {
        for (Packer.Builder builder : List.of(
                fraud().nativeLibrary("linux-x86_64", "lib/linux/x86_64/libboots4j.so"), fraud().dropNative("lib/solaris/"))) {
            assertRefused(Code.DECLARATION_UNUSED, () -> builder.jar(programJar(dir.resolve("program.jar"))).build());
        }
    }

    @Test
    void refusesTwoInputsOfOneName() throws Exception {
        Path program = programJar(dir.resolve("program.jar"));
        Path other = programJar(dir.resolve("other/program.jar"));
        Path upper = programJar(dir.resolve("other/PROGRAM.jar"));
        assertRefused(Code.NAME_CLASH, () -> fraud().jar(program).jar(other).build());
        assertRefused(Code.NAME_CLASH, () -> fraud().jar(program).jar(upper).build());
        assertThat(fraud().jar(program).jar(other, "other.jar").build().manifest().files()).hasSize(2);
    }

    @Test
    void refusesOneNativeNameFromTwoJars() throws Exception {
        Packer.Builder builder = boost(boostJar(dir.resolve("boost.jar"))).jar(boostJar(dir.resolve("boost2.jar")));
        assertRefused(Code.NAME_CLASH, builder::build);
    }

    @Test
    void refusesProgramThatNoJarHolds() throws Exception {
        Path program = programJar(dir.resolve("program.jar"));
        assertRefused(Code.PROGRAM_MISSING, () -> Packer.builder("fraud", "com.acme.Missing").jar(program).build());
        assertRefused(Code.PROGRAM_MISSING, () -> fraud().build());
    }

    @Test
    void refusesJarThatWouldLoadCodeFromOutside() throws Exception {
        for (String classPath : List.of(
                "/tmp/evil.jar", "../evil.jar", "library.jar evil.jar", "file:/tmp/evil.jar", "./library.jar", "classes/")) {
            assertThatExceptionOfType(BundleException.class)
                    .isThrownBy(() -> withClassPath(classPath).build())
                    .satisfies(e -> assertThat(e.code()).isEqualTo(Code.JAR_LOADS_FOREIGN_CODE));
        }
        assertThat(withClassPath("library.jar program.jar").build().manifest().files()).hasSize(2);
    }

    private Packer.Builder withClassPath(String classPath) throws IOException {
        return fraud()
                .jar(programJar(dir.resolve("program.jar")))
                .jar(jar(
                        dir.resolve("library.jar"),
                        Map.of("META-INF/MANIFEST.MF", bytes("Manifest-Version: 1.0\r\nClass-Path: " + classPath + "\r\n\r\n"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/../../x", "/x", "a\\..\\x", "./x", "a/.."})
    void refusesJarsWithUnsafeNames(String entry) throws Exception {
        assertRefused(Code.JAR_INVALID, () -> programWith(entry, bytes("x")).build());
    }

    @Test
    void refusesJarsWithTwoEntriesOfOneName() throws Exception {
        Path file = dir.resolve("program.jar");
        programWith("com/acme/FraudEnclavX.class", bytes("x"));
        byte[] zip = Files.readAllBytes(file);
        for (int i = 0; i + 11 < zip.length; i++) {
            if (new String(zip, i, 12, ISO_8859_1).equals("FraudEnclavX")) {
                zip[i + 11] = 'e';
            }
        }
        Files.write(file, zip);
        assertRefused(Code.JAR_INVALID, () -> fraud().jar(file).build());
    }

    @Test
    void refusesWhatIsNoJar() throws Exception {
        Path file = Files.writeString(dir.resolve("program.jar"), "not a jar");
        assertRefused(Code.JAR_INVALID, () -> fraud().jar(file).build());
    }

    @Test
    void refusesJarWhoseDirectoryLiesAboutSizes() throws Exception {
        Path file = boostJar(dir.resolve("boost.jar"));
        byte[] zip = Files.readAllBytes(file);
        int at = indexOf(zip, "PK\1\2");
        while (!new String(zip, at + 46, SO.length(), ISO_8859_1).equals(SO)) {
            at = at + 4 + indexOf(Arrays.copyOfRange(zip, at + 4, zip.length), "PK\1\2");
        }
        for (int wrong : new int[] {SO_BYTES.length - 1, SO_BYTES.length + 1}) {
            zip[at + 24] = (byte) wrong;
            Files.write(file, zip);
            assertRefused(Code.JAR_INVALID, () -> boost(file).build());
        }
        zip[at + 27] = (byte) 0xff;
        zip[at + 24] = zip[at + 25] = zip[at + 26] = (byte) 0xfe;
        Files.write(file, zip);
        assertRefused(Code.JAR_INVALID, () -> boost(file).build());
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, ISO_8859_1).indexOf(text);
    }

    @Test
    void refusesNamesThatABundleCannotHave() throws Exception {
        Path program = programJar(dir.resolve("my program.jar"));
        assertThatIllegalArgumentException().isThrownBy(() -> fraud().jar(program).build()).withMessageContaining("my program.jar");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> boost(boostJar(dir.resolve("boost.jar"))).nativeFile("linux", dir.resolve("program.jar")).build());
    }

    @Test
    void keyElsewhereSignsInTwoSteps() throws Exception {
        Packer packer = fraud().jar(programJar(dir.resolve("program.jar"))).build();
        byte[] signature = SigningKey.generate(Algorithm.P256).sign(packer.toBeSigned());
        SigningKey module = SigningKey.generate(Algorithm.P256);
        Path file = dir.resolve("x.enclave");

        assertRefused(Code.SIGNATURE_INVALID, () -> packer.write(file, module.publicKey(), signature));
        assertThat(file).doesNotExist();

        packer.write(file, module.publicKey(), module.sign(packer.toBeSigned()));
        try (InputStream in = Files.newInputStream(file)) {
            assertThat(Bundle.inspect(in).signer()).isEqualTo(module.publicKey());
        }
    }

    @Test
    void failingSignerLeavesTheOldBundle() throws Exception {
        Packer packer = fraud().jar(programJar(dir.resolve("program.jar"))).build();
        Path file = Files.writeString(dir.resolve("x.enclave"), "the bundle before");
        BundleSigner failing = new BundleSigner() {
            @Override
            public SignerKey publicKey() {
                return key.publicKey();
            }

            @Override
            public byte[] sign(byte[] toBeSigned) throws GeneralSecurityException {
                throw new SignatureException("token removed");
            }
        };
        assertThatExceptionOfType(SignatureException.class).isThrownBy(() -> packer.write(file, failing));
        assertThat(file).hasContent("the bundle before");
    }

    @Test
    void refusesInputThatChangedSinceItWasMeasured() throws Exception {
        Path program = programJar(dir.resolve("program.jar"));
        Packer packer = fraud().jar(program).build();
        Path file = Files.writeString(dir.resolve("x.enclave"), "the bundle before");
        jar(program, Map.of("com/acme/FraudEnclave.class", classFile(69, "changed")));

        assertRefused(Code.INPUT_CHANGED, () -> packer.write(file, key));
        assertThat(file).hasContent("the bundle before");
        try (Stream<Path> left = Files.list(dir)) {
            assertThat(left).containsExactlyInAnyOrder(program, file);
        }
    }

    @Test
    void replacesABundleAsAWhole() throws Exception {
        Packer packer = fraud().jar(programJar(dir.resolve("program.jar"))).build();
        Path file = Files.writeString(dir.resolve("x.enclave"), "the bundle before");
        packer.write(file, key);
        try (InputStream in = Files.newInputStream(file)) {
            assertThat(Bundle.inspect(in).manifest()).isEqualTo(packer.manifest());
        }
    }
}
