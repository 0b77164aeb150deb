package org.innerkeep.vault.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.http.Access;
import org.innerkeep.attestation.http.Reply;
import org.innerkeep.attestation.http.Route;
import org.innerkeep.attestation.http.Route.Call;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.vault.key.KeyName;
import org.innerkeep.vault.key.KeyStore;
import org.innerkeep.vault.key.VaultKey;
import org.innerkeep.vault.release.FileKeyRelease;
import org.innerkeep.vault.release.ReleaseRecord;

/** What owners look at: keys, and what was decided over requests for them. Safe for use by several threads. */
final class ReadingApi {
    private static final int PAGE = 200;
    private static final int MOST_DECISIONS = 50;

    private final KeyStore keys;
    private final FileKeyRelease release;

    ReadingApi(KeyStore keys, FileKeyRelease release) {
        this.keys = keys;
        this.release = release;
    }

    List<Route> routes() {
        return List.of(
                Routes.of("list-keys", "GET", "/vault/keys", "The keys, by name; 'after' in the query goes on, 'deleted=true' lists those.",
                        Access.VAULT_READER, this::list),
                Routes.of("get-key", "GET", "/vault/keys/{name}", "A key with its versions and grants.", Access.VAULT_READER, this::key),
                Routes.of("why-refused", "GET", "/vault/keys/{name}/why", "Why enclaves got nothing of a key.", Access.VAULT_READER,
                        this::why),
                Routes.of("get-key-log", "GET", "/vault/keys/{name}/log", "What was decided over requests for a key, the newest first.",
                        Access.VAULT_READER, this::log),
                Routes.of("get-key-enclaves", "GET", "/vault/keys/{name}/enclaves",
                        "Which enclaves asked for a key lately, and how often they got something of it.", Access.VAULT_READER,
                        this::enclaves));
    }

    private Reply list(Call call) throws StoreException, RefusedException {
        boolean deleted = call.query().apply("deleted").map("true"::equals).orElse(false);
        String after = "";
        Optional<String> asked = call.query().apply("after").filter(each -> !each.isEmpty());
        if (asked.isPresent()) {
            try {
                after = new KeyName(asked.get()).place();
            } catch (IllegalArgumentException e) {
                throw new RefusedException(Code.INVALID_REQUEST, "after: expected the name of a key.");
            }
        }
        KeyStore.Page found = keys.list(deleted, after, PAGE);
        List<Map<String, Object>> brief = new ArrayList<>();
        for (VaultKey each : found.keys()) {
            brief.add(KeyJson.brief(each, release.lastRefused(each.name())));
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("keys", brief);
        found.next().ifPresent(next -> all.put("after", next.text()));
        if (!found.unreadable().isEmpty()) {
            all.put("unreadable", found.unreadable());
        }
        return Reply.json(all);
    }

    private Reply key(Call call) throws RefusedException, StoreException {
        VaultKey key = Routes.find(keys, Routes.name(call));
        return Reply.json(KeyJson.whole(key, keys.uses(key)));
    }

    private Reply why(Call call) throws StoreException {
        FileKeyRelease.Why why = release.why(Routes.name(call), MOST_DECISIONS);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("refused", why.refused().stream().map(KeyJson::record).toList());
        all.put("unproven", why.unproven());
        return Reply.json(all);
    }

    private Reply log(Call call) throws StoreException {
        KeyName name = Routes.name(call);
        List<ReleaseRecord> all = new ArrayList<>(release.records(FileKeyRelease.RELEASED, name, MOST_DECISIONS));
        all.addAll(release.records(FileKeyRelease.REFUSED, name, MOST_DECISIONS));
        all.sort(Comparator.comparing(ReleaseRecord::time).reversed());
        return Reply.json(Map.of("decisions", all.stream().map(KeyJson::record).toList()));
    }

    private Reply enclaves(Call call) throws StoreException {
        return Reply.json(Map.of("enclaves", release.asking(Routes.name(call)).stream().map(KeyJson::asking).toList()));
    }
}
