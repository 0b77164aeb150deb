package org.innerkeep.vault.release;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.vault.grant.Grant;
import org.innerkeep.vault.grant.GrantedCode;
import org.innerkeep.vault.grant.MemoryReaders;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * An enclave that a keeper vouches for, and what a test changes of it.
 *
 * @param keeper who vouches
 * @param platform how it runs
 * @param signer who signed its code
 * @param product of the signer
 * @param version of the product
 * @param debug whether it can be debugged
 * @param isolation of its users
 * @param age of its evidence
 */
public record FakeEnclave(
        KeyPair keeper,
        String platform,
        Bytes signer,
        long product,
        long version,
        boolean debug,
        KeeperReport.Isolation isolation,
        Duration age) {
    /** Fresh, of a process with separate users, not debug. */
    public static FakeEnclave good() {
        return new FakeEnclave(newKey(), KeeperReport.PROCESS, digest("signer"), 7, 3, false,
                KeeperReport.Isolation.SEPARATE_USER, Duration.ofSeconds(1));
    }

    public FakeEnclave keeper(KeyPair value) {
        return new FakeEnclave(value, platform, signer, product, version, debug, isolation, age);
    }

    public FakeEnclave platform(String value) {
        return new FakeEnclave(keeper, value, signer, product, version, debug, isolation, age);
    }

    public FakeEnclave signer(Bytes value) {
        return new FakeEnclave(keeper, platform, value, product, version, debug, isolation, age);
    }

    public FakeEnclave product(long value) {
        return new FakeEnclave(keeper, platform, signer, value, version, debug, isolation, age);
    }

    public FakeEnclave version(long value) {
        return new FakeEnclave(keeper, platform, signer, product, value, debug, isolation, age);
    }

    public FakeEnclave debug(boolean value) {
        return new FakeEnclave(keeper, platform, signer, product, version, value, isolation, age);
    }

    public FakeEnclave sameUser() {
        return new FakeEnclave(
                keeper, platform, signer, product, version, debug, KeeperReport.Isolation.SAME_USER, age);
    }

    public FakeEnclave age(Duration value) {
        return new FakeEnclave(keeper, platform, signer, product, version, debug, isolation, value);
    }

    public KeeperAnchor anchor() {
        return KeeperAnchor.of(keeper.getPublic());
    }

    public Measurement measurement() {
        return KeeperReport.processMeasurement(platform, digest("bundle"), digest("runtime"), digest("launch"));
    }

    public byte[] attest(byte[] reportData, Instant now) {
        return new KeeperReport(
                        platform,
                        measurement(),
                        digest("bundle"),
                        digest("runtime"),
                        digest("launch"),
                        signer,
                        product,
                        version,
                        debug,
                        isolation,
                        Confinement.NONE,
                        Bytes.fromHex("000102030405060708090a0b0c0d0e0f"),
                        Bytes.of(reportData),
                        now.minus(age))
                .sign(keeper.getPrivate(), keeper.getPublic());
    }

    /** What permits {@link #good}, and enclaves of later versions. */
    public static Grant grant() {
        return grant(OptionalLong.empty(), Optional.empty());
    }

    public static Grant grant(OptionalLong uses, Optional<Duration> lease) {
        return new Grant(
                Grant.newId(new SecureRandom()),
                new GrantedCode.Signed(digest("signer"), 7, 3),
                Set.of("process"),
                MemoryReaders.ROOT,
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                uses,
                lease,
                false,
                Optional.empty());
    }

    public static Bytes digest(String text) {
        return Bytes.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    public static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
