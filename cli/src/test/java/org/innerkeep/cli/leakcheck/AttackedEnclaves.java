package org.innerkeep.cli.leakcheck;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.host.Enclave;
import org.innerkeep.host.Host;
import org.innerkeep.host.Platform;
import org.innerkeep.packing.Packing;
import org.junit.jupiter.api.Assumptions;

/** A keeper that root runs, as a process of its own, and enclaves that it starts. The caller is their host, and root. */
final class AttackedEnclaves implements AutoCloseable {
    private static final int FIRST_UID = 0x7008_0000;

    private final Path folder;
    private final Process keeper;
    private final SigningKey developer;
    private final Path jar;

    /** An enclave with the number of its process. */
    record Attacked(Enclave enclave, long pid) implements AutoCloseable {
        @Override
        public void close() {
            enclave.close();
        }

        Holding holding() {
            return enclave.bind(Holding.class);
        }
    }

    private AttackedEnclaves(Path folder, Process keeper, SigningKey developer, Path jar) {
        this.folder = folder;
        this.keeper = keeper;
        this.developer = developer;
        this.jar = jar;
    }

    static boolean isRoot() throws IOException {
        return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    }

    /** Starts a keeper in a folder, or gives the test up, loudly, where this is not root's machine. */
    static AttackedEnclaves open(Path folder) throws Exception {
        if (!isRoot()) {
            Assumptions.abort("needs root: what root reads is attacked here");
        }
        // The enclave's user must reach the runtime that the keeper links.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx128m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        Path.of(System.getProperty("innerkeep.lib")) + "/*",
                        "org.innerkeep.cli.Main",
                        "keeper", "run", "--folder", folder.resolve("keeper").toString(),
                        "--enclave-uids", Integer.toString(FIRST_UID))
                .redirectErrorStream(true)
                .start();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        StringBuilder said = new StringBuilder();
        for (String line = lines.readLine(); line == null || !line.equals("ready"); line = lines.readLine()) {
            if (line == null) {
                throw new IOException("the keeper ended before it was ready: " + said);
            }
            said.append(line).append('\n');
        }
        return new AttackedEnclaves(
                folder, process, SigningKey.generate(SignerKey.Algorithm.P256), jar(folder.resolve("holding.jar")));
    }

    /** The program with the classes that it needs, which are all in this package. */
    static Path jar(Path jar) throws IOException {
        Path classes;
        try {
            classes = Path.of(Objects.requireNonNull(AttackedEnclaves.class.getResource("HoldingEnclave.class")).toURI())
                    .resolveSibling("");
        } catch (java.net.URISyntaxException e) {
            throw new IOException(e);
        }
        String prefix = AttackedEnclaves.class.getPackageName().replace('.', '/') + "/";
        try (Stream<Path> all = Files.list(classes);
                JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (Path each : all.filter(path -> path.getFileName().toString().matches("(Holding|Confiding|Secrets).*\\.class")).sorted().toList()) {
                out.putNextEntry(new JarEntry(prefix + each.getFileName()));
                Files.copy(each, out);
                out.closeEntry();
            }
            out.putNextEntry(new JarEntry(prefix + "Form.class"));
            try (InputStream form = Form.class.getResourceAsStream("Form.class")) {
                Objects.requireNonNull(form).transferTo(out);
            }
            out.closeEntry();
        }
        return jar;
    }

    long keeper() {
        return keeper.pid();
    }

    /** A client of an enclave that was started here. */
    Client connect(Attacked attacked) throws IOException {
        KeeperAnchor anchor = KeeperAnchor.parse(Files.readString(folder.resolve("keeper/keeper.anchor")).strip());
        return Client.connect(
                attacked.enclave().listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                // The host is root, as the keeper is, and reports say so.
                Trust.signer(signer(), 1, 1).on(anchor).allowSameUser());
    }

    Bytes signer() {
        return Bytes.of(developer.publicKey().id().toArray());
    }

    /** The secret of which all sealing keys are made, which root reads from its file. */
    byte[] sealingRoot() throws IOException {
        return Files.readAllBytes(folder.resolve("keeper/sealing.root"));
    }

    Path folder() {
        return folder;
    }

    /** Starts the enclave with a secret heap or, as the control, with an ordinary one. Everything else is the same. */
    Attacked start(boolean secretHeap) throws Exception {
        Path bundle = pack(folder, jar, developer, secretHeap);
        List<Long> before = processes();
        Enclave enclave = Host.start(bundle, Platform.process(folder.resolve("keeper/keeper.sock")));
        return new Attacked(
                enclave, processes().stream().filter(pid -> !before.contains(pid)).findFirst().orElseThrow());
    }

    static Path pack(Path folder, Path jar, SigningKey developer, boolean secretHeap) throws Exception {
        Path properties = Files.writeString(
                folder.resolve("holding-" + secretHeap + ".properties"),
                """
                name = holding
                program = %s
                product = 1
                svn = 1
                heap = 24m
                secret-heap = %s
                host-interfaces = %s
                client-interfaces = %s
                """
                        .formatted(HoldingEnclave.class.getName(), secretHeap, Holding.class.getName(), Confiding.class.getName()));
        Path bundle = folder.resolve("holding-" + secretHeap + ".enclave");
        Packing.prepare(properties, List.of(jar)).packer().write(bundle, developer);
        return bundle;
    }

    /** The enclaves' processes: the keeper starts no other JVMs once its runtime is linked. */
    private List<Long> processes() {
        return keeper.descendants()
                .filter(process -> process.info().command().filter(path -> path.endsWith("/bin/java")).isPresent())
                .map(ProcessHandle::pid)
                .toList();
    }

    /** Whether the kernel shows secret memory in a process. */
    static boolean hasSecretMemory(long pid) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/maps"))) {
            return lines.anyMatch(line -> line.contains(" /secretmem"));
        }
    }

    @Override
    public void close() {
        keeper.destroy();
        try {
            if (!keeper.waitFor(20, TimeUnit.SECONDS)) {
                keeper.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            keeper.destroyForcibly();
        }
    }
}
