package org.innerkeep.bundle;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.innerkeep.bundle.Samples.assertRefused;
import static org.innerkeep.bundle.Samples.bytes;
import static org.innerkeep.bundle.Samples.classFile;
import static org.innerkeep.bundle.Samples.jar;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.innerkeep.bundle.BundleException.Code;
import org.innerkeep.bundle.OfferedInterface.Side;
import org.innerkeep.bundle.SignerKey.Algorithm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleDiffTest {
    private static final long LIMIT = 1 << 20;
    private static final Map<String, byte[]> PROGRAM = Map.of(
            "com/acme/FraudEnclave.class", classFile(69, "program"), "com/acme/Old.class", classFile(69, "old"), "a.txt", bytes("a"));

    private final SigningKey key = SigningKey.generate(Algorithm.ED25519);

    @TempDir
    Path dir;

    private Path program(String folder, Map<String, byte[]> entries) throws IOException {
        return jar(dir.resolve(folder).resolve("program.jar"), entries);
    }

    private List<String> explain(Packer.Builder first, Packer.Builder second) throws Exception {
        Path one = dir.resolve("one.enclave");
        Path other = dir.resolve("other.enclave");
        first.build().write(one, key);
        second.build().write(other, key);
        return BundleDiff.explain(one, other, LIMIT);
    }

    @Test
    void saysNothingOfEqualBundles() throws Exception {
        Path program = program("x", PROGRAM);
        assertThat(explain(Samples.fraud().jar(program), Samples.fraud().jar(program))).isEmpty();
    }

    @Test
    void saysWhichComponentsChanged() throws Exception {
        Path program = program("x", PROGRAM);
        String component = "{\"type\":\"library\",\"purl\" : \"pkg:maven/%s?type=jar\"}";
        Path before = Files.writeString(
                dir.resolve("a.json"),
                component.formatted("com.acme/kept@1.0") + component.formatted("com.acme/gone@2.0") + component.formatted("com.acme/raised@3.0"));
        Path after = Files.writeString(
                dir.resolve("b.json"),
                component.formatted("com.acme/kept@1.0") + component.formatted("com.acme/raised@3.1")
                        + component.formatted("com.acme/evil\u001b[2J@6"));
        assertThat(explain(Samples.fraud().jar(program).sbom(before), Samples.fraud().jar(program).sbom(after)))
                .hasSize(4)
                .startsWith(
                        "meta/sbom.cdx.json: changed, " + Files.size(before) + " bytes became " + Files.size(after) + " bytes, digest "
                                + Digest.sha256(Files.readAllBytes(before)).shortHex() + " became "
                                + Digest.sha256(Files.readAllBytes(after)).shortHex())
                .contains(
                        "  component maven/com.acme/gone 2.0: removed",
                        "  component maven/com.acme/raised: version 3.0 became 3.1",
                        "  component maven/com.acme/evil\\u001b[2J 6: added");
        assertThat(explain(Samples.fraud().jar(program), Samples.fraud().jar(program).sbom(after)))
                .containsExactly("meta/sbom.cdx.json: added");
    }

    @Test
    void comparesABundleThatIsNotSignedYet() throws Exception {
        Path program = program("x", PROGRAM);
        Path one = dir.resolve("one.enclave");
        Path other = dir.resolve("other.enclave");
        Samples.fraud().jar(program).build().write(one, key);
        Samples.fraud().svn(4).jar(program).build().writeUnsigned(other);
        assertThat(BundleDiff.explain(one, other, LIMIT))
                .containsExactly("signer: " + key.publicKey().id() + " became nobody (no part of the digest)", "svn: 3 became 4");
    }

    @Test
    void explainsEverySetting() throws Exception {
        Path program = program("x", PROGRAM);
        Packer.Builder first = Samples.fraud()
                .javaModule("java.sql")
                .offers(Side.CLIENT, "a.Kept", Digest.sha256(bytes("1")))
                .offers(Side.HOST, "a.Gone", Digest.sha256())
                .jar(program);
        Packer.Builder second = Packer.builder("fraud2", "com.acme.Old")
                .product(8)
                .svn(4)
                .heapBytes(16 << 20)
                .threads(2)
                .debug(true)
                .secretHeap(false)
                .demands("seccomp")
                .demands("landlock")
                .javaRelease(26)
                .javaModule("java.xml")
                .offers(Side.CLIENT, "a.Kept", Digest.sha256(bytes("2")))
                .offers(Side.CLIENT, "a.New", Digest.sha256())
                .jar(program);
        assertThat(explain(first, second))
                .containsExactly(
                        "name: fraud became fraud2",
                        "product: 7 became 8",
                        "svn: 3 became 4",
                        "program: com.acme.FraudEnclave became com.acme.Old",
                        "heap: 268435456 bytes became 16777216 bytes",
                        "threads: 16 became 2",
                        "debug: no became yes",
                        "secret heap: where there is one became no",
                        "demands: nothing became landlock, seccomp",
                        "java: 25 became 26",
                        "java module java.sql: removed",
                        "java module java.xml: added",
                        "interface a.Gone for the host: removed",
                        "interface a.Kept for the client: changed, its methods or types differ",
                        "interface a.New for the client: added");
    }

    @Test
    void explainsFilesDownToEntries() throws Exception {
        Path before = program("before", PROGRAM);
        Path after = program("after", Map.of(
                "com/acme/FraudEnclave.class", classFile(68, "program"), "com/acme/New.class", classFile(69, "new"), "a.txt", bytes("b")));
        Path gone = jar(dir.resolve("gone.jar"), Map.of("x", bytes("x")));
        Path added = jar(dir.resolve("added.jar"), Map.of("y", bytes("y")));
        Path moved = jar(dir.resolve("moved.jar"), Map.of("z", bytes("z")));
        List<String> lines = explain(
                Samples.fraud().jar(before).jar(gone).jar(moved, "m-1.jar"), Samples.fraud().jar(after).jar(added).jar(moved, "m-2.jar"));
        assertThat(lines).hasSize(8);
        assertThat(lines.subList(0, 3))
                .containsExactly("lib/m-1.jar: renamed to lib/m-2.jar, same content", "lib/added.jar: added", "lib/gone.jar: removed");
        assertThat(lines.get(3))
                .matches("lib/program\\.jar: changed, \\d+ bytes became \\d+ bytes, digest [0-9a-f]{16}… became [0-9a-f]{16}…");
        assertThat(lines.subList(4, 8))
                .containsExactly(
                        "  resource a.txt: changed",
                        "  class com.acme.FraudEnclave: changed, class file version 69 became 68",
                        "  class com.acme.New: added",
                        "  class com.acme.Old: removed");
    }

    @Test
    void tellsAnArchiveThatDiffersWithoutItsContent() throws Exception {
        Path before = jar(dir.resolve("before/program.jar"), PROGRAM, 1_700_000_000_000L);
        Path after = jar(dir.resolve("after/program.jar"), PROGRAM, 1_800_000_000_000L);
        List<String> lines = explain(Samples.fraud().jar(before), Samples.fraud().jar(after));
        assertThat(lines).hasSize(2);
        assertThat(lines.getLast()).startsWith("  same entries with the same content").contains("project.build.outputTimestamp");
    }

    @Test
    void tellsAnotherSignerThoughTheDigestIsEqual() throws Exception {
        Packer packer = Samples.fraud().jar(program("x", PROGRAM)).build();
        SigningKey other = SigningKey.generate(Algorithm.P256);
        packer.write(dir.resolve("one.enclave"), key);
        packer.write(dir.resolve("other.enclave"), other);
        assertThat(BundleDiff.explain(dir.resolve("one.enclave"), dir.resolve("other.enclave"), LIMIT))
                .containsExactly("signer: " + key.publicKey().id() + " became " + other.publicKey().id() + " (no part of the digest)");
    }

    @Test
    void saysSoIfAJarOfABundleIsNone() throws Exception {
        byte[] one = bytes("no jar");
        byte[] other = bytes("none either");
        Files.write(dir.resolve("one"), Samples.signed(Samples.manifest(Samples.file("lib/a.jar", one)), key, one));
        Files.write(dir.resolve("other"), Samples.signed(Samples.manifest(Samples.file("lib/a.jar", other)), key, other));
        List<String> lines = BundleDiff.explain(dir.resolve("one"), dir.resolve("other"), LIMIT);
        assertThat(lines).hasSize(2);
        assertThat(lines.getLast()).startsWith("  its entries cannot be compared: lib/a.jar: expected a jar");
    }

    @Test
    void refusesToCompareWhatIsNotSound() throws Exception {
        byte[] bundle = Samples.smallBundle(key);
        Files.write(dir.resolve("one"), bundle);
        bundle[bundle.length - 1] ^= 1;
        Files.write(dir.resolve("other"), bundle);
        assertRefused(Code.FILE_DIGEST_MISMATCH, () -> BundleDiff.explain(dir.resolve("one"), dir.resolve("other"), LIMIT));
        assertRefused(Code.TOO_LARGE, () -> BundleDiff.explain(dir.resolve("one"), dir.resolve("one"), 5));
    }

    /** The manifest's lines name what the digest covers, so the explanation is empty exactly when the digests are equal. */
    @Test
    void explainsEveryLineOfTheManifest() throws Exception {
        Manifest manifest = Samples.smallManifest();
        assertThat(BundleDiff.explain(manifest, Manifest.parse(manifest.toBytes()))).isEmpty();
        for (String line : new String(manifest.toBytes(), US_ASCII).lines().skip(1).toList()) {
            String changed = switch (line.substring(0, line.indexOf(' '))) {
                case "name", "program" -> line + "x";
                case "product", "svn", "heap", "threads" -> line + "0";
                case "java" -> "java 26";
                case "debug" -> "debug yes";
                case "module" -> line.equals("module java.base") ? line + "\nmodule java.base2" : line + "x";
                case "interface" -> line.substring(0, line.length() - 8) + "00000000";
                default -> line.replaceFirst("file ........", "file 00000000");
            };
            String text = new String(manifest.toBytes(), US_ASCII).replace(line + "\n", changed + "\n");
            assertThat(BundleDiff.explain(manifest, Manifest.parse(bytes(text)))).as(line).isNotEmpty();
        }
    }

    @Test
    void escapesHostileNames() throws Exception {
        Path before = program("before", PROGRAM);
        Path after = program("after", Map.of("com/acme/FraudEnclave.class", classFile(69, "program"), "a\u001b[2J\n.txt", bytes("a")));
        assertThat(explain(Samples.fraud().jar(before), Samples.fraud().jar(after)))
                .contains("  resource a\\u001b[2J\\u000a.txt: added");
    }
}
