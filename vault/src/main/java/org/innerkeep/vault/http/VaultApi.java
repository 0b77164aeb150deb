package org.innerkeep.vault.http;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.attestation.http.Access;
import org.innerkeep.attestation.http.Reply;
import org.innerkeep.attestation.http.Route;
import org.innerkeep.attestation.http.Route.Call;
import org.innerkeep.attestation.json.Base64Text;
import org.innerkeep.attestation.json.StrictJson;
import org.innerkeep.attestation.log.Receipt;
import org.innerkeep.attestation.store.StoreException;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.channel.file.SealedFileException;
import org.innerkeep.channel.release.RegisterCall;
import org.innerkeep.channel.release.ReleaseCall;
import org.innerkeep.channel.release.ReleaseResponse;
import org.innerkeep.channel.release.VaultAnchor;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.vault.grant.Grant;
import org.innerkeep.vault.key.IdentityKeys;
import org.innerkeep.vault.key.KeyName;
import org.innerkeep.vault.key.KeyStore;
import org.innerkeep.vault.key.KeyType;
import org.innerkeep.vault.key.LoggedKeyStore;
import org.innerkeep.vault.key.NewVersion;
import org.innerkeep.vault.key.VaultKey;
import org.innerkeep.vault.release.FileKeyRelease;
import org.innerkeep.vault.release.StateRegister;
import tools.jackson.databind.node.ObjectNode;

/** The vault's operations, in one list. Safe for use by several threads. */
public final class VaultApi {
    private static final String JSON_TYPE = "application/json";
    private static final String TEXT_TYPE = "text/plain";
    private static final String PLAIN = "text/plain; charset=utf-8";
    private static final String RECEIPT = "x-innerkeep-receipt";
    private static final int MAX_SMALL = 4096;
    private static final int MAX_BACKUP = 2 << 20;
    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
    private static final StrictJson SMALL = StrictJson.upTo(MAX_SMALL);
    private static final StrictJson LARGE = StrictJson.upTo(MAX_BACKUP);

    private final LoggedKeyStore keys;
    private final FileKeyRelease release;
    private final StateRegister register;
    private final Optional<VaultCertificate> certificate;
    private final Clock clock;
    private final SecureRandom random;

    /**
     * Operations on a vault.
     *
     * @param keys its keys
     * @param release releases file keys
     * @param certificate says what the vault runs in, where it runs in a trusted execution environment
     * @param clock of this machine
     * @param random for new keys and ids
     */
    public VaultApi(
            LoggedKeyStore keys, FileKeyRelease release, Optional<VaultCertificate> certificate, Clock clock, SecureRandom random) {
        this.keys = keys;
        this.release = release;
        this.register = release.register();
        this.certificate = certificate;
        this.clock = clock;
        this.random = random;
    }

    /** {@return all operations} */
    public List<Route> routes() {
        List<Route> all = new ArrayList<>(writing());
        all.addAll(new ReadingApi(keys, release).routes());
        return List.copyOf(all);
    }

