package org.innerkeep.vault.azure;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.http.Access;
import org.innerkeep.attestation.http.Reply;
import org.innerkeep.attestation.http.Route;
import org.innerkeep.attestation.http.Route.Call;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.vault.key.KeyName;
import org.innerkeep.vault.key.KeyStore;
import org.innerkeep.vault.key.KeyStore.Changed;
import org.innerkeep.vault.key.KeyVersion;
import org.innerkeep.vault.key.VaultKey;

/** The key operations of Azure Key Vault, in one list. */
final class AzureApi {
    /** Versions of the interface; an operation is never refused for being newer than the version that is named. */
    static final Set<String> VERSIONS = Set.of(
            "7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6-preview.1", "7.6-preview.2", "7.6", "2025-06-01-preview", "2025-06-01",
            "2025-07-01", "2026-01-01-preview");

    private static final String RECEIPT = "x-innerkeep-receipt";
    private static final List<String> JSON = List.of("application/json");
    private static final int MAX_SETTINGS = 64 << 10;
    private static final int MAX_RELEASE = 2 << 20;
    private static final int MAX_PAGE = 25;

    private final KeyStore store;
    private final KeyOperations keys;
    private final KeyRelease release;
    private final IssuedChallenges challenges;
    private final KeyForms forms;
    private final SecureRandom random;
    private final String bearerChallenge;

    /**
     * What the operations stand on.
     *
     * @param store of the keys
     * @param keys what can be done with them
     * @param release releases them
     * @param challenges for environments
     * @param forms in which answers name keys
     * @param random for random bytes that are asked for
     * @param bearerChallenge tells callers without a token where to get one
     */
    record Parts(
            KeyStore store,
            KeyOperations keys,
            KeyRelease release,
            IssuedChallenges challenges,
            KeyForms forms,
            SecureRandom random,
            String bearerChallenge) {}

    AzureApi(Parts parts) {
        this.store = parts.store();
        this.keys = parts.keys();
        this.release = parts.release();
        this.challenges = parts.challenges();
        this.forms = parts.forms();
        this.random = parts.random();
        this.bearerChallenge = parts.bearerChallenge();
    }

    /** Of two that match, the first counts: a version has no name of an operation. */
    List<Route> routes() {
        return List.of(
                body("azure-create-key", "POST", "/keys/{name}/create", "Create a key, or the next version of one.", Access.VAULT_OWNER,
                        MAX_SETTINGS, call -> changed(keys.create(name(call), KeyBodies.creation(call.body()), by(call)))),
                body("azure-import-key", "PUT", "/keys/{name}", "Import a key, or the next version of one.", Access.VAULT_OWNER,
                        MAX_SETTINGS, this::bring),
                bare("azure-list-key-versions", "GET", "/keys/{name}/versions", "The versions of a key.", Access.VAULT_READER, this::versions),
                bare("azure-get-rotation", "GET", "/keys/{name}/rotationpolicy", "How a key is rotated.", Access.VAULT_READER,
                        call -> rotation(keys.get(name(call)))),
                body("azure-set-rotation", "PUT", "/keys/{name}/rotationpolicy", "Set how a key is rotated.", Access.VAULT_OWNER,
                        MAX_SETTINGS,
                        call -> rotation(keys.setRotation(name(call), RotationRules.parse(call.body()), by(call)).key())),
                bare("azure-get-key", "GET", "/keys/{name}/{version?}", "The public part of a key.", Access.KEY_VIEWER, this::get),
                bare("azure-get-newest-key", "GET", "/keys/{name}", "The public part of the newest version of a key.", Access.KEY_VIEWER,
                        this::get),
                bare("azure-list-keys", "GET", "/keys", "The keys.", Access.VAULT_READER, call -> list(call, false)),
                body("azure-update-key", "PATCH", "/keys/{name}/{version?}", "Change settings of a version of a key.", Access.VAULT_OWNER,
                        MAX_SETTINGS, this::update),
                body("azure-update-newest-key", "PATCH", "/keys/{name}", "Change settings of the newest version of a key.",
                        Access.VAULT_OWNER, MAX_SETTINGS, this::update),
                bare("azure-delete-key", "DELETE", "/keys/{name}", "Delete a key, which can be recovered.", Access.VAULT_OWNER,
                        call -> deleted(keys.delete(name(call), by(call)))),
                bare("azure-backup-key", "POST", "/keys/{name}/backup", "A backup of a key, which only this vault can read.",
                        Access.VAULT_OWNER, call -> value(keys.backup(name(call), by(call)).toArray())),
                body("azure-restore-key", "POST", "/keys/restore", "Restore a key from a backup; it comes back disabled.",
                        Access.VAULT_OWNER, KeyBodies.MAX_BYTES, call -> changed(keys.restore(KeyBodies.backup(call.body()), by(call)))),
                bare("azure-rotate-key", "POST", "/keys/{name}/rotate", "Make the next version of a key.", Access.VAULT_OWNER,
                        call -> changed(keys.rotate(name(call), by(call)))),
                body("azure-release-key", "POST", "/keys/{name}/{version?}/release", "Release a key to an environment, by its token.",
                        Access.USER, MAX_RELEASE, this::release),
                bare("azure-list-deleted-keys", "GET", "/deletedkeys", "The deleted keys.", Access.VAULT_READER, call -> list(call, true)),
                bare("azure-get-deleted-key", "GET", "/deletedkeys/{name}", "The public part of a deleted key.", Access.VAULT_READER,
                        call -> Reply.json(forms.deleted(keys.deleted(name(call))))),
                bare("azure-recover-key", "POST", "/deletedkeys/{name}/recover", "Recover a deleted key.", Access.VAULT_OWNER,
                        call -> changed(keys.recover(name(call), by(call)))),
                bare("azure-purge-key", "DELETE", "/deletedkeys/{name}", "Destroy a deleted key.", Access.VAULT_OWNER, this::purge),
                new Route("azure-new-challenge", "POST", "/challenges",
                        "A challenge of the vault, to be put into the runtime data that an environment's evidence is made over.",
                        Access.ANYONE, Set.of(), List.of(), 0, call -> challenge()),
                body("azure-get-random-bytes", "POST", "/rng", "Random bytes.", Access.KEY_VIEWER, MAX_SETTINGS, this::randomBytes));
    }

