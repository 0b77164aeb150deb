package org.innerkeep.evidence.keeper;

import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Eat;
import org.innerkeep.evidence.EatReader;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.MalformedException;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.cbor.CborReader;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.cose.CoseHeader;
import org.innerkeep.evidence.cose.CoseSign1;
import org.innerkeep.evidence.cose.P256PublicKey;
import org.innerkeep.evidence.keeper.Confinement.Mechanism;

/**
 * What a keeper says about one running enclave, as claims of an Entity Attestation Token (RFC 9711) of the profile
 * {@value #PROFILE}. All claims are present, in deterministic order (RFC 8949 section 4.2.1), and no other one.
 *
 * <p>Immutable, safe for use by several threads.
 *
 * @param platform how the enclave runs, {@link #PROCESS}, {@link #VM} or {@link #MOCK}
 * @param measurement of exactly what runs, as {@link #processMeasurement} composes it; SHA-256
 * @param bundleDigest SHA-256 of the bundle's manifest, 32 bytes
 * @param runtimeDigest SHA-256 over the Java runtime's files, 32 bytes
 * @param launchDigest SHA-256 over the launch configuration with every JVM argument, 32 bytes
 * @param signer SHA-256 of the SubjectPublicKeyInfo of whoever signed the bundle, 32 bytes
 * @param productId the product id, 0 to 2^32-1
 * @param securityVersion the security version (SVN), 0 to 2^32-1
 * @param debug whether the enclave can be debugged
 * @param isolation which users keeper, host and enclave ran as
 * @param confinement what the operating system keeps the enclave's process from, beside its user
 * @param enclaveId chosen at random for each launch, 16 bytes
 * @param reportData what the enclave had signed, 64 bytes; see {@link ReportData}
 * @param issuedAt when the keeper signed, by the keeper's clock; cut to whole seconds; 1970 to 9999
 */
