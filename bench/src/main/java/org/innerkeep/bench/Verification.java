package org.innerkeep.bench;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.ReportData;
import org.innerkeep.evidence.Verdict;
import org.innerkeep.evidence.Verifier;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Verifying a keeper's report, against nothing but the signature check that it contains. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class Verification {
    private static final String ALGORITHM = "SHA256withECDSAinP1363Format";

    private final KeyPair keeper = Opened.of(Verification::newKey);
    private final Instant now = Instant.parse("2026-06-01T12:00:00Z");
    private final byte[] evidence = report(now).sign(keeper.getPrivate(), keeper.getPublic());
    private final List<KeeperAnchor> anchors = List.of(KeeperAnchor.of(keeper.getPublic()));
    private final byte[] signature = Opened.of(this::signEvidence);

    private static KeyPair newKey() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static KeeperReport report(Instant at) {
        Bytes digest = Bytes.sha256(new byte[] {1});
        return new KeeperReport(
                KeeperReport.PROCESS,
                KeeperReport.processMeasurement(KeeperReport.PROCESS, digest, digest, digest),
                digest,
                digest,
                digest,
                digest,
                1,
                1,
                false,
                KeeperReport.Isolation.SEPARATE_USER,
                Confinement.NONE,
                Bytes.of(new byte[KeeperReport.ENCLAVE_ID_LENGTH]),
                Bytes.of(new byte[ReportData.LENGTH]),
                at);
    }

    /** A signature over as many bytes as the evidence has. */
    private byte[] signEvidence() throws GeneralSecurityException {
        Signature signer = Signature.getInstance(ALGORITHM);
        signer.initSign(keeper.getPrivate());
        signer.update(evidence);
        return signer.sign();
    }

    /** {@return the proven claims} */
    @Benchmark
    public Verdict.Accepted evidence() {
        return switch (Verifier.verify(evidence, anchors, now)) {
            case Verdict.Accepted accepted -> accepted;
            case Verdict.Undecided undecided -> throw new IllegalStateException("found " + undecided + ", which is no good evidence");
            case Verdict.Refused refused -> throw new IllegalStateException("found " + refused + ", which is no good evidence");
        };
    }

    /** {@return whether the signature is good} */
    @Benchmark
    public boolean signatureOnly() throws GeneralSecurityException {
        Signature verifier = Signature.getInstance(ALGORITHM);
        verifier.initVerify(keeper.getPublic());
        verifier.update(evidence);
        if (!verifier.verify(signature)) {
            throw new IllegalStateException("the signature is wrong");
        }
        return true;
    }
}
