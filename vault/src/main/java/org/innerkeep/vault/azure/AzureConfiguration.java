package org.innerkeep.vault.azure;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.attestation.Pem;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.attestation.ServicePart.Surroundings;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.attestation.token.SelfSigned;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.TcbStatus;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.vault.key.KeyStore;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Opens the interface as the service's configuration says: {@code vault-address}, {@code vault-authorization}, {@code vault-resource},
 * {@code vault-authorities}, {@code vault-release-key} with {@code vault-release-certificate}, {@code vault-token-age} and {@code
 * vault-token-debug}.
 *
 * <p>{@code vault-authorities} names a file such as
 *
 * <pre>{@code
 * {"authorities":[
 *   {"name":"our own","issuer":"https://attest.example","keys":"attest-keys.json"},
 *   {"name":"azure","issuer":"https://x.eus.attest.azure.net","root":"azure.pem",
 *    "keys":"https://x.eus.attest.azure.net/certs","challenge":"optional"}]}
 * }</pre>
 *
 * {@code keys} is a JSON Web Key Set in a file, which then is pinned, or its https address; {@code root} is a certificate in PEM by which
 * alone the keys are believed. Names of files are relative to the file. Without the file no token is taken, and nothing is released.
 */
public final class AzureConfiguration {
    private static final StrictJson JSON = StrictJson.upTo(1 << 20);
    private static final int MAX_AUTHORITIES = 64;
    private static final int RSA_BITS = 3072;
    private static final Duration CERTIFICATE_LIFETIME = Duration.ofDays(3650);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private AzureConfiguration() {}

    /**
     * Opens the interface.
     *
     * @param surroundings what the service gives to its parts
     * @param store of the keys
     * @param challenges that the vault issues
     * @param folder where the release key is made where none is named; only its owner can enter it. None in an enclave, which has
     *     its own key
     * @return the interface; nothing where the vault has no https address that clients could know it by
     * @throws IOException if something that is named cannot be read, or the release key cannot be made
     * @throws IllegalArgumentException if a setting is not understood
     */
    public static Optional<AzureVault> open(Surroundings surroundings, KeyStore store, IssuedChallenges challenges,
            Optional<Path> folder)
            throws IOException {
        ServiceConfiguration configuration = surroundings.configuration();
        Optional<String> address = address(configuration);
        if (address.isEmpty()) {
            return Optional.empty();
        }
        AzureVault.Settings settings = settings(configuration, address.get());
        Optional<Path> file = configuration.path("vault-authorities");
        List<Authority> authorities = file.isPresent() ? authorities(file.get(), surroundings.clock()) : List.of();
        return Optional.of(new AzureVault(settings, new AzureVault.Parts(
                store,
                authorities,
                challenges,
                signer(surroundings, address.get(), folder),
                surroundings.verifier(),
                surroundings.clock(),
                surroundings.notBefore(),
                surroundings.random())));
    }

    /**
     * Looks whether the settings can be followed, before anything is opened or made.
     *
     * @param configuration the settings
     * @throws IOException if something that is named cannot be read
     * @throws IllegalArgumentException if a setting is not understood
     */
    public static void check(ServiceConfiguration configuration) throws IOException {
        Optional<String> address = address(configuration);
        if (address.isPresent()) {
            settings(configuration, address.get());
        }
        Optional<Path> file = configuration.path("vault-authorities");
        if (file.isPresent()) {
            authorities(file.get(), InstantSource.system());
        }
        bothOrNone(configuration);
    }

    private static AzureVault.Settings settings(ServiceConfiguration configuration, String address) {
        AzureVault.Settings usual = AzureVault.Settings.of(address);
        return new AzureVault.Settings(
                address,
                configuration.text("vault-authorization").map(URI::create).orElse(usual.authorization()),
                configuration.text("vault-resource").map(URI::create).orElse(usual.resource()),
                configuration.duration("vault-token-age", usual.maxTokenAge()),
                usual.clockSkew(),
                configuration.flag("vault-token-debug", false),
                configuration.list("vault-accept-tcb").stream().flatMap(each -> TcbStatus.of(each).stream()).toList());
    }

    private static void bothOrNone(ServiceConfiguration configuration) {
        if (configuration.path("vault-release-key").isPresent() != configuration.path("vault-release-certificate").isPresent()) {
            throw new IllegalArgumentException("vault-release-key, vault-release-certificate: expected both or none");
        }
    }

    /** What is set; or the issuer of the service; or, in a trial, this machine. */
    private static Optional<String> address(ServiceConfiguration configuration) {
        Optional<String> set = configuration.text("vault-address");
        if (set.isPresent()) {
            return set;
        }
        if (configuration.flag("plain-http", false)) {
            return Optional.empty();
        }
        return configuration.text("issuer").filter(each -> each.startsWith("https://")).or(() -> {
            String listen = configuration.text("listen").orElse("127.0.0.1:8443");
            return Optional.of("https://localhost" + listen.substring(Math.max(0, listen.lastIndexOf(':'))));
        });
    }

