package org.innerkeep.cli.enclosed;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.innerkeep.attestation.Enclosure;
import org.innerkeep.attestation.Pem;
import org.innerkeep.attestation.ServiceConfiguration;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import tools.jackson.databind.JsonNode;

/**
 * The jar with the settings of a service in an enclave, and the files that they name. All of it is public: of admin keys it has
 * SHA-256. The same settings and files give the same bytes.
 */
final class SettingsJar {
    private static final String FOLDER = "innerkeep-service/";
    private static final String FILE = FOLDER + "service.properties";
    private static final String AUTHORITIES = "vault-authorities";
    private static final int MAX_FILE = 4 << 20;
    private static final int MAX_KEY_FILE = 4096;
    private static final Set<String> FILES = Set.of(
            "policy-signers", "endorsements", "root-intel", "root-amd", "root-aws", "root-tpm", "root-nvidia", "keeper-anchor",
                    "oidc-keys");

    /** Keys in files, and where their digests go. */
    private static final Map<String, String> KEYS = Map.of(
            "admin-key-file", "admin-key-digest", "vault-admin-key-file", "vault-admin-key-digest", "user-key-file",
                    "user-key-digest");

    /** Of whoever runs the host: no part of what the service is. */
    static final Set<String> OUTSIDE = Set.of("folder", "listen");

    private final Map<String, byte[]> entries = new TreeMap<>();

    private SettingsJar() {}

    /**
     * Collects.
     *
     * @param configuration the settings as for a service that runs outside
     * @return what goes into the jar
     * @throws IOException if a file that is named cannot be read
     * @throws IllegalArgumentException if a setting has no meaning in an enclave
     */
    static SettingsJar of(ServiceConfiguration configuration) throws IOException {
        SettingsJar jar = new SettingsJar();
        Map<String, String> inside = new TreeMap<>();
        for (String name : configuration.names()) {
            Optional<String> value = configuration.text(name);
            if (value.isEmpty() || OUTSIDE.contains(name) || KEYS.containsKey(name)) {
                continue;
            }
            inside.put(name, FILES.contains(name) || name.equals(AUTHORITIES) ? jar.taken(configuration, name) : value.get());
        }
        for (Map.Entry<String, String> key : KEYS.entrySet()) {
            List<String> digests = new ArrayList<>(configuration.list(key.getValue()));
            for (String file : configuration.list(key.getKey())) {
                digests.add(digest(configuration.resolve(file)));
            }
            if (!digests.isEmpty()) {
                inside.put(key.getValue(), String.join(",", digests));
            }
        }
        Enclosure.check(ServiceConfiguration.of(inside));
        jar.entries.put(FILE, properties(inside));
        return jar;
    }

    /** SHA-256 of a key as whoever has it shows it. */
    private static String digest(Path file) throws IOException {
        Pem.requireOwnerOnly(file);
        if (Files.size(file) > MAX_KEY_FILE) {
            throw new IOException(file + ": expected at most " + MAX_KEY_FILE + " bytes");
        }
        String key = Files.readString(file).strip();
        if (key.length() < 32) {
            // Its digest is public: what can be guessed can be tried.
            throw new IOException(file + ": expected a random key of at least 32 characters, since its digest is in the bundle,"
                    + " for anybody"
                    + " to try keys on");
        }
        return Bytes.sha256(key.getBytes(StandardCharsets.UTF_8)).hex();
    }

    private String taken(ServiceConfiguration configuration, String name) throws IOException {
        List<String> taken = new ArrayList<>();
        for (String each : configuration.list(name)) {
            Path file = configuration.resolve(each);
            String as = name + "/" + (taken.size() + 1) + "-" + file.getFileName();
            take(file, as);
            if (name.equals(AUTHORITIES)) {
                takeBeside(file, name);
            }
            taken.add(as);
        }
        return String.join(",", taken);
    }

    private void take(Path file, String as) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) > MAX_FILE || !as.matches("[A-Za-z0-9._/-]+")) {
            throw new IOException(file + ": expected a file of at most " + MAX_FILE + " bytes, with a name of letters, digits,"
                    + " dots,"
                    + " underscores and hyphens");
        }
        entries.put(FOLDER + as, Files.readAllBytes(file));
    }

    /** The key sets and roots that a file of authorities names. */
    private void takeBeside(Path authorities, String folder) throws IOException {
        try {
            for (JsonNode each : StrictJson.upTo(MAX_FILE).object(AUTHORITIES, Files.readAllBytes(authorities))
                    .path("authorities").values()) {
                for (String field : List.of("keys", "root")) {
                    String named = each.path(field).stringValue("");
                    if (!named.isEmpty() && !named.startsWith("https:")) {
                        if (!named.matches("[A-Za-z0-9._-]+")) {
                            throw new IOException(authorities + ": expected the names of files beside it, found '" + named + "'");
                        }
                        take(authorities.resolveSibling(named), folder + "/" + named);
                    }
                }
            }
        } catch (MalformedException e) {
            throw new IOException(authorities + ": " + e.getMessage(), e);
        }
    }

    /** In one order and without a time, which the JDK's own writer adds; and exactly what is read again. */
    private static byte[] properties(Map<String, String> values) throws IOException {
        StringBuilder text = new StringBuilder();
        values.forEach((name, value) -> {
            if (value.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException(name + ": expected a value of one line, without control characters");
            }
            text.append(name).append('=').append(value.replace("\\", "\\\\")).append('\n');
        });
        Properties again = new Properties();
        again.load(new StringReader(text.toString()));
        if (!again.equals(values)) {
            throw new IOException("the settings cannot be written as properties that say the same: " + values.keySet());
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    void write(Path file) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> each : entries.entrySet()) {
                ZipEntry entry = new ZipEntry(each.getKey());
                entry.setTimeLocal(LocalDateTime.of(1980, 2, 1, 0, 0));
                zip.putNextEntry(entry);
                zip.write(each.getValue());
                zip.closeEntry();
            }
        }
        try (OutputStream out = Files.newOutputStream(file)) {
            bytes.writeTo(out);
        }
    }
}
