package org.innerkeep.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.innerkeep.channel.session.SessionRefusedException;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.examples.hello.HelloClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The way of a newcomer with the smallest example: every command of it as a process of its own. */
final class HelloIT {
    private static final String MAIN = "org.innerkeep.cli.Main";

    private static final String PROPERTIES =
            """
            name = hello
            program = org.innerkeep.examples.hello.HelloEnclave
            product = 1
            svn = %d
            heap = 32m
            client-interfaces = org.innerkeep.examples.hello.Greeting
            """;

    /** What measuring printed, so that each bundle is measured once. */
    private static final Map<Path, String> MEASURED = new HashMap<>();

    private static Stage stage;
    private static Party keeper;
    private static Party operator;
    private static Party developer;
    private static Path signingKey;
    private static String signer;
    private static Path agreed;
    private static Path changed;
    private static Path raised;
    private static Path anchor;
    private static Path socket;

    @BeforeAll
    static void packAndStartTheKeeper() throws Exception {
        stage = Built.stage();
        keeper = stage.party("keeper", true);
        operator = stage.party("operator", false);
        developer = stage.party("developer", false);
        signingKey = folder("developer.pem");
        signer = innerkeep(0, "keygen", "--signing", signingKey.toString()).substring("signer ".length()).strip();
        Path jar = ExampleJars.find(stage.jars(), "hello").getFirst();
        agreed = pack("agreed", 1, jar);
        changed = pack("changed", 1, otherGreeting(jar));
        raised = pack("raised", 2, jar);

        List<String> arguments = new ArrayList<>(
                List.of("keeper", "run", "--folder", stage.folder(keeper).resolve("state").toString()));
        operator.uid().ifPresent(uid -> arguments.addAll(List.of("--allow-user", uid.toString())));
        Child running = stage.java(keeper, MAIN, arguments);
        socket = Path.of(running.require("socket"));
        running.require("ready");
        // As its administrator hands it out.
        anchor = stage.root().resolve("keeper.anchor");
        Files.writeString(anchor, Files.readString(stage.folder(keeper).resolve("state/keeper.anchor")));
    }

    @AfterAll
    static void endAll() throws IOException {
        if (stage != null) {
            stage.close();
        }
    }

    private static Path folder(String name) {
        return stage.folder(developer).resolve(name);
    }

    /** One command of the developer; everything it printed. */
    private static String innerkeep(int exitCode, String... arguments) throws IOException {
        try (Child command = stage.java(developer, MAIN, List.of(arguments))) {
            int ended = command.waitFor();
            assertThat(ended).as(String.join(" ", arguments) + "\n" + command.said()).isEqualTo(exitCode);
            return command.said();
        }
    }

    private static Path pack(String name, int svn, Path jar) throws IOException {
        Path properties = stage.put(
                developer, name + ".properties", PROPERTIES.formatted(svn).getBytes(StandardCharsets.UTF_8));
        Path bundle = folder(name + ".enclave");
        innerkeep(0, "pack", properties.toString(), "--jar", jar.toString(), "--key", signingKey.toString(), "-o", bundle.toString());
        Path published = stage.root().resolve(bundle.getFileName());
        Files.copy(bundle, published);
        Files.setPosixFilePermissions(published, PosixFilePermissions.fromString("rw-r--r--"));
        return published;
    }

