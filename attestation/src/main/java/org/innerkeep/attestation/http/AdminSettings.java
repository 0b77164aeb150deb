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
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who may do more than anyone: whoever has a static key, or a token of an OpenID issuer with a role among its {@code roles}.
 *
 * @param adminKeys static keys by the name of who has them, which let change what is configured, each at least 16 characters; secrets
 * @param userKey a static key that lets read, and ask for what policies decide on, at least 16 characters; a secret
 * @param issuer an issuer of tokens
 */
public record AdminSettings(Map<String, String> adminKeys, Optional<String> userKey, Optional<Issuer> issuer) {
    /** What names of admin keys begin with. */
    public static final String ONLY_KEY = "admin-key";

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
     * @param userRole the role that lets ask for what policies decide on too, where there is one
     * @param contributorRole the role that lets set them
     */
    public record Issuer(
            String name, String audience, Keys keys, String readerRole, Optional<String> userRole, String contributorRole) {
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
         * An issuer without a role between reading and setting.
         *
         * @param name the {@code iss} of its tokens, exactly
         * @param audience the {@code aud} that they must have
         * @param keys where its keys come from
         * @param readerRole the role that lets read policies
         * @param contributorRole the role that lets set them
         * @throws IllegalArgumentException if the name cannot stand in records
         */
        public Issuer(String name, String audience, Keys keys, String readerRole, String contributorRole) {
            this(name, audience, keys, readerRole, Optional.empty(), contributorRole);
        }

        private Map<String, Access> roles() {
            Map<String, Access> roles = new HashMap<>();
            roles.put(readerRole, Access.READER);
            userRole.ifPresent(role -> roles.put(role, Access.USER));
            roles.put(contributorRole, Access.CONTRIBUTOR);
            return roles;
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
        if (userKey.filter(adminKeys::containsValue).isPresent()) {
            throw new IllegalArgumentException("user key: expected another than the admin keys");
        }
    }

    /**
     * With one admin key at most.
     *
     * @param adminKey a static key that lets change what is configured, at least 16 characters; a secret
     * @param userKey a static key that lets read, and ask for what policies decide on, at least 16 characters; a secret
     * @param issuer an issuer of tokens
     * @throws IllegalArgumentException if a key is too short, or both are the same
     */
    public AdminSettings(Optional<String> adminKey, Optional<String> userKey, Optional<Issuer> issuer) {
        this(adminKey.map(key -> Map.of(ONLY_KEY, key)).orElse(Map.of()), userKey, issuer);
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
            return new AdminAccess(adminKeys, userKey, Optional.empty());
        }
        Issuer of = issuer.get();
        JWKSource<SecurityContext> keys = switch (of.keys()) {
            case Keys.Pinned pinned -> pinned(pinned.json());
            case Keys.Published published -> published(published.address(), fetch);
        };
        return new AdminAccess(
                adminKeys, userKey, Optional.of(new AdminAccess.Issuer(of.name(), of.audience(), keys, of.roles())));
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
        return "admin keys: " + adminKeys.size() + ", user key " + (userKey.isPresent() ? "set" : "not set") + ", issuer "
                + issuer.map(Issuer::name).orElse("none");
    }
}
