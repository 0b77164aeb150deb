package org.innerkeep.attestation.http;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.ParseException;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.innerkeep.attestation.Problem.Code;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.evidence.Bytes;

/**
 * Finds out who calls, from the bearer token of a request: a static admin key of several, or a token of an OpenID issuer whose keys are pinned or
 * fetched from where the configuration says. What a token says of its keys counts for nothing.
 *
 * <p>Immutable, safe for use by several threads.
 */
final class AdminAccess {
    private static final String BEARER = "bearer ";
    private static final int MAX_CHARACTERS = 16 << 10;

    /** What stands in records as who did it must be short enough for them, and never look like the admin key. */
    private static final Pattern SUBJECT = Pattern.compile("[!-~](?:[ -~]{0,198}[!-~])?");

    /** An issuer and one of its subjects: another issuer may have a subject of the same name. */
    private static final String SUBJECT_PREFIX = "subject of ";

    /** Signatures by public keys only: a secret that is made of a public key never verifies anything. */
    private static final Set<JWSAlgorithm> ALGORITHMS =
            Set.of(JWSAlgorithm.RS256, JWSAlgorithm.RS384, JWSAlgorithm.RS512, JWSAlgorithm.PS256, JWSAlgorithm.ES256, JWSAlgorithm.ES384);

    /**
     * An OpenID issuer whose tokens are taken.
     *
     * @param issuer the {@code iss}, exactly
     * @param audience the {@code aud} that tokens must have
     * @param keys its keys
     * @param roles what each value among {@code roles} lets do
     */
    record Issuer(String issuer, String audience, JWKSource<SecurityContext> keys, Map<String, Set<Access>> roles) {
        Issuer {
            roles = Map.copyOf(roles);
        }
    }

    private final Map<String, Bytes> keyDigests = new LinkedHashMap<>();
    private final Map<String, Bytes> vaultDigests = new LinkedHashMap<>();
    private final Set<Access> adminRights;
    private final Optional<Bytes> userKeyDigest;
    private final Optional<Issuer> issuer;

    /**
     * What is accepted.
     *
     * @param adminKeys static keys by name, each of which lets set policies
     * @param vaultKeys static keys by name, each of which lets administer the vault; where nothing is said, admin keys do
     * @param userKey a static key, which lets ask for what policies decide on
     * @param issuer an issuer of tokens
     * @param digests static keys of which only digests are known
     */
    AdminAccess(
            Map<String, String> adminKeys,
            Optional<Map<String, String>> vaultKeys,
            Optional<String> userKey,
            Optional<Issuer> issuer,
            AdminSettings.Digests digests) {
        vaultKeys.ifPresent(keys -> keys.forEach((name, key) -> vaultDigests.put(name, digest(key))));
        vaultDigests.putAll(digests.owners());
        keyDigests.putAll(digests.admins());
        this.adminRights = vaultKeys.isPresent() ? Set.of(Access.CONTRIBUTOR) : Set.of(Access.CONTRIBUTOR, Access.VAULT_OWNER);
        // The digests are compared, in constant time and whatever the length.
        adminKeys.forEach((name, key) -> keyDigests.put(name, digest(key)));
        this.userKeyDigest = userKey.map(AdminAccess::digest).or(digests::user);
        this.issuer = issuer;
    }

    private static Bytes digest(String key) {
        return Bytes.sha256(key.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Finds out who calls.
     *
     * @param authorization the header, hostile
     * @return the caller; anonymous where there is no header
     * @throws RefusedException if there is one that proves nothing
     */
    Caller identify(Optional<String> authorization) throws RefusedException {
        if (authorization.isEmpty()) {
            return Caller.ANONYMOUS;
        }
        String header = authorization.get();
        if (header.length() > MAX_CHARACTERS || !header.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
            throw unauthorized("expected 'Authorization: Bearer TOKEN'");
        }
        String token = header.substring(BEARER.length()).strip();
        for (Map.Entry<String, Bytes> each : keyDigests.entrySet()) {
            if (is(each.getValue(), token)) {
                return new Caller(each.getKey(), adminRights);
            }
        }
        for (Map.Entry<String, Bytes> each : vaultDigests.entrySet()) {
            if (is(each.getValue(), token)) {
                return new Caller(each.getKey(), Set.of(Access.VAULT_OWNER));
            }
        }
        if (userKeyDigest.isPresent() && is(userKeyDigest.get(), token)) {
            return new Caller("user-key", Set.of(Access.USER));
        }
        if (issuer.isEmpty()) {
            throw unauthorized("the bearer token is not an admin key");
        }
        return ofToken(issuer.get(), token);
    }

    private static boolean is(Bytes keyDigest, String token) {
        return MessageDigest.isEqual(digest(token).toArray(), keyDigest.toArray());
    }

    private static Caller ofToken(Issuer issuer, String token) throws RefusedException {
        DefaultJWTClaimsVerifier<SecurityContext> wanted = new DefaultJWTClaimsVerifier<>(
                issuer.audience(), new JWTClaimsSet.Builder().issuer(issuer.issuer()).build(), Set.of("exp", "sub"));
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, issuer.keys()));
        processor.setJWTClaimsSetVerifier(wanted);
        try {
            SignedJWT signed = SignedJWT.parse(token);
            // First what it says of itself, by which nothing is proven: for a token of somebody else no keys are fetched.
            wanted.verify(signed.getJWTClaimsSet(), null);
            JWTClaimsSet claims = processor.process(signed, null);
            List<String> roles = claims.getClaim("roles") instanceof List<?> ? claims.getStringListClaim("roles") : List.of();
            Set<Access> rights = EnumSet.noneOf(Access.class);
            roles.forEach(role -> rights.addAll(issuer.roles().getOrDefault(role, Set.of())));
            String subject = claims.getSubject();
            if (!SUBJECT.matcher(subject).matches()) {
                throw unauthorized("the bearer token's 'sub' is not 1 to 200 printable characters");
            }
            return new Caller(SUBJECT_PREFIX + issuer.issuer() + " " + subject, rights);
        } catch (KeySourceException e) {
            throw new RefusedException(Code.UNAVAILABLE, "the keys of " + issuer.issuer() + " cannot be fetched now; try again.");
        } catch (BadJOSEException | JOSEException | ParseException e) {
            throw unauthorized("the bearer token is not a current one of " + issuer.issuer() + " for " + issuer.audience());
        }
    }

    private static RefusedException unauthorized(String why) {
        return new RefusedException(Code.UNAUTHORIZED, "Authorization: " + why + ".");
    }
}
