package org.innerkeep.evidence.arm;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborValue;
import org.innerkeep.evidence.cbor.CborWriter;

/**
 * The claims of a CCA platform token (Arm RMM specification, DEN0137, "CCA platform claims"; draft-ffm-rats-cca-token section 4).
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param profile which edition of the claims
 * @param challenge the digest of the realm's key, 32, 48 or 64 bytes
 * @param implementationId the platform's implementation, 32 bytes
 * @param instanceId the platform's key, 33 bytes, the first 0x01
 * @param config chosen implementation options, at most 4096 bytes
 * @param securityLifecycle the state of the platform's life, 0 to 65535
 * @param components the measured firmware, 1 to 64
 * @param verificationService a hint at who may verify the token
 * @param hashAlgorithm the digest of the measurements, such as {@code sha-256}
 * @param manufacturingConfig options chosen when it was made, at most 4096 bytes; RMM 2.0 only
 * @param clientId who asked: 1 for what manages realms; RMM 2.0 only
 * @param devices that became part of the platform while it ran; RMM 2.0 only, empty where there are none
 * @param bootKeys by which firmware was accepted; RMM 2.0 only, empty where the platform does not say
 * @param peerSigners who signs for the other parts of a platform of several, 1 to 4096 bytes in a form of its maker; RMM 2.0 only
 * @param unknownClaims keys of claims for private use, which are not looked at
 */
