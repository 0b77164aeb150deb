package org.innerkeep.evidence.arm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.cbor.CborValue;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.cose.CoseMessage;

/**
 * A PSA attestation token (RFC 9783, its drafts, and version 1.0 of the PSA Attestation API). Parsing checks form only. Constrained
 * devices need not write the shortest heads, and verifiers have to bear that (RFC 9783 section 5.1.1); lengths are definite.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param profile which claim keys it has and what they mean
 * @param nonce the caller's challenge, 32, 48 or 64 bytes
 * @param instanceId the device's key, 33 bytes, the first 0x01 for a hash or a random value
 * @param implementationId the immutable root of trust, 32 bytes
 * @param clientId who asked: 0 or below for callers outside the secure world, above 0 for those inside
 * @param securityLifecycle the state of the device's life, 0 to 65535
 * @param bootSeed random since the last boot, 8 to 32 bytes
 * @param certificationReference the certificate of the hardware, 13 digits and perhaps a dash and 5
 * @param components the measured firmware, at most 64; empty where the device says that it measures none
 * @param verificationService a hint at who may verify it
 * @param unknownClaims keys of claims for private use, which are not looked at
 */
public record PsaToken(
        Profile profile,
        Bytes nonce,
        Bytes instanceId,
        Bytes implementationId,
        int clientId,
        int securityLifecycle,
        Optional<Bytes> bootSeed,
        Optional<String> certificationReference,
        List<SoftwareComponent> components,
        Optional<String> verificationService,
        List<String> unknownClaims) {
    /** Which edition of the format. */
    public enum Profile {
        /** RFC 9783. */
        TFM("tag:psacertified.org,2023:psa#tfm", Claim.PROFILE, Claim.NONCE, Claim.UEID, 2393),
        /** Drafts of RFC 9783, with the same claims. */
        PSA_2_0_0("http://arm.com/psa/2.0.0", Claim.PROFILE, Claim.NONCE, Claim.UEID, 2393),
        /** PSA Attestation API 1.0, with claim keys for private use. */
        PSA_IOT_1("PSA_IOT_PROFILE_1", -75000, -75008, -75009, -75000);

        private final String uri;
        private final long profile;
        private final long nonce;
        private final long instanceId;
        private final long base;

        Profile(String uri, long profile, long nonce, long instanceId, long base) {
            this.uri = uri;
            this.profile = profile;
            this.nonce = nonce;
            this.instanceId = instanceId;
            this.base = base;
        }

        /** {@return the text of the profile claim} */
        public String uri() {
            return uri;
        }

        private boolean legacy() {
            return this == PSA_IOT_1;
        }

        /** The claims from the client id on are numbered in one order, upwards since RFC 9783 and downwards before. */
        private long key(int number) {
            return legacy() ? base - number : base + number;
        }

        private long service() {
            return legacy() ? -75010 : key(SERVICE);
        }
    }

    /**
     * A token with its signature.
     *
     * @param envelope the COSE_Sign1 or COSE_Mac0 around it
     * @param token the token
     */
    public record Signed(CoseMessage envelope, PsaToken token) {}

    /** The most bytes of an encoded token. */
    public static final int MAX_PAYLOAD_BYTES = 32 * 1024;

    private static final int CLIENT = 1;
    private static final int LIFECYCLE = 2;
    private static final int IMPLEMENTATION = 3;
    private static final int BOOT_SEED = 4;
    private static final int CERTIFICATION = 5;
    private static final int COMPONENTS = 6;
    private static final int SERVICE = 7;

    /** Only in the oldest profile, in the place of components: the device measures nothing. */
    private static final long NO_MEASUREMENTS = -75007;

    private static final int MAX_SERVICE = 1024;
    private static final int MAX_REFERENCE = 19;
    private static final Pattern REFERENCE = Pattern.compile("[0-9]{13}(-[0-9]{5})?");

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if there are no components and the profile has no claim that says so
     */
    public PsaToken {
        components = List.copyOf(components);
        if (components.isEmpty() && profile != Profile.PSA_IOT_1) {
            throw new IllegalArgumentException("software components: expected at least one, found none");
        }
        unknownClaims = List.copyOf(unknownClaims);
    }

    /**
     * Tells whether bytes want to be read as such a token: a tagged COSE_Sign1 or COSE_Mac0 around claims of one of the profiles.
     *
     * @param bytes hostile bytes
     * @return whether they do
     */
    public static boolean looksLike(byte[] bytes) {
        try {
            CoseMessage envelope = envelope(bytes);
            return envelope.tagged()
                    && CborValue.parse("token", envelope.payload().toArray(), CborValue.Rules.ANY_HEADS) instanceof CborValue.Obj claims
                    && profile(claims).isPresent();
        } catch (MalformedException e) {
            return false;
        }
    }

    private static Optional<Profile> profile(CborValue.Obj claims) {
        for (Profile each : Profile.values()) {
            Optional<CborValue> found = claims.find(each.profile);
            if (found.isPresent() && found.get() instanceof CborValue.Text text && text.value().equals(each.uri)) {
                return Optional.of(each);
            }
        }
        // In the oldest one the profile claim itself is optional.
        Profile oldest = Profile.PSA_IOT_1;
        return claims.find(oldest.nonce).isPresent() && claims.find(oldest.profile).isEmpty() && claims.find(Claim.PROFILE).isEmpty()
                ? Optional.of(oldest)
                : Optional.empty();
    }

    /**
     * Reads a signed token.
     *
     * @param encoded hostile bytes
     * @return the token, of which nothing is verified
     * @throws MalformedException if the bytes are anything else
     */
    public static Signed parse(byte[] encoded) throws MalformedException {
        CoseMessage envelope = envelope(encoded);
        if (!envelope.tagged()) {
            throw new MalformedException("envelope", 0, "expected the tag of COSE_Sign1 or COSE_Mac0, found none");
        }
        return new Signed(envelope, of(envelope.payload().toArray()));
    }

    private static CoseMessage envelope(byte[] encoded) throws MalformedException {
        return CoseMessage.parse("envelope", encoded, CborValue.Rules.ANY_HEADS, MAX_PAYLOAD_BYTES);
    }

    private static PsaToken of(byte[] payload) throws MalformedException {
        CborValue.Obj claims = CborValue.parse("token", payload, CborValue.Rules.ANY_HEADS).map("token");
        Optional<Profile> known = profile(claims);
        if (known.isEmpty()) {
            throw new MalformedException("token.profile", 0, "expected one of the known profiles, found another or none");
        }
        Profile p = known.get();
        Optional<CborValue> seed = claims.find(p.key(BOOT_SEED));
        Optional<CborValue> reference = claims.find(p.key(CERTIFICATION));
        Optional<String> certification = Claim.text(reference, "token.certification-reference", MAX_REFERENCE);
        if (certification.isPresent() && !REFERENCE.matcher(certification.get()).matches()) {
            throw new MalformedException("token.certification-reference", reference.orElseThrow().start(),
                    "expected 13 digits, and perhaps a dash and 5 digits");
        }
        return new PsaToken(
                p,
                Claim.hash(claims.get(p.nonce, "token.nonce"), "token.nonce"),
                Claim.ueid(claims.get(p.instanceId, "token.instance-id"), "token.instance-id", !p.legacy()),
                claims.get(p.key(IMPLEMENTATION), "token.implementation-id").bytes("token.implementation-id", 32, 32),
                (int) claims.get(p.key(CLIENT), "token.client-id").integer("token.client-id", Integer.MIN_VALUE, Integer.MAX_VALUE),
                (int) claims.get(p.key(LIFECYCLE), "token.security-lifecycle").integer("token.security-lifecycle", 0, Lifecycle.MAX),
                seed.isPresent() ? Optional.of(seed.get().bytes("token.boot-seed", 8, 32)) : Optional.empty(),
                certification,
                components(p, claims),
                Claim.text(claims.find(p.service()), "token.verification-service-indicator", MAX_SERVICE),
                Claim.unknown(claims, "token", p.legacy()
                        ? Set.of(p.profile, p.nonce, p.instanceId, p.key(CLIENT), p.key(LIFECYCLE), p.key(IMPLEMENTATION),
                                p.key(BOOT_SEED), p.key(CERTIFICATION), p.key(COMPONENTS), NO_MEASUREMENTS, p.service())
                        : Set.of(p.profile, p.nonce, p.instanceId, p.key(CLIENT), p.key(LIFECYCLE), p.key(IMPLEMENTATION),
                                p.key(BOOT_SEED), p.key(CERTIFICATION), p.key(COMPONENTS), p.service())));
    }

    private static List<SoftwareComponent> components(Profile profile, CborValue.Obj claims) throws MalformedException {
        Optional<CborValue> none = profile.legacy() ? claims.find(NO_MEASUREMENTS) : Optional.empty();
        Optional<CborValue> some = claims.find(profile.key(COMPONENTS));
        if (none.isPresent()) {
            none.get().integer("token.no-software-measurements", 1, 1);
            if (some.isPresent()) {
                throw new MalformedException("token.software-components", some.get().start(), "found measurements beside a claim of none");
            }
            return List.of();
        }
        return SoftwareComponent.parse(
                claims.get(profile.key(COMPONENTS), "token.software-components"), "token.software-components", false);
    }

    /** {@return the state of the device's life} */
    public Lifecycle lifecycle() {
        return Lifecycle.of(securityLifecycle);
    }

    /** {@return the claims' encoding, without those that are not known, in the order of their numbers} */
    public byte[] toByteArray() {
        List<Runnable> pairs = new ArrayList<>();
        CborWriter writer = new CborWriter();
        pairs.add(() -> writer.integer(profile.profile).text(profile.uri));
        pairs.add(() -> writer.integer(profile.nonce).bytes(nonce.toArray()));
        pairs.add(() -> writer.integer(profile.instanceId).bytes(instanceId.toArray()));
        pairs.add(() -> writer.integer(profile.key(CLIENT)).integer(clientId));
        pairs.add(() -> writer.integer(profile.key(LIFECYCLE)).integer(securityLifecycle));
        pairs.add(() -> writer.integer(profile.key(IMPLEMENTATION)).bytes(implementationId.toArray()));
        bootSeed.ifPresent(seed -> pairs.add(() -> writer.integer(profile.key(BOOT_SEED)).bytes(seed.toArray())));
        certificationReference.ifPresent(text -> pairs.add(() -> writer.integer(profile.key(CERTIFICATION)).text(text)));
        pairs.add(() -> {
            if (components.isEmpty()) {
                writer.integer(NO_MEASUREMENTS).integer(1);
            } else {
                writer.integer(profile.key(COMPONENTS)).array(components.size());
                components.forEach(each -> each.write(writer));
            }
        });
        verificationService.ifPresent(text -> pairs.add(() -> writer.integer(profile.service()).text(text)));
        writer.map(pairs.size());
        pairs.forEach(Runnable::run);
        return writer.toByteArray();
    }
}