    private static List<Authority> authorities(Path file, InstantSource clock) throws IOException {
        try {
            ObjectNode root = JSON.object("authorities", Files.readAllBytes(file));
            StrictJson.only("authorities", root, List.of("authorities"));
            if (!(root.get("authorities") instanceof ArrayNode list) || list.size() > MAX_AUTHORITIES) {
                throw new MalformedException("authorities", -1, "expected a list of at most " + MAX_AUTHORITIES);
            }
            HttpClient client = HttpClient.newBuilder()
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .connectTimeout(CONNECT_TIMEOUT)
                    .build();
            List<Authority> all = new ArrayList<>();
            for (JsonNode each : list) {
                all.add(authority(file, each, client, clock));
            }
            if (all.stream().map(each -> ReleaseRules.normal(each.issuer())).distinct().count() != all.size()) {
                throw new MalformedException("issuer", -1, "expected each issuer once: with and without 'https://' or a slash at its end"
                        + " it is the same to release policies");
            }
            return all;
        } catch (MalformedException e) {
            throw new IOException("vault-authorities: " + file + ": " + e.getMessage(), e);
        }
    }

    private static Authority authority(Path file, JsonNode node, HttpClient client, InstantSource clock)
            throws MalformedException, IOException {
        if (!(node instanceof ObjectNode object)) {
            throw new MalformedException("authorities", -1, "expected JSON objects");
        }
        StrictJson.only("authority", object, List.of("name", "issuer", "keys", "root", "challenge"));
        String name = text(object, "name");
        String issuer = text(object, "issuer");
        String keys = text(object, "keys");
        boolean challengeNeeded = switch (StrictJson.text(object, "challenge").orElse("required")) {
            case "required" -> true;
            case "optional" -> false;
            default -> throw new MalformedException("challenge", -1, "expected \"required\" or \"optional\"");
        };
        Optional<String> root = StrictJson.text(object, "root");
        Optional<X509Certificate> certificate =
                root.isPresent() ? Optional.of(Pem.certificates(file.resolveSibling(root.get())).getFirst()) : Optional.empty();
        if (keys.startsWith("https:")) {
            return new PublishedAuthority(name, issuer, URI.create(keys), certificate, challengeNeeded, client, clock);
        }
        if (certificate.isPresent()) {
            throw new MalformedException("root", -1, "expected none beside keys that are pinned");
        }
        return Authority.pinned(name, TokenIssuer.of(issuer, Files.readAllBytes(file.resolveSibling(keys))), challengeNeeded);
    }

    private static String text(ObjectNode object, String name) throws MalformedException {
        return StrictJson.text(object, name)
                .filter(each -> !each.isEmpty())
                .orElseThrow(() -> new MalformedException(name, -1, "expected text"));
    }

    private static ReleaseSigner signer(Surroundings surroundings, String address, Optional<Path> folder) throws IOException {
        Instant now = surroundings.clock().instant();
        if (folder.isEmpty()) {
            KeyPair pair = surroundings.enclosure().orElseThrow().release();
            return new ReleaseSigner(pair.getPrivate(), Optional.empty(), List.of(certificate(pair, address, now,
                    surroundings.random())));
        }
        return signer(surroundings.configuration(), address, folder.get(), now, surroundings.random());
    }

    private static ReleaseSigner signer(
            ServiceConfiguration configuration, String address, Path folder, Instant now, SecureRandom random) throws IOException {
        Optional<Path> key = configuration.path("vault-release-key");
        Optional<Path> certificate = configuration.path("vault-release-certificate");
        bothOrNone(configuration);
        Path keyFile = key.orElseGet(() -> folder.resolve("vault-release.key"));
        Path certificateFile = certificate.orElseGet(() -> folder.resolve("vault-release.pem"));
        if (key.isEmpty() && !Files.exists(keyFile)) {
            makeKey(keyFile, certificateFile, address, now, random);
        }
        return new ReleaseSigner(Pem.privateKey(keyFile), Optional.empty(), Pem.certificates(certificateFile));
    }

    private static X509Certificate certificate(KeyPair pair, String address, Instant now, SecureRandom random) {
        return SelfSigned.ofTokens(address, pair, Optional.empty(), now, now.plus(CERTIFICATE_LIFETIME), Optional.empty(),
                random);
    }

    /** The certificate first, so that a key that is there always has one. */
    private static void makeKey(Path keyFile, Path certificateFile, String address, Instant now, SecureRandom random) throws IOException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(RSA_BITS, random);
            KeyPair pair = generator.generateKeyPair();
            X509Certificate certificate = certificate(pair, address, now, random);
            Files.deleteIfExists(certificateFile);
            write(certificateFile, Pem.block("CERTIFICATE", certificate.getEncoded()));
            write(keyFile, Pem.block("PRIVATE KEY", pair.getPrivate().getEncoded()));
        } catch (CertificateEncodingException e) {
            throw new IOException("the release key's certificate cannot be written", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("RSA is part of every Java platform", e);
        }
    }

    private static void write(Path file, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer bytes = StandardCharsets.US_ASCII.encode(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }
}
