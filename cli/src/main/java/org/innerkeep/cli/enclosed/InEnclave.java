package org.innerkeep.cli.enclosed;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.attestation.log.LogAnchor;
import org.innerkeep.bundle.Bundle;
import org.innerkeep.bundle.BundleException;
import org.innerkeep.bundle.SigningKey;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.host.JournalFolder;
import org.innerkeep.inside.StateRecovery;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the command line says of a service in an enclave, and its bundle. */
public final class InEnclave {
    private static final int ADMIN_KEY_BYTES = 32;
    private static final int MAX_ANCHOR = 4096;

    @Option(
            names = "--in-enclave",
            description = "Run the service in an enclave: the settings are packed into its bundle, so whoever verifies it has"
                    + " verified them,"
                    + " and what it keeps lies here sealed. The keeper must run as root.")
    private boolean wanted;

    @Option(names = "--bundle", paramLabel = "FILE",
            description = "With --in-enclave: the bundle to start; it is packed first where --key is given (service.enclave in"
                    + " the folder).")
    private @Nullable Path bundle;

    @Option(names = "--key", paramLabel = "PEM",
            description = "With --in-enclave: pack, and sign with this key of 'innerkeep keygen --signing'.")
    private @Nullable Path key;

    @Option(names = "--pack-only", description = "With --in-enclave and --key: write the bundle and start nothing.")
    private boolean packOnly;

    @Option(names = "--product", paramLabel = "N", description = "With --key: the product id (${DEFAULT-VALUE}).")
    private long product = 1;

    @Option(names = "--svn", paramLabel = "N", description = "With --key: the security version (${DEFAULT-VALUE}).")
    private long svn = 1;

    @Option(names = "--heap", paramLabel = "SIZE", description = "With --key: the enclave's memory (${DEFAULT-VALUE}).")
    private String heap = "512m";

    @Option(names = "--debug-enclave", description = "With --key: an enclave that whoever runs it can read. For development.")
    private boolean debug;

    @Option(names = "--keeper", paramLabel = "SOCKET", description = "With --in-enclave: the keeper's socket, unless the usual"
            + " one.")
    private @Nullable Path keeper;

    @Option(names = "--state", paramLabel = "DIR",
            description = "With --in-enclave: where what it keeps lies, sealed (enclave-state in the folder).")
    private @Nullable Path state;

    @Option(names = "--recover", paramLabel = "KEYFILE",
            description = "With --in-enclave and --state: open what is kept there with an age identity that 'enclave-recovery'"
                    + " names, and"
                    + " write it to --folder, for a service outside.")
    private @Nullable Path recover;

    @Option(names = "--log-key", paramLabel = "FILE",
            description = "With --recover: the public key of the service's log, as you pinned it. Anybody can seal something else"
                    + " to your identity; nobody else has the private key of that log.")
    private @Nullable Path logKey;

    /** Filled by the command line. */
    public InEnclave() {
        // Outside unless it is said.
    }

    /** {@return whether an enclave is wanted} */
    public boolean wanted() {
        return wanted;
    }

    /** {@return whether the bundle is written and nothing is started} */
    public boolean packOnly() {
        return packOnly;
    }

    /**
     * Looks whether something is said that only an enclave has.
     *
     * @throws IllegalArgumentException if it is
     */
    public void refuseWithoutEnclave() {
        if (bundle != null || key != null || packOnly || debug || keeper != null || state != null || recover != null
                || logKey != null) {
            throw new IllegalArgumentException("--bundle, --key, --pack-only, --debug-enclave, --keeper, --state, --recover,"
                    + " --log-key: expected with --in-enclave");
        }
    }

    /**
     * Looks whether settings are given that go nowhere: those of a bundle that is packed already are in it.
     *
     * @param configuration the settings that are given
     * @throws IllegalArgumentException if there are
     */
    public void refuseSettingsOfAPackedBundle(ServiceConfiguration configuration) {
        Set<String> settings = new TreeSet<>(configuration.names());
        settings.removeAll(SettingsJar.OUTSIDE);
        if (key == null && !settings.isEmpty()) {
            throw new IllegalArgumentException("the settings of a packed bundle are in it, and these would do nothing: "
                    + settings + "; leave them away, or give --key to pack them");
        }
    }

    /** {@return whether what is kept is recovered, and nothing is started} */
    public boolean recovers() {
        return recover != null;
    }

