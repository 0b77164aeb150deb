package org.innerkeep.attestation;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.innerkeep.attestation.attester.Devices;
import org.innerkeep.attestation.attester.KeyEvidence;
import org.innerkeep.attestation.http.AdminSettings;
import org.innerkeep.attestation.http.AttestationServer;
import org.innerkeep.attestation.http.HttpLimits;
import org.innerkeep.attestation.http.Route;
import org.innerkeep.attestation.log.HeadFile;
import org.innerkeep.attestation.log.LogAnchor;
import org.innerkeep.attestation.log.LogKey;
import org.innerkeep.attestation.store.AttestationStore;
import org.innerkeep.attestation.store.BelievedStore;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.attestation.store.StoreLocation;
import org.innerkeep.attestation.store.StoreOptions;
import org.innerkeep.attestation.token.FileVault;
import org.innerkeep.attestation.token.KeyVault;
import org.innerkeep.attestation.token.Pkcs11Vault;
import org.innerkeep.attestation.token.SigningProvider;
import org.innerkeep.attestation.token.TokenKeyRing;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.endorsements.AmdKds;
import org.innerkeep.endorsements.CachingEndorsements;
import org.innerkeep.endorsements.IntelPcs;
import org.innerkeep.endorsements.Limits;
import org.innerkeep.evidence.Anchor;
import org.innerkeep.evidence.EndorsementPool;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.Maker;
import org.innerkeep.evidence.MakerRoot;
import org.innerkeep.evidence.MakerRoots;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Verifier;

/**
 * A service that runs as a configuration says: opens its store and keys, makes what is not there yet, and serves until it is closed.
 *
 * <p>Safe for use by several threads.
 */
public final class RunningService implements AutoCloseable {
    private static final Duration TOKEN_LIFETIME = Duration.ofHours(8);
    private static final Duration NONCE_VALIDITY = Duration.ofMinutes(5);
    private static final Duration KEY_ROTATION = Duration.ofDays(90);
    private static final Duration KEY_OVERLAP = Duration.ofDays(2);
    private static final Duration APPROVAL_VALIDITY = Duration.ofDays(3);
    private static final Duration REFETCH_AFTER = Duration.ofHours(12);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final int CACHED_FILES = 4096;
    private static final long CACHED_BYTES = 256L << 20;
    private static final int STRANGERS_PER_SECOND = 50;
    private static final int MAX_KEY_FILE = 4096;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final List<String> said = new ArrayList<>();
    private final AttestationService service;
    private final AttestationServer server;
    private final AttestationStore store;
    private final LogAnchor logAnchor;
    private final Optional<Path> trialCertificate;
    private final Optional<Path> adminKeyFile;

    /**
     * The clocks of a service.
     *
     * @param system of this machine
     * @param appraisal the time that evidence is appraised for: the same, except in tests with evidence of another time
     */
    public record Clocks(Clock system, InstantSource appraisal) {
        /** {@return this machine's clock for both} */
        public static Clocks ofSystem() {
            return new Clocks(Clock.systemUTC(), InstantSource.system());
        }
    }

    /**
     * Starts.
     *
     * @param configuration the settings
     * @param clocks the time
     * @return the service, which serves
     * @throws IOException if something that it needs cannot be opened or made
     * @throws IllegalArgumentException if a setting is not understood
     */
    public static RunningService start(ServiceConfiguration configuration, Clocks clocks) throws IOException {
        return start(configuration, clocks, Devices.ofLinux(), List.of());
    }

    /**
     * Starts, with further parts.
     *
     * @param configuration the settings
     * @param clocks the time
     * @param parts opened in their order, closed in the other one
     * @return the service, which serves
     * @throws IOException if something that it or a part needs cannot be opened or made
     * @throws IllegalArgumentException if a setting is not understood
     */
    public static RunningService start(ServiceConfiguration configuration, Clocks clocks, List<ServicePart> parts) throws IOException {
        return start(configuration, clocks, Devices.ofLinux(), parts);
    }

    /** With devices elsewhere, for tests: no setting names them. */
    static RunningService start(ServiceConfiguration configuration, Clocks clocks, Devices devices, List<ServicePart> parts)
            throws IOException {
        return new RunningService(configuration, clocks, devices, parts, Optional.empty());
    }

