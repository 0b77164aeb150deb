package org.innerkeep.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.SignerKey;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signing a bundle later and elsewhere: with openssl on its own, and in a PKCS#11 token. */
final class SignIT {
    private static final List<Path> SOFTHSM =
            List.of(Path.of("/usr/lib/softhsm/libsofthsm2.so"), Path.of("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"));
    private static final String PIN = "4711-Geheim";

    @TempDir
    private Path folder;

    private Path bundle;
    private String digest;

    @BeforeEach
    void packUnsigned() throws Exception {
        Path properties = Files.writeString(
                folder.resolve("hello.properties"),
                """
                name = hello
                program = org.innerkeep.examples.hello.HelloEnclave
                product = 1
                svn = 1
                heap = 32m
                client-interfaces = org.innerkeep.examples.hello.Greeting
                """);
        Path jar;
        try (var jars = Files.newDirectoryStream(
                Path.of(System.getProperty("innerkeep.lib")), "innerkeep-example-hello-*-enclave.jar")) {
            jar = jars.iterator().next();
        }
        bundle = folder.resolve("hello.enclave");
        String said = innerkeep(0, "pack", properties.toString(), "--unsigned", "--jar", jar.toString(), "-o", bundle.toString());
        assertThat(said).contains("signer  nobody");
        digest = line(said, "digest  ");
    }

    private static String innerkeep(int exitCode, String... arguments) throws Exception {
        return innerkeep(Map.of(), exitCode, arguments);
    }

    private static String innerkeep(Map<String, String> environment, int exitCode, String... arguments) throws Exception {
        Command.Outcome outcome = Command.run(environment, Command.java("org.innerkeep.cli.Main", arguments));
        assertThat(outcome.exitCode()).as(String.join(" ", arguments) + "\n" + outcome.output()).isEqualTo(exitCode);
        return outcome.output();
    }

    private static String tool(Map<String, String> environment, String... command) throws Exception {
        boolean found = Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(part -> Files.isExecutable(Path.of(part).resolve(command[0])) || Files.isExecutable(Path.of(command[0])));
        if (!found) {
            Assumptions.abort(command[0] + " is not installed");
        }
        Command.Outcome outcome = Command.run(environment, List.of(command));
        assertThat(outcome.exitCode()).as(String.join(" ", command) + "\n" + outcome.output()).isZero();
        return outcome.output();
    }

    private static String line(String output, String start) {
        return output.lines().filter(line -> line.startsWith(start)).findFirst().orElseThrow().substring(start.length());
    }

    private Bundle signed() throws Exception {
        try (InputStream in = Files.newInputStream(bundle)) {
            return Bundle.inspect(in);
        }
    }

    @Test
    void anUnsignedBundleIsRefusedByEveryCommandThatUsesOne() throws Exception {
        for (String verb : List.of("inspect", "measure")) {
            assertThat(innerkeep(1, verb, bundle.toString())).contains("is not signed", "innerkeep sign");
        }
        assertThat(innerkeep(1, "inspect", "--sbom", bundle.toString())).contains("is not signed");
    }

    @Test
    void aKeeperDoesNotStartAnUnsignedBundle() throws Exception {
        // Its socket's path must be short, and its folder reachable for the enclaves' users.
        Path state = Files.createTempDirectory("ik");
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxr-xr-x"));
        Process keeper = new ProcessBuilder(
                        Command.java("org.innerkeep.cli.Main", "keeper", "run", "--folder", state.resolve("k").toString()))
                .redirectErrorStream(true)
                .start();
        try {
            var lines = keeper.inputReader();
            String line = lines.readLine();
            while (line != null && !line.startsWith("ready")) {
                line = lines.readLine();
            }
            assertThat(line).as("the keeper runs").isNotNull();
            assertThat(innerkeep(1, "run", bundle.toString(), "--keeper", state.resolve("k/keeper.sock").toString()))
                    .contains("BUNDLE_SIGNATURE_INVALID", "is not signed");
        } finally {
            keeper.destroy();
            keeper.waitFor();
        }
    }