    /** What is done, with what can go wrong below it. */
    @FunctionalInterface
    private interface Work {
        Reply run(Call call) throws RefusedException, StoreException, MalformedException;
    }

    private Route bare(String name, String method, String path, String summary, Access needs, Work work) {
        return route(name, method, path, summary, needs, List.of(), 0, work);
    }

    private Route body(String name, String method, String path, String summary, Access needs, int most, Work work) {
        return route(name, method, path, summary, needs, JSON, most, work);
    }

    private Route route(
            String name, String method, String path, String summary, Access needs, List<String> types, int most, Work work) {
        return new Route(name, method, path, summary, needs, VERSIONS, types, most, call -> translated(work, call), bearerChallenge);
    }

    /** Problems in the words of this interface. */
    private static Reply translated(Work work, Call call) throws RefusedException {
        try {
            return work.run(call);
        } catch (MalformedException e) {
            throw new RefusedException(Code.BAD_PARAMETER, e);
        } catch (StoreException e) {
            throw new RefusedException(Code.UNAVAILABLE, "store: it cannot be read or written now; the operator's log says why.");
        } catch (RefusedException e) {
            throw switch (e.problem().code()) {
                case NOT_FOUND -> new RefusedException(Code.KEY_NOT_FOUND, e.problem().message());
                case INVALID_PARAMETER -> new RefusedException(Code.BAD_PARAMETER, e.problem().message());
                default -> e;
            };
        }
    }

    private static KeyName name(Call call) throws MalformedException {
        try {
            return new KeyName(call.variable("name"));
        } catch (IllegalArgumentException e) {
            throw new MalformedException("key name", -1, "expected 1 to " + KeyName.MAX_CHARS + " letters, digits and hyphens");
        }
    }

    private static String by(Call call) {
        return call.caller().name();
    }

    private static String version(Call call) {
        return call.variable("version");
    }

    private Reply bring(Call call) throws RefusedException, StoreException, MalformedException {
        KeyName name = name(call);
        try (KeyBodies.Import brought = KeyBodies.importing(call.body())) {
            return changed(keys.bring(name, brought, by(call)));
        }
    }

    private Reply get(Call call) throws RefusedException, StoreException, MalformedException {
        VaultKey key = keys.get(name(call));
        return Reply.json(forms.bundle(key, KeyOperations.version(key, version(call))));
    }

    private Reply update(Call call) throws RefusedException, StoreException, MalformedException {
        KeyName name = name(call);
        String id = version(call);
        Changed changed = keys.update(name, id, KeyBodies.update(call.body()), by(call));
        return Reply.json(forms.bundle(changed.key(), KeyOperations.version(changed.key(), id)), receipt(changed.receipt()));
    }

