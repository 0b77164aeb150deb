package org.innerkeep.makers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.innerkeep.makers.AwsTest.codes;

import java.security.KeyPair;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.innerkeep.evidence.AttesterKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.Endorsements;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.VerifierOptions;
import org.innerkeep.evidence.arm.CcaToken;
import org.innerkeep.evidence.cbor.CborValue;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.makers.FakeArm.Edition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** CCA tokens of a synthetic platform: what is accepted, and one wrong thing at a time. */
class CcaTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final FakeArm ARM = new FakeArm();
    private static final VerifierOptions OPTIONS = VerifierOptions.of(ARM.platformKey());
    private static final Verifier VERIFIER = new Verifier();

    private static Verdict verify(byte[] token, VerifierOptions options) {
        return VERIFIER.verify(token, Endorsements.none(), NOW, options);
    }

    private static Set<Code> refusals(Edition edition, Consumer<FakeArm.CcaWish> change) {
        return codes(verify(ARM.cca(edition, change), OPTIONS));
    }

    private static Set<Code> platform(Consumer<FakeArm.Claims> change) {
        return refusals(Edition.V1, wish -> change.accept(wish.platform()));
    }

    private static Set<Code> realm(Consumer<FakeArm.Claims> change) {
        return refusals(Edition.V1, wish -> change.accept(wish.realm()));
    }

    @ParameterizedTest
    @EnumSource(Edition.class)
    void acceptsATokenAndClaimsWhatItSays(Edition edition) {
        Claims claims = ((Verdict.Accepted) verify(ARM.cca(edition, wish -> {}), OPTIONS)).claims();

        assertThat(claims.kind()).isEqualTo("cca-token");
        assertThat(claims.platform()).isEqualTo("cca");
        assertThat(claims.measurement()).contains(Measurement.sha256(Bytes.of(FakeAws.filled(32, 0x11))));
        assertThat(claims.signer()).isEmpty();
        assertThat(claims.reportData()).isEqualTo(Bytes.of(FakeAws.filled(64, 0xab)));
        assertThat(claims.debug()).isFalse();
        assertThat(claims.anchor()).isEqualTo(ARM.platformKey().id());
        assertThat(claims.text(Claims.MEMORY_READABLE_BY)).contains("nobody");
        assertThat(claims.text("cca-platform-lifecycle-state")).contains("secured");
        assertThat(claims.details().get("cca-platform-lifecycle")).isEqualTo(ClaimValue.of(0x3003));
        assertThat(claims.details().get("cca-platform-sw-components"))
                .isInstanceOfSatisfying(ClaimValue.Many.class, many -> assertThat(many.values()).hasSize(2));
        assertThat(claims.text("cca-realm-mec-policy")).isEqualTo(
                edition == Edition.V2 ? Optional.of("private") : Optional.empty());
    }

    @ParameterizedTest
    @EnumSource(Edition.class)
    void whatIsWrittenIsWhatWasRead(Edition edition) throws MalformedException {
        byte[] token = ARM.cca(edition, wish -> {});
        assertThat(CcaToken.parse(token).toByteArray()).isEqualTo(token);
    }

    @Test
    void acceptsEveryCurveForThePlatform() {
        for (String curve : List.of("secp256r1", "secp384r1", "secp521r1")) {
            FakeArm other = new FakeArm(curve, "secp256r1");
            assertThat(codes(verify(other.cca(Edition.V1, wish -> {}), VerifierOptions.of(other.platformKey())))).as(curve).isEmpty();
        }
    }

    @Test
    void acceptsBothCollectionsAndTheOneBetweenThem() {
        assertThat(refusals(Edition.V1, wish -> wish.collection(907, true))).isEmpty();
        assertThat(refusals(Edition.V1, wish -> wish.collection(399, true))).isEmpty();
        assertThat(refusals(Edition.LEGACY, wish -> wish.collection(907, true))).isEmpty();
        // A realm of RMM 1.0 on a platform that has not changed yet, as real ones are.
        assertThat(refusals(Edition.V1, wish -> wish.platform().claim(265, writer -> writer.text("http://arm.com/CCA-SSD/1.0.0")))).isEmpty();
        // Without a profile the realm's key may have either form.
        assertThat(refusals(Edition.V1, wish -> wish.realm().without(265))).isEmpty();
    }

    @Test
    void oneOfSeveralPinnedKeysIsEnough() {
        FakeArm other = new FakeArm();
        VerifierOptions both = VerifierOptions.of(other.platformKey(), ARM.platformKey());
        Claims claims = ((Verdict.Accepted) verify(ARM.cca(Edition.V1, wish -> {}), both)).claims();
        assertThat(claims.anchor()).isEqualTo(ARM.platformKey().id());
    }

    @Test
    void headsThatAreNotTheShortestAreBorne() {
        // RMM specification: verifiers are variation-tolerant. 2395 with a value of eight bytes.
        assertThat(platform(claims -> claims.claim(2395, writer -> writer.raw(new byte[] {0x1b, 0, 0, 0, 0, 0, 0, 0x30, 0}))))
                .isEmpty();
    }

    @Test
    void indefiniteLengthsAreNot() {
        assertThat(platform(claims -> claims.claim(2401, writer -> writer.raw(new byte[] {0x5f, 0x41, 1, (byte) 0xff}))))
                .containsExactly(Code.MALFORMED);
    }

    @Test
    void nothingIsAcceptedWithoutAPinnedKey() {
        assertThat(codes(verify(ARM.cca(Edition.V1, wish -> {}), VerifierOptions.of()))).containsExactly(Code.ANCHOR_NOT_PINNED);
    }

    @Test
    void aKeyForAnotherKindDoesNotVouch() {
        for (AttesterKey.Kind kind : List.of(AttesterKey.Kind.PSA, AttesterKey.Kind.TPM)) {
            VerifierOptions options = VerifierOptions.of(new AttesterKey(kind, ARM.platformKey().publicKey()));
            assertThat(codes(verify(ARM.cca(Edition.V1, wish -> {}), options))).containsExactly(Code.ANCHOR_NOT_PINNED);
        }
    }

    @Test
    void theKeyOfAnotherPlatformIsRefused() {
        VerifierOptions options = VerifierOptions.of(new FakeArm().platformKey());
        assertThat(codes(verify(ARM.cca(Edition.V1, wish -> {}), options))).containsExactly(Code.SIGNATURE_INVALID);
        // An algorithm of another curve than the key's.
        assertThat(platform(claims -> claims.envelope().algorithm(-7))).containsExactly(Code.SIGNATURE_INVALID);
    }

    @Test
    void changedClaimsAreRefused() {
        assertThat(platform(claims -> claims.envelope().afterSigning(CcaTest::flipLast))).containsExactly(Code.SIGNATURE_INVALID);
        assertThat(realm(claims -> claims.envelope().afterSigning(CcaTest::flipLast))).containsExactly(Code.SIGNATURE_INVALID);
    }

    private static byte[] flipLast(byte[] payload) {
        byte[] changed = payload.clone();
        changed[changed.length - 1] ^= 1;
        return changed;
    }

    @Test
    void aRealmTokenThatAnotherKeySignedIsRefused() {
        assertThat(realm(claims -> claims.envelope().signedBy(Authority.ecKeys("secp384r1").getPrivate(), "SHA384withECDSA")))
                .containsExactly(Code.SIGNATURE_INVALID);
    }

    @Test
    void aRealmOfAnotherPlatformIsRefused() {
        KeyPair other = Authority.ecKeys("secp384r1");
        assertThat(realm(claims -> {
            claims.claim(44237, writer -> writer.bytes(FakeArm.coseKey(other, key -> {})));
            claims.envelope().signedBy(other.getPrivate(), "SHA384withECDSA");
        })).containsExactly(Code.BINDING_MISMATCH);
    }

    @Test
    void theBindingIsOverTheBytesOfTheClaim() {
        // The same key in another encoding: the platform did not name it.
        assertThat(realm(claims -> claims.claim(44237, writer -> writer.bytes(
                        FakeArm.coseKey(ARM.realmKeys(), key -> key.put(2L, CoseWish.item(id -> id.bytes(new byte[] {1}))))))))
                .containsExactly(Code.BINDING_MISMATCH);
        assertThat(platform(claims -> claims.claim(10, writer -> writer.bytes(new byte[32])))).containsExactly(Code.BINDING_MISMATCH);
    }

    @Test
    void theBindingIsByTheAlgorithmThatTheRealmNames() {
        byte[] key = FakeArm.coseKey(ARM.realmKeys(), parameters -> {});
        for (String name : List.of("sha-384", "sha-512")) {
            String jca = name.toUpperCase(Locale.ROOT);
            assertThat(refusals(Edition.V1, wish -> {
                wish.realm().claim(44240, writer -> writer.text(name));
                wish.platform().claim(10, writer -> writer.bytes(FakeArm.digest(jca, key)));
            })).as(name).isEmpty();
            assertThat(realm(claims -> claims.claim(44240, writer -> writer.text(name)))).containsExactly(Code.BINDING_MISMATCH);
        }
        assertThat(realm(claims -> claims.claim(44240, writer -> writer.text("md5")))).containsExactly(Code.NOT_VERIFIABLE);
    }

    @Test
    void swappedPartsAreRefused() throws MalformedException {
        CcaToken token = CcaToken.parse(ARM.cca(Edition.V1, wish -> {}));
        byte[] swapped = new CborWriter().tag(399).map(2)
                .integer(44234).bytes(token.realmEnvelope().toByteArray())
                .integer(44241).bytes(token.platformEnvelope().toByteArray())
                .toByteArray();
        assertThat(codes(verify(swapped, OPTIONS))).containsExactly(Code.MALFORMED);
    }

    @Test
    void onlyTheSecuredStateProvesAnything() {
        for (int state : new int[] {0, 0x10ff, 0x2000, 0x2fff, 0x3100, 0x6000, 0x7000, 0xffff}) {
            assertThat(platform(claims -> claims.claim(2395, writer -> writer.integer(state))))
                    .as("state %x", state).containsExactly(Code.LIFECYCLE_NOT_SECURED);
        }
        for (int state : new int[] {0x3000, 0x30ff}) {
            assertThat(platform(claims -> claims.claim(2395, writer -> writer.integer(state)))).as("state %x", state).isEmpty();
        }
    }

    @Test
    void debugStatesAreRefusedUnlessDebugIsAllowed() {
        for (int state : new int[] {0x4000, 0x50ff}) {
            byte[] token = ARM.cca(Edition.V1, wish -> wish.platform().claim(2395, writer -> writer.integer(state)));
            assertThat(codes(verify(token, OPTIONS))).containsExactlyInAnyOrder(Code.LIFECYCLE_NOT_SECURED, Code.DEBUG_ENCLAVE);
            Claims claims = ((Verdict.Accepted) verify(token, OPTIONS.allowDebug())).claims();
            assertThat(claims.debug()).isTrue();
            assertThat(claims.text(Claims.MEMORY_READABLE_BY)).contains("host");
        }
        byte[] decommissioned = ARM.cca(Edition.V1, wish -> wish.platform().claim(2395, writer -> writer.integer(0x6000)));
        assertThat(codes(verify(decommissioned, OPTIONS.allowDebug()))).containsExactly(Code.LIFECYCLE_NOT_SECURED);
    }

    @Test
    void theChallengeThatIsExpectedMustBeThere() {
        byte[] token = ARM.cca(Edition.V1, wish -> {});
        Bytes right = Bytes.of(FakeAws.filled(64, 0xab));
        Bytes wrong = Bytes.of(FakeAws.filled(64, 0xac));
        assertThat(codes(verify(token, OPTIONS.reportData(right).nonce(right)))).isEmpty();
        assertThat(codes(verify(token, OPTIONS.reportData(wrong)))).containsExactly(Code.REPORT_DATA_MISMATCH);
        assertThat(codes(verify(token, OPTIONS.nonce(wrong)))).containsExactly(Code.NONCE_MISMATCH);
    }

    @Test
    void aMeasurementOfAnotherLengthThanItsAlgorithmIsNone() {
        byte[] token = ARM.cca(Edition.V1, wish -> wish.realm().claim(44238, writer -> writer.bytes(FakeAws.filled(64, 0x43))));
        Verdict.Accepted accepted = (Verdict.Accepted) verify(token, OPTIONS);
        assertThat(accepted.claims().measurement()).isEmpty();
        assertThat(accepted.claims().text("cca-realm-initial-measurement")).contains("43".repeat(64));
        assertThat(accepted.checks()).anyMatch(check -> check.name().equals("measurement") && !check.done());
    }

    @Test
    void keysOfTheRealmThatAreNoneAreRefused() {
        byte[] off = FakeArm.coseKey(ARM.realmKeys(), key -> key.put(-2L, CoseWish.item(x -> x.bytes(new byte[48]))));
        byte[] bare = FakeArm.point(ARM.realmKeys());
        List<byte[]> wrong = List.of(
                off,
                bare, // Not with a profile: that asks for a COSE_Key.
                new byte[] {1},
                new byte[] {(byte) 0xa0},
                Arrays.copyOf(bare, 96),
                FakeArm.coseKey(ARM.realmKeys(), key -> key.put(1L, CoseWish.item(kty -> kty.integer(1)))),
                FakeArm.coseKey(ARM.realmKeys(), key -> key.put(-1L, CoseWish.item(crv -> crv.integer(1)))),
                FakeArm.coseKey(ARM.realmKeys(), key -> key.put(-1L, CoseWish.item(crv -> crv.integer(8)))),
                FakeArm.coseKey(ARM.realmKeys(), key -> key.put(-3L, CoseWish.item(y -> y.bool(true)))),
                FakeArm.coseKey(ARM.realmKeys(), key -> key.put(3L, CoseWish.item(alg -> alg.integer(-7)))),
                FakeArm.coseKey(ARM.realmKeys(), key -> key.put(4L, CoseWish.item(ops -> ops.array(1).integer(1)))),
                FakeArm.coseKey(ARM.realmKeys(), key -> key.put(-4L, CoseWish.item(d -> d.bytes(new byte[48])))));
        for (int i = 0; i < wrong.size(); i++) {
            byte[] key = wrong.get(i);
            assertThat(refusals(Edition.V1, wish -> {
                wish.realm().claim(44237, writer -> writer.bytes(key));
                wish.platform().claim(10, writer -> writer.bytes(FakeArm.digest("SHA-256", key)));
            })).as("wrong key %d", i).containsExactly(Code.MALFORMED);
        }
        byte[] full = FakeArm.coseKey(ARM.realmKeys(), key -> {
            key.put(2L, CoseWish.item(id -> id.bytes(new byte[] {1})));
            key.put(3L, CoseWish.item(alg -> alg.integer(-35)));
            key.put(4L, CoseWish.item(ops -> ops.array(1).integer(2)));
        });
        assertThat(refusals(Edition.V1, wish -> {
            wish.realm().claim(44237, writer -> writer.bytes(full));
            wish.platform().claim(10, writer -> writer.bytes(FakeArm.digest("SHA-256", full)));
        })).isEmpty();
    }

    @Test
    void aTokenAboutDevicesIsTheOneThatTheRealmNames() {
        byte[] devices = {(byte) 0xa0};
        Consumer<FakeArm.CcaWish> bound = wish -> {
            wish.part(44258, writer -> writer.array(2).integer(601).bytes(devices));
            wish.realm().claim(44257, writer -> writer.bytes(FakeArm.digest("SHA-256", devices)));
        };
        assertThat(refusals(Edition.V2, bound)).isEmpty();
        assertThat(refusals(Edition.V2, bound.andThen(wish -> wish.realm().without(44257)))).containsExactly(Code.BINDING_MISMATCH);
        assertThat(refusals(Edition.V2, bound.andThen(wish -> wish.realm().claim(44257, writer -> writer.bytes(new byte[32])))))
                .containsExactly(Code.BINDING_MISMATCH);
        // No digest where none is wanted, and none that could be made, are not the same.
        assertThat(refusals(Edition.V2, bound.andThen(
                        wish -> wish.realm().without(44257).claim(44236, writer -> writer.text("other")))))
                .containsExactly(Code.BINDING_MISMATCH);
    }

    /** Claims by key, each as it is encoded: the order does not count. */
    private static Map<Long, Bytes> pairs(byte[] payload) throws MalformedException {
        Map<Long, Bytes> found = new TreeMap<>();
        CborValue.parse("claims", payload, CborValue.Rules.SHORTEST).map("claims").byNumber().forEach((key, value) ->
                found.put(key, Bytes.of(Arrays.copyOfRange(payload, value.start(), value.end()))));
        return found;
    }

    private static void device(CborWriter writer, String protocol, boolean negotiated) {
        device(writer, protocol, negotiated, true);
    }

    private static void device(CborWriter writer, String protocol, boolean negotiated, boolean linkEncrypted) {
        writer.array(1).map(negotiated ? 8 : 7).integer(1).text("sha-256").integer(2).bytes(FakeAws.filled(32, 2));
        writer.integer(3).bytes(FakeAws.filled(48, 3)).integer(4).bool(linkEncrypted).integer(5).text(protocol);
        if (negotiated) {
            writer.integer(6).bytes(FakeAws.filled(32, 6));
        }
        writer.integer(7).text("cxl-type-3").integer(8).integer(0);
    }

    private static void key(CborWriter writer, int hash) {
        writer.array(1).map(4).integer(1).text("DM").integer(2).integer(0).integer(3).integer(1).integer(4).bytes(new byte[hash]);
    }

    @Test
    void whatAPlatformOfRmm20HasBesideFirmwareIsClaimed() throws MalformedException {
        byte[] token = ARM.cca(Edition.V2, wish -> wish.platform()
                .claim(2404, writer -> device(writer, "spdm-1.2.0", true))
                .claim(2405, writer -> key(writer, 32))
                .claim(2406, writer -> writer.bytes(new byte[] {0x12, 0x34})));
        Claims claims = ((Verdict.Accepted) verify(token, OPTIONS)).claims();
        Map<String, ClaimValue> one = ((ClaimValue.Group)
                        ((ClaimValue.Many) Objects.requireNonNull(claims.details().get("cca-platform-extension"))).values().getFirst()).values();
        assertThat(one).containsEntry("protocol", ClaimValue.of("spdm-1.2.0")).containsEntry("uses-ide", ClaimValue.of(true))
                .containsEntry("vca-digest", ClaimValue.of(Bytes.of(FakeAws.filled(32, 6))));
        assertThat(claims.details()).containsKey("cca-platform-tbb-rotpk");
        assertThat(claims.text("cca-platform-peer-signers")).contains("1234");
        Map<Long, Bytes> read = pairs(CcaToken.parse(token).platformEnvelope().payload().toArray());
        Map<Long, Bytes> written = pairs(CcaToken.parse(token).platform().toByteArray());
        assertThat(written.keySet()).isEqualTo(read.keySet());
        for (long added : new long[] {2404, 2405, 2406}) {
            assertThat(written.get(added)).as("claim %d", added).isEqualTo(read.get(added));
        }

        Consumer<FakeArm.CcaWish> plain = wish -> wish.platform().claim(2404, writer -> device(writer, "other-1", false));
        assertThat(refusals(Edition.V2, plain)).isEmpty();
        for (Consumer<FakeArm.CcaWish> wrong : List.<Consumer<FakeArm.CcaWish>>of(
                wish -> wish.platform().claim(2404, writer -> device(writer, "spdm-1.2.0", false)),
                wish -> wish.platform().claim(2404, writer -> device(writer, "other-1", true)),
                wish -> wish.platform().claim(2404, writer -> writer.array(0)),
                wish -> wish.platform().claim(2404, writer -> writer.array(1).map(1).integer(9).integer(9)),
                wish -> wish.platform().claim(2405, writer -> key(writer, 20)),
                wish -> wish.platform().claim(2405, writer -> writer.array(1).map(1).integer(5).integer(5)),
                wish -> wish.platform().claim(2406, writer -> writer.bytes(new byte[0])))) {
            assertThat(refusals(Edition.V2, wrong)).containsExactly(Code.MALFORMED);
        }
        // RMM 1.0 knows none of them.
        assertThat(platform(claimed -> claimed.claim(2404, writer -> device(writer, "other-1", false)))).containsExactly(Code.MALFORMED);
    }

    @Test
    void memoryMayBeReadOnALinkThatIsNotEncrypted() {
        for (boolean encrypted : List.of(true, false)) {
            byte[] token = ARM.cca(Edition.V2, wish -> wish.platform()
                    .claim(2404, writer -> device(writer, "other-1", false, encrypted)));
            Verdict.Accepted accepted = (Verdict.Accepted) verify(token, OPTIONS);
            assertThat(accepted.claims().text(Claims.MEMORY_READABLE_BY)).contains(encrypted ? "nobody" : "device");
            assertThat(accepted.checks().stream().anyMatch(check -> check.name().equals("platform devices") && !check.done()))
                    .isEqualTo(!encrypted);
        }
    }

    @Test
    void aRealmWithoutAProfileHasThatOfItsPlatform() {
        byte[] token = ARM.cca(Edition.V2, wish -> wish.realm().without(265));
        Claims claims = ((Verdict.Accepted) verify(token, OPTIONS)).claims();
        assertThat(claims.text("cca-realm-mec-policy")).contains("private");
        assertThat(refusals(Edition.V2, wish -> wish.realm().without(265).without(44243))).containsExactly(Code.MALFORMED);
        assertThat(refusals(Edition.V1, wish -> wish.realm().without(265).claim(44243, writer -> writer.integer(1))))
                .containsExactly(Code.MALFORMED);
    }

    @Test
    void aRealmOfTheThirdDraftNamesItsPolicyAndHasNoId() throws MalformedException {
        for (String policy : List.of("private", "shared")) {
            byte[] token = ARM.cca(Edition.V2, wish -> wish.realm().without(256).claim(44243, writer -> writer.text(policy)));
            Claims claims = ((Verdict.Accepted) verify(token, OPTIONS)).claims();
            assertThat(claims.text("cca-realm-mec-policy")).contains(policy);
            assertThat(pairs(CcaToken.parse(token).realm().toByteArray()))
                    .isEqualTo(pairs(CcaToken.parse(token).realmEnvelope().payload().toArray()));
        }
        assertThat(refusals(Edition.V2, wish -> wish.realm().claim(44243, writer -> writer.text("none")))).containsExactly(Code.MALFORMED);
    }

    @Test
    void claimsOutOfTheirBoundsAreRefused() {
        List<Consumer<FakeArm.Claims>> platforms = List.of(
                claims -> claims.without(10), claims -> claims.without(265), claims -> claims.without(256),
                claims -> claims.without(2395), claims -> claims.without(2396), claims -> claims.without(2399),
                claims -> claims.without(2401), claims -> claims.without(2402),
                claims -> claims.claim(265, writer -> writer.text("tag:arm.com,2099:cca_platform#9")),
                claims -> claims.claim(10, writer -> writer.bytes(new byte[33])),
                claims -> claims.claim(256, writer -> writer.bytes(new byte[33])),
                claims -> claims.claim(256, writer -> writer.bytes(new byte[32])),
                claims -> claims.claim(2396, writer -> writer.bytes(new byte[31])),
                claims -> claims.claim(2395, writer -> writer.integer(0x10000)),
                claims -> claims.claim(2395, writer -> writer.integer(-1)),
                claims -> claims.claim(2395, writer -> writer.text("secured")),
                claims -> claims.claim(2399, writer -> writer.array(0)),
                claims -> claims.claim(2399, writer -> writer.array(1).map(1).integer(2).bytes(new byte[32])),
                claims -> claims.claim(2399, writer -> writer.array(1).map(2).integer(2).bytes(new byte[20]).integer(5).bytes(new byte[32])),
                claims -> claims.claim(2399,
                        writer -> writer.array(1).map(3).integer(2).bytes(new byte[32]).integer(5).bytes(new byte[32]).integer(9).integer(1)),
                // Registered elsewhere: an expiry, and a debug state.
                claims -> claims.claim(4, writer -> writer.integer(1)),
                claims -> claims.claim(263, writer -> writer.integer(0)),
                claims -> claims.envelope().tag(OptionalLong.empty()),
                claims -> claims.envelope().tag(OptionalLong.of(17)));
        for (int i = 0; i < platforms.size(); i++) {
            assertThat(platform(platforms.get(i))).as("wrong platform token %d", i).containsExactly(Code.MALFORMED);
        }
        List<Consumer<FakeArm.Claims>> realms = List.of(
                claims -> claims.without(10), claims -> claims.without(44235), claims -> claims.without(44236),
                claims -> claims.without(44237), claims -> claims.without(44238), claims -> claims.without(44239),
                claims -> claims.without(44240),
                claims -> claims.claim(265, writer -> writer.text("tag:arm.com,2023:realm#9")),
                claims -> claims.claim(10, writer -> writer.bytes(new byte[63])),
                claims -> claims.claim(44235, writer -> writer.bytes(new byte[65])),
                claims -> claims.claim(44238, writer -> writer.bytes(new byte[20])),
                claims -> claims.claim(44239, writer -> writer.array(3).bytes(new byte[32]).bytes(new byte[32]).bytes(new byte[32])),
                claims -> claims.claim(44243, writer -> writer.integer(0)),
                claims -> claims.envelope().tag(OptionalLong.empty()));
        for (int i = 0; i < realms.size(); i++) {
            assertThat(realm(realms.get(i))).as("wrong realm token %d", i).containsExactly(Code.MALFORMED);
        }
        for (Consumer<FakeArm.CcaWish> wrong : List.<Consumer<FakeArm.CcaWish>>of(
                wish -> wish.realm().without(256), wish -> wish.realm().without(44243), wish -> wish.platform().without(2394),
                wish -> wish.realm().claim(44243, writer -> writer.integer(2)),
                wish -> wish.platform().claim(2394, writer -> writer.integer(2)),
                wish -> wish.part(44259, writer -> writer.array(2).integer(601).bytes(new byte[1])))) {
            assertThat(refusals(Edition.V2, wrong)).containsExactly(Code.MALFORMED);
        }
    }

    @Test
    void claimsForPrivateUseAreLeftOutAndNoted() {
        byte[] token = ARM.cca(Edition.V1, wish -> wish.platform().claim(-70000, writer -> writer.text("x")));
        Verdict.Accepted accepted = (Verdict.Accepted) verify(token, OPTIONS);
        assertThat(accepted.checks()).anyMatch(check -> check.name().equals("platform token") && !check.done());
    }

    @Test
    void algorithmsThatAreNotKnownCannotBeVerified() {
        assertThat(platform(claims -> claims.envelope().algorithm(-8))).containsExactly(Code.NOT_VERIFIABLE);
        assertThat(realm(claims -> claims.envelope().algorithm(-8))).containsExactly(Code.NOT_VERIFIABLE);
    }
}
