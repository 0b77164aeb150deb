package org.innerkeep.evidence.arm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.cbor.CborValue;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * The claims of a CCA realm token (Arm RMM specification, DEN0137, "Realm claims"; draft-ffm-rats-cca-token section 4).
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param profile which edition of the claims; the first had no such claim
 * @param challenge what the realm had signed, 64 bytes
 * @param personalizationValue given when the realm was made, 64 bytes
 * @param initialMeasurement of the realm as it was when it was activated, 32, 48 or 64 bytes
 * @param extensibleMeasurements extended by the realm itself, four of 32, 48 or 64 bytes
 * @param hashAlgorithm the digest of the measurements, such as {@code sha-256}
 * @param publicKey the key that signs the realm token, a point or a COSE_Key, 1 to 512 bytes
 * @param publicKeyHashAlgorithm the digest by which the platform token names that key
 * @param instanceId random, 33 bytes, the first 0x01; RMM 2.0 only, and not in draft-ffm-rats-cca-token-03
 * @param memoryPolicy by whose key the realm's memory is encrypted; RMM 2.0 only
 * @param liveActivation whether firmware may be updated while the realm runs (1) or not (0); RMM 2.0 only
 * @param devicesHash the digest of the token about devices that are assigned to the realm, where some are; RMM 2.0 only
 * @param unknownClaims keys of claims for private use, which are not looked at
 */