    private Reply versions(Call call) throws RefusedException, StoreException, MalformedException {
        VaultKey key = keys.get(name(call));
        int most = most(call);
        String token = call.query().apply("$skiptoken").orElse("");
        List<KeyVersion> all = key.versions();
        int from = 0;
        if (!token.isEmpty()) {
            KeyVersion last = key.version(token)
                    .orElseThrow(() -> new MalformedException("$skiptoken", -1, "expected that of a page before"));
            from = all.indexOf(last) + 1;
        }
        List<KeyVersion> page = all.subList(from, Math.min(all.size(), from + most));
        Optional<String> next = from + page.size() < all.size()
                ? Optional.of(next("/keys/" + key.name() + "/versions", page.getLast().id(), call))
                : Optional.empty();
        return Reply.json(KeyForms.page(page.stream().map(version -> forms.item(key, version)).toList(), next));
    }

    private Reply list(Call call, boolean deleted) throws StoreException, MalformedException {
        int most = most(call);
        String token = call.query().apply("$skiptoken").orElse("");
        String after = token.isEmpty()
                ? ""
                : new String(Base64Text.url("$skiptoken", token), StandardCharsets.US_ASCII);
        if (!after.matches("[0-9a-z.-]{0,127}")) {
            throw new MalformedException("$skiptoken", -1, "expected that of a page before");
        }
        KeyStore.Page found = store.list(deleted, after, most);
        List<Map<String, Object>> items = new ArrayList<>();
        found.keys().stream().filter(KeyOperations::shown).forEach(key -> items.add(deleted ? forms.deletedItem(key) : forms.item(key)));
        Optional<String> next = found.next().isEmpty()
                ? Optional.empty()
                : Optional.of(next(deleted ? "/deletedkeys" : "/keys",
                        Base64Text.url(found.next().get().place().getBytes(StandardCharsets.US_ASCII)), call));
        return Reply.json(KeyForms.page(items, next));
    }

    /** Clients fetch it as it is. */
    private String next(String path, String token, Call call) throws MalformedException {
        return forms.address() + path + "?api-version=" + apiVersion(call) + "&$skiptoken=" + token + "&maxresults=" + most(call);
    }

    private static int most(Call call) throws MalformedException {
        Optional<String> text = call.query().apply("maxresults");
        if (text.isEmpty()) {
            return MAX_PAGE;
        }
        if (!text.get().matches("[1-9][0-9]?") || Integer.parseInt(text.get()) > MAX_PAGE) {
            throw new MalformedException("maxresults", -1, "expected 1 to " + MAX_PAGE);
        }
        return Integer.parseInt(text.get());
    }

    private static String apiVersion(Call call) {
        return call.query().apply("api-version").orElse("");
    }

    private Reply release(Call call) throws RefusedException, StoreException, MalformedException {
        KeyRelease.Released released =
                release.release(name(call), version(call), KeyBodies.release(call.body()), apiVersion(call), by(call));
        Map<String, String> headers = new LinkedHashMap<>(released.receipt().map(AzureApi::receipt).orElse(Map.of()));
        headers.put("Cache-Control", "no-store");
        return Reply.json(Map.of("value", released.value()), headers);
    }

    private Reply challenge() {
        IssuedChallenges.Issued issued = challenges.issue();
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("nonce", issued.text());
        answer.put("validSeconds", issued.validity().toSeconds());
        return Reply.json(answer, Map.of("Cache-Control", "no-store"));
    }

    private Reply purge(Call call) throws RefusedException, StoreException, MalformedException {
        keys.purge(name(call), by(call));
        return Reply.noContent();
    }

    private Reply randomBytes(Call call) throws MalformedException {
        byte[] bytes = new byte[KeyBodies.random(call.body())];
        random.nextBytes(bytes);
        return value(bytes);
    }

    private static Reply value(byte[] bytes) {
        return Reply.json(Map.of("value", Base64Text.url(bytes)), Map.of("Cache-Control", "no-store"));
    }

    private Reply rotation(VaultKey key) {
        Map<String, Object> form = new LinkedHashMap<>();
        form.put("id", forms.address() + "/keys/" + key.name() + "/rotationpolicy");
        form.putAll(keys.rotation(key).form());
        return Reply.json(form);
    }

    private Reply changed(Changed changed) {
        return Reply.json(forms.bundle(changed.key(), changed.key().newest()), receipt(changed.receipt()));
    }

    private Reply deleted(Changed changed) {
        return Reply.json(forms.deleted(changed.key()), receipt(changed.receipt()));
    }

    private static Map<String, String> receipt(Receipt receipt) {
        return Map.of(RECEIPT, Base64Text.url(receipt.toByteArray()));
    }
}