    /**
     * Starts inside an enclave, in the clear on a loopback address that nobody else can reach.
     *
     * @param configuration the settings, of those that {@link Enclosure#check} lets pass
     * @param clocks the time
     * @param parts opened in their order, closed in the other one
     * @param enclosure what is there in place of files
     * @return the service, which serves
     * @throws IOException if something that it or a part needs cannot be opened or made
     * @throws IllegalArgumentException if a setting is not understood, or has no meaning inside an enclave
     */
    public static RunningService startInside(
            ServiceConfiguration configuration, Clocks clocks, List<ServicePart> parts, Enclosure enclosure) throws IOException {
        Enclosure.check(configuration);
        // What strangers send is in the enclave's memory, so nothing of it is kept unless a setting says so.
        Map<String, String> settings = new LinkedHashMap<>(Map.of("record", "none", "keep-contents", "false"));
        settings.keySet().removeAll(configuration.names());
        settings.putAll(Map.of("vault-master-key", "enclave", "listen", "127.0.0.1:" + enclosure.port()));
        return new RunningService(
                configuration.with(settings),
                clocks,
                Devices.ofLinux(),
                parts,
                Optional.of(enclosure));
    }

    private RunningService(
            ServiceConfiguration configuration,
            Clocks clocks,
            Devices devices,
            List<ServicePart> parts,
            Optional<Enclosure> enclosure)
            throws IOException {
        boolean started = false;
        try {
            Optional<StateFiles> files = enclosure.isPresent() ? Optional.empty()
                    : Optional.of(new StateFiles(configuration.folder()));
            SecureRandom random = new SecureRandom();
            InetSocketAddress listen = listen(configuration);
            boolean plain = enclosure.isPresent() || configuration.flag("plain-http", false);
            if (plain && !listen.getAddress().isLoopbackAddress()) {
                throw new IllegalArgumentException(
                        "plain-http: only on a loopback address, where a proxy that ends TLS may stand before it");
            }
            // Every setting is understood before anything is made.
            String issuer = configuration.text("issuer").orElseGet(() -> defaultIssuer(plain, listen));
            ServiceSettings settings = settings(configuration, issuer);
            TokenKeyRing.Settings signing = new TokenKeyRing.Settings(
                    issuer,
                    settings.tokenLifetime(),
                    configuration.duration("key-rotation", KEY_ROTATION),
                    configuration.duration("key-overlap", KEY_OVERLAP),
                    configuration.tokenAlgorithm());
            StoreLocation location = enclosure.<StoreLocation>map(inside -> new StoreLocation.Memory(inside.journal()))
                    .orElseGet(configuration::store);
            boolean keepContents = configuration.flag("keep-contents", true);
            // Inside, all clients come from the runtime's end of TLS: one address, a connection each.
            HttpLimits limits = enclosure.isPresent()
                    ? limits(configuration, STRANGERS_PER_SECOND).eachConnection()
                    : limits(configuration, listen);
            Optional<Provider> crypto = configuration.conscrypt()
                    ? Optional.of(SigningProvider.conscrypt(RunningService.class.getClassLoader()))
                    : Optional.empty();
            if (settings.approvalValidity().isPresent()
                    && configuration.list("admin-key-file").size() + configuration.list("admin-key-digest").size() < 2
                    && configuration.text("oidc-issuer").isEmpty()) {
                throw new IllegalArgumentException("policy-approvals: with 2, nobody could approve what the one admin key proposes;"
                        + " give several files in admin-key-file, or an oidc-issuer");
            }
            for (ServicePart part : parts) {
                part.check(configuration);
            }
            Optional<Devices.Kind> attester = configuration.attester();
            Optional<KeyEvidence> evidence = attester.isPresent()
                    ? Optional.of(KeyEvidence.tryOut(devices.attester(attester.get(), random), issuer, random))
                    : Optional.empty();
            Optional<StateFiles.Tls> tls = plain || files.isEmpty()
                    ? Optional.empty()
                    : Optional.of(tls(configuration, files.get(), listen, clocks, random));
            this.trialCertificate = tls.flatMap(StateFiles.Tls::trialCertificate);
            Path logKeyFile = configuration.file("log-key-file", "log.key");
            LogKey logKey = files.isPresent() ? files.get().logKey(logKeyFile) : enclosure.orElseThrow().logKey();
            this.logAnchor = logKey.anchor();
            // Closed last: what still uses the store may need it.
            KeyVault vault = files.isPresent()
                    ? vault(configuration, files.get(), crypto, random)
                    : new FileVault(enclosure.orElseThrow().tokens(), crypto);
            opened.add(vault);
            enclosure.ifPresent(inside -> opened.add(inside.master()));
            StoreOptions options = StoreOptions.of(location, logKey).withClock(clocks.system());
            if (files.isPresent()) {
                // Inside an enclave the journal answers for being the newest.
                HeadFile heads = HeadFile.open(
                        configuration.path("log-head-file").orElse(logKeyFile.resolveSibling(logKeyFile.getFileName() + ".head")),
                        logAnchor);
                opened.add(heads);
                options = options.withHeadFile(heads, configuration.text("accept-rollback").orElse(""));
            }
            AttestationStore opening = AttestationStore.open(keepContents ? options : options.withoutContents());
            opened.add(opening);
            // Before this start logs anything.
            Instant notBefore = opening.log().head().map(head -> head.head().time()).orElse(Instant.MIN);
            this.store = BelievedStore.over(opening, logKey);
            TokenKeyRing keys = new TokenKeyRing(store, vault, evidence, signing, clocks.system(), random);
            Verifier verifier = crypto.map(Verifier::with).orElseGet(Verifier::new);
            Endorsements atHand = atHand(configuration);
            Optional<Endorsements> fetched = fetched(configuration);
            this.service = new AttestationService(settings, new AttestationService.Parts(
                    store,
                    keys,
                    verifier,
                    atHand,
                    fetched,
                    clocks.system(),
                    clocks.appraisal(),
                    random));
            service.administration().foundApprovals(configuration.text("lower-policy-approvals").orElse(""));
            service.administration().foundSigners(signers(configuration));
            this.adminKeyFile = files.isPresent() ? adminKeyFile(configuration, files.get(), random) : Optional.empty();
            Map<String, String> adminKeys = adminKeys(configuration, adminKeyFile, store.nonceSecret());
            AdminSettings admin = new AdminSettings(
                    adminKeys,
                    vaultKeys(configuration),
                    userKey(configuration),
                    issuer(configuration),
                    AdminKeyDigests.of(configuration, store.nonceSecret(), adminKeys.values()));
            ServicePart.Surroundings surroundings = new ServicePart.Surroundings(
                    configuration,
                    configuration.folder(),
                    store.further(),
                    store.log(),
                    verifier,
                    settings.floors().anchors(),
                    atHand,
                    fetched,
                    clocks.system(),
                    notBefore,
                    clocks.appraisal(),
                    random,
                    evidence,
                    enclosure);
            List<Route> further = new ArrayList<>();
            for (ServicePart part : parts) {
                ServicePart.Opened open = part.open(surroundings);
                opened.add(open);
                further.addAll(open.routes());
                said.addAll(open.said());
            }
            this.server =
                    AttestationServer.start(service, listen, tls.map(StateFiles.Tls::context), admin, limits, further);
            opened.add(server);
            started = true;
        } finally {
            if (!started) {
                close();
            }
        }
    }