    @Test
    void opensslSignsOnAnotherMachineWithP256() throws Exception {
        Path key = folder.resolve("key.pem");
        Path publicKey = folder.resolve("key.pub.pem");
        Path toBeSigned = folder.resolve("hello.tbs");
        Path signature = folder.resolve("hello.sig");
        tool(Map.of(), "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key.toString());
        tool(Map.of(), "openssl", "pkey", "-in", key.toString(), "-pubout", "-out", publicKey.toString());
        String said = innerkeep(0, "sign", bundle.toString(), "--digest", "-o", toBeSigned.toString());
        tool(Map.of(), "openssl", "dgst", "-sha256", "-sign", key.toString(), "-out", signature.toString(), toBeSigned.toString());

        assertThat(tool(Map.of(), "openssl", "dgst", "-sha256", toBeSigned.toString()).strip()).endsWith(line(said, "sha-256 "));
        innerkeep(0, "sign", bundle.toString(), "--public-key", publicKey.toString(), "--signature", signature.toString());

        assertThat(signed().signer()).isEqualTo(SignerKey.read(publicKey));
        assertThat(signed().digest()).hasToString(digest);
        assertThat(innerkeep(0, "inspect", bundle.toString())).contains("signer " + SignerKey.read(publicKey).id());
    }

    @Test
    void opensslSignsOnAnotherMachineWithEd25519() throws Exception {
        Path key = folder.resolve("key.pem");
        Path publicKey = folder.resolve("key.pub.pem");
        Path toBeSigned = folder.resolve("hello.tbs");
        Path signature = folder.resolve("hello.sig");
        Path out = folder.resolve("signed.enclave");
        tool(Map.of(), "openssl", "genpkey", "-algorithm", "ED25519", "-out", key.toString());
        tool(Map.of(), "openssl", "pkey", "-in", key.toString(), "-pubout", "-out", publicKey.toString());
        innerkeep(0, "sign", bundle.toString(), "--digest", "-o", toBeSigned.toString());
        tool(Map.of(), "openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key.toString(), "-in", toBeSigned.toString(), "-out",
                signature.toString());
        innerkeep(
                0, "sign", bundle.toString(), "--public-key", publicKey.toString(), "--signature", signature.toString(), "-o",
                out.toString());

        assertThat(innerkeep(0, "inspect", out.toString())).contains("signer " + SignerKey.read(publicKey).id(), "digest " + digest);
        assertThat(innerkeep(1, "inspect", bundle.toString())).as("the input is untouched").contains("is not signed");
    }

    @Test
    void aSignatureOfAnotherBundleIsRefused() throws Exception {
        Path key = folder.resolve("key.pem");
        Path publicKey = folder.resolve("key.pub.pem");
        Path signature = folder.resolve("other.sig");
        Path other = Files.writeString(folder.resolve("other.tbs"), "innerkeep bundle signature 1\ninnerkeep bundle 1\nname other\n");
        tool(Map.of(), "openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key.toString());
        tool(Map.of(), "openssl", "pkey", "-in", key.toString(), "-pubout", "-out", publicKey.toString());
        tool(Map.of(), "openssl", "dgst", "-sha256", "-sign", key.toString(), "-out", signature.toString(), other.toString());

        assertThat(innerkeep(1, "sign", bundle.toString(), "--public-key", publicKey.toString(), "--signature", signature.toString()))
                .contains("the signature is not of this bundle", "--digest");
        assertThat(innerkeep(1, "inspect", bundle.toString())).contains("is not signed");
    }

    @Test
    void aKeyFileSignsLaterAndAnotherOneSignsAnew() throws Exception {
        for (String name : List.of("first.pem", "second.pem")) {
            String key = folder.resolve(name).toString();
            String signer = innerkeep(0, "keygen", "--signing", key).strip().substring("signer ".length());
            assertThat(innerkeep(0, "sign", bundle.toString(), "--key", key)).contains("digest  " + digest, "signer  " + signer);
            assertThat(signed().signer().id()).hasToString(signer);
        }
    }

    /** A token of SoftHSM with a P-256 key and its certificate, as keytool makes them. */
    private Map<String, String> softHsm(Path library) throws Exception {
        Path tokens = Files.createDirectory(folder.resolve("tokens"));
        Path configuration = Files.writeString(folder.resolve("softhsm2.conf"), "directories.tokendir = " + tokens + "\n");
        Map<String, String> environment = Map.of("SOFTHSM2_CONF", configuration.toString());
        for (String label : List.of("other", "release")) {
            tool(environment, "softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", PIN);
        }
        String slot = line(tool(environment, "softhsm2-util", "--show-slots"), "Slot ");
        List<String> slots = new ArrayList<>();
        String current = slot;
        for (String line : tool(environment, "softhsm2-util", "--show-slots").lines().toList()) {
            if (line.startsWith("Slot ")) {
                current = line.substring("Slot ".length());
            } else if (line.strip().equals("Label:            release")) {
                slots.add(current);
            }
        }
        assertThat(slots).hasSize(1);
        Files.writeString(
                folder.resolve("sunpkcs11.cfg"), "name = softhsm\nlibrary = " + library + "\nslot = " + slots.getFirst() + "\n");
        tool(
                environment,
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-keystore", "NONE", "-storetype", "PKCS11", "-addprovider", "SunPKCS11", "-providerarg",
                folder.resolve("sunpkcs11.cfg").toString(), "-storepass", PIN, "-genkeypair", "-alias", "bundles", "-keyalg", "EC",
                "-groupname", "secp256r1", "-dname", "CN=Release", "-validity", "3650");
        return environment;
    }

    private Path pin(String pin) throws Exception {
        return Files.writeString(
                Files.createFile(
                        folder.resolve("pin-" + pin.length()),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))),
                pin + "\n");
    }