public record CcaPlatform(
        Profile profile,
        Bytes challenge,
        Bytes implementationId,
        Bytes instanceId,
        Bytes config,
        int securityLifecycle,
        List<SoftwareComponent> components,
        Optional<String> verificationService,
        String hashAlgorithm,
        Optional<Bytes> manufacturingConfig,
        OptionalInt clientId,
        List<ExtensionDevice> devices,
        List<BootKey> bootKeys,
        Optional<Bytes> peerSigners,
        List<String> unknownClaims) {
    /** Which edition of the claims. */
    public enum Profile {
        /** Before the RMM specification 1.0. */
        LEGACY("http://arm.com/CCA-SSD/1.0.0"),
        /** RMM specification 1.0. */
        V1("tag:arm.com,2023:cca_platform#1.0.0"),
        /** RMM specification 2.0. */
        V2("tag:arm.com,2024:cca_platform#2.0.0");

        private final String uri;

        Profile(String uri) {
            this.uri = uri;
        }

        /** {@return the text of the profile claim} */
        public String uri() {
            return uri;
        }
    }

    private static final long CLIENT = 2394;
    private static final long LIFECYCLE = 2395;
    private static final long IMPLEMENTATION = 2396;
    private static final long COMPONENTS = 2399;
    private static final long SERVICE = 2400;
    private static final long CONFIG = 2401;
    private static final long HASH_ALGORITHM = 2402;
    private static final long MANUFACTURING_CONFIG = 2403;
    private static final long DEVICES = 2404;
    private static final long BOOT_KEYS = 2405;
    private static final long PEER_SIGNERS = 2406;
    private static final Set<Long> V1_KEYS = Set.of(
            Claim.PROFILE, Claim.NONCE, Claim.UEID, LIFECYCLE, IMPLEMENTATION, COMPONENTS, SERVICE, CONFIG, HASH_ALGORITHM);
    private static final Set<Long> V2_KEYS = Set.of(
            Claim.PROFILE, Claim.NONCE, Claim.UEID, LIFECYCLE, IMPLEMENTATION, COMPONENTS, SERVICE, CONFIG, HASH_ALGORITHM, CLIENT,
            MANUFACTURING_CONFIG, DEVICES, BOOT_KEYS, PEER_SIGNERS);

    private static final int REALM_MANAGEMENT = 1;
    private static final int MAX_CONFIG = 4096;
    private static final int MAX_SERVICE = 1024;
    private static final int MAX_TEXT = 64;

    /** Copies the lists. */
    public CcaPlatform {
        components = List.copyOf(components);
        devices = List.copyOf(devices);
        bootKeys = List.copyOf(bootKeys);
        unknownClaims = List.copyOf(unknownClaims);
    }

    static CcaPlatform parse(byte[] payload) throws MalformedException {
        CborValue.Obj claims = CborValue.parse("platform", payload, CborValue.Rules.ANY_HEADS).map("platform");
        String uri = claims.get(Claim.PROFILE, "platform.profile").text("platform.profile", 128);
        Optional<Profile> profile = Arrays.stream(Profile.values()).filter(each -> each.uri.equals(uri)).findFirst();
        if (profile.isEmpty()) {
            throw new MalformedException("platform.profile", 0, "expected one of the known profiles, found another");
        }
        boolean second = profile.get() == Profile.V2;
        Optional<CborValue> manufacturing = second ? claims.find(MANUFACTURING_CONFIG) : Optional.empty();
        Optional<CborValue> devices = second ? claims.find(DEVICES) : Optional.empty();
        Optional<CborValue> bootKeys = second ? claims.find(BOOT_KEYS) : Optional.empty();
        Optional<CborValue> peers = second ? claims.find(PEER_SIGNERS) : Optional.empty();
        return new CcaPlatform(
                profile.get(),
                Claim.hash(claims.get(Claim.NONCE, "platform.challenge"), "platform.challenge"),
                claims.get(IMPLEMENTATION, "platform.implementation-id").bytes("platform.implementation-id", 32, 32),
                Claim.ueid(claims.get(Claim.UEID, "platform.instance-id"), "platform.instance-id", true),
                claims.get(CONFIG, "platform.config").bytes("platform.config", 0, MAX_CONFIG),
                (int) claims.get(LIFECYCLE, "platform.lifecycle").integer("platform.lifecycle", 0, Lifecycle.MAX),
                SoftwareComponent.parse(claims.get(COMPONENTS, "platform.sw-components"), "platform.sw-components", true),
                Claim.text(claims.find(SERVICE), "platform.verification-service", MAX_SERVICE),
                claims.get(HASH_ALGORITHM, "platform.hash-algo-id").text("platform.hash-algo-id", MAX_TEXT),
                manufacturing.isPresent()
                        ? Optional.of(manufacturing.get().bytes("platform.manufacturing-config", 0, MAX_CONFIG))
                        : Optional.empty(),
                second
                        ? OptionalInt.of((int) claims.get(CLIENT, "platform.client-id")
                                .integer("platform.client-id", REALM_MANAGEMENT, REALM_MANAGEMENT))
                        : OptionalInt.empty(),
                devices.isPresent() ? ExtensionDevice.parse(devices.get(), "platform.extension") : List.of(),
                bootKeys.isPresent() ? BootKey.parse(bootKeys.get(), "platform.tbb-rotpk") : List.of(),
                peers.isPresent() ? Optional.of(peers.get().bytes("platform.peer-signers", 1, MAX_CONFIG)) : Optional.empty(),
                Claim.unknown(claims, "platform", second ? V2_KEYS : V1_KEYS));
    }

    /** {@return the state of the platform's life} */
    public Lifecycle lifecycle() {
        return Lifecycle.of(securityLifecycle);
    }

    /** {@return the claims' encoding, without those that are not known} */
    public byte[] toByteArray() {
        CborWriter writer = new CborWriter();
        writer.map(8 + (verificationService.isPresent() ? 1 : 0) + (manufacturingConfig.isPresent() ? 1 : 0)
                + (clientId.isPresent() ? 1 : 0) + (devices.isEmpty() ? 0 : 1) + (bootKeys.isEmpty() ? 0 : 1)
                + (peerSigners.isPresent() ? 1 : 0));
        writer.integer(Claim.PROFILE).text(profile.uri).integer(Claim.NONCE).bytes(challenge.toArray());
        writer.integer(IMPLEMENTATION).bytes(implementationId.toArray()).integer(Claim.UEID).bytes(instanceId.toArray());
        writer.integer(CONFIG).bytes(config.toArray()).integer(LIFECYCLE).integer(securityLifecycle);
        writer.integer(HASH_ALGORITHM).text(hashAlgorithm);
        verificationService.ifPresent(text -> writer.integer(SERVICE).text(text));
        manufacturingConfig.ifPresent(bytes -> writer.integer(MANUFACTURING_CONFIG).bytes(bytes.toArray()));
        clientId.ifPresent(id -> writer.integer(CLIENT).integer(id));
        if (!devices.isEmpty()) {
            writer.integer(DEVICES).array(devices.size());
            devices.forEach(each -> each.write(writer));
        }
        if (!bootKeys.isEmpty()) {
            writer.integer(BOOT_KEYS).array(bootKeys.size());
            bootKeys.forEach(each -> each.write(writer));
        }
        peerSigners.ifPresent(bytes -> writer.integer(PEER_SIGNERS).bytes(bytes.toArray()));
        writer.integer(COMPONENTS).array(components.size());
        components.forEach(each -> each.write(writer));
        return writer.toByteArray();
    }
}
