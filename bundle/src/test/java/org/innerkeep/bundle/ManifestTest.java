package org.innerkeep.bundle;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.innerkeep.bundle.Samples.assertRefused;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.booleans;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.longs;

import java.util.ArrayList;
import java.util.List;
import org.innerkeep.bundle.BundleException.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestTest {
    private static final Digest DIGEST = Digest.sha256();

    private static Manifest parse(String text) throws BundleException {
        return Manifest.parse(text.getBytes(US_ASCII));
    }

    private static String text() {
        return new String(Samples.smallManifest().toBytes(), US_ASCII);
    }

    /** The form of the bytes is a promise: a change of it changes every digest. The digests here are those of sha256sum. */
    @Test
    void writesTheDocumentedForm() {
        assertThat(text()).isEqualTo("""
                innerkeep bundle 1
                name fraud
                product 7
                svn 3
                program com.acme.FraudEnclave
                heap 67108864
                threads 8
                debug no
                java 25
                module java.base
                module java.logging
                interface client com.acme.Scoring 6c95538d8e8c70504d144272598e7682d7c215f8b0f7359261ba3d828c36ce49
                interface host com.acme.Store 824d80d71985f082a26997a8db88b5d1dd45b777d73585d03d236303e21bde97
                file ea29f3a138ac326c05d20637397e089aa28af508e216e2fd3c5148d06013207e 9 lib/a.jar
                file e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 0 lib/b.jar
                file 5ace2a28c6f40875ef2baac027d8b91a2f65701271c7b43ecbd467664dca9ef0 12 native/linux-x86_64/libx.so
                """);
    }

    @Test
    void readsWhatItWrites() throws Exception {
        Manifest manifest = Samples.smallManifest();
        assertThat(Manifest.parse(manifest.toBytes())).isEqualTo(manifest);
        assertThat(manifest.digest()).isEqualTo(Digest.sha256(manifest.toBytes()));
    }

    @Test
    void readsWhatItWritesForAllSettings() {
        qt().withFixedSeed(1)
                .forAll(
                        longs().between(0, Manifest.MAX_NUMBER),
                        longs().between(Manifest.MIN_HEAP_BYTES, Manifest.MAX_HEAP_BYTES),
                        integers().between(1, 65535),
                        booleans().all())
                .checkAssert((number, heap, threads, debug) -> {
                    Manifest manifest = new Manifest(
                            "e-" + number, number, Manifest.MAX_NUMBER - number, "a.B$" + threads, heap, threads, debug, true, List.of(),
                            25 + threads % 900, List.of("java.base"), List.of(),
                            List.of(new BundleFile("lib/" + number + ".jar", heap, DIGEST)));
                    try {
                        assertThat(Manifest.parse(manifest.toBytes())).isEqualTo(manifest);
                    } catch (BundleException e) {
                        throw new AssertionError(e);
                    }
                });
    }

    private static Manifest small(boolean secretHeap, String... demands) {
        Manifest small = Samples.smallManifest();
        return new Manifest(
                small.name(), small.productId(), small.svn(), small.program(), small.heapBytes(), small.threads(), small.debug(),
                secretHeap, List.of(demands), small.javaRelease(), small.javaModules(), small.interfaces(), small.files());
    }

    @Test
    void aChoiceOfMemoryAndWhatItDemandsStandBehindDebugAndTheDefaultsDoNot() throws Exception {
        Manifest ordinary = small(false, "landlock");
        Manifest demanding = small(true, "cgroup", "landlock", "namespaces", "seccomp", "secret-heap");

        assertThat(new String(ordinary.toBytes(), US_ASCII)).contains("debug no\nsecret-heap no\ndemands landlock\njava 25\n");
        assertThat(new String(demanding.toBytes(), US_ASCII)).contains("debug no\ndemands cgroup\n", "demands secret-heap\njava 25\n");
        for (Manifest each : List.of(ordinary, demanding, small(true), small(false))) {
            assertThat(Manifest.parse(each.toBytes())).isEqualTo(each);
        }
        assertThat(small(true)).isEqualTo(Samples.smallManifest());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "secret-heap yes",
        "secret-heap ",
        "secret-heap no\nsecret-heap no",
        "demands landlock\nsecret-heap no",
        "demands landlock\ndemands landlock",
        "demands seccomp\ndemands landlock",
        "demands apparmor",
        "demands secret-heap ",
        "demands landlock seccomp",
        "secret-heap no\ndemands secret-heap"
    })
    void refusesASecondWayToSayWhatConfinesAndContradictions(String lines) {
        assertRefused(Code.MALFORMED, () -> parse(text().replace("debug no\n", "debug no\n" + lines + "\n")));
    }

    @Test
    void largestManifestCanBeRead() throws Exception {
        List<String> modules = new ArrayList<>(List.of("java.base"));
        List<OfferedInterface> interfaces = new ArrayList<>();
        for (int i = 0; i < Manifest.MAX_MODULES - 1; i++) {
            modules.add(String.format("m%0" + (Manifest.MAX_MODULE_NAME_LENGTH - 1) + "d", i));
        }
        for (int i = 0; i < Manifest.MAX_INTERFACES; i++) {
            interfaces.add(new OfferedInterface(
                    OfferedInterface.Side.CLIENT, String.format("I%0" + (Manifest.MAX_CLASS_NAME_LENGTH - 1) + "d", i), DIGEST));
        }
        List<BundleFile> files = new ArrayList<>();
        for (int i = 0; i < Manifest.MAX_FILES; i++) {
            String path = String.format("lib/%0" + (BundleFile.MAX_PATH_LENGTH - "lib/.jar".length()) + "d.jar", i);
            files.add(new BundleFile(path, BundleFile.MAX_SIZE_BYTES, DIGEST));
        }
        Manifest largest = new Manifest(
                "n".repeat(64), Manifest.MAX_NUMBER, Manifest.MAX_NUMBER, "C".repeat(200), Manifest.MAX_HEAP_BYTES, 65535, false, true, List.of(), 999,
                modules, interfaces, files);
        assertThat(largest.toBytes().length).isLessThanOrEqualTo(Manifest.MAX_BYTES).isGreaterThan(900_000);
        assertThat(Manifest.parse(largest.toBytes())).isEqualTo(largest);
    }

    /** Each line: what is replaced once, by what. Every one of these would be a second way to write something, or nonsense. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, quoteCharacter = '`', value = {
        "name fraud|name Fraud",
        "name fraud|name ",
        "name fraud|name  fraud",
        "name fraud|name fraud ",
        "name fraud|Name fraud",
        "product 7|product 07",
        "product 7|product +7",
        "product 7|product -7",
        "product 7|product 4294967296",
        "product 7|product 99999999999999999999999",
        "product 7|product",
        "svn 3|svn 0x3",
        "svn 3|svn ٣",
        "program com.acme.FraudEnclave|program com..acme",
        "program com.acme.FraudEnclave|program 1com.Acme",
        "program com.acme.FraudEnclave|program com/acme/FraudEnclave",
        "program com.acme.FraudEnclave|program com.acme.FraudEnclave -Xrun",
        "heap 67108864|heap 16777215",
        "heap 67108864|heap 1099511627777",
        "threads 8|threads 0",
        "threads 8|threads 65536",
        "threads 8|threads 4294967297",
        "debug no|debug false",
        "debug no|debug NO",
        "java 25|java 24",
        "java 25|java 1000",
        "module java.logging|module java.base",
        "module java.logging|module java.aaa",
        "module java.base|module java.based",
        "interface client|interface Client",
        "interface client com.acme.Scoring|interface host com.acme.Zoning",
        "interface host com.acme.Store|interface host com.acme.Store x",
        "interface host com.acme.Store|interface host",
        "native/linux-x86_64|native/linux",
        "native/linux-x86_64|native/linux-x86-64",
        "native/linux-x86_64|native/-x86_64",
        "native/linux-x86_64|native/..",
        " lib/a.jar| ../lib/a.jar",
        " lib/a.jar| /lib/a.jar",
        " lib/a.jar| lib/../a.jar",
        " lib/a.jar| meta/../a.json",
        " lib/a.jar| meta/a/b.json",
        " lib/a.jar| meta/a.jar",
        " lib/a.jar| meta/a.so",
        " lib/a.jar| meta/",
        " lib/a.jar| lib/..jar",
        " lib/a.jar| lib//a.jar",
        " lib/a.jar| lib/sub/a.jar",
        " lib/a.jar| lib/.a.jar",
        " lib/a.jar| lib/a b.jar",
        " lib/a.jar| lib/a\\b.jar",
        " lib/a.jar| lib/a:b.jar",
        " lib/a.jar| lib/.jar",
        " lib/a.jar| lib/a.JAR",
        " lib/a.jar| LIB/a.jar",
        " lib/a.jar| lib/-a.jar",
        " lib/a.jar| lib/B.jar",
        " lib/a.jar| lib/b.jar",
        " lib/a.jar| lib/c.jar",
        "libx.so|libx",
        "libx.so|..so",
        "libx.so|../libx.so",
        " 9 lib/a.jar| 09 lib/a.jar",
        " 9 lib/a.jar| 1099511627777 lib/a.jar",
        " 9 lib/a.jar| -1 lib/a.jar",
        " 0 lib/b.jar|  lib/b.jar",
    })
    void refusesAnythingButTheCanonicalForm(String good, String bad) {
        assertThat(text()).contains(good);
        String changed = text().replace(good, bad);
        assertRefused(Code.MALFORMED, () -> Manifest.parse(Samples.bytes(changed)));
    }

    @Test
    void refusesPathsThatDifferOnlyInCase() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Samples.manifest(new BundleFile("lib/A.jar", 1, DIGEST), new BundleFile("lib/a.jar", 1, DIGEST)))
                .withMessageContaining("differ in more than case");
    }

    @Test
    void refusesDuplicateAndUnsortedPaths() {
        BundleFile a = new BundleFile("lib/a.jar", 1, DIGEST);
        BundleFile b = new BundleFile("lib/b.jar", 1, DIGEST);
        assertThatIllegalArgumentException().isThrownBy(() -> Samples.manifest(a, a)).withMessageContaining("without repetition");
        assertThatIllegalArgumentException().isThrownBy(() -> Samples.manifest(b, a)).withMessageContaining("ascending");
    }

    @Test
    void refusesManifestWithoutJar() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Samples.manifest(new BundleFile("native/linux-x86_64/libx.so", 1, DIGEST)))
                .withMessageContaining("at least one jar");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "lib/a.jar",
        "lib/a-1.0+b_2.jar",
        "native/linux-x86_64/libgomp.so.1",
        "native/macos-aarch64/libx.dylib",
        "native/windows-x86_64/x.dll",
        "meta/sbom.cdx.json"
    })
    void acceptsOrdinaryPaths(String path) {
        assertThat(new BundleFile(path, 0, DIGEST).path()).isEqualTo(path);
    }

    @Test
    void refusesEveryOrderOfLinesButOne() throws Exception {
        List<String> lines = text().lines().toList();
        for (int i = 0; i + 1 < lines.size(); i++) {
            List<String> swapped = new ArrayList<>(lines);
            swapped.set(i, lines.get(i + 1));
            swapped.set(i + 1, lines.get(i));
            assertThatExceptionOfType(BundleException.class).isThrownBy(() -> parse(String.join("\n", swapped) + "\n"));
            List<String> missing = new ArrayList<>(lines);
            missing.remove(i);
            boolean optional = lines.get(i).startsWith("interface") || lines.get(i).startsWith("file") || lines.get(i).endsWith("logging");
            if (!optional) {
                assertThatExceptionOfType(BundleException.class).isThrownBy(() -> parse(String.join("\n", missing) + "\n"));
            }
        }
    }

    @Test
    void refusesOtherLineEndings() {
        assertRefused(Code.MALFORMED, () -> parse(text().replace("\n", "\r\n")));
        assertRefused(Code.MALFORMED, () -> parse(text().substring(0, text().length() - 1)));
        assertRefused(Code.MALFORMED, () -> parse(text() + "\n"));
        assertRefused(Code.MALFORMED, () -> parse(""));
        assertRefused(Code.MALFORMED, () -> parse("\n"));
    }

    @Test
    void tellsALaterFormatFromNoBundle() {
        assertRefused(Code.UNSUPPORTED, () -> parse(text().replace("bundle 1", "bundle 2")));
        assertRefused(Code.MALFORMED, () -> parse("PK\3\4\n"));
    }

    @Test
    void refusesTooMuchBeforeReadingIt() {
        assertRefused(Code.TOO_LARGE, () -> Manifest.parse(new byte[Manifest.MAX_BYTES + 1]));
    }

    @Test
    void messageNeverShowsRawForeignBytes() {
        String evil = "a\u001b[2J\nb" + "x".repeat(500);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BundleFile(evil, 0, DIGEST))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300).matches("\\p{Print}+…?\\p{Print}*"));
    }
}
