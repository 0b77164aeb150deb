package org.innerkeep.cli.enclosed;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.bundle.Packer;
import org.innerkeep.channel.state.JournalStore;
import org.innerkeep.inside.ServedInside;
import org.innerkeep.inside.ServiceEnclave;
import org.innerkeep.packing.Packing;

/** Packs the service and its settings: from the jars that this command itself runs from, those that the service needs. */
final class ServiceBundle {
    /** What runs inside beside this project's own modules; ARCHITECTURE.md says what for. */
    private static final Pattern JARS = Pattern.compile("(innerkeep-(evidence|endorsements|policy|attestation|channel|vault|enclave|inside)"
            + "|helidon(-[a-z0-9-]+)?|jackson-(annotations|core|databind)|nimbus-jose-jwt|bc(prov|pkix|util)-jdk18on|sqlite-jdbc"
            + "|prometheus-metrics-[a-z-]+)-[0-9].*\\.jar");

    /**
     * Found by looking through the jars, and what is reached by name only: the file system of jars, and cipher suites' curves.
     */
    private static final List<String> MODULES = List.of(
            "java.base", "java.logging", "java.management", "java.naming", "java.net.http", "java.sql", "java.xml",
                    "jdk.unsupported",
            "jdk.zipfs");

    private ServiceBundle() {}

    /**
     * What the bundle is to be.
     *
     * @param product the product id
     * @param securityVersion the security version
     * @param heap of the enclave, such as 512m
     * @param debug whether it may be debugged
     */
    record Identity(long product, long securityVersion, String heap, boolean debug) {}

    /**
     * Prepares.
     *
     * @param configuration the settings
     * @param identity what it is to be
     * @param scratch an empty folder, which is read until the bundle is written
     * @return ready to be signed
     * @throws IOException if a file cannot be read, or the jars are not there
     * @throws BundleException if the jars cannot be packed
     */
    static Packer prepare(ServiceConfiguration configuration, Identity identity, Path scratch) throws IOException,
            BundleException {
        Path settings = scratch.resolve("innerkeep-service-settings.jar");
        SettingsJar.of(configuration).write(settings);
        List<Path> jars = new ArrayList<>(jars());
        jars.add(settings);
        Path properties = scratch.resolve("enclave.properties");
        Files.writeString(properties, String.join(
                "\n",
                "name=service",
                "program=" + ServiceEnclave.class.getName(),
                "product=" + identity.product(),
                "svn=" + identity.securityVersion(),
                "heap=" + identity.heap(),
                "threads=64",
                "debug=" + identity.debug(),
                "modules=" + String.join(",", MODULES),
                "host-interfaces=" + JournalStore.class.getName() + "," + ServedInside.class.getName(),
                "native.linux-x86_64=org/sqlite/native/Linux/x86_64/libsqlitejdbc.so",
                "native.linux-aarch64=org/sqlite/native/Linux/aarch64/libsqlitejdbc.so",
                "drop-native=org/sqlite/native/",
                ""));
        return Packing.prepare(properties, jars).packer();
    }

    private static List<Path> jars() throws IOException {
        Path own;
        try {
            own = Path.of(ServiceEnclave.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IOException("the service's jars cannot be found", e);
        }
        if (!Files.isRegularFile(own)) {
            throw new IOException("the service's classes lie in " + own + ", not in a jar: build with 'mvn package'");
        }
        try (Stream<Path> all = Files.list(own.resolveSibling(""))) {
            return all.filter(jar -> JARS.matcher(String.valueOf(jar.getFileName())).matches()).sorted().toList();
        }
    }
}