    private List<Route> writing() {
        return List.of(
                Routes.of("get-vault", "GET", "/vault", "What signs for this vault, and its life.", Access.ANYONE, call -> vault()),
                Routes.of("new-challenge", "POST", "/vault/challenges", "A challenge for one request of a file key, CBOR.", Access.ANYONE,
                        call -> new Reply(200, ReleaseCall.MEDIA_TYPE, Bytes.of(release.challenge().toByteArray()),
                                Map.of("Cache-Control", "no-store"), "OK")),
                Routes.of("release-file-key", "POST", "/vault/keys/{name}/file-key",
                        "Release the key of one sealed file to an enclave: the body is a call, CBOR; the answer is COSE_Sign1.",
                        Access.ANYONE, ReleaseCall.MEDIA_TYPE, ReleaseCall.MAX_BYTES, this::release),
                Routes.of("use-register", "POST", "/vault/keys/{name}/register",
                        "Read or set what an enclave stored last: the body is a call, CBOR; the answer is COSE_Sign1.",
                        Access.ANYONE, ReleaseCall.MEDIA_TYPE, ReleaseCall.MAX_BYTES, this::register),
                Routes.of("get-recipient", "GET", "/vault/keys/{name}/recipient", "To whom files for this key are sealed.", Access.ANYONE,
                        call -> Reply.text(PLAIN, KeyJson.recipient(sealedTo(call).newest()) + "\n")),
                Routes.of("get-signed-recipient", "GET", "/vault/keys/{name}/signed-recipient",
                        "The same, signed by the vault: COSE_Sign1 in base64url.", Access.ANYONE, this::signedRecipient),
                Routes.of("create-key", "PUT", "/vault/keys/{name}", "Make a key that files are sealed to.", Access.VAULT_OWNER,
                        JSON_TYPE, MAX_SMALL, this::create),
                Routes.of("import-key", "POST", "/vault/keys/{name}/import",
                        "Import an age identity as a key or as its next version: the body is the identity.", Access.VAULT_OWNER,
                        TEXT_TYPE, MAX_SMALL, this::importIdentity),
                Routes.of("rotate-key", "POST", "/vault/keys/{name}/rotate", "Make the next version of a key.", Access.VAULT_OWNER,
                        this::rotate),
                Routes.of("enable-key-version", "POST", "/vault/keys/{name}/versions/{version}/enable", "Let a version be used.",
                        Access.VAULT_OWNER, call -> enable(call, true)),
                Routes.of("disable-key-version", "POST", "/vault/keys/{name}/versions/{version}/disable", "Let a version not be used.",
                        Access.VAULT_OWNER, call -> enable(call, false)),
                Routes.of("grant-key", "POST", "/vault/keys/{name}/grants", "Say which enclaves may use a key.", Access.VAULT_OWNER,
                        JSON_TYPE, Grant.MAX_BYTES, this::grant),
                Routes.of("revoke-grant", "DELETE", "/vault/keys/{name}/grants/{grant}", "Take a grant back.", Access.VAULT_OWNER,
                        this::revoke),
                Routes.of("replace-grant", "POST", "/vault/keys/{name}/grants/{grant}/replace",
                        "Take a grant back and give others for it, in one step.", Access.VAULT_OWNER, JSON_TYPE,
                        GrantJson.MOST_AT_ONCE * Grant.MAX_BYTES, this::replace),
                Routes.of("delete-key", "DELETE", "/vault/keys/{name}", "Delete a key; it can be recovered.", Access.VAULT_OWNER,
                        call -> changed(keys.delete(Routes.name(call), call.caller().name()))),
                Routes.of("recover-key", "POST", "/vault/keys/{name}/recover", "Take the deletion of a key back.", Access.VAULT_OWNER,
                        call -> changed(keys.recover(Routes.name(call), call.caller().name()))),
                Routes.of("purge-key", "POST", "/vault/keys/{name}/purge", "Destroy a deleted key.", Access.VAULT_OWNER,
                        call -> changed(keys.purge(Routes.name(call), call.caller().name()))),
                Routes.of("backup-key", "POST", "/vault/keys/{name}/backup", "A backup of a key, for this vault alone.",
                        Access.VAULT_OWNER, call -> Reply.json(Map.of("backup",
                                Base64Text.url(keys.backup(Routes.name(call), call.caller().name()).toArray())))),
                Routes.of("restore-key", "POST", "/vault/restore", "Restore a key from a backup: disabled, in the vault's next life.",
                        Access.VAULT_OWNER, JSON_TYPE, MAX_BACKUP, this::restore));
    }

    private static RefusedException malformed(MalformedException e) {
        return new RefusedException(Code.INVALID_REQUEST, e);
    }

