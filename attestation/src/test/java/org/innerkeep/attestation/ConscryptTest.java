package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.Security;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.attestation.store.SigningKey;
import org.innerkeep.attestation.token.FileVault;
import org.innerkeep.attestation.token.KeyVault;
import org.innerkeep.attestation.token.SelfSigned;
import org.innerkeep.attestation.token.SigningProvider;
import org.innerkeep.attestation.token.TokenAlgorithm;
import org.innerkeep.attestation.token.TokenKey;
import org.innerkeep.attestation.token.WrappingKey;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.TokenIssuer;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.snp.SnpProduct;
import org.innerkeep.makers.FakeAmd;
import org.innerkeep.makers.FakeIntel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Conscrypt in place of the platform's signatures, where a setting asks for it. */
class ConscryptTest {
    private static final FakeIntel INTEL = FakeIntel.at(Rig.NOW);
    private static final FakeAmd AMD = FakeAmd.of(SnpProduct.MILAN, Rig.NOW);

    @TempDir
    private Path folder;

    private static String attest(Rig rig) {
        Rig.Answer answer = rig.attest("SgxEnclave", Map.of("quote", Rig.base64(INTEL.sgxQuote(3, quote -> {}))));
        assertThat(answer.status()).as(answer.message()).isEqualTo(200);
        return answer.token();
    }

    private static Verdict verify(Rig rig, String token) throws Exception {
        byte[] keys = rig.get("/certs").body().toString().getBytes(StandardCharsets.UTF_8);
        return new Verifier().verify(
                token.getBytes(StandardCharsets.US_ASCII),
                Endorsements.none(),
                Instant.now(),
                VerifierOptions.of(TokenIssuer.of(rig.issuer(), keys)));
    }

    @ParameterizedTest
    @EnumSource
    void theServiceAttestsAndThePlatformVerifiesWhatItSigned(TokenAlgorithm algorithm) throws Exception {
        List<String> before = providers();
        try (Rig rig = Rig.of(
                folder, INTEL, AMD, Map.of("crypto-provider", "conscrypt", "token-algorithm", algorithm.name()))) {
            assertThat(verify(rig, attest(rig))).isInstanceOf(Verdict.Accepted.class);
            // Evidence that is wrong is wrong for Conscrypt, too.
            byte[] quote = INTEL.sgxQuote(3, wish -> {});
            quote[100] ^= 1;
            assertThat(rig.attest("SgxEnclave", Map.of("quote", Rig.base64(quote))).status()).isEqualTo(400);
        }
        assertThat(providers()).isEqualTo(before).noneMatch(name -> name.contains("Conscrypt"));
    }

    private static List<String> providers() {
        return Arrays.stream(Security.getProviders()).map(provider -> provider.getName()).toList();
    }

    @Test
    void aServiceCanChangeFromOneToTheOtherAndBackWithItsKeys() throws Exception {
        String first;
        try (Rig rig = Rig.of(folder, INTEL, AMD, Map.of())) {
            first = rig.get("/certs").body().toString();
            attest(rig);
        }
        try (Rig rig = Rig.of(folder.resolve("."), INTEL, AMD, Map.of("crypto-provider", "conscrypt"))) {
            assertThat(rig.get("/certs").body().toString()).isEqualTo(first);
            assertThat(verify(rig, attest(rig))).isInstanceOf(Verdict.Accepted.class);
        }
        try (Rig rig = Rig.of(folder.resolve("."), INTEL, AMD, Map.of())) {
            assertThat(verify(rig, attest(rig))).isInstanceOf(Verdict.Accepted.class);
        }
    }

    @Test
    void itIsConscryptThatHoldsTheKeyAndSigns() throws Exception {
        FileVault vault = new FileVault(
                WrappingKey.readOrCreate(folder.resolve("wrapping.key"), new SecureRandom()),
                Optional.of(SigningProvider.conscrypt(getClass().getClassLoader())));
        KeyVault.Made made = vault.make(TokenAlgorithm.RS256, pair -> SelfSigned.ofTokens(
                "https://attest.example", pair, vault.provider(), Rig.NOW, Rig.NOW.plusSeconds(60), Optional.empty(),
                new SecureRandom()));
        SigningKey.KeyMaterial material = made.material();

        assertThat(vault.open(TokenKey.idOf(made.certificate()), material, made.certificate().getPublicKey()).getClass().getName())
                .startsWith("org.conscrypt");
        assertThat(vault.provider().orElseThrow().getName()).isEqualTo("Conscrypt");
    }

    @Test
    void whereItIsNotOnTheClassPathTheMessageSaysWhatToAdd() {
        assertThatThrownBy(() -> SigningProvider.conscrypt(ClassLoader.getPlatformClassLoader()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("org.conscrypt:conscrypt-openjdk-uber");
    }

    @Test
    void anotherProviderIsRefusedByName() {
        assertThatThrownBy(() -> Rig.of(folder, INTEL, AMD, Map.of("crypto-provider", "openssl")))
                .hasMessage("crypto-provider: expected jdk or conscrypt, found 'openssl'");
    }
}
