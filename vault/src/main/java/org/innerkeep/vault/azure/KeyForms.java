package org.innerkeep.vault.azure;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.vault.key.KeySettings;
import org.innerkeep.vault.key.KeyState;
import org.innerkeep.vault.key.KeyVersion;
import org.innerkeep.vault.key.VaultKey;

/**
 * Keys in the words of Azure Key Vault's answers. Nothing secret is in them.
 *
 * @param address of the vault as its clients know it, without a slash at its end: ids of keys begin with it
 */
record KeyForms(String address) {
    /** Deleted keys can be recovered until they are purged, and whoever may change keys can purge them. */
    private static final String RECOVERY_LEVEL = "Recoverable+Purgeable";

    /** What a key is called: Azure's clients take name and version from it. */
    String id(VaultKey key, KeyVersion version) {
        return address + "/keys/" + key.name() + "/" + version.id();
    }

    /** A version with its public key. */
    Map<String, Object> bundle(VaultKey key, KeyVersion version) {
        Map<String, Object> bundle = new LinkedHashMap<>();
        bundle.put("key", webKey(key, version));
        bundle.put("attributes", attributes(version));
        if (!version.settings().tags().isEmpty()) {
            bundle.put("tags", version.settings().tags());
        }
        version.settings().releasePolicy().ifPresent(policy -> {
            Map<String, Object> form = new LinkedHashMap<>();
            form.put("contentType", policy.contentType());
            form.put("data", Base64Text.url(policy.data().toArray()));
            form.put("immutable", policy.immutable());
            bundle.put("release_policy", form);
        });
        return bundle;
    }

    /** The newest version of a deleted key. */
    Map<String, Object> deleted(VaultKey key) {
        return deleted(key, bundle(key, key.newest()));
    }

    private Map<String, Object> deleted(VaultKey key, Map<String, Object> form) {
        form.put("recoveryId", address + "/deletedkeys/" + key.name());
        if (key.state() instanceof KeyState.Deleted deleted) {
            form.put("deletedDate", deleted.at().getEpochSecond());
            form.put("scheduledPurgeDate", deleted.purgeAt().getEpochSecond());
        }
        return form;
    }

    /** A key in a list. */
    Map<String, Object> item(VaultKey key) {
        return item(address + "/keys/" + key.name(), key.newest());
    }

    /** A deleted key in a list. */
    Map<String, Object> deletedItem(VaultKey key) {
        return deleted(key, item(key));
    }

    /** A version in a list. */
    Map<String, Object> item(VaultKey key, KeyVersion version) {
        return item(id(key, version), version);
    }

    private static Map<String, Object> item(String id, KeyVersion version) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("kid", id);
        item.put("attributes", attributes(version));
        if (!version.settings().tags().isEmpty()) {
            item.put("tags", version.settings().tags());
        }
        return item;
    }

    /** A page of a list. */
    static Map<String, Object> page(List<Map<String, Object>> items, Optional<String> next) {
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("value", items);
        next.ifPresent(link -> page.put("nextLink", link));
        return page;
    }

    /** The public part as a JSON Web Key. */
    Map<String, Object> webKey(VaultKey key, KeyVersion version) {
        Map<String, Object> form = new LinkedHashMap<>();
        form.put("kid", id(key, version));
        form.put("kty", version.kty());
        form.put("key_ops", List.copyOf(version.settings().operations()));
        WebKeyType.of(version.kty())
                .ifPresent(type -> form.putAll(KeyFields.of(type, version.parameter(), version.publicKey())));
        return form;
    }

    private static Map<String, Object> attributes(KeyVersion version) {
        KeySettings settings = version.settings();
        Map<String, Object> form = new LinkedHashMap<>();
        form.put("enabled", settings.enabled());
        settings.notBefore().map(Instant::getEpochSecond).ifPresent(at -> form.put("nbf", at));
        settings.expires().map(Instant::getEpochSecond).ifPresent(at -> form.put("exp", at));
        form.put("created", version.created().getEpochSecond());
        form.put("updated", version.updated().getEpochSecond());
        form.put("recoveryLevel", RECOVERY_LEVEL);
        form.put("exportable", settings.exportable());
        return form;
    }
}
