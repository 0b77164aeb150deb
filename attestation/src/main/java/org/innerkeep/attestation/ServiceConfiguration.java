package org.innerkeep.attestation;

import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.innerkeep.attestation.attester.Devices;
import org.innerkeep.attestation.store.StoreLocation;
import org.innerkeep.attestation.token.TokenAlgorithm;
import org.innerkeep.evidence.TcbStatus;

/**
 * The settings of a service by their names, as a file of properties or a command line has them. Names that are not known are refused, and
 * none of them sets the time.
 *
 * <p>Immutable, safe for use by several threads.
 */
public final class ServiceConfiguration {
    private static final Set<String> KNOWN = new TreeSet<>(Set.of(
            "folder", "listen", "issuer", "store", "mode", "policy-signers", "admin-key-file", "user-key-file", "log-key-file", "wrapping-key-file",
            "pkcs11-library", "pkcs11-slot", "pkcs11-pin-file", "tls-certificate", "tls-key", "plain-http", "endorsements", "fetch",
            "pccs", "cache", "root-intel", "root-amd", "root-aws", "root-tpm", "root-nvidia", "keeper-anchor", "refuse-debug",
            "refuse-migration", "accept-tcb", "least-tcb-evaluation", "allow-missing-revocation-list", "require-runtime-data",
            "token-lifetime", "nonce-validity", "key-rotation", "key-overlap", "record", "keep-contents", "oidc-issuer",
            "oidc-audience", "oidc-keys", "oidc-reader-role", "oidc-user-role", "oidc-contributor-role", "oidc-vault-reader-role",
            "oidc-vault-role", "vault-admin-key-file", "max-connections", "max-at-once",
            "requests-per-second", "request-timeout", "token-algorithm", "attester", "crypto-provider", "log-head-file", "accept-rollback",
            "policy-approvals", "policy-approval-validity", "lower-policy-approvals", "vault", "vault-master-key-file",
            "vault-restored", "vault-accept-tcb", "vault-evidence-age", "vault-address", "vault-authorization", "vault-resource",
            "vault-authorities", "vault-release-key", "vault-release-certificate", "vault-token-age", "vault-token-debug",
            "vault-master-key", "vault-passphrase-file", "vault-pkcs11-library", "vault-pkcs11-slot", "vault-pkcs11-pin-file",
            "vault-pkcs11-label", "vault-master-key-change", "vault-previous-master-key-file", "vault-previous-passphrase-file",
            "vault-recovery", "vault-recovery-folder", "vault-recovery-renew", "vault-recover", "vault-recovery-shares",
            "admin-key-digest", "vault-admin-key-digest", "user-key-digest", "enclave-name", "enclave-accept-state",
                    "enclave-recovery",
            "vault-previous-enclave-key-file"));

    private final Map<String, String> values;
    private final Path base;

    private ServiceConfiguration(Map<String, String> values, Path base) {
        this.values = Map.copyOf(values);
        this.base = base;
    }

    /**
     * Takes settings.
     *
     * @param values by name
     * @return the configuration
     * @throws IllegalArgumentException if a name is not known
     */
    public static ServiceConfiguration of(Map<String, String> values) {
        for (String name : values.keySet()) {
            if (!KNOWN.contains(name)) {
                throw new IllegalArgumentException("configuration: no setting is called '" + name + "'; there are " + KNOWN);
            }
        }
        return new ServiceConfiguration(values, Path.of(""));
    }

    /**
     * Looks for the files that settings name elsewhere.
     *
     * @param folder what their names are relative to; of any file system
     * @return a changed copy
     */
    public ServiceConfiguration filesIn(Path folder) {
        return new ServiceConfiguration(values, folder);
    }

