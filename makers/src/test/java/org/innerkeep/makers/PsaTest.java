package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.innerkeep.makers.AwsTest.codes;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.innerkeep.evidence.AttesterKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.arm.PsaToken;
import org.innerkeep.makers.FakeArm.PsaEdition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** PSA tokens of a synthetic device: what is accepted, and one wrong thing at a time. */
class PsaTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final FakeArm ARM = new FakeArm();
    private static final VerifierOptions OPTIONS = VerifierOptions.of(ARM.deviceKey());
    private static final Verifier VERIFIER = new Verifier();

    private static Verdict verify(byte[] token, VerifierOptions options) {
        return VERIFIER.verify(token, Endorsements.none(), NOW, options);
    }

    private static Set<Code> refusals(PsaEdition edition, Consumer<FakeArm.Claims> change) {
        return codes(verify(ARM.psa(edition, change), OPTIONS));
    }

    @ParameterizedTest
    @EnumSource(PsaEdition.class)
    void acceptsATokenAndClaimsWhatItSays(PsaEdition edition) {
        Claims claims = ((Verdict.Accepted) verify(ARM.psa(edition, wish -> {}), OPTIONS)).claims();

        assertThat(claims.kind()).isEqualTo("psa-token");
        assertThat(claims.platform()).isEqualTo("psa");
        assertThat(claims.measurement()).isEmpty();
        assertThat(claims.reportData()).isEqualTo(Bytes.of(FakeAws.filled(32, 0xab)));
        assertThat(claims.debug()).isFalse();
        assertThat(claims.anchor()).isEqualTo(ARM.deviceKey().id());
        assertThat(claims.text(Claims.MEMORY_READABLE_BY)).contains("root");
        assertThat(claims.details().get("psa-client-id")).isEqualTo(ClaimValue.of(-3002));
        assertThat(claims.details().get("psa-instance-id-is-key-hash")).isEqualTo(ClaimValue.of(true));
        assertThat(claims.text("psa-boot-seed")).contains("5e".repeat(32));
        assertThat(claims.text("psa-certification-reference")).contains("0604565272829-10010");
        assertThat(claims.details().get("psa-software-components"))
                .isInstanceOfSatisfying(ClaimValue.Many.class, many -> assertThat(many.values()).hasSize(2));
    }

    @ParameterizedTest
    @EnumSource(PsaEdition.class)
    void whatIsWrittenIsWhatWasRead(PsaEdition edition) throws MalformedException {
        byte[] token = ARM.psa(edition, wish -> {});
        PsaToken.Signed signed = PsaToken.parse(token);
        assertThat(signed.envelope().toByteArray()).isEqualTo(token);
        byte[] again = ARM.psa(edition, wish -> wish.envelope().afterSigning(payload -> signed.token().toByteArray()));
        assertThat(PsaToken.parse(again).token()).isEqualTo(signed.token());
    }

    @Test
    void acceptsEveryCurve() {
        for (String curve : List.of("secp256r1", "secp384r1", "secp521r1")) {
            FakeArm other = new FakeArm("secp384r1", curve);
            assertThat(codes(verify(other.psa(PsaEdition.TFM, wish -> {}), VerifierOptions.of(other.deviceKey())))).as(curve).isEmpty();
        }
    }

    @Test
    void optionalClaimsMayBeAbsent() {
        assertThat(refusals(PsaEdition.TFM, claims -> claims.without(2397).without(2398).without(2400))).isEmpty();
        assertThat(refusals(PsaEdition.IOT_1, claims -> claims.without(-75000).without(-75004).without(-75005).without(-75010)))
                .isEmpty();
        assertThat(refusals(PsaEdition.IOT_1, claims -> claims.without(-75006).claim(-75007, writer -> writer.integer(1)))).isEmpty();
        assertThat(refusals(PsaEdition.IOT_1, claims -> claims.claim(-75005, writer -> writer.text("0604565272829")))).isEmpty();
    }

    @Test
    void aRandomInstanceIdIsAsGenuineAndClaimed() {
        byte[] token = ARM.psa(PsaEdition.TFM, wish -> wish.claim(256, writer -> writer.bytes(Arrays.copyOf(new byte[] {1}, 33))));
        Claims claims = ((Verdict.Accepted) verify(token, OPTIONS)).claims();
        assertThat(claims.details().get("psa-instance-id-is-key-hash")).isEqualTo(ClaimValue.of(false));
    }

    @Test
    void nothingIsAcceptedWithoutAPinnedKey() {
        byte[] token = ARM.psa(PsaEdition.TFM, wish -> {});
        assertThat(codes(verify(token, VerifierOptions.of()))).containsExactly(Code.ANCHOR_NOT_PINNED);
        for (AttesterKey.Kind kind : List.of(AttesterKey.Kind.CCA, AttesterKey.Kind.TPM)) {
            VerifierOptions options = VerifierOptions.of(new AttesterKey(kind, ARM.deviceKey().publicKey()));
            assertThat(codes(verify(token, options))).containsExactly(Code.ANCHOR_NOT_PINNED);
        }
    }

    @Test
    void theKeyOfAnotherDeviceIsRefused() {
        VerifierOptions options = VerifierOptions.of(new FakeArm().deviceKey());
        assertThat(codes(verify(ARM.psa(PsaEdition.TFM, wish -> {}), options))).containsExactly(Code.SIGNATURE_INVALID);
    }

    @Test
    void aPinnedKeyThatIsNoneVouchesForNothing() {
        VerifierOptions options = VerifierOptions.of(new AttesterKey(AttesterKey.Kind.PSA, Bytes.of(new byte[] {1, 2, 3})));
        assertThat(codes(verify(ARM.psa(PsaEdition.TFM, wish -> {}), options))).containsExactly(Code.SIGNATURE_INVALID);
    }

    @Test
    void theAlgorithmIsTheOneOfTheKeysCurve() {
        assertThat(refusals(PsaEdition.TFM, claims -> claims.envelope().algorithm(-35))).containsExactly(Code.SIGNATURE_INVALID);
        // ECDSA on P-256 with SHA-512 is right mathematics, and no algorithm of the profile.
        FakeArm wide = new FakeArm("secp384r1", "secp521r1");
        byte[] token = wide.psa(PsaEdition.TFM, wish -> wish.envelope().algorithm(-7));
        assertThat(codes(verify(token, VerifierOptions.of(wide.deviceKey())))).containsExactly(Code.SIGNATURE_INVALID);
        assertThat(refusals(PsaEdition.TFM, claims -> claims.envelope().algorithm(-37))).containsExactly(Code.NOT_VERIFIABLE);
    }

    @Test
    void anAuthenticationCodeCannotBeVerified() {
        assertThat(refusals(PsaEdition.TFM, claims -> claims.envelope().tag(OptionalLong.of(17)).algorithm(5)))
                .containsExactly(Code.NOT_VERIFIABLE);
    }

    @Test
    void changedClaimsAreRefused() {
        assertThat(refusals(PsaEdition.TFM, claims -> claims.envelope().afterSigning(payload -> {
            byte[] changed = payload.clone();
            changed[10] ^= 1; // In the nonce.
            return changed;
        }))).containsExactly(Code.SIGNATURE_INVALID);
    }

    @Test
    void onlyTheSecuredStateProvesAnything() {
        for (PsaEdition edition : PsaEdition.values()) {
            for (int state : new int[] {0, 0x1000, 0x2000, 0x3100, 0x6000, 0x7000}) {
                assertThat(refusals(edition, claims -> claims.claim(edition.key(2395), writer -> writer.integer(state))))
                        .as("state %x", state).containsExactly(Code.LIFECYCLE_NOT_SECURED);
            }
        }
    }

    @Test
    void debugStatesAreRefusedUnlessDebugIsAllowed() {
        byte[] token = ARM.psa(PsaEdition.TFM, claims -> claims.claim(2395, writer -> writer.integer(0x4001)));
        assertThat(codes(verify(token, OPTIONS))).containsExactlyInAnyOrder(Code.LIFECYCLE_NOT_SECURED, Code.DEBUG_ENCLAVE);
        assertThat(((Verdict.Accepted) verify(token, OPTIONS.allowDebug())).claims().debug()).isTrue();
    }

    @Test
    void theNonceThatIsExpectedMustBeThere() {
        byte[] token = ARM.psa(PsaEdition.TFM, wish -> {});
        Bytes right = Bytes.of(FakeAws.filled(32, 0xab));
        Bytes wrong = Bytes.of(FakeAws.filled(32, 0xac));
        assertThat(codes(verify(token, OPTIONS.reportData(right).nonce(right)))).isEmpty();
        assertThat(codes(verify(token, OPTIONS.reportData(wrong)))).containsExactly(Code.REPORT_DATA_MISMATCH);
        assertThat(codes(verify(token, OPTIONS.nonce(wrong)))).containsExactly(Code.NONCE_MISMATCH);
    }

    @Test
    void claimsOutOfTheirBoundsAreRefused() {
        List<Consumer<FakeArm.Claims>> wrong = List.of(
                claims -> claims.without(10), claims -> claims.without(256), claims -> claims.without(2394),
                claims -> claims.without(2395), claims -> claims.without(2396), claims -> claims.without(2399),
                claims -> claims.claim(10, writer -> writer.bytes(new byte[31])),
                claims -> claims.claim(10, writer -> writer.array(1).bytes(new byte[32])),
                claims -> claims.claim(256, writer -> writer.bytes(new byte[33])),
                claims -> claims.claim(2394, writer -> writer.integer(1L << 31)),
                claims -> claims.claim(2395, writer -> writer.integer(0x10000)),
                claims -> claims.claim(2396, writer -> writer.bytes(new byte[33])),
                claims -> claims.claim(2397, writer -> writer.bytes(new byte[7])),
                claims -> claims.claim(2397, writer -> writer.bytes(new byte[33])),
                claims -> claims.claim(2398, writer -> writer.text("060456527282")),
                claims -> claims.claim(2398, writer -> writer.text("0604565272829-1001")),
                claims -> claims.claim(2399, writer -> writer.array(0)),
                claims -> claims.claim(2399, writer -> writer.integer(1)),
                claims -> claims.claim(2399,
                        writer -> writer.array(1).map(3).integer(2).bytes(new byte[32]).integer(5).bytes(new byte[32]).integer(7).bool(true)),
                claims -> claims.claim(2400, writer -> writer.text("")),
                claims -> claims.claim(263, writer -> writer.integer(0)),
                claims -> claims.claim(-75000, writer -> writer.text("PSA_IOT_PROFILE_1")).without(2399));
        for (int i = 0; i < wrong.size(); i++) {
            assertThat(refusals(PsaEdition.TFM, wrong.get(i))).as("wrong token %d", i).containsExactly(Code.MALFORMED);
        }
        assertThat(refusals(PsaEdition.IOT_1, claims -> claims.claim(-75007, writer -> writer.integer(1)))).containsExactly(Code.MALFORMED);
        assertThat(refusals(PsaEdition.IOT_1, claims -> claims.without(-75006).claim(-75007, writer -> writer.integer(2))))
                .containsExactly(Code.MALFORMED);
    }

    @Test
    void aTokenWithoutATagOrWithAnotherProfileIsNone() {
        assertThat(refusals(PsaEdition.TFM, claims -> claims.envelope().tag(OptionalLong.empty()))).isNotEmpty();
        assertThat(refusals(PsaEdition.TFM, claims -> claims.claim(265, writer -> writer.text("tag:example.org,2026:other")))).isNotEmpty();
        assertThat(refusals(PsaEdition.TFM, claims -> claims.without(265))).isNotEmpty();
    }

    @Test
    void aTokenIsNoRealmAndNoPlatform() {
        byte[] cca = ARM.cca(FakeArm.Edition.V1, wish -> {});
        assertThat(codes(verify(cca, OPTIONS))).containsExactly(Code.ANCHOR_NOT_PINNED);
    }
}
