package org.innerkeep.attestation.http;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import java.io.IOException;
import java.net.URI;
import java.net.MalformedURLException;
import java.text.ParseException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Who may do more than anyone: whoever has a static key, or a token of an OpenID issuer with a role among its {@code roles}.
 *
 * @param adminKey a static key that lets change what is configured, at least 16 characters; a secret
 * @param userKey a static key that lets read, and ask for what policies decide on, at least 16 characters; a secret
 * @param issuer an issuer of tokens
 */
public record AdminSettings(Optional<String> adminKey, Optional<String> userKey, Optional<Issuer> issuer) {
    /** The fewest characters of a key. */
    public static final int MIN_KEY_CHARACTERS = 16;

    private static final int TIMEOUT_MILLIS = 5000;
    private static final int MAX_KEY_SET = 1 << 20;

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
         * An issuer without a role between reading and setting.
         *
         * @param name the {@code iss} of its tokens, exactly
         * @param audience the {@code aud} that they must have
         * @param keys where its keys come from
         * @param readerRole the role that lets read policies
         * @param contributorRole the role that lets set them
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
     * @throws IllegalArgumentException if one is too short, or both are the same
     */
    public AdminSettings {
        if (adminKey.filter(key -> key.length() < MIN_KEY_CHARACTERS).isPresent()) {
            throw new IllegalArgumentException("admin key: expected at least " + MIN_KEY_CHARACTERS + " characters");
        }
        if (userKey.filter(key -> key.length() < MIN_KEY_CHARACTERS).isPresent()) {
            throw new IllegalArgumentException("user key: expected at least " + MIN_KEY_CHARACTERS + " characters");
        }
        if (userKey.isPresent() && userKey.equals(adminKey)) {
            throw new IllegalArgumentException("user key: expected another than the admin key");
        }
    }

    /**
     * Settings without a user key.
     *
     * @param adminKey a static key that lets change what is configured, at least 16 characters; a secret
     * @param issuer an issuer of tokens
     * @throws IllegalArgumentException if the key is too short
     */
    public AdminSettings(Optional<String> adminKey, Optional<Issuer> issuer) {
        this(adminKey, Optional.empty(), issuer);
    }

    AdminAccess access() throws IOException {
        if (issuer.isEmpty()) {
            return new AdminAccess(adminKey, userKey, Optional.empty());
        }
        Issuer of = issuer.get();
        JWKSource<SecurityContext> keys = switch (of.keys()) {
            case Keys.Pinned pinned -> pinned(pinned.json());
            case Keys.Published published -> published(published.address());
        };
        return new AdminAccess(
                adminKey, userKey, Optional.of(new AdminAccess.Issuer(of.name(), of.audience(), keys, of.roles())));
    }

    private static JWKSource<SecurityContext> pinned(String json) throws IOException {
        try {
            return new ImmutableJWKSet<>(JWKSet.parse(json));
        } catch (ParseException e) {
            throw new IOException("keys of the OpenID issuer: expected a JSON Web Key Set", e);
        }
    }

    private static JWKSource<SecurityContext> published(URI address) throws IOException {
        if (!"https".equals(address.getScheme())) {
            throw new IOException("keys of the OpenID issuer: expected an https address, found " + address);
        }
        try {
            return JWKSourceBuilder.create(
                            address.toURL(), new DefaultResourceRetriever(TIMEOUT_MILLIS, TIMEOUT_MILLIS, MAX_KEY_SET))
                    .build();
        } catch (MalformedURLException e) {
            throw new IOException("keys of the OpenID issuer: no address: " + address, e);
        }
    }

    /** {@return what is set, without the key} */
    @Override
    public String toString() {
        return "admin key " + (adminKey.isPresent() ? "set" : "not set") + ", user key "
                + (userKey.isPresent() ? "set" : "not set") + ", issuer " + issuer.map(Issuer::name).orElse("none");
    }
}
