package org.innerkeep.attestation.http;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.Resource;
import java.io.IOException;
import java.net.URI;
import java.net.MalformedURLException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.innerkeep.evidence.Bytes;

/**
 * Who may do more than anyone: whoever has a static key, or a token of an OpenID issuer with a role among its {@code roles}.
 *
 * @param adminKeys static keys by the name of who has them, which let change what is configured, each at least 16 characters; secrets
 * @param vaultKeys static keys by the name of who has them, which let administer the vault, each at least 16 characters; secrets. Where
 *     nothing is said, admin keys let do it; where the map is empty, no static key does
 * @param userKey a static key that lets ask for what policies decide on, at least 16 characters; a secret
 * @param issuer an issuer of tokens
 * @param digests static keys of which only digests are known here
 */
public record AdminSettings(
        Map<String, String> adminKeys,
        Optional<Map<String, String>> vaultKeys,
        Optional<String> userKey,
        Optional<Issuer> issuer,
        Digests digests) {
    /** What names of admin keys begin with. */
    public static final String ONLY_KEY = "admin-key";

    /** What names of keys of the vault's owners begin with. */
    public static final String VAULT_KEY = "vault-admin-key";

    private static final Pattern NAME = Pattern.compile("[!-~](?:[ -~]{0,198}[!-~])?");

    /** Without spaces, so that nothing that a subject contains looks like another issuer. */
    private static final Pattern ISSUER = Pattern.compile("[!-~]{1,200}");

    /** The fewest characters of a key. */
    public static final int MIN_KEY_CHARACTERS = 16;

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration FETCH = Duration.ofSeconds(10);

    /**
     * An OpenID issuer.
     *
     * @param name the {@code iss} of its tokens, exactly
     * @param audience the {@code aud} that they must have
     * @param keys its keys, pinned as a JSON Web Key Set, or where it publishes them
     * @param readerRole the role that lets read policies
     * @param contributorRole the role that lets set them
     * @param vault the roles of the vault
     */
    public record Issuer(String name, String audience, Keys keys, String readerRole, String contributorRole, VaultRoles vault) {
        /**
         * Checks the name.
         *
         * @throws IllegalArgumentException if it cannot stand in records
         */
        public Issuer {
            if (!ISSUER.matcher(name).matches()) {
                throw new IllegalArgumentException("OpenID issuer: expected 1 to 200 printable characters without spaces");
            }
        }

        /**
         * An issuer without roles of the vault.
         *
         * @param name the {@code iss} of its tokens, exactly
         * @param audience the {@code aud} that they must have
         * @param keys where its keys come from
         * @param readerRole the role that lets read policies
         * @param contributorRole the role that lets set them
         * @throws IllegalArgumentException if the name cannot stand in records
         */
        public Issuer(String name, String audience, Keys keys, String readerRole, String contributorRole) {
            this(name, audience, keys, readerRole, contributorRole, VaultRoles.NONE);
        }

        /** One role may be named for several things, and then lets do them all. */
        private Map<String, Set<Access>> roles() {
            Map<String, Set<Access>> roles = new HashMap<>();
            put(roles, readerRole, Access.READER);
            put(roles, contributorRole, Access.CONTRIBUTOR);
            vault.user().ifPresent(role -> put(roles, role, Access.USER));
            vault.reader().ifPresent(role -> put(roles, role, Access.VAULT_READER));
            vault.owner().ifPresent(role -> put(roles, role, Access.VAULT_OWNER));
            return roles;
        }

        private static void put(Map<String, Set<Access>> roles, String role, Access access) {
            roles.computeIfAbsent(role, each -> EnumSet.noneOf(Access.class)).add(access);
        }
    }

    /**
     * The roles of the vault, none of which is there unless it is named: who sets policies does not for that administer keys.
     *
     * @param user lets ask for what policies decide on
     * @param reader lets read keys, grants and decisions
     * @param owner lets administer keys
     */
    public record VaultRoles(Optional<String> user, Optional<String> reader, Optional<String> owner) {
        /** None. */
        public static final VaultRoles NONE = new VaultRoles(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * SHA-256 of static keys, for where settings are public. Whoever sees a digest can try keys, so the keys have to be random.
     *
     * @param admins of keys that let change what is configured, by the name of who has them
     * @param owners of keys that let administer the vault
     * @param user of a key that lets ask for what policies decide on
     */
    public record Digests(Map<String, Bytes> admins, Map<String, Bytes> owners, Optional<Bytes> user) {
        /** None. */
        public static final Digests NONE = new Digests(Map.of(), Map.of(), Optional.empty());

        private static final int BYTES = 32;

        /**
         * Checks lengths and names.
         *
         * @throws IllegalArgumentException if one is wrong, or one digest is there twice
         */
        public Digests {
            admins = Map.copyOf(admins);
            owners = Map.copyOf(owners);
            List<Bytes> all = new ArrayList<>(admins.values());
            all.addAll(owners.values());
            all.addAll(user.stream().toList());
            if (all.stream().anyMatch(each -> each.length() != BYTES) || new HashSet<>(all).size() != all.size()) {
                throw new IllegalArgumentException("digests of admin keys: expected different ones of " + BYTES + " bytes");
            }
            if (admins.keySet().stream().anyMatch(name -> !name.startsWith(ONLY_KEY) || !NAME.matcher(name).matches())
                    || owners.keySet().stream().anyMatch(name -> !name.startsWith(VAULT_KEY) || !NAME.matcher(name).matches())) {
                throw new IllegalArgumentException("digests of admin keys: expected names that begin with " + ONLY_KEY + " or "
                        + VAULT_KEY);
            }
        }
    }

    /** Where the keys of an issuer come from; never from a token. */
    public sealed interface Keys {
        /**
         * They are pinned.
         *
         * @param json a JSON Web Key Set
         */
        record Pinned(String json) implements Keys {}

        /**
         * They are fetched, and fetched again when a key is not known.
         *
         * @param address an https address
         */
        record Published(URI address) implements Keys {}
    }

    /**
     * Checks the keys.
     *
     * @throws IllegalArgumentException if one is too short, two are the same, or a name cannot stand in records
     */
    public AdminSettings {
        adminKeys = Map.copyOf(adminKeys);
        vaultKeys = vaultKeys.map(Map::copyOf);
        Map<String, String> owners = vaultKeys.orElse(Map.of());
        if (owners.values().stream().anyMatch(adminKeys::containsValue) || new HashSet<>(owners.values()).size() != owners.size()) {
            throw new IllegalArgumentException("vault admin keys: expected different ones, and others than the admin keys");
        }
        if (owners.values().stream().anyMatch(key -> key.length() < MIN_KEY_CHARACTERS)) {
            throw new IllegalArgumentException("vault admin key: expected at least " + MIN_KEY_CHARACTERS + " characters");
        }
        if (owners.keySet().stream().anyMatch(name -> !name.startsWith(VAULT_KEY) || !NAME.matcher(name).matches())) {
            throw new IllegalArgumentException(
                    "vault admin keys: expected names of 1 to 200 printable characters that begin with " + VAULT_KEY);
        }
        for (String key : adminKeys.values()) {
            if (key.length() < MIN_KEY_CHARACTERS) {
                throw new IllegalArgumentException("admin key: expected at least " + MIN_KEY_CHARACTERS + " characters");
            }
        }
        if (new HashSet<>(adminKeys.values()).size() != adminKeys.size()) {
            throw new IllegalArgumentException("admin keys: expected different ones, found one key under two names");
        }
        if (adminKeys.keySet().stream().anyMatch(name -> !name.startsWith(ONLY_KEY) || !NAME.matcher(name).matches())) {
            throw new IllegalArgumentException(
                    "admin keys: expected names of 1 to 200 printable characters that begin with " + ONLY_KEY);
        }
        if (userKey.filter(key -> key.length() < MIN_KEY_CHARACTERS).isPresent()) {
            throw new IllegalArgumentException("user key: expected at least " + MIN_KEY_CHARACTERS + " characters");
        }
        if (userKey.filter(adminKeys::containsValue).isPresent() || userKey.filter(owners::containsValue).isPresent()) {
            throw new IllegalArgumentException("user key: expected another than the admin keys");
        }
    }

    /**
     * Without digests.
     *
     * @param adminKeys static keys by the name of who has them, which let change what is configured; secrets
     * @param vaultKeys static keys by the name of who has them, which let administer the vault; secrets
     * @param userKey a static key that lets ask for what policies decide on; a secret
     * @param issuer an issuer of tokens
     * @throws IllegalArgumentException as above
     */
    public AdminSettings(
            Map<String, String> adminKeys, Optional<Map<String, String>> vaultKeys, Optional<String> userKey,
                    Optional<Issuer> issuer) {
        this(adminKeys, vaultKeys, userKey, issuer, Digests.NONE);
    }

    /**
     * With one admin key at most.
     *
     * @param adminKey a static key that lets change what is configured, at least 16 characters; a secret
     * @param userKey a static key that lets ask for what policies decide on, at least 16 characters; a secret
     * @param issuer an issuer of tokens
     * @throws IllegalArgumentException if a key is too short, or both are the same
     */
    public AdminSettings(Optional<String> adminKey, Optional<String> userKey, Optional<Issuer> issuer) {
        this(adminKey.map(key -> Map.of(ONLY_KEY, key)).orElse(Map.of()), Optional.empty(), userKey, issuer);
    }

    /**
     * With one admin key at most, and no user key.
     *
     * @param adminKey a static key that lets change what is configured, at least 16 characters; a secret
     * @param issuer an issuer of tokens
     * @throws IllegalArgumentException if the key is too short
     */
    public AdminSettings(Optional<String> adminKey, Optional<Issuer> issuer) {
        this(adminKey, Optional.empty(), issuer);
    }

    AdminAccess access() throws IOException {
        return access(new KeySetFetch(
                HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).connectTimeout(CONNECT).build(), FETCH));
    }

    /** Who may do what, with keys that are fetched so. */
    AdminAccess access(KeySetFetch fetch) throws IOException {
        if (issuer.isEmpty()) {
            return new AdminAccess(adminKeys, vaultKeys, userKey, Optional.empty(), digests);
        }
        Issuer of = issuer.get();
        JWKSource<SecurityContext> keys = switch (of.keys()) {
            case Keys.Pinned pinned -> pinned(pinned.json());
            case Keys.Published published -> published(published.address(), fetch);
        };
        return new AdminAccess(
                adminKeys,
                vaultKeys,
                userKey,
                Optional.of(new AdminAccess.Issuer(of.name(), of.audience(), keys, of.roles())),
                digests);
    }

    private static JWKSource<SecurityContext> pinned(String json) throws IOException {
        try {
            return new ImmutableJWKSet<>(JWKSet.parse(json));
        } catch (ParseException e) {
            throw new IOException("keys of the OpenID issuer: expected a JSON Web Key Set", e);
        }
    }

    /**
     * Kept for five minutes, and fetched again sooner where a key is not among them, but at most twice in half a minute: so whoever makes
     * tokens up cannot make this service ask for more. Nothing is fetched ahead of time, which would need a thread of its own.
     */
    private static JWKSource<SecurityContext> published(URI address, KeySetFetch fetch) throws IOException {
        if (!"https".equals(address.getScheme())) {
            throw new IOException("keys of the OpenID issuer: expected an https address, found " + address);
        }
        try {
            return JWKSourceBuilder.create(address.toURL(), url -> resource(fetch.fetch(address))).refreshAheadCache(false).build();
        } catch (MalformedURLException e) {
            throw new IOException("keys of the OpenID issuer: no address: " + address, e);
        }
    }

    private static Resource resource(byte[] keySet) {
        return new Resource(new String(keySet, StandardCharsets.UTF_8), "application/json");
    }

    /** {@return what is set, without the keys} */
    @Override
    public String toString() {
        return "admin keys: " + adminKeys.size() + ", keys of the vault's owners: "
                + vaultKeys.map(keys -> Integer.toString(keys.size())).orElse("the same") + ", user key " + (userKey.isPresent() ? "set" : "not set")
                + ", issuer "
                + issuer.map(Issuer::name).orElse("none") + ", digests of keys: "
                + (digests.admins().size() + digests.owners().size() + digests.user().stream().count());
    }
}