    private static InetSocketAddress listen(ServiceConfiguration configuration) {
        String text = configuration.text("listen").orElse("127.0.0.1:8443");
        int colon = text.lastIndexOf(':');
        try {
            String host = text.substring(0, Math.max(0, colon));
            InetAddress address = InetAddress.getByName(host.startsWith("[") ? host.substring(1, host.length() - 1) : host);
            if (!host.isEmpty()) {
                return new InetSocketAddress(address, Integer.parseInt(text.substring(colon + 1)));
            }
        } catch (IOException | IllegalArgumentException e) {
            // Falls through.
        }
        throw new IllegalArgumentException("listen: expected HOST:PORT, found '" + text + "'");
    }

    /** Clients compare the issuer with the address that they use, and certificates are for names. */
    private static String defaultIssuer(boolean plain, InetSocketAddress listen) {
        if (listen.getPort() == 0) {
            throw new IllegalArgumentException("issuer: with a port that the system chooses, say what the issuer is");
        }
        String host = listen.getAddress().isLoopbackAddress() ? "localhost" : listen.getHostString();
        return (plain ? "http://" : "https://") + host + ":" + listen.getPort();
    }

    private static StateFiles.Tls tls(
            ServiceConfiguration configuration, StateFiles files, InetSocketAddress listen, Clocks clocks, SecureRandom random)
            throws IOException {
        Optional<Path> certificate = configuration.path("tls-certificate");
        Optional<Path> key = configuration.path("tls-key");
        if (certificate.isPresent() != key.isPresent()) {
            throw new IllegalArgumentException("tls-certificate, tls-key: expected both or none");
        }
        if (certificate.isPresent()) {
            SSLContext context = Pem.serverContext(Pem.certificates(certificate.get()), Pem.privateKey(key.get()));
            return new StateFiles.Tls(context, Optional.empty());
        }
        if (!listen.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException("tls-certificate, tls-key: expected where others than this machine can connect;"
                    + " a generated certificate is for a trial on a loopback address");
        }
        return files.trialTls(clocks.system().instant(), random);
    }

