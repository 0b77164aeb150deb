package org.innerkeep.attestation.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.RefusedException;
import org.innerkeep.makers.Authority;
import org.junit.jupiter.api.Test;

/** Who is let do what, by an admin key or by tokens of an OpenID issuer whose keys are pinned. */
class AdminAccessTest {
    private static final String ADMIN_KEY = "an-admin-key-of-enough-characters";
    private static final String USER_KEY = "a-user-key-of-enough-characters";
    private static final KeyPair KEYS = Authority.rsaKeys(2048);
    private static final KeyPair OTHER = Authority.rsaKeys(2048);
    private static final String ISSUER = "https://login.example/tenant";
    private static final String AUDIENCE = "https://attest.example";

    private static AdminAccess access() throws Exception {
        return access(ISSUER);
    }

    private static AdminAccess access(String issuer) throws Exception {
        String keySet = new JWKSet(new RSAKey.Builder((RSAPublicKey) KEYS.getPublic()).keyID("k").build()).toString();
        return new AdminSettings(
                        Optional.of(ADMIN_KEY),
                        Optional.of(USER_KEY),
                        Optional.of(new AdminSettings.Issuer(
                                issuer, AUDIENCE, new AdminSettings.Keys.Pinned(keySet), "reader", "contributor",
                                new AdminSettings.VaultRoles(Optional.of("user"), Optional.of("vault reader"), Optional.of("vault owner")))))
                .access();
    }

    private static JWTClaimsSet.Builder claims(String... roles) {
        return new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience(AUDIENCE)
                .subject("operator")
                .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                .claim("roles", List.of(roles));
    }