    private Reply vault() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("vault", new VaultAnchor(keys.publicKey().spki()).toString());
        all.put("id", keys.id().hex());
        all.put("epoch", keys.epoch());
        all.put("time", clock.instant().toString());
        certificate.ifPresent(each -> all.put("certificate", Base64.getEncoder().encodeToString(each.current().toArray())));
        return Reply.json(all);
    }

    private Reply release(Call call) throws RefusedException {
        ReleaseCall parsed;
        try {
            parsed = ReleaseCall.parse(call.body().toArray());
        } catch (MalformedException e) {
            throw malformed(e);
        }
        ReleaseResponse response = release.release(Routes.name(call), parsed);
        return new Reply(200, ReleaseResponse.MEDIA_TYPE, Bytes.of(response.toByteArray()), Map.of("Cache-Control", "no-store"), "OK");
    }

    private Reply register(Call call) throws RefusedException {
        RegisterCall parsed;
        try {
            parsed = RegisterCall.parse(call.body().toArray());
        } catch (MalformedException e) {
            throw malformed(e);
        }
        Bytes response = Bytes.of(register.ask(Routes.name(call), parsed).toByteArray());
        return new Reply(200, ReleaseResponse.MEDIA_TYPE, response, Map.of("Cache-Control", "no-store"), "OK");
    }

    private Map<String, Object> whole(VaultKey key) throws StoreException {
        return KeyJson.whole(key, keys.uses(key));
    }

    private Reply signedRecipient(Call call) throws RefusedException, StoreException {
        VaultKey key = sealedTo(call);
        return Reply.text(PLAIN, Base64Text.url(release.recipient(key.name(), key.newest()).toByteArray()) + "\n");
    }

    private VaultKey sealedTo(Call call) throws RefusedException, StoreException {
        KeyName name = Routes.name(call);
        // One answer to all: whoever asks without a token learns of a key only that it can be sealed to now.
        return keys.find(name)
                .filter(each -> each.active() && each.newest().type() == KeyType.IDENTITY
                        && each.newest().unusable(clock.instant()).isEmpty())
                .orElseThrow(() -> new RefusedException(
                        Code.NOT_FOUND, "key '" + name + "': this vault has none of this name that files can be sealed to now."));
    }

    private Reply create(Call call) throws RefusedException, StoreException {
        KeyName name = Routes.name(call);
        KeyKind kind;
        try {
            ObjectNode object = SMALL.object("body", call.body().toArray());
            StrictJson.only("body", object, List.of("kind"));
            kind = switch (StrictJson.text(object, "kind").orElse("hybrid")) {
                case "hybrid" -> KeyKind.HYBRID;
                case "classic" -> KeyKind.CLASSIC;
                default -> throw new MalformedException("kind", -1, "expected hybrid or classic");
            };
        } catch (MalformedException e) {
            throw malformed(e);
        }
        try (Identity identity = Identity.generate(kind, random);
                IdentityKeys made = IdentityKeys.of(identity)) {
            return changed(keys.createFirst(name, made.version(), call.caller().name()));
        }
    }

    private Reply importIdentity(Call call) throws RefusedException, StoreException {
        byte[] body = call.body().toArray();
        char[] text = new char[body.length];
        try {
            StandardCharsets.US_ASCII.decode(ByteBuffer.wrap(body)).get(text);
            int length = text.length;
            while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r')) {
                length--;
            }
            try (Identity identity = Identity.parse(CharBuffer.wrap(text, 0, length));
                    IdentityKeys made = IdentityKeys.of(identity)) {
                KeyName name = Routes.name(call);
                Optional<VaultKey> there = keys.find(name);
                NewVersion version = made.version();
                return changed(there.isPresent()
                        ? keys.rotate(name, version, call.caller().name())
                        : keys.createFirst(name, version, call.caller().name()));
            }
        } catch (SealedFileException e) {
            throw new RefusedException(Code.INVALID_REQUEST, "body: " + e.getMessage());
        } finally {
            Arrays.fill(body, (byte) 0);
            Arrays.fill(text, '\0');
        }
    }

    private Reply rotate(Call call) throws RefusedException, StoreException {
        KeyName name = Routes.name(call);
        VaultKey key = Routes.find(keys, name);
        if (key.newest().type() != KeyType.IDENTITY) {
            throw new RefusedException(Code.CONFLICT, "key '" + name + "': it is no age identity.");
        }
        KeyKind kind = key.newest().parameter().equals(IdentityKeys.parameter(KeyKind.CLASSIC)) ? KeyKind.CLASSIC : KeyKind.HYBRID;
        try (Identity identity = Identity.generate(kind, random);
                IdentityKeys made = IdentityKeys.of(identity)) {
            return changed(keys.rotate(name, made.version(), call.caller().name()));
        }
    }

    private Reply enable(Call call, boolean now) throws RefusedException, StoreException {
        return changed(keys.update(
                Routes.name(call), id(call, "version"), settings -> settings.enabled(now), call.caller().name()));
    }

    private static String id(Call call, String variable) throws RefusedException {
        String id = call.variable(variable);
        if (!ID.matcher(id).matches()) {
            throw new RefusedException(Code.INVALID_REQUEST, variable + ": expected 32 lower-case hexadecimal digits.");
        }
        return id;
    }

    private Reply grant(Call call) throws RefusedException, StoreException {
        Grant grant;
        try {
            grant = GrantJson.read(call.body(), random);
        } catch (MalformedException e) {
            throw malformed(e);
        }
        KeyStore.Changed done = keys.grant(Routes.name(call), grant, call.caller().name());
        return Reply.json(GrantJson.write(done.key().grants().getLast(), 0), receipt(done.receipt()));
    }

    private Reply revoke(Call call) throws RefusedException, StoreException {
        return changed(keys.revoke(Routes.name(call), id(call, "grant"), call.caller().name()));
    }

    private Reply replace(Call call) throws RefusedException, StoreException {
        List<Grant> others;
        try {
            others = GrantJson.readAll(call.body(), random);
        } catch (MalformedException e) {
            throw malformed(e);
        }
        return changed(keys.replace(Routes.name(call), id(call, "grant"), others, call.caller().name()));
    }

    private Reply restore(Call call) throws RefusedException, StoreException {
        byte[] backup;
        try {
            ObjectNode object = LARGE.object("body", call.body().toArray());
            StrictJson.only("body", object, List.of("backup"));
            backup = Base64Text.url("backup", StrictJson.text(object, "backup")
                    .orElseThrow(() -> new MalformedException("backup", -1, "expected one")));
        } catch (MalformedException e) {
            throw malformed(e);
        }
        return changed(keys.restore(Bytes.of(backup), call.caller().name()));
    }

    private Reply changed(KeyStore.Changed done) throws StoreException {
        return Reply.json(whole(done.key()), receipt(done.receipt()));
    }

    private static Map<String, String> receipt(Receipt receipt) {
        return Map.of(RECEIPT, Base64Text.url(receipt.toByteArray()));
    }
}