    /**
     * Recovers what is kept into the folder.
     *
     * @param configuration with the folder and the name
     * @return what to tell whoever does it
     * @throws IOException if it cannot be opened or written
     */
    public List<String> recover(ServiceConfiguration configuration) throws IOException {
        if (recover == null || state == null || configuration.text("folder").isEmpty()) {
            throw new IllegalArgumentException("--recover: expected with --state, where it is kept, and --folder, a new one to"
                    + " write");
        }
        if (logKey == null) {
            throw new IllegalArgumentException("--recover: expected with --log-key, the service's: without it, nothing shows that"
                    + " what is there was not made up by whoever kept it");
        }
        LogAnchor anchor;
        try (InputStream in = Files.newInputStream(logKey)) {
            anchor = LogAnchor.parse(new String(in.readNBytes(MAX_ANCHOR), StandardCharsets.UTF_8).strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--log-key: " + logKey + ": " + e.getMessage(), e);
        }
        List<Identity> identities;
        try (InputStream in = Files.newInputStream(recover)) {
            identities = Identity.readFile(in);
        }
        Path folder = configuration.folder();
        try (JournalFolder journal = JournalFolder.open(state)) {
            StateRecovery.recover(journal, configuration.text("enclave-name").orElse("service"), identities, anchor, folder);
        } finally {
            identities.forEach(Identity::close);
        }
        return List.of(
                "recovered    in " + folder,
                "",
                "Start it once, outside, with these settings: every key is disabled until you have looked at its grants.",
                "  folder=" + folder,
                "  vault-master-key-change=true",
                "  vault-previous-enclave-key-file=" + folder.resolve(StateRecovery.ENCLAVE_KEY),
                "  vault-restored=true",
                "Then delete " + folder.resolve(StateRecovery.ENCLAVE_KEY) + " and start it without the last three.");
    }

    /** {@return where the keeper listens, if it was said} */
    public Optional<Path> keeper() {
        return Optional.ofNullable(keeper);
    }

    /**
     * Where the journal lies.
     *
     * @param configuration with the folder
     * @return the folder
     */
    public Path state(ServiceConfiguration configuration) {
        return state == null ? configuration.folder().resolve("enclave-state") : state;
    }

    /**
     * The bundle, which is packed where a key is given.
     *
     * @param configuration the settings
     * @param lines is added what to tell of it
     * @return its file
     * @throws IOException if it cannot be read or packed
     * @throws IllegalArgumentException if a setting has no meaning in an enclave
     */
    public Path bundle(ServiceConfiguration configuration, List<String> lines) throws IOException {
        Path folder = configuration.folder();
        Path file = bundle == null ? folder.resolve("service.enclave") : bundle;
        try {
            if (key != null) {
                Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                pack(withAdmin(configuration), SigningKey.read(key), file);
            } else if (packOnly) {
                throw new IllegalArgumentException("--pack-only: expected with --key, which signs the bundle");
            } else if (!Files.exists(file)) {
                throw new IOException(file + ": no such bundle; pack it with --key, or name another with --bundle");
            }
            try (InputStream in = Files.newInputStream(file)) {
                Bundle packed = Bundle.inspect(in);
                lines.add("bundle       " + file);
                lines.add("digest       " + packed.digest());
                lines.add("signer       " + packed.signer().id());
                lines.add("product      " + packed.manifest().productId() + ", security version " + packed.manifest().svn()
                        + (packed.manifest().debug() ? ", DEBUG: whoever runs it can read its keys" : ""));
            }
            return file;
        } catch (BundleException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private void pack(ServiceConfiguration configuration, SigningKey signer, Path file) throws IOException {
        Path scratch = Files.createTempDirectory("innerkeep-service");
        try {
            ServiceBundle.prepare(configuration, new ServiceBundle.Identity(product, svn, heap, debug), scratch).write(file,
                    signer);
        } catch (BundleException e) {
            throw new IOException("the service cannot be packed: " + e.getMessage(), e);
        } catch (GeneralSecurityException e) {
            throw new IOException("the bundle cannot be signed: " + e.getMessage(), e);
        } finally {
            try (Stream<Path> all = Files.walk(scratch)) {
                for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(each);
                }
            }
        }
    }

    /** As in a trial outside, a key is made where nobody is named who administers the service. */
    private static ServiceConfiguration withAdmin(ServiceConfiguration configuration) throws IOException {
        List<String> named = new ArrayList<>(configuration.list("admin-key-file"));
        if (!named.isEmpty() || configuration.text("admin-key-digest").isPresent() || configuration.text("oidc-issuer")
                .isPresent()) {
            return configuration;
        }
        Path file = configuration.folder().resolve("admin.key");
        if (!Files.exists(file)) {
            byte[] secret = new byte[ADMIN_KEY_BYTES];
            new SecureRandom().nextBytes(secret);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, Base64.getUrlEncoder().withoutPadding().encodeToString(secret) + "\n");
        }
        return configuration.with(Map.of("admin-key-file", file.toAbsolutePath().toString()));
    }
}
