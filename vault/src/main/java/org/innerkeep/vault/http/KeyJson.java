package org.innerkeep.vault.http;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.vault.key.KeyState;
import org.innerkeep.vault.key.KeyType;
import org.innerkeep.vault.key.KeyVersion;
import org.innerkeep.vault.key.VaultKey;
import org.innerkeep.vault.release.Asking;
import org.innerkeep.vault.release.ProvenEnclave;
import org.innerkeep.vault.release.ReleaseRecord;

/** Keys and decisions in JSON, without anything secret. */
final class KeyJson {
    private KeyJson() {}

    /**
     * A key in a list.
     *
     * @param refused whoever asked last, if that was refused
     */
    static Map<String, Object> brief(VaultKey key, Optional<ReleaseRecord> refused) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("name", key.name().text());
        all.put("type", key.newest().kty());
        all.put("parameter", key.newest().parameter());
        all.put("enabled", key.newest().settings().enabled());
        all.put("versions", key.versions().size());
        all.put("grants", key.grants().stream().filter(each -> each.revoked().isEmpty()).count());
        if (key.state() instanceof KeyState.Deleted deleted) {
            all.put("deletedAt", deleted.at().toString());
        }
        refused.ifPresent(each -> {
            Map<String, Object> last = new LinkedHashMap<>();
            last.put("time", each.time().toString());
            last.put("enclave", each.enclave());
            ProvenEnclave.parse(each.enclave()).ifPresent(enclave -> last.putAll(enclave(enclave)));
            all.put("lastRefused", last);
        });
        return all;
    }

    /** Enclaves that asked. */
    static Map<String, Object> asking(Asking asking) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("enclave", asking.line());
        asking.enclave().ifPresent(each -> all.putAll(enclave(each)));
        all.put("released", asking.released());
        all.put("refused", asking.refused());
        all.put("firstAt", asking.first().toString());
        all.put("lastAt", asking.last().toString());
        asking.lastReleased().ifPresent(each -> all.put("lastReleasedAt", each.toString()));
        return all;
    }

    private static Map<String, Object> enclave(ProvenEnclave enclave) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("platform", enclave.platform());
        enclave.measurement().ifPresent(each -> all.put("measurement", each.toString()));
        enclave.signer().ifPresent(each -> all.put("signer", each.hex()));
        enclave.productId().ifPresent(each -> all.put("productId", each));
        enclave.securityVersion().ifPresent(each -> all.put("securityVersion", each));
        enclave.memoryReadableBy().ifPresent(each -> all.put("memoryReadableBy", each));
        all.put("debug", enclave.debug());
        return all;
    }

    static Map<String, Object> whole(VaultKey key, Map<String, Long> uses) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("name", key.name().text());
        all.put("type", key.newest().kty());
        all.put("parameter", key.newest().parameter());
        if (key.state() instanceof KeyState.Deleted deleted) {
            all.put("deletedAt", deleted.at().toString());
            all.put("purgeAt", deleted.purgeAt().toString());
        }
        all.put("versions", key.versions().reversed().stream().map(KeyJson::version).toList());
        all.put("grants", key.grants().stream()
                .map(each -> GrantJson.write(each, uses.getOrDefault(each.grant().id(), 0L)))
                .toList());
        return all;
    }

    private static Map<String, Object> version(KeyVersion version) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("id", version.id());
        all.put("enabled", version.settings().enabled());
        if (version.type() == KeyType.IDENTITY) {
            all.put("recipient", recipient(version));
        }
        version.settings().notBefore().ifPresent(each -> all.put("notBefore", each.toString()));
        version.settings().expires().ifPresent(each -> all.put("expires", each.toString()));
        all.put("epoch", version.epoch());
        all.put("createdAt", version.created().toString());
        return all;
    }

    static String recipient(KeyVersion version) {
        return new String(version.publicKey().toArray(), StandardCharsets.US_ASCII);
    }

    static Map<String, Object> record(ReleaseRecord record) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("time", record.time().toString());
        all.put("released", record.released());
        all.put("enclave", record.enclave());
        record.version().ifPresent(each -> all.put("version", each));
        record.grant().ifPresent(each -> all.put("grant", each));
        all.put("file", record.header().hex());
        all.put("request", record.request().hex());
        all.put("evidence", record.evidence().hex());
        all.put("reasons", List.copyOf(record.reasons()));
        return all;
    }
}
