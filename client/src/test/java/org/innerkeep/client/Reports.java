package org.innerkeep.client;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.Statement;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.KeeperReport;

/** Evidence that a real keeper would sign, and the parts of it that a test changes. */
final class Reports {
    static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
    static final KeyPair KEEPER = newKey();
    static final KeeperAnchor ANCHOR = KeeperAnchor.of(KEEPER.getPublic());
    static final Bytes SIGNER = digest("signer");
    static final Bytes RUNTIME = digest("runtime");
    static final long PRODUCT = 7;
    static final long SVN = 3;
    static final byte[] REPORT_DATA = ReportData.of("test", new byte[] {1});

    /** What a test may change; the digests of bundle and launch stay. */
    record Parts(
            String platform,
            String bundle,
            Bytes runtime,
            Bytes signer,
            long product,
            long svn,
            boolean debug,
            KeeperReport.Isolation isolation,
            Confinement confinement,
            Bytes reportData,
            Duration age) {
        Parts platform(String value) {
            return new Parts(value, bundle, runtime, signer, product, svn, debug, isolation, confinement, reportData, age);
        }

        Parts bundle(String value) {
            return new Parts(platform, value, runtime, signer, product, svn, debug, isolation, confinement, reportData, age);
        }

        Parts runtime(Bytes value) {
            return new Parts(platform, bundle, value, signer, product, svn, debug, isolation, confinement, reportData, age);
        }

        Parts signer(Bytes value) {
            return new Parts(platform, bundle, runtime, value, product, svn, debug, isolation, confinement, reportData, age);
        }

        Parts product(long value) {
            return new Parts(platform, bundle, runtime, signer, value, svn, debug, isolation, confinement, reportData, age);
        }

        Parts svn(long value) {
            return new Parts(platform, bundle, runtime, signer, product, value, debug, isolation, confinement, reportData, age);
        }

        Parts debug(boolean value) {
            return new Parts(platform, bundle, runtime, signer, product, svn, value, isolation, confinement, reportData, age);
        }

        Parts isolation(KeeperReport.Isolation value) {
            return new Parts(platform, bundle, runtime, signer, product, svn, debug, value, confinement, reportData, age);
        }

        Parts confinement(Confinement value) {
            return new Parts(platform, bundle, runtime, signer, product, svn, debug, isolation, value, reportData, age);
        }

        Parts reportData(Bytes value) {
            return new Parts(platform, bundle, runtime, signer, product, svn, debug, isolation, confinement, value, age);
        }

        Parts age(Duration value) {
            return new Parts(platform, bundle, runtime, signer, product, svn, debug, isolation, confinement, reportData, value);
        }

        Measurement measurement() {
            return KeeperReport.processMeasurement(platform, digest(bundle), runtime, digest("launch"));
        }

        KeeperReport report() {
            return new KeeperReport(
                    platform,
                    measurement(),
                    digest(bundle),
                    runtime,
                    digest("launch"),
                    signer,
                    product,
                    svn,
                    debug,
                    isolation,
                    confinement,
                    Bytes.fromHex("000102030405060708090a0b0c0d0e0f"),
                    reportData,
                    NOW.minus(age));
        }

        byte[] signed() {
            return report().sign(KEEPER.getPrivate(), KEEPER.getPublic());
        }
    }

    /** Fresh, of a process with separate users, not debug. */
    static final Parts GOOD = new Parts(
            KeeperReport.PROCESS,
            "bundle",
            RUNTIME,
            SIGNER,
            PRODUCT,
            SVN,
            false,
            KeeperReport.Isolation.SEPARATE_USER,
            Confinement.NONE,
            Bytes.of(REPORT_DATA),
            Duration.ofSeconds(10));

    private Reports() {}

    static byte[] statement(KeyPair key, String purpose, byte[] content, UnaryOperator<Parts> change) {
        Statement.Unsigned unsigned = new Statement.Unsigned(purpose, Bytes.of(content));
        byte[] evidence =
                change.apply(GOOD.reportData(Bytes.of(unsigned.reportData(key.getPublic())))).signed();
        return unsigned.sign(key.getPrivate(), key.getPublic(), evidence);
    }

    static Bytes digest(String text) {
        return Bytes.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