    private static KeyVault vault(
            ServiceConfiguration configuration, StateFiles files, Optional<Provider> crypto, SecureRandom random) throws IOException {
        Optional<String> library = configuration.text("pkcs11-library");
        if (library.isEmpty()) {
            return new FileVault(WrappingKey.readOrCreate(
                    files.inFolder(configuration.file("wrapping-key-file", "wrapping.key")), random), crypto);
        }
        Path pinFile = configuration.path("pkcs11-pin-file")
                .orElseThrow(() -> new IllegalArgumentException("pkcs11-pin-file: expected with pkcs11-library"));
        long slot = configuration.text("pkcs11-slot").map(Long::parseLong)
                .orElseThrow(() -> new IllegalArgumentException("pkcs11-slot: expected with pkcs11-library"));
        Pem.requireOwnerOnly(pinFile);
        return Pkcs11Vault.open(library.get(), slot, secret(pinFile).toCharArray());
    }

    private static ServiceSettings settings(ServiceConfiguration configuration, String issuer) throws IOException {
        Floors floors = new Floors(
                anchors(configuration),
                !configuration.flag("refuse-debug", false),
                !configuration.flag("refuse-migration", false),
                configuration.acceptedTcb(),
                configuration.number("least-tcb-evaluation"),
                configuration.flag("allow-missing-revocation-list", false));
        return new ServiceSettings(
                issuer,
                configuration.duration("token-lifetime", TOKEN_LIFETIME),
                configuration.mode(),
                floors,
                configuration.flag("require-runtime-data", false),
                configuration.duration("nonce-validity", NONCE_VALIDITY),
                configuration.recorded(),
                configuration.approvals() > 1
                        ? Optional.of(configuration.duration("policy-approval-validity", APPROVAL_VALIDITY))
                        : Optional.empty());
    }

    private static List<Anchor> anchors(ServiceConfiguration configuration) throws IOException {
        List<Anchor> anchors = new ArrayList<>();
        for (Maker maker : Maker.values()) {
            String setting = "root-" + maker.name().toLowerCase(Locale.ROOT);
            List<String> files = configuration.list(setting);
            for (String file : files) {
                for (X509Certificate each : Pem.certificates(configuration.resolve(file))) {
                    anchors.add(MakerRoot.of(maker, each));
                }
            }
            if (files.isEmpty()) {
                MakerRoots.all().stream().filter(root -> root.maker() == maker).forEach(anchors::add);
            }
        }
        for (String file : configuration.list("keeper-anchor")) {
            anchors.add(KeeperAnchor.parse(Files.readString(configuration.resolve(file)).strip()));
        }
        return anchors;
    }

    private static Endorsements atHand(ServiceConfiguration configuration) throws IOException {
        List<Endorsements> sources = new ArrayList<>();
        for (String place : configuration.list("endorsements")) {
            try {
                sources.add(EndorsementPool.read(configuration.resolve(place)));
            } catch (MalformedException e) {
                throw new IOException(place + ": " + e.getMessage(), e);
            }
        }
        return Endorsements.allOf(sources);
    }

