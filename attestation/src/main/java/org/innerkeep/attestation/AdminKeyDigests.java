package org.innerkeep.attestation;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.http.AdminSettings;
import org.innerkeep.evidence.Bytes;

/**
 * Static keys whose digests stand in the settings: {@code admin-key-digest}, {@code vault-admin-key-digest}, {@code
 * user-key-digest}.
 */
final class AdminKeyDigests {
    private AdminKeyDigests() {}

    /**
     * Reads the settings.
     *
     * @param configuration the settings
     * @param secret of the store, by which records name keys
     * @param keys of whoever sets policies, which are in files
     * @throws IllegalArgumentException if one is no SHA-256 in hexadecimal, is there twice, or is that of a key in a file: one
     *     person would count as two
     */
    static AdminSettings.Digests of(ServiceConfiguration configuration, byte[] secret, Collection<String> keys) {
        Map<String, Bytes> admins = new LinkedHashMap<>();
        for (Bytes each : digests(configuration, "admin-key-digest")) {
            admins.put(AdminIdentity.of(secret, each.hex(), Optional.empty()), each);
        }
        for (String key : keys) {
            if (admins.containsValue(Bytes.sha256(key.getBytes(StandardCharsets.UTF_8)))) {
                throw new IllegalArgumentException("admin-key-digest: one is that of a key in admin-key-file, which would"
                        + " count as two people: leave it away");
            }
        }
        Map<String, Bytes> owners = new LinkedHashMap<>();
        List<Bytes> ofOwners = digests(configuration, "vault-admin-key-digest");
        for (Bytes each : ofOwners) {
            String name = ofOwners.size() == 1 ? AdminSettings.VAULT_KEY : AdminSettings.VAULT_KEY + " " + each.hex().substring(0,
                    16);
            owners.put(name, each);
        }
        List<Bytes> users = digests(configuration, "user-key-digest");
        if (users.size() > 1 || admins.size() != digests(configuration, "admin-key-digest").size()
                || owners.size() != ofOwners.size()) {
            throw new IllegalArgumentException("admin-key-digest, vault-admin-key-digest, user-key-digest: expected different"
                    + " ones, and one"
                    + " of a user");
        }
        return new AdminSettings.Digests(admins, owners, users.stream().findFirst());
    }

    private static List<Bytes> digests(ServiceConfiguration configuration, String setting) {
        return configuration.list(setting).stream().map(each -> {
            if (!each.matches("[0-9a-fA-F]{64}")) {
                throw new IllegalArgumentException(setting + ": expected SHA-256 in hexadecimal, 64 digits, found '" + each
                        + "'");
            }
            return Bytes.fromHex(each);
        }).toList();
    }
}
