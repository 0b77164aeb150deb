package org.innerkeep.evidence;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.time.Instant;
import java.util.Base64;
import org.innerkeep.evidence.keeper.Changed;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.KeeperReport;

/** Good evidence to start from. */
public final class Samples {
    /** The P-256 key of the COSE working group's examples: public, so worthless, and always the same. */
    public static final KeyPair KEEPER = p256(
            "usWxHK2PmfnHKwXPS54m0kTcGJ90UiglWiGahtagnv8",
            "IBOL-C3BttVivg-lSreASjpkttcsz-1rb7btKLv8EX4",
            "V8kgd2ZBRuh2dgyVINBUqpPDr7BOMGcF22CQMIUHtNM");

    public static final KeeperAnchor ANCHOR = KeeperAnchor.of(KEEPER.getPublic());
    public static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

    private Samples() {}

    /** A report of a process with separate users, issued {@link #NOW}. */
    public static KeeperReport report() {
        return report(KeeperReport.PROCESS);
    }

    public static KeeperReport report(String platform) {
        Bytes bundle = digest("bundle");
        Bytes runtime = digest("runtime");
        Bytes launch = digest("launch");
        return new KeeperReport(
                platform,
                KeeperReport.processMeasurement(platform, bundle, runtime, launch),
                bundle,
                runtime,
                launch,
                digest("signer"),
                7,
                3,
                false,
                KeeperReport.Isolation.SEPARATE_USER,
                Confinement.NONE,
                Bytes.fromHex("000102030405060708090a0b0c0d0e0f"),
                Bytes.of(ReportData.ofProgram("test", new byte[] {1, 2, 3})),
                NOW);
    }

    public static byte[] signedReport() {
        return sign(report());
    }

    public static byte[] sign(KeeperReport report) {
        return report.sign(KEEPER.getPrivate(), KEEPER.getPublic());
    }

    /** A statement with evidence that is bound to it. */
    public static byte[] statement(KeyPair key, Statement.Unsigned unsigned) {
        Bytes reportData = Bytes.of(unsigned.reportData(key.getPublic()));
        byte[] evidence = sign(new Changed().reportData(reportData).build());
        return unsigned.sign(key.getPrivate(), key.getPublic(), evidence);
    }

    public static Bytes digest(String text) {
        return Bytes.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    public static KeyPair newKey(String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyPair p256(String x, String y, String d) {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            ECParameterSpec curve = parameters.getParameterSpec(ECParameterSpec.class);
            KeyFactory factory = KeyFactory.getInstance("EC");
            return new KeyPair(
                    factory.generatePublic(new ECPublicKeySpec(new ECPoint(number(x), number(y)), curve)),
                    factory.generatePrivate(new ECPrivateKeySpec(number(d), curve)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static BigInteger number(String base64url) {
        return new BigInteger(1, Base64.getUrlDecoder().decode(base64url));
    }
}