public record KeeperReport(
        String platform,
        Measurement measurement,
        Bytes bundleDigest,
        Bytes runtimeDigest,
        Bytes launchDigest,
        Bytes signer,
        long productId,
        long securityVersion,
        boolean debug,
        Isolation isolation,
        Confinement confinement,
        Bytes enclaveId,
        Bytes reportData,
        Instant issuedAt) {

    /** The value of the claim {@code eat_profile}, a tag URI (RFC 4151). */
    public static final String PROFILE = "tag:innerkeep.org,2026:keeper-report/1";

    /** The platform of an enclave that is a confined process. */
    public static final String PROCESS = "process";

    /** The platform of an enclave that is a virtual machine. */
    public static final String VM = "vm";

    /** The platform of tests: it protects nothing. */
    public static final String MOCK = "mock";

    /** Claim key of the platform, text. */
    public static final long CLAIM_PLATFORM = -66001;

    /** Claim key of the measurement, 32 bytes of SHA-256. */
    public static final long CLAIM_MEASUREMENT = -66002;

    /** Claim key of the bundle digest, 32 bytes. */
    public static final long CLAIM_BUNDLE_DIGEST = -66003;

    /** Claim key of the runtime digest, 32 bytes. */
    public static final long CLAIM_RUNTIME_DIGEST = -66004;

    /** Claim key of the launch digest, 32 bytes. */
    public static final long CLAIM_LAUNCH_DIGEST = -66005;

    /** Claim key of the signer, 32 bytes. */
    public static final long CLAIM_SIGNER = -66006;

    /** Claim key of the product id, an integer from 0 to 2^32-1. */
    public static final long CLAIM_PRODUCT_ID = -66007;

    /** Claim key of the security version, an integer from 0 to 2^32-1. */
    public static final long CLAIM_SECURITY_VERSION = -66008;

    /** Claim key of the isolation, text. */
    public static final long CLAIM_ISOLATION = -66009;

    /** Claim key of the enclave id, 16 bytes. */
    public static final long CLAIM_ENCLAVE_ID = -66010;

    /** Claim keys of the mechanisms of the confinement, one truth value each: this one, and the next lower ones in their order. */
    public static final long CLAIM_CONFINEMENT = -66011;

    /** Bytes of an enclave id. */
    public static final int ENCLAVE_ID_LENGTH = 16;

    private static final Set<String> PLATFORMS = Set.of(PROCESS, VM, MOCK);
    private static final int CLAIMS = 14 + Mechanism.values().length;
    private static final int DIGEST_LENGTH = 32;
    private static final long MAX_UINT32 = 0xffffffffL;
    private static final long LAST_SECOND = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();

    /** Which users keeper, host and enclave ran as. */
    public enum Isolation {
        /** Each as its own user: the operating system keeps them apart. */
        SEPARATE_USER("separate-user"),
        /** All as one user: each can read the memory of the others. */
        SAME_USER("same-user");

        private static final List<String> TEXTS =
                Stream.of(values()).map(Isolation::toString).toList();

        private final String text;

        Isolation(String text) {
            this.text = text;
        }

        private static Isolation of(String text) {
            return values()[TEXTS.indexOf(text)];
        }

        /** {@return how it is written in reports and claims} */
        @Override
        public String toString() {
            return text;
        }
    }

    /**
     * Checks every size and range.
     *
     * @throws IllegalArgumentException if one is wrong
     */
    public KeeperReport {
        if (!PLATFORMS.contains(platform)) {
            throw new IllegalArgumentException("platform: expected process, vm or mock");
        }
        if (!measurement.algorithm().equals("sha-256")) {
            throw new IllegalArgumentException("measurement: expected sha-256, found " + measurement.algorithm());
        }
        checkLength("bundle digest", bundleDigest, DIGEST_LENGTH);
        checkLength("runtime digest", runtimeDigest, DIGEST_LENGTH);
        checkLength("launch digest", launchDigest, DIGEST_LENGTH);
        checkLength("signer", signer, DIGEST_LENGTH);
        checkUint32("product id", productId);
        checkUint32("security version", securityVersion);
        checkLength("enclave id", enclaveId, ENCLAVE_ID_LENGTH);
        checkLength("report data", reportData, ReportData.LENGTH);
        if (issuedAt.getEpochSecond() < 0 || issuedAt.getEpochSecond() > LAST_SECOND) {
            throw new IllegalArgumentException("issued at: expected 1970 to 9999, found " + issuedAt);
        }
        issuedAt = issuedAt.truncatedTo(ChronoUnit.SECONDS);
    }

    /**
     * Composes the measurement of an enclave that a keeper runs: SHA-256 over five lines of text, each ended by a line
     * feed, {@code innerkeep measurement 1}, then {@code platform}, {@code bundle}, {@code runtime} and {@code launch},
     * each with a space and its value, digests in lower-case hexadecimal.
     *
     * @param platform {@link #PROCESS}, {@link #VM} or {@link #MOCK}
     * @param bundleDigest 32 bytes
     * @param runtimeDigest 32 bytes
     * @param launchDigest 32 bytes
     * @return the measurement
     * @throws IllegalArgumentException if the platform is another or a digest has another length
     */
    public static Measurement processMeasurement(
            String platform, Bytes bundleDigest, Bytes runtimeDigest, Bytes launchDigest) {
        if (!PLATFORMS.contains(platform)) {
            throw new IllegalArgumentException("platform: expected process, vm or mock");
        }
        String text = "innerkeep measurement 1\n"
                + "platform " + platform + "\n"
                + "bundle " + checkLength("bundle digest", bundleDigest, DIGEST_LENGTH).hex() + "\n"
                + "runtime " + checkLength("runtime digest", runtimeDigest, DIGEST_LENGTH).hex() + "\n"
                + "launch " + checkLength("launch digest", launchDigest, DIGEST_LENGTH).hex() + "\n";
        return Measurement.sha256(Bytes.sha256(text.getBytes(StandardCharsets.US_ASCII)));
    }

    /** {@return the measurement that follows from this report's own platform and digests} */
    public Measurement composedMeasurement() {
        return processMeasurement(platform, bundleDigest, runtimeDigest, launchDigest);
    }

    /**
     * Signs the report. The keeper's id, SHA-256 of its SubjectPublicKeyInfo, goes into the protected header.
     *
     * @param keeperKey the keeper's private key, P-256
     * @param keeperPublic the public key that belongs to it
     * @return the evidence
     * @throws IllegalArgumentException if a key is not on P-256
     */
    public byte[] sign(PrivateKey keeperKey, PublicKey keeperPublic) {
        CoseHeader header = CoseSign1.ES256.withKeyId(P256PublicKey.of(keeperPublic).id());
        return CoseSign1.sign(header, CoseHeader.EMPTY, Bytes.of(encode()), Bytes.EMPTY, keeperKey)
                .toByteArray();
    }

    /**
     * Reads a signed report. Checks form only.
     *
     * @param evidence hostile bytes
     * @return the report and its signature, neither of them verified
     * @throws MalformedException if the bytes are anything else
     */
    public static Signed parse(byte[] evidence) throws MalformedException {
        return parse(CoseSign1.parse(evidence));
    }

    /**
     * Reads a signed report out of an envelope that is parsed already. Checks form only.
     *
     * @param envelope the envelope
     * @return the report and its signature, neither of them verified
     * @throws MalformedException if the envelope is not that of a keeper report
     */
    public static Signed parse(CoseSign1 envelope) throws MalformedException {
        Bytes keyId = envelope.protectedHeader().keyId().orElse(Bytes.EMPTY);
        if (keyId.length() != DIGEST_LENGTH
                || !envelope.protectedHeader().equals(CoseSign1.ES256.withKeyId(keyId))
                || !envelope.unprotectedHeader().equals(CoseHeader.EMPTY)) {
            throw new MalformedException(
                    "report header", -1, "expected ES256 and a key id of 32 bytes, both protected, and nothing else");
        }
        return new Signed(decode(envelope.payload().toArray()), keyId, envelope);
    }

    /** A report with its keeper's id and signature, parsed and not verified. Immutable. */
    public static final class Signed {
        private final KeeperReport report;
        private final Bytes keeperId;
        private final CoseSign1 envelope;

        private Signed(KeeperReport report, Bytes keeperId, CoseSign1 envelope) {
            this.report = report;
            this.keeperId = keeperId;
            this.envelope = envelope;
        }

        /** {@return what the report says; proves nothing} */
        public KeeperReport report() {
            return report;
        }

        /** {@return the id of the keeper key that is said to have signed, 32 bytes; proves nothing} */
        public Bytes keeperId() {
            return keeperId;
        }

        /**
         * Tells whether the signature is that of a pinned keeper. The whole key decides; the id only says which to try.
         *
         * @param anchor the pinned keeper
         * @return whether it signed this report under its own id
         */
        public boolean signedBy(KeeperAnchor anchor) {
            return anchor.id().equals(keeperId) && envelope.verify(anchor.key());
        }

        /** {@return the evidence, as it was parsed} */
        public byte[] toByteArray() {
            return envelope.toByteArray();
        }
    }

    /** The claims, as they are signed. */
    byte[] encode() {
        CborWriter claims = new CborWriter()
                .map(CLAIMS)
                .integer(Eat.IAT).integer(issuedAt.getEpochSecond())
                .integer(Eat.NONCE).bytes(reportData.toArray())
                .integer(Eat.DBGSTAT).integer(debug ? Eat.DEBUG_ENABLED : Eat.DEBUG_DISABLED)
                .integer(Eat.PROFILE).text(PROFILE)
                .integer(CLAIM_PLATFORM).text(platform)
                .integer(CLAIM_MEASUREMENT).bytes(measurement.digest().toArray())
                .integer(CLAIM_BUNDLE_DIGEST).bytes(bundleDigest.toArray())
                .integer(CLAIM_RUNTIME_DIGEST).bytes(runtimeDigest.toArray())
                .integer(CLAIM_LAUNCH_DIGEST).bytes(launchDigest.toArray())
                .integer(CLAIM_SIGNER).bytes(signer.toArray())
                .integer(CLAIM_PRODUCT_ID).integer(productId)
                .integer(CLAIM_SECURITY_VERSION).integer(securityVersion)
                .integer(CLAIM_ISOLATION).text(isolation.toString())
                .integer(CLAIM_ENCLAVE_ID).bytes(enclaveId.toArray());
        for (Mechanism each : Mechanism.values()) {
            claims.integer(CLAIM_CONFINEMENT - each.ordinal()).bool(confinement.has(each));
        }
        return claims.toByteArray();
    }

    private static KeeperReport decode(byte[] payload) throws MalformedException {
        EatReader claims = new EatReader(payload, "report", CLAIMS);
        long issuedAt = claims.integer(Eat.IAT, "iat", 0, LAST_SECOND);
        Bytes reportData = claims.bytes(Eat.NONCE, "eat_nonce", ReportData.LENGTH, ReportData.LENGTH);
        boolean debug =
                claims.integer(Eat.DBGSTAT, "dbgstat", Eat.DEBUG_ENABLED, Eat.DEBUG_DISABLED) == Eat.DEBUG_ENABLED;
        claims.oneOf(Eat.PROFILE, "eat_profile", Set.of(PROFILE));
        String platform = claims.oneOf(CLAIM_PLATFORM, "platform", PLATFORMS);
        Bytes measurement = claims.bytes(CLAIM_MEASUREMENT, "measurement", DIGEST_LENGTH, DIGEST_LENGTH);
        Bytes bundleDigest = claims.bytes(CLAIM_BUNDLE_DIGEST, "bundle digest", DIGEST_LENGTH, DIGEST_LENGTH);
        Bytes runtimeDigest = claims.bytes(CLAIM_RUNTIME_DIGEST, "runtime digest", DIGEST_LENGTH, DIGEST_LENGTH);
        Bytes launchDigest = claims.bytes(CLAIM_LAUNCH_DIGEST, "launch digest", DIGEST_LENGTH, DIGEST_LENGTH);
        Bytes signer = claims.bytes(CLAIM_SIGNER, "signer", DIGEST_LENGTH, DIGEST_LENGTH);
        long productId = claims.integer(CLAIM_PRODUCT_ID, "product id", 0, MAX_UINT32);
        long securityVersion = claims.integer(CLAIM_SECURITY_VERSION, "security version", 0, MAX_UINT32);
        Isolation isolation = Isolation.of(claims.oneOf(CLAIM_ISOLATION, "isolation", Isolation.TEXTS));
        Bytes enclaveId = claims.bytes(CLAIM_ENCLAVE_ID, "enclave id", ENCLAVE_ID_LENGTH, ENCLAVE_ID_LENGTH);
        Confinement confinement = Confinement.NONE;
        for (Mechanism each : Mechanism.values()) {
            if (claims.bool(CLAIM_CONFINEMENT - each.ordinal(), each.toString())) {
                confinement = confinement.with(each);
            }
        }
        claims.end();
        return new KeeperReport(
                platform,
                Measurement.sha256(measurement),
                bundleDigest,
                runtimeDigest,
                launchDigest,
                signer,
                productId,
                securityVersion,
                debug,
                isolation,
                confinement,
                enclaveId,
                reportData,
                Instant.ofEpochSecond(issuedAt));
    }

    private static Bytes checkLength(String name, Bytes value, int wanted) {
        if (value.length() != wanted) {
            throw new IllegalArgumentException(
                    name + ": expected " + wanted + " bytes, found " + value.length());
        }
        return value;
    }

    private static void checkUint32(String name, long value) {
        if (value < 0 || value > MAX_UINT32) {
            throw new IllegalArgumentException(name + ": expected 0 to " + MAX_UINT32 + ", found " + value);
        }
    }
}
