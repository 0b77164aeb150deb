package org.innerkeep.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.KeeperReport;

/** An enclave of a keeper whose key is at hand, and what an owner grants it: evidence as real as any, without a process behind it. */
final class GrantedEnclave {
    private static final long PRODUCT = 7;
    private static final long VERSION = 3;

    private final KeyPair keeper;
    private final Bytes digest = Bytes.sha256(new byte[] {1});

    private GrantedEnclave(KeyPair keeper) {
        this.keeper = keeper;
    }

    static GrantedEnclave make() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return new GrantedEnclave(generator.generateKeyPair());
    }

    /** Leaves the keeper's key in a folder of a benchmark, for another process of it. */
    void write(Path folder) throws IOException {
        Files.write(folder.resolve("keeper.private"), keeper.getPrivate().getEncoded());
        Files.write(folder.resolve("keeper.public"), keeper.getPublic().getEncoded());
    }

    static GrantedEnclave read(Path folder) throws IOException, GeneralSecurityException {
        KeyFactory factory = KeyFactory.getInstance("EC");
        return new GrantedEnclave(new KeyPair(
                factory.generatePublic(new X509EncodedKeySpec(Files.readAllBytes(folder.resolve("keeper.public")))),
                factory.generatePrivate(new PKCS8EncodedKeySpec(Files.readAllBytes(folder.resolve("keeper.private"))))));
    }

    KeeperAnchor anchor() {
        return KeeperAnchor.of(keeper.getPublic());
    }

    /** {@return the body of the request that grants a key to it} */
    String grant() {
        return "{\"signer\":\"" + digest.hex() + "\",\"productId\":" + PRODUCT + ",\"leastVersion\":" + VERSION
                + ",\"platforms\":[\"process\"],\"memoryReadableBy\":\"root\",\"leaseSeconds\":900}";
    }

    /** {@return fresh evidence over report data} */
    byte[] attest(byte[] reportData) {
        return new KeeperReport(
                        KeeperReport.PROCESS,
                        KeeperReport.processMeasurement(KeeperReport.PROCESS, digest, digest, digest),
                        digest,
                        digest,
                        digest,
                        digest,
                        PRODUCT,
                        VERSION,
                        false,
                        KeeperReport.Isolation.SEPARATE_USER,
                        Confinement.NONE,
                        Bytes.of(new byte[KeeperReport.ENCLAVE_ID_LENGTH]),
                        Bytes.of(reportData),
                        Instant.now())
                .sign(keeper.getPrivate(), keeper.getPublic());
    }
}