    /** The same jar with one class changed. */
    private static Path otherGreeting(Path jar) throws IOException {
        Path sources = Files.createDirectories(stage.root().resolve("other/org/innerkeep/examples/hello"));
        Path source = Files.writeString(
                sources.resolve("HelloEnclave.java"),
                """
                package org.innerkeep.examples.hello;

                public final class HelloEnclave implements org.innerkeep.enclave.EnclaveProgram {
                    @Override
                    public void start(org.innerkeep.enclave.EnclaveContext enclave) {
                        enclave.offerToClients(Greeting.class, name -> "Goodbye, " + name);
                    }
                }
                """);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String classPath;
        try (Stream<Path> jars = Files.list(stage.jars())) {
            classPath = String.join(":", jars.map(Path::toString).toList());
        }
        int failed = compiler.run(
                null, null, null, "-proc:none", "-cp", classPath, "-d", stage.root().resolve("other").toString(), source.toString());
        assertThat(failed).isZero();
        Path other = stage.root().resolve("other").resolve(jar.getFileName());
        String changedEntry = "org/innerkeep/examples/hello/HelloEnclave.class";
        try (JarFile in = new JarFile(jar.toFile());
                OutputStream file = Files.newOutputStream(other);
                JarOutputStream out = new JarOutputStream(file)) {
            for (JarEntry entry : in.stream().toList()) {
                out.putNextEntry(new JarEntry(entry.getName()));
                try (InputStream content = entry.getName().equals(changedEntry)
                        ? Files.newInputStream(stage.root().resolve("other").resolve(changedEntry))
                        : in.getInputStream(entry)) {
                    content.transferTo(out);
                }
                out.closeEntry();
            }
        }
        Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rw-r--r--"));
        return other;
    }

    private static Child host(Path bundle) throws IOException {
        return stage.java(operator, MAIN, List.of("run", bundle.toString(), "--keeper", socket.toString()));
    }