    private static String signed(JWTClaimsSet claims, KeyPair by) throws Exception {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256)
                        .keyID("k")
                        .type(JOSEObjectType.JWT)
                        .jwkURL(URI.create("https://stranger.example/keys"))
                        .build(),
                claims);
        token.sign(new RSASSASigner(by.getPrivate()));
        return token.serialize();
    }

    private static Caller identify(String token) throws Exception {
        return access().identify(Optional.of("Bearer " + token));
    }

    private static void refused(String token) {
        assertThatThrownBy(() -> identify(token)).isInstanceOf(RefusedException.class).hasMessageStartingWith("Authorization:");
    }

    @Test
    void theAdminKeyLetsDoEverythingAndAnyOtherTextNothing() throws Exception {
        assertThat(identify(ADMIN_KEY).may(Access.CONTRIBUTOR)).isTrue();
        refused(ADMIN_KEY + "x");
        refused("");
        assertThatThrownBy(() -> access().identify(Optional.of("Basic " + ADMIN_KEY))).isInstanceOf(RefusedException.class);
        assertThat(access().identify(Optional.empty())).isEqualTo(Caller.ANONYMOUS);
    }

    @Test
    void theUserKeyLetsAskForReleasesAndReadsAndChangesNothing() throws Exception {
        Caller user = identify(USER_KEY);
        assertThat(user.may(Access.READER)).isFalse();
        assertThat(user.may(Access.VAULT_READER)).isFalse();
        assertThat(user.may(Access.KEY_VIEWER)).isTrue();
        assertThat(user.may(Access.USER)).isTrue();
        assertThat(user.may(Access.CONTRIBUTOR)).isFalse();
        assertThat(user.name()).isNotEqualTo(identify(ADMIN_KEY).name());
    }

    @Test
    void rolesOfATokenDecide() throws Exception {
        assertThat(identify(signed(claims("user", "reader").build(), KEYS)).rights()).contains(Access.USER);
        assertThat(identify(signed(claims("user", "contributor").build(), KEYS)).rights()).contains(Access.CONTRIBUTOR);
        assertThat(identify(signed(claims("contributor").build(), KEYS)).rights()).contains(Access.CONTRIBUTOR);
        assertThat(identify(signed(claims("reader").build(), KEYS)).rights()).contains(Access.READER);
        assertThat(identify(signed(claims("another").build(), KEYS)).rights()).isEmpty();
        assertThat(identify(signed(claims("reader").build(), KEYS)).name()).isEqualTo("subject of " + ISSUER + " operator");
    }

    @Test
    void whoeverSetsPoliciesDoesNotForThatAdministerKeysNorTheOtherWayRound() throws Exception {
        Caller contributor = identify(signed(claims("contributor").build(), KEYS));
        assertThat(contributor.may(Access.READER)).isTrue();
        for (Access each : List.of(Access.KEY_VIEWER, Access.USER, Access.VAULT_READER, Access.VAULT_OWNER)) {
            assertThat(contributor.may(each)).as("%s", each).isFalse();
        }
        Caller owner = identify(signed(claims("vault owner").build(), KEYS));
        assertThat(owner.may(Access.VAULT_OWNER)).isTrue();
        assertThat(owner.may(Access.USER)).isTrue();
        assertThat(owner.may(Access.READER)).isFalse();
        assertThat(owner.may(Access.CONTRIBUTOR)).isFalse();
        Caller reader = identify(signed(claims("vault reader").build(), KEYS));
        assertThat(reader.may(Access.VAULT_READER)).isTrue();
        assertThat(reader.may(Access.USER)).isFalse();
        Caller both = identify(signed(claims("contributor", "vault owner").build(), KEYS));
        assertThat(both.may(Access.CONTRIBUTOR)).isTrue();
        assertThat(both.may(Access.VAULT_OWNER)).isTrue();
    }

    @Test
    void anAdminKeyAdministersTheVaultUnlessOthersDo() throws Exception {
        String vaultKey = "the key of the vault's owner";
        assertThat(identify(ADMIN_KEY).may(Access.VAULT_OWNER)).isTrue();
        AdminAccess apart = new AdminSettings(
                        Map.of("admin-key", ADMIN_KEY), Optional.of(Map.of("vault-admin-key", vaultKey)), Optional.empty(), Optional.empty())
                .access();
        Caller admin = apart.identify(Optional.of("Bearer " + ADMIN_KEY));
        assertThat(admin.may(Access.CONTRIBUTOR)).isTrue();
        assertThat(admin.may(Access.VAULT_OWNER)).isFalse();
        Caller owner = apart.identify(Optional.of("Bearer " + vaultKey));
        assertThat(owner.may(Access.VAULT_OWNER)).isTrue();
        assertThat(owner.may(Access.READER)).isFalse();
        AdminAccess nobody = new AdminSettings(
                        Map.of("admin-key", ADMIN_KEY), Optional.of(Map.of()), Optional.empty(), Optional.empty())
                .access();
        assertThat(nobody.identify(Optional.of("Bearer " + ADMIN_KEY)).may(Access.VAULT_OWNER)).isFalse();
        assertThatThrownBy(() -> new AdminSettings(
                        Map.of("admin-key", ADMIN_KEY), Optional.of(Map.of("vault-admin-key", ADMIN_KEY)), Optional.empty(),
                        Optional.empty()))
                .hasMessageContaining("others than the admin keys");
    }

    @Test
    void tokensOfOthersForOthersOrOfAnotherTimeAreRefused() throws Exception {
        refused(signed(claims("contributor").build(), OTHER));
        refused(signed(claims("contributor").issuer("https://login.example/other").build(), KEYS));
        refused(signed(claims("contributor").audience("https://other.example").build(), KEYS));
        refused(signed(claims("contributor").expirationTime(Date.from(Instant.now().minusSeconds(600))).build(), KEYS));
        refused(signed(claims("contributor").expirationTime(null).build(), KEYS));
        refused(signed(claims("contributor").notBeforeTime(Date.from(Instant.now().plusSeconds(600))).build(), KEYS));
    }

    @Test
    void aSubjectIsNeverTakenForTheAdminKeyAndFitsIntoRecords() throws Exception {
        assertThat(identify(signed(claims("contributor").subject("admin-key").build(), KEYS)).name())
                .isNotEqualTo(identify(ADMIN_KEY).name());
        assertThat(identify(signed(claims("reader").subject("anonymous").build(), KEYS)).name()).isNotEqualTo(Caller.ANONYMOUS.name());
        refused(signed(claims("contributor").subject("a".repeat(300)).build(), KEYS));
        refused(signed(claims("contributor").subject("a\nb").build(), KEYS));
        refused(signed(claims("contributor").subject("").build(), KEYS));
    }

    @Test
    void oneNameOfTwoIssuersIsTwoIdentitiesAndNoSubjectLooksLikeThoseOfAnotherIssuer() throws Exception {
        String other = "https://login.example/other";
        Caller ofOther = access(other).identify(Optional.of("Bearer " + signed(claims("contributor").issuer(other).build(), KEYS)));

        assertThat(ofOther.name()).isEqualTo("subject of " + other + " operator");
        assertThat(ofOther.name()).isNotEqualTo(identify(signed(claims("contributor").build(), KEYS)).name());
        assertThatThrownBy(() -> new AdminSettings.Issuer(
                        ISSUER + " operator", AUDIENCE, new AdminSettings.Keys.Pinned("{}"), "reader", "contributor"))
                .hasMessageContaining("without spaces");
    }

    @Test
    void aTokenThatNobodySignedOrThatThePublicKeySignedAsASecretIsRefused() throws Exception {
        refused(new PlainJWT(claims("contributor").build()).serialize());
        SignedJWT confused = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k").build(), claims("contributor").build());
        confused.sign(new MACSigner(KEYS.getPublic().getEncoded()));
        refused(confused.serialize());
    }

    @Test
    void aShortKeyIsNotTaken() {
        assertThatThrownBy(() -> new AdminSettings(Optional.of("short"), Optional.empty())).hasMessageContaining("16 characters");
        assertThatThrownBy(() -> new AdminSettings(Optional.empty(), Optional.of("short"), Optional.empty()))
                .hasMessageContaining("16 characters");
    }

    @Test
    void oneKeyIsNotForBoth() {
        assertThatThrownBy(() -> new AdminSettings(Optional.of(ADMIN_KEY), Optional.of(ADMIN_KEY), Optional.empty()))
                .hasMessageContaining("another than the admin keys");
    }
}