public record CcaRealm(
        Optional<Profile> profile,
        Bytes challenge,
        Bytes personalizationValue,
        Bytes initialMeasurement,
        List<Bytes> extensibleMeasurements,
        String hashAlgorithm,
        Bytes publicKey,
        String publicKeyHashAlgorithm,
        Optional<Bytes> instanceId,
        Optional<MemoryPolicy> memoryPolicy,
        OptionalInt liveActivation,
        Optional<Bytes> devicesHash,
        List<String> unknownClaims) {
    /** Which edition of the claims. */
    public enum Profile {
        /** RMM specification 1.0. */
        V1("tag:arm.com,2023:realm#1.0.0"),
        /** RMM specification 2.0. */
        V2("tag:arm.com,2024:realm#2.0.0");

        private final String uri;

        Profile(String uri) {
            this.uri = uri;
        }

        /** {@return the text of the profile claim} */
        public String uri() {
            return uri;
        }
    }

    /**
     * By whose key the realm's memory is encrypted.
     *
     * @param own whether the key is the realm's own, and not one that realms share
     * @param asText whether the claim is {@code private} or {@code shared}, as in draft-ffm-rats-cca-token-03, and not 1 or 0, as in
     *     the RMM specification
     */
    public record MemoryPolicy(boolean own, boolean asText) {
        private static final String OWN = "private";
        private static final String SHARED = "shared";

        private static MemoryPolicy parse(CborValue value, String field) throws MalformedException {
            if (!(value instanceof CborValue.Text text)) {
                return new MemoryPolicy(value.integer(field, 0, 1) == 1, false);
            }
            if (!text.value().equals(OWN) && !text.value().equals(SHARED)) {
                throw new MalformedException(field, text.start(), "expected " + OWN + " or " + SHARED);
            }
            return new MemoryPolicy(text.value().equals(OWN), true);
        }

        private void write(CborWriter writer) {
            if (asText) {
                writer.text(toString());
            } else {
                writer.integer(own ? 1 : 0);
            }
        }

        /** {@return {@code private} or {@code shared}} */
        @Override
        public String toString() {
            return own ? OWN : SHARED;
        }
    }

    /** Bytes of a challenge and of a personalization value. */
    public static final int CHALLENGE_LENGTH = 64;

    private static final int EXTENSIBLE = 4;
    private static final int MAX_KEY = 512;
    private static final int MAX_TEXT = 64;

    private static final long PERSONALIZATION = 44235;
    private static final long HASH_ALGORITHM = 44236;
    private static final long PUBLIC_KEY = 44237;
    private static final long INITIAL = 44238;
    private static final long EXTENSIBLES = 44239;
    private static final long KEY_HASH_ALGORITHM = 44240;
    private static final long MEMORY_POLICY = 44243;
    private static final long LIVE_ACTIVATION = 44244;
    private static final long DEVICES_HASH = 44257;
    private static final Set<Long> V1_KEYS = Set.of(Claim.PROFILE, Claim.NONCE, PERSONALIZATION, HASH_ALGORITHM, PUBLIC_KEY, INITIAL,
            EXTENSIBLES, KEY_HASH_ALGORITHM);
    private static final Set<Long> V2_KEYS = Set.of(Claim.PROFILE, Claim.NONCE, PERSONALIZATION, HASH_ALGORITHM, PUBLIC_KEY, INITIAL,
            EXTENSIBLES, KEY_HASH_ALGORITHM, Claim.UEID, MEMORY_POLICY, LIVE_ACTIVATION, DEVICES_HASH);

    /** Copies the lists. */
    public CcaRealm {
        extensibleMeasurements = List.copyOf(extensibleMeasurements);
        unknownClaims = List.copyOf(unknownClaims);
    }

    /** A realm without a profile has the one that its platform's goes with (RMM specification 2.0, A7.2.3.1.2). */
    static CcaRealm parse(byte[] payload, CcaPlatform.Profile platform) throws MalformedException {
        CborValue.Obj claims = CborValue.parse("realm", payload, CborValue.Rules.ANY_HEADS).map("realm");
        Optional<String> uri = Claim.text(claims.find(Claim.PROFILE), "realm.profile", 128);
        Optional<Profile> profile =
                uri.flatMap(text -> Arrays.stream(Profile.values()).filter(each -> each.uri.equals(text)).findFirst());
        if (uri.isPresent() && profile.isEmpty()) {
            throw new MalformedException("realm.profile", 0, "expected none or one of the known profiles, found another");
        }
        boolean second = profile.equals(Optional.of(Profile.V2)) || uri.isEmpty() && platform == CcaPlatform.Profile.V2;
        Optional<MemoryPolicy> policy = second
                ? Optional.of(MemoryPolicy.parse(claims.get(MEMORY_POLICY, "realm.mec-policy"), "realm.mec-policy"))
                : Optional.empty();
        // The draft that has the policy as text knows of no instance id.
        boolean identified = second && (!policy.orElseThrow().asText() || claims.find(Claim.UEID).isPresent());
        List<Bytes> extensible = new ArrayList<>();
        for (CborValue each : claims.get(EXTENSIBLES, "realm.extensible-measurements")
                .items("realm.extensible-measurements", EXTENSIBLE, EXTENSIBLE)) {
            extensible.add(Claim.hash(each, "realm.extensible-measurements[" + extensible.size() + "]"));
        }
        return new CcaRealm(
                profile,
                claims.get(Claim.NONCE, "realm.challenge").bytes("realm.challenge", CHALLENGE_LENGTH, CHALLENGE_LENGTH),
                claims.get(PERSONALIZATION, "realm.personalization-value")
                        .bytes("realm.personalization-value", CHALLENGE_LENGTH, CHALLENGE_LENGTH),
                Claim.hash(claims.get(INITIAL, "realm.initial-measurement"), "realm.initial-measurement"),
                extensible,
                claims.get(HASH_ALGORITHM, "realm.hash-algo-id").text("realm.hash-algo-id", MAX_TEXT),
                claims.get(PUBLIC_KEY, "realm.public-key").bytes("realm.public-key", 1, MAX_KEY),
                claims.get(KEY_HASH_ALGORITHM, "realm.public-key-hash-algo-id").text("realm.public-key-hash-algo-id", MAX_TEXT),
                identified
                        ? Optional.of(Claim.ueid(claims.get(Claim.UEID, "realm.instance-id"), "realm.instance-id", true))
                        : Optional.empty(),
                policy,
                second && claims.find(LIVE_ACTIVATION).isPresent()
                        ? flag(claims.get(LIVE_ACTIVATION, "realm.lfa-policy"), "realm.lfa-policy")
                        : OptionalInt.empty(),
                second && claims.find(DEVICES_HASH).isPresent()
                        ? Optional.of(Claim.hash(claims.get(DEVICES_HASH, "realm.devices-token-hash"), "realm.devices-token-hash"))
                        : Optional.empty(),
                Claim.unknown(claims, "realm", second ? V2_KEYS : V1_KEYS));
    }

    private static OptionalInt flag(CborValue value, String field) throws MalformedException {
        return OptionalInt.of((int) value.integer(field, 0, 1));
    }

    /** {@return the name of the platform's digest algorithm, or nothing where it is not SHA-256, SHA-384 or SHA-512} */
    static Optional<String> jcaName(String hashAlgorithm) {
        return switch (hashAlgorithm) {
            case "sha-256" -> Optional.of("SHA-256");
            case "sha-384" -> Optional.of("SHA-384");
            case "sha-512" -> Optional.of("SHA-512");
            default -> Optional.empty();
        };
    }

    /**
     * {@return the initial measurement with its algorithm, or nothing where the token contradicts itself about it} Test tools write
     * measurements of 64 bytes under the name of SHA-256: what such bytes are is not known, so they are no measurement.
     */
    public Optional<Measurement> measurement() {
        if (jcaName(hashAlgorithm).isEmpty()) {
            return Optional.empty();
        }
        int wanted = Integer.parseInt(hashAlgorithm.substring("sha-".length())) / 8;
        return initialMeasurement.length() == wanted
                ? Optional.of(new Measurement(hashAlgorithm, initialMeasurement))
                : Optional.empty();
    }

    /** {@return the claims' encoding, without those that are not known} */
    public byte[] toByteArray() {
        CborWriter writer = new CborWriter();
        writer.map(7 + (profile.isPresent() ? 1 : 0) + (instanceId.isPresent() ? 1 : 0) + (memoryPolicy.isPresent() ? 1 : 0)
                + (liveActivation.isPresent() ? 1 : 0) + (devicesHash.isPresent() ? 1 : 0));
        profile.ifPresent(each -> writer.integer(Claim.PROFILE).text(each.uri));
        writer.integer(Claim.NONCE).bytes(challenge.toArray());
        writer.integer(HASH_ALGORITHM).text(hashAlgorithm).integer(KEY_HASH_ALGORITHM).text(publicKeyHashAlgorithm);
        writer.integer(PERSONALIZATION).bytes(personalizationValue.toArray()).integer(PUBLIC_KEY).bytes(publicKey.toArray());
        writer.integer(INITIAL).bytes(initialMeasurement.toArray()).integer(EXTENSIBLES).array(extensibleMeasurements.size());
        extensibleMeasurements.forEach(each -> writer.bytes(each.toArray()));
        instanceId.ifPresent(id -> writer.integer(Claim.UEID).bytes(id.toArray()));
        memoryPolicy.ifPresent(value -> value.write(writer.integer(MEMORY_POLICY)));
        liveActivation.ifPresent(value -> writer.integer(LIVE_ACTIVATION).integer(value));
        devicesHash.ifPresent(hash -> writer.integer(DEVICES_HASH).bytes(hash.toArray()));
        return writer.toByteArray();
    }
}