    private static String verify(int exitCode, String address, String... code) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("verify", address, "--anchor", anchor.toString()));
        arguments.addAll(List.of(code));
        if (!stage.separate()) {
            arguments.add("--allow-same-user");
        }
        return innerkeep(exitCode, arguments.toArray(String[]::new));
    }

    private static String measurement(Path bundle) throws IOException {
        String known = MEASURED.get(bundle);
        if (known != null) {
            return known;
        }
        // Into the developer's own folder: linked anew, with nothing of the keeper's.
        String printed = innerkeep(0, "measure", bundle.toString(), "--runtimes", folder("runtimes").toString());
        String measured = line(printed, "measurement");
        MEASURED.put(bundle, measured);
        return measured;
    }

    /** What follows a word at the beginning of a line. */
    private static String line(String output, String word) {
        return output.lines()
                .map(String::strip)
                .filter(each -> each.startsWith(word + " "))
                .map(each -> each.substring(word.length()).strip())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no line '" + word + "' in:\n" + output));
    }

    @Test
    void whatIsMeasuredBeforeIsWhatTheEnclaveProvesAndOnlyToThoseWhoTrustItsSignerItGreets() throws Exception {
        String measured = measurement(agreed);
        try (Child host = host(agreed)) {
            String address = host.require("listening");

            String proven = verify(0, address, "--measurement", measured);
            assertThat(proven).startsWith("trusted");
            assertThat(line(proven, "measurement")).isEqualTo(measured);
            assertThat(line(proven, "signer")).isEqualTo(signer);
            assertThat(line(proven, "isolation")).isEqualTo(stage.separate() ? "separate-user" : "same-user");
            assertThat(greet(address, signer)).isEqualTo("Hello, world, from inside");
            assertThat(verify(1, address, "--signer", "00".repeat(32), "--product", "1", "--svn", "1"))
                    .contains("SIGNER_MISMATCH", signer);
            assertThatThrownBy(() -> greet(address, "00".repeat(32)))
                    .isInstanceOf(SessionRefusedException.class)
                    .hasMessageContaining("SIGNER_MISMATCH");
        }
    }

    private static String greet(String address, String by) throws IOException {
        return HelloClient.greet(
                Built.address(address), Bytes.fromHex(by), KeeperAnchor.parse(Files.readString(anchor).strip()), "world");
    }

    @Test
    void changedCodeIsRefusedUntilItIsAgreedToAnew() throws Exception {
        String before = measurement(agreed);
        try (Child host = host(changed)) {
            String address = host.require("listening");

            assertThat(verify(1, address, "--measurement", before)).contains("MEASUREMENT_MISMATCH", before);
            assertThat(verify(0, address, "--measurement", measurement(changed))).startsWith("trusted");
            assertThat(greet(address, signer)).isEqualTo("Goodbye, world");
        }
    }

    @Test
    void aRaisedVersionIsRefusedUntilItIsAgreedToAnewAndThenTheOldOneIs() throws Exception {
        try (Child host = host(raised)) {
            String address = host.require("listening");
            assertThat(verify(1, address, "--measurement", measurement(agreed))).contains("MEASUREMENT_MISMATCH");
            assertThat(verify(0, address, "--measurement", measurement(raised))).startsWith("trusted");
            verify(0, address, "--signer", signer, "--product", "1", "--svn", "2");
        }
        try (Child host = host(agreed)) {
            assertThat(verify(1, host.require("listening"), "--signer", signer, "--product", "1", "--svn", "2"))
                    .contains("SVN_TOO_LOW", "found 1", "2 or later");
        }
    }

    @Test
    void theSameInputsGiveTheSameDigestInAnotherFolderUnderAnotherKey() throws Exception {
        Path elsewhere = stage.put(developer, "moved.jar", Files.readAllBytes(ExampleJars.find(stage.jars(), "hello").getFirst()));
        Path jar = Files.createDirectories(folder("else/where")).resolve(ExampleJars.find(stage.jars(), "hello").getFirst().getFileName());
        Files.move(elsewhere, jar);
        stage.give(developer, folder("else"));
        Files.setLastModifiedTime(jar, FileTime.fromMillis(0));
        Path properties = stage.put(
                developer, "again.properties", ("# a comment\n" + PROPERTIES.formatted(1)).getBytes(StandardCharsets.UTF_8));
        innerkeep(0, "keygen", "--signing", folder("another.pem").toString());

        String again = innerkeep(
                0, "pack", properties.toString(), "--jar", jar.toString(), "--key", folder("another.pem").toString(),
                "-o", folder("again.enclave").toString());

        assertThat(line(again, "digest")).isEqualTo(line(innerkeep(0, "inspect", agreed.toString()), "digest"));
        assertThat(line(again, "signer")).isNotEqualTo(signer);
        assertThat(innerkeep(1, "diff", agreed.toString(), folder("again.enclave").toString()))
                .hasLineCount(1)
                .startsWith("signer: ")
                .contains("no part of the digest");
        assertThat(innerkeep(0, "diff", agreed.toString(), agreed.toString())).isEqualTo("same digest and signer");
    }

    @Test
    void diffNamesTheChangedClassAndTheChangedVersion() throws IOException {
        assertThat(innerkeep(1, "diff", agreed.toString(), changed.toString())).contains("HelloEnclave");
        assertThat(innerkeep(1, "diff", agreed.toString(), raised.toString())).contains("svn").contains("1").contains("2");
    }

    @Test
    void inspectShowsTheManifestAndRefusesAChangedBundle() throws IOException {
        assertThat(innerkeep(0, "inspect", agreed.toString()))
                .contains("signer " + signer, "name hello", "svn 1", "debug no", "org.innerkeep.examples.hello.Greeting");
        byte[] bytes = Files.readAllBytes(agreed);
        bytes[bytes.length - 1] ^= 1;
        Path damaged = stage.put(developer, "damaged.enclave", bytes);

        assertThat(innerkeep(1, "inspect", damaged.toString())).contains(damaged.toString()).contains("digest");
    }

    @Test
    void theHostIsToldWhenTheKeeperRefusesIt() throws IOException {
        byte[] bytes = Files.readAllBytes(agreed);
        bytes[bytes.length - 1] ^= 1;
        Path damaged = stage.put(operator, "damaged.enclave", bytes);

        try (Child host = host(damaged)) {
            assertThat(host.waitFor()).isEqualTo(1);
            assertThat(host.said()).startsWith("innerkeep: the keeper refuses to start the bundle");
        }
    }
}