    /**
     * Reads a file.
     *
     * @param file properties ({@link Properties}), UTF-8
     * @return the configuration
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if a name in it is not known
     */
    public static ServiceConfiguration read(Path file) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        Map<String, String> values = new TreeMap<>();
        properties.stringPropertyNames().forEach(name -> values.put(name, properties.getProperty(name).strip()));
        return of(values);
    }

    /**
     * Adds settings, which win.
     *
     * @param more by name
     * @return a changed copy
     * @throws IllegalArgumentException if a name is not known
     */
    public ServiceConfiguration with(Map<String, String> more) {
        Map<String, String> all = new TreeMap<>(values);
        all.putAll(more);
        return of(all).filesIn(base);
    }

    /** {@return the names of the settings that are given} */
    public Set<String> names() {
        return values.keySet();
    }

    /**
     * The file that a setting names.
     *
     * @param name as the setting has it
     * @return the file
     */
    public Path resolve(String name) {
        return base.resolve(name);
    }

    /**
     * A setting.
     *
     * @param name its name
     * @return its value, or nothing where it is absent or empty
     */
    public Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name)).filter(value -> !value.isEmpty());
    }

    /**
     * A setting that is a path.
     *
     * @param name its name
     * @return its value
     */
    public Optional<Path> path(String name) {
        return text(name).map(this::resolve);
    }

    /**
     * A setting that is true or false.
     *
     * @param name its name
     * @param otherwise the value where it is absent
     * @return its value
     * @throws IllegalArgumentException if it is anything else
     */
    public boolean flag(String name, boolean otherwise) {
        return text(name).map(value -> switch (value.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(name + ": expected true or false, found '" + value + "'");
        }).orElse(otherwise);
    }

    OptionalInt number(String name) {
        Optional<String> value = text(name);
        if (value.isEmpty()) {
            return OptionalInt.empty();
        }
        try {
            int number = Integer.parseInt(value.get());
            if (number >= 0) {
                return OptionalInt.of(number);
            }
        } catch (NumberFormatException e) {
            // Falls through.
        }
        throw new IllegalArgumentException(name + ": expected a number, found '" + value.get() + "'");
    }

    /**
     * A setting that is a duration, such as {@code PT8H}.
     *
     * @param name its name
     * @param otherwise the value where it is absent
     * @return its value
     * @throws IllegalArgumentException if it is anything else
     */
    public Duration duration(String name, Duration otherwise) {
        return text(name).map(value -> {
            try {
                return Duration.parse(value);
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException(name + ": expected a duration such as PT8H or P90D, found '" + value + "'", e);
            }
        }).orElse(otherwise);
    }

    /**
     * A setting that is a list, separated by commas; of files, see {@link #resolve}.
     *
     * @param name its name
     * @return its values; none where it is absent
     */
    public List<String> list(String name) {
        List<String> all = new ArrayList<>();
        for (String each : text(name).orElse("").split(",", -1)) {
            if (!each.isBlank()) {
                all.add(each.strip());
            }
        }
        return all;
    }

    /** {@return the folder of everything that the service makes for itself} */
    public Path folder() {
        return path("folder").orElseGet(() -> Path.of(System.getProperty("user.home"), ".innerkeep", "service"));
    }

    /**
     * A setting that is a file.
     *
     * @param name its name
     * @param otherwise the name of the file in the folder where it is absent
     * @return the file
     */
    public Path file(String name, String otherwise) {
        return path(name).orElseGet(() -> folder().resolve(otherwise));
    }

    StoreLocation store() {
        return text("store").map(StoreLocation::parse).orElseGet(() -> new StoreLocation.Sqlite(folder().resolve("store.db")));
    }

    TrustMode mode() {
        String name = text("mode").orElse("authorized");
        return TrustMode.of(name).orElseThrow(() -> new IllegalArgumentException(
                "mode: expected 'authorized' (also 'aad') or 'isolated', found '" + name + "'; 'shared' is not offered"));
    }

    boolean conscrypt() {
        String name = text("crypto-provider").orElse("jdk");
        return switch (name) {
            case "jdk" -> false;
            case "conscrypt" -> true;
            default -> throw new IllegalArgumentException("crypto-provider: expected jdk or conscrypt, found '" + name + "'");
        };
    }

    Optional<Devices.Kind> attester() {
        String name = text("attester").orElse("none");
        return switch (name) {
            case "none" -> Optional.empty();
            case "gramine" -> Optional.of(Devices.Kind.GRAMINE);
            case "tsm" -> Optional.of(Devices.Kind.TSM);
            default -> throw new IllegalArgumentException("attester: expected none, gramine or tsm, found '" + name + "'");
        };
    }

    int approvals() {
        String number = text("policy-approvals").orElse("1");
        return switch (number) {
            case "1" -> 1;
            case "2" -> 2;
            default -> throw new IllegalArgumentException("policy-approvals: expected 1 or 2, found '" + number + "'");
        };
    }

    TokenAlgorithm tokenAlgorithm() {
        try {
            return text("token-algorithm").map(TokenAlgorithm::of).orElse(TokenAlgorithm.RS256);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("token-algorithm: " + e.getMessage(), e);
        }
    }

    ServiceSettings.Recorded recorded() {
        String name = text("record").orElse("proven");
        return switch (name) {
            case "all" -> ServiceSettings.Recorded.ALL;
            case "proven" -> ServiceSettings.Recorded.PROVEN;
            case "none" -> ServiceSettings.Recorded.NONE;
            default -> throw new IllegalArgumentException("record: expected all, proven or none, found '" + name + "'");
        };
    }

    Set<TcbStatus> acceptedTcb() {
        if (text("accept-tcb").isEmpty()) {
            return EnumSet.complementOf(EnumSet.of(TcbStatus.REVOKED));
        }
        Set<TcbStatus> accepted = EnumSet.of(TcbStatus.UP_TO_DATE);
        for (String each : list("accept-tcb")) {
            TcbStatus status = TcbStatus.of(each).filter(found -> found != TcbStatus.REVOKED).orElseThrow(() ->
                    new IllegalArgumentException("accept-tcb: expected statuses among " + List.of(TcbStatus.values())
                            + " other than Revoked, found '" + each + "'"));
            accepted.add(status);
        }
        return accepted;
    }

    Optional<URI> uri(String name) {
        return text(name).map(value -> {
            try {
                return URI.create(value);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(name + ": expected an address, found '" + value + "'", e);
            }
        });
    }

    /** {@return the names of the settings that are given; their values may be secret places} */
    @Override
    public String toString() {
        return "configuration of " + new TreeSet<>(values.keySet());
    }
}
