package org.innerkeep.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import org.innerkeep.bench.inside.Echo;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.host.Enclave;
import org.innerkeep.host.Host;
import org.innerkeep.host.Platform;
import org.innerkeep.packing.Packing;

/**
 * What all benchmarks of one run share: a packed and signed bundle, and the folder of the keeper that starts it. Made once, and
 * found by the processes of JMH through a system property.
 */
record Stage(Path folder) {
    /** The system property that names the folder. */
    static final String PROPERTY = "innerkeep.bench.stage";

    private static final String SIGNER = "signer";

    /** The stage of this run. */
    static Stage current() {
        String folder = System.getProperty(PROPERTY);
        if (folder == null) {
            throw new IllegalStateException("start the benchmarks with bench/run, which starts a keeper for them");
        }
        return new Stage(Path.of(folder));
    }

    /** Packs the bundle and makes the certificate of the plain TLS peer. */
    static Stage build() throws Exception {
        // Under /tmp: the path of a Unix-domain socket may have 107 bytes only, and enclaves of other users must reach theirs.
        Stage stage = new Stage(Files.createTempDirectory(Path.of("/tmp"), "ikbench"));
        Files.setPosixFilePermissions(stage.folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path properties = stage.folder.resolve("enclave.properties");
        try (InputStream in = Stage.class.getResourceAsStream("enclave.properties")) {
            if (in == null) {
                throw new IOException("enclave.properties is not on the class path");
            }
            Files.copy(in, properties);
        }
        SigningKey developer = SigningKey.generate(SignerKey.Algorithm.P256);
        Path jar = Path.of(Echo.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Packing.prepare(properties, List.of(jar)).packer().write(stage.bundle(), developer);
        Files.writeString(stage.folder.resolve(SIGNER), developer.publicKey().id().toString());
        TlsEcho.makeCertificate(stage.certificate());
        return stage;
    }

    /** Starts the keeper, as its administrator would. */
    Child startKeeper() throws IOException {
        return Child.start(
                List.of("--enable-native-access=ALL-UNNAMED"),
                "org.innerkeep.cli.Main",
                "keeper",
                "run",
                "--folder",
                keeper().toString());
    }

    private Path keeper() {
        return folder.resolve("keeper");
    }

    Path bundle() {
        return folder.resolve("echo.enclave");
    }

    Path certificate() {
        return folder.resolve("tls.p12");
    }

    /** Starts an enclave with this process as its host. */
    Enclave startEnclave() throws IOException {
        return Host.start(bundle(), Platform.process(keeper().resolve("keeper.sock")));
    }

    /** Whom the benchmarks' clients trust. Keeper and host are one user here, as on a developer's machine. */
    Trust trust() throws Exception {
        Bytes signer = Bytes.fromHex(Files.readString(folder.resolve(SIGNER)));
        KeeperAnchor anchor = KeeperAnchor.parse(Files.readString(keeper().resolve("keeper.anchor")).strip());
        return Trust.signer(signer, 1, 1).on(anchor).allowSameUser();
    }

    /** Any free port of this machine, for nobody outside. */
    static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    /** Removes the folder. */
    void delete() throws IOException {
        deleteTree(folder);
    }

    static void deleteTree(Path root) throws IOException {
        try (var all = Files.walk(root)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
