package org.innerkeep.evidence.arm;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.innerkeep.evidence.AttesterKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.ClaimValue;
import org.innerkeep.evidence.Claims;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Reason.Code;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.internal.Verification;

/** Verifies CCA tokens. */
public final class CcaVerifier {
    private static final String FORGED = "The token was changed or forged: do not trust whoever sent it.";

    private CcaVerifier() {}

    /**
     * Verifies (RMM specification, "Attestation token format"; draft-ffm-rats-cca-token, "Token Binding"):
     *
     * <ol>
     *   <li>a pinned key of kind {@link AttesterKey.Kind#CCA} signed the platform token, by an algorithm on that key's own curve;
     *   <li>the key that the realm token brings signed the realm token;
     *   <li>the platform token names that key: its challenge is the digest of the very bytes of the realm's key claim. Without this a
     *       realm token of one machine, or of none, could stand beside the platform token of another;
     *   <li>the token about devices is the one that the realm token names, where there is one;
     *   <li>the platform is in the secured state of its life;
     *   <li>the realm's challenge is the nonce that is expected, where one is.
     * </ol>
     *
     * @param token the token
     * @param run the verification
     * @return the verdict
     */
    public static Verdict verify(CcaToken token, Verification run) {
        Optional<AttesterKey> key = PinnedKeys.signer(run, AttesterKey.Kind.CCA, token.platformEnvelope(), "platform-token");
        checkRealmSignature(run, token);
        checkBinding(run, token);
        checkDevices(run, token);
        Tokens.checkLifecycle(run, "platform.lifecycle", token.platform().securityLifecycle());
        Tokens.checkNonce(run, "realm.challenge", token.realm().challenge());
        Tokens.noteUnknown(run, "platform token", token.platform().unknownClaims());
        Tokens.noteUnknown(run, "realm token", token.realm().unknownClaims());
        if (token.realm().measurement().isEmpty()) {
            run.notChecked("measurement", "the initial measurement has not the length of the realm's digest algorithm");
        }
        long open = token.platform().devices().stream().filter(device -> !device.linkEncrypted()).count();
        if (open > 0) {
            run.notChecked("platform devices", "whether the realm's memory is on those whose link is not encrypted: " + open);
        }
        run.checked("CCA token", "signatures of platform and realm, their binding, life cycle");
        return key.isPresent() ? run.conclude(claims(token, key.get())) : run.refusal();
    }

    private static void checkRealmSignature(Verification run, CcaToken token) {
        if (token.realmEnvelope().scheme().isEmpty()) {
            run.refuse(Code.NOT_VERIFIABLE, "realm-token.alg", "another algorithm", "ES256, ES384 or ES512", "Use a newer verifier.");
            return;
        }
        boolean bareKey = token.realm().profile().isEmpty() && token.platform().profile() != CcaPlatform.Profile.V2;
        boolean right;
        try {
            Bytes spki = RealmKey.parse(token.realm().publicKey(), bareKey, token.realmEnvelope().scheme());
            right = token.realmEnvelope().signedBy(run.crypto(), run.crypto().publicKey("realm.public-key", spki), Bytes.EMPTY);
        } catch (MalformedException e) {
            run.refuse(Code.MALFORMED, e.field(), "other bytes (" + e.problem() + ")", "a key that can verify the realm token", FORGED);
            return;
        }
        if (!right) {
            run.refuse(Code.SIGNATURE_INVALID, "realm-token.signature", "a signature that is not by the key in the realm token",
                    "a valid signature", FORGED);
        }
    }

    private static void checkBinding(Verification run, CcaToken token) {
        Optional<Bytes> digest = digest(token.realm().publicKeyHashAlgorithm(), token.realm().publicKey());
        if (digest.isEmpty()) {
            run.refuse(Code.NOT_VERIFIABLE, "realm.public-key-hash-algo-id", "another digest algorithm", "sha-256, sha-384 or sha-512",
                    "Use a newer verifier.");
        } else if (!token.platform().challenge().equals(digest.get())) {
            run.refuse(Code.BINDING_MISMATCH, "platform.challenge", token.platform().challenge().shortHex(),
                    digest.get().shortHex() + ", the digest of the realm's key",
                    "The realm token does not belong to this platform: do not trust whoever sent it.");
        }
    }

