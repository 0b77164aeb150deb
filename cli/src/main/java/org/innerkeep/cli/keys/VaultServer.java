package org.innerkeep.cli.keys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.innerkeep.attestation.Pem;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** A vault's server, and how its owner is known to it. */
final class VaultServer extends VaultAddress {
    private static final int MAX_KEY_FILE = 4096;

    @Option(names = "--admin-key-file", paramLabel = "FILE",
            description = "The key that lets change the vault (~/.innerkeep/service/admin.key).")
    private @Nullable Path adminKeyFile;

    VaultServer() {}

    ObjectNode get(String path) throws IOException {
        return send("GET", path);
    }

    ObjectNode send(String method, String path) throws IOException {
        return json(exchange(method, path, Optional.empty(), Optional.of(adminKey())));
    }

    ObjectNode send(String method, String path, String mediaType, byte[] body) throws IOException {
        return json(exchange(method, path, Optional.of(new Body(mediaType, body)), Optional.of(adminKey())));
    }

    private String adminKey() throws IOException {
        Path file = adminKeyFile == null ? inServiceFolder("admin.key") : adminKeyFile;
        if (!Files.exists(file)) {
            throw new IOException(file + ": no such file; name the admin key with --admin-key-file");
        }
        Pem.requireOwnerOnly(file);
        if (Files.size(file) > MAX_KEY_FILE) {
            throw new IOException(file + ": expected at most " + MAX_KEY_FILE + " bytes");
        }
        return Files.readString(file).strip();
    }
}