    private static Optional<Endorsements> fetched(ServiceConfiguration configuration) throws IOException {
        Optional<URI> pccs = configuration.uri("pccs");
        if (!configuration.flag("fetch", false) && pccs.isEmpty()) {
            return Optional.empty();
        }
        HttpClient client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
        IntelPcs.Version version = IntelPcs.Version.unspecified();
        IntelPcs intel = pccs.isPresent()
                ? IntelPcs.pccs(client, pccs.get(), version, Limits.DEFAULT)
                : IntelPcs.intel(client, version, Limits.DEFAULT);
        return Optional.of(new CachingEndorsements(
                Endorsements.allOf(List.of(intel, AmdKds.amd(client, Limits.DEFAULT))),
                configuration.file("cache", "endorsements"),
                REFETCH_AFTER,
                CACHED_FILES,
                CACHED_BYTES,
                InstantSource.system()));
    }

    private static List<X509Certificate> signers(ServiceConfiguration configuration) throws IOException {
        Optional<Path> file = configuration.path("policy-signers");
        return file.isPresent() ? Pem.certificates(file.get()) : List.of();
    }

    /** In a trial a key is made; a service that has an issuer of tokens needs none. */
    private static Optional<Path> adminKeyFile(ServiceConfiguration configuration, StateFiles files, SecureRandom random)
            throws IOException {
        Optional<Path> named = configuration.list("admin-key-file").stream().findFirst().map(configuration::resolve);
        if (named.isPresent() || configuration.text("oidc-issuer").isPresent() || configuration.text("admin-key-digest")
                .isPresent()) {
            return named;
        }
        return Optional.of(files.adminKey(random));
    }

    /** Each is an identity of its own, on every instance the same; where there are several, the file's name is told as well. */
    private static Map<String, String> adminKeys(ServiceConfiguration configuration, Optional<Path> first, byte[] secret)
            throws IOException {
        List<Path> files = configuration.list("admin-key-file").stream().map(configuration::resolve).toList();
        Map<String, String> keys = new LinkedHashMap<>();
        for (Path file : files.isEmpty() ? first.stream().toList() : files) {
            Pem.requireOwnerOnly(file);
            String key = secret(file);
            Optional<String> told = files.size() > 1 ? Optional.of(String.valueOf(file.getFileName())) : Optional.empty();
            if (keys.putIfAbsent(AdminIdentity.of(secret, key, told), key) != null) {
                throw new IllegalArgumentException("admin-key-file: expected different keys, found one twice, in files called "
                        + file.getFileName());
            }
        }
        return keys;
    }

    /** In a trial one key does both. Where two people have to agree on policies, one of them is not for that the owner of the keys. */
    private static Optional<Map<String, String>> vaultKeys(ServiceConfiguration configuration) throws IOException {
        List<Path> files = configuration.list("vault-admin-key-file").stream().map(configuration::resolve).toList();
        if (files.isEmpty()) {
            if (configuration.text("vault-admin-key-digest").isPresent()) {
                return Optional.of(Map.of());
            }
            return configuration.number("policy-approvals").orElse(1) > 1 ? Optional.of(Map.of()) : Optional.empty();
        }
        Map<String, String> keys = new LinkedHashMap<>();
        for (Path file : files) {
            Pem.requireOwnerOnly(file);
            String name = files.size() == 1 ? AdminSettings.VAULT_KEY : AdminSettings.VAULT_KEY + " " + file.getFileName();
            if (keys.putIfAbsent(name, secret(file)) != null) {
                throw new IllegalArgumentException("vault-admin-key-file: expected files of different names, found two called "
                        + file.getFileName());
            }
        }
        return Optional.of(keys);
    }

    private static Optional<String> userKey(ServiceConfiguration configuration) throws IOException {
        Optional<Path> file = configuration.path("user-key-file");
        if (file.isEmpty()) {
            return Optional.empty();
        }
        Pem.requireOwnerOnly(file.get());
        return Optional.of(secret(file.get()));
    }