    private static void checkDevices(Verification run, CcaToken token) {
        Optional<Bytes> found = token.devices().flatMap(bytes -> digest(token.realm().hashAlgorithm(), bytes));
        if (token.devices().isPresent() && (found.isEmpty() || !found.equals(token.realm().devicesHash()))) {
            run.refuse(Code.BINDING_MISMATCH, "realm.devices-token-hash",
                    token.realm().devicesHash().map(Bytes::shortHex).orElse("none"),
                    found.map(Bytes::shortHex).orElse("a known digest algorithm") + ", the digest of the device token", FORGED);
        }
        if (token.realm().devicesHash().isPresent()) {
            run.notChecked("devices", "what the realm's devices are is not read");
        }
    }

    private static Optional<Bytes> digest(String algorithm, Bytes of) {
        return CcaRealm.jcaName(algorithm).map(name -> {
            try {
                return Bytes.of(MessageDigest.getInstance(name).digest(of.toArray()));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("this Java platform has no " + name, e);
            }
        });
    }

    /** What a realm keeps on a device goes over its link; the token does not say whether the realm keeps anything there. */
    private static String memoryReadableBy(CcaPlatform platform) {
        if (platform.lifecycle().debug()) {
            return "host";
        }
        return platform.devices().stream().allMatch(ExtensionDevice::linkEncrypted) ? "nobody" : "device";
    }

    private static Claims claims(CcaToken token, AttesterKey key) {
        CcaPlatform platform = token.platform();
        CcaRealm realm = token.realm();
        Map<String, ClaimValue> details = new TreeMap<>();
        details.put("cca-platform-profile", ClaimValue.of(platform.profile().uri()));
        details.put("cca-platform-implementation-id", ClaimValue.of(platform.implementationId()));
        details.put("cca-platform-instance-id", ClaimValue.of(platform.instanceId()));
        details.put("cca-platform-config", ClaimValue.of(platform.config()));
        details.put("cca-platform-lifecycle", ClaimValue.of(platform.securityLifecycle()));
        details.put("cca-platform-lifecycle-state", ClaimValue.of(platform.lifecycle().toString()));
        details.put("cca-platform-sw-components", SoftwareComponent.claims(platform.components()));
        details.put("cca-platform-hash-algo-id", ClaimValue.of(platform.hashAlgorithm()));
        platform.verificationService().ifPresent(text -> details.put("cca-platform-service-indicator", ClaimValue.of(text)));
        platform.manufacturingConfig().ifPresent(value -> details.put("cca-platform-manufacturing-config", ClaimValue.of(value)));
        if (!platform.devices().isEmpty()) {
            details.put("cca-platform-extension",
                    new ClaimValue.Many(platform.devices().stream().map(ExtensionDevice::claim).toList()));
        }
        if (!platform.bootKeys().isEmpty()) {
            details.put("cca-platform-tbb-rotpk", new ClaimValue.Many(platform.bootKeys().stream().map(BootKey::claim).toList()));
        }
        platform.peerSigners().ifPresent(value -> details.put("cca-platform-peer-signers", ClaimValue.of(value)));
        realm.profile().ifPresent(profile -> details.put("cca-realm-profile", ClaimValue.of(profile.uri())));
        details.put("cca-realm-personalization-value", ClaimValue.of(realm.personalizationValue()));
        details.put("cca-realm-initial-measurement", ClaimValue.of(realm.initialMeasurement()));
        details.put("cca-realm-extensible-measurements",
                ClaimValue.ofTexts(realm.extensibleMeasurements().stream().map(Bytes::hex).toList()));
        details.put("cca-realm-hash-algo-id", ClaimValue.of(realm.hashAlgorithm()));
        details.put("cca-realm-public-key", ClaimValue.of(realm.publicKey()));
        details.put("cca-realm-public-key-hash-algo-id", ClaimValue.of(realm.publicKeyHashAlgorithm()));
        realm.instanceId().ifPresent(id -> details.put("cca-realm-instance-id", ClaimValue.of(id)));
        realm.memoryPolicy().ifPresent(value -> details.put("cca-realm-mec-policy", ClaimValue.of(value.toString())));
        realm.liveActivation().ifPresent(value -> details.put("cca-realm-lfa-policy", ClaimValue.of(value == 0 ? "disallow" : "allow")));
        realm.devicesHash().ifPresent(hash -> details.put("cca-realm-devices-token-hash", ClaimValue.of(hash)));
        details.put(Claims.MEMORY_READABLE_BY, ClaimValue.of(memoryReadableBy(platform)));
        return new Claims(
                "cca-token",
                "cca",
                realm.measurement(),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                platform.lifecycle().debug(),
                realm.challenge(),
                Optional.empty(),
                key.id(),
                details);
    }
}