    private static Path library() {
        for (Path library : SOFTHSM) {
            if (Files.exists(library)) {
                return library;
            }
        }
        return Assumptions.abort("SoftHSM is not installed: apt-get install softhsm2");
    }

    @Test
    void aTokenSigns() throws Exception {
        Path library = library();
        Map<String, String> environment = softHsm(library);
        String pin = pin(PIN).toString();

        String byLabel = innerkeep(
                environment, 0, "sign", bundle.toString(), "--pkcs11-library", library.toString(), "--token", "release", "--key-label",
                "bundles", "--pin-file", pin);
        assertThat(byLabel).contains("digest  " + digest);
        assertThat(signed().signer().algorithm()).isEqualTo(SignerKey.Algorithm.P256);

        String byConfiguration = innerkeep(
                environment, 0, "sign", bundle.toString(), "--pkcs11", folder.resolve("sunpkcs11.cfg").toString(), "--key-label",
                "bundles", "--pin-file", pin);
        assertThat(line(byConfiguration, "signer  ")).isEqualTo(line(byLabel, "signer  "));
    }

    @Test
    void whatIsWrongWithATokenIsSaid() throws Exception {
        Path library = library();
        Map<String, String> environment = softHsm(library);
        String[] good = {
            "sign", bundle.toString(), "--pkcs11-library", library.toString(), "--token", "release", "--key-label", "bundles",
            "--pin-file", pin(PIN).toString()
        };
        assertThat(innerkeep(environment, 1, with(good, "release", "absent"))).contains("'absent'", "'other'", "'release'");
        assertThat(innerkeep(environment, 1, with(good, "bundles", "absent"))).contains("labelled 'absent'", "found bundles");
        assertThat(innerkeep(environment, 1, with(good, good[9], pin("wrong").toString()))).contains("CKR_PIN_INCORRECT");
        Path exposed = Files.writeString(folder.resolve("exposed"), PIN);
        Files.setPosixFilePermissions(exposed, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(innerkeep(environment, 1, with(good, good[9], exposed.toString()))).contains("chmod 600").doesNotContain(PIN);
        assertThat(innerkeep(environment, 1, with(good, library.toString(), bundle.toString()))).contains("Cannot open library");
    }

    private static String[] with(String[] arguments, String before, String after) {
        return Stream.of(arguments).map(argument -> argument.equals(before) ? after : argument).toArray(String[]::new);
    }
}