    private static String secret(Path file) throws IOException {
        if (Files.size(file) > MAX_KEY_FILE) {
            throw new IOException(file + ": expected at most " + MAX_KEY_FILE + " bytes");
        }
        return Files.readString(file, StandardCharsets.UTF_8).strip();
    }

    private static Optional<AdminSettings.Issuer> issuer(ServiceConfiguration configuration) throws IOException {
        Optional<String> name = configuration.text("oidc-issuer");
        if (name.isEmpty()) {
            return Optional.empty();
        }
        String audience = configuration.text("oidc-audience")
                .orElseThrow(() -> new IllegalArgumentException("oidc-audience: expected with oidc-issuer, who tokens must be for"));
        String keys = configuration.text("oidc-keys").orElseThrow(() -> new IllegalArgumentException(
                "oidc-keys: expected with oidc-issuer, a file with its key set or the https address of it"));
        AdminSettings.Keys from = keys.startsWith("https:")
                ? new AdminSettings.Keys.Published(URI.create(keys))
                : new AdminSettings.Keys.Pinned(new String(Pem.read(configuration.resolve(keys)), StandardCharsets.UTF_8));
        return Optional.of(new AdminSettings.Issuer(
                name.get(),
                audience,
                from,
                configuration.text("oidc-reader-role").orElse("Attestation Reader"),
                configuration.text("oidc-contributor-role").orElse("Attestation Contributor"),
                new AdminSettings.VaultRoles(
                        configuration.text("oidc-user-role"),
                        configuration.text("oidc-vault-reader-role"),
                        configuration.text("oidc-vault-role"))));
    }

    /** Where strangers can connect, the rate of each is limited; on a loopback address everyone has one address. */
    static HttpLimits limits(ServiceConfiguration configuration, InetSocketAddress listen) {
        return limits(
                configuration, listen.getAddress().isLoopbackAddress() ? HttpLimits.DEFAULT.perSecond() : STRANGERS_PER_SECOND);
    }

    private static HttpLimits limits(ServiceConfiguration configuration, int perSecond) {
        HttpLimits sound = HttpLimits.DEFAULT;
        return sound.withRoom(
                        configuration.number("max-connections").orElse(sound.maxConnections()),
                        configuration.number("max-at-once").orElse(sound.maxAtOnce()),
                        sound.maxWaiting())
                .withRequestTimeout(configuration.duration("request-timeout", sound.requestTimeout()))
                .withRate(configuration.number("requests-per-second").orElse(perSecond));
    }

    /** {@return the service without its network} */
    public AttestationService service() {
        return service;
    }

    /** {@return why the last change was not made, where it was not} */
    public Optional<StoreException.Code> storeFailure() {
        return store.writeFailure().map(StoreException::code);
    }

    /** {@return the port that it listens on} */
    public int port() {
        return server.port();
    }

    /** {@return what further parts tell whoever started the service} */
    public List<String> said() {
        return List.copyOf(said);
    }

    /** {@return the public key of the log, to be pinned by who keeps receipts} */
    public LogAnchor logAnchor() {
        return logAnchor;
    }

    /** {@return the certificate that was generated for a trial, PEM, to be trusted by clients; nothing where there is none} */
    public Optional<Path> trialCertificate() {
        return trialCertificate;
    }

    /** {@return the file with the admin key, where there is one} */
    public Optional<Path> adminKeyFile() {
        return adminKeyFile;
    }

    /**
     * Ends: no more connections, then what is under way within a grace, then store and keys. What cannot be closed keeps nothing else
     * open. Calling it again does nothing.
     *
     * @throws IllegalStateException if something could not be closed, with every reason
     */
    @Override
    public void close() {
        closeAll(opened);
    }

    static void closeAll(List<AutoCloseable> opened) {
        List<Exception> failed = new ArrayList<>();
        for (AutoCloseable each : opened.reversed()) {
            try {
                each.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failed.add(e);
            } catch (Exception e) {
                failed.add(e);
            }
        }
        opened.clear();
        if (!failed.isEmpty()) {
            IllegalStateException all = new IllegalStateException(
                    "the service was not closed in order: " + failed.getFirst().getMessage(), failed.getFirst());
            failed.stream().skip(1).forEach(all::addSuppressed);
            throw all;
        }
    }
}
