package org.innerkeep.keeper;

import java.security.GeneralSecurityException;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import org.innerkeep.channel.keeper.PlatformService.SealingKeyRequest;
import org.innerkeep.channel.keeper.PlatformService.SealingPolicy;
import org.innerkeep.channel.keeper.SealingRefusedException;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.keeper.KeeperReport;

/**
 * Derives sealing keys from the sealing root: HKDF-SHA256 (RFC 5869) over everything that an enclave's identity is made of, so
 * that a change of any of it gives another key. Both policies bind platform, debug and isolation; {@code MEASUREMENT}
 * binds the measurement, and with it the runtime and every launch argument; {@code SIGNER} binds signer, product, a security
 * version not above the enclave's own, and the Java feature release, so that data survive an update of the program or of
 * Java's patch level.
 */
public final class SealingKeys {
    private static final byte[] LABEL = "innerkeep sealing v1".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private SealingKeys() {}

    /**
     * Derives one key.
     *
     * @param root the keeper's secret, 32 bytes
     * @param identity what the enclave is
     * @param javaRelease the Java feature release that runs it
     * @param request which key
     * @return 32 secret bytes
     * @throws SealingRefusedException if the enclave may not have that key
     * @throws IllegalArgumentException if the salt does not have 32 bytes
     */
    public static byte[] derive(byte[] root, KeeperReport identity, int javaRelease, SealingKeyRequest request)
            throws SealingRefusedException {
        long own = identity.securityVersion();
        long asked = request.securityVersion();
        boolean allowed = request.policy() == SealingPolicy.SIGNER ? asked <= own : asked == own;
        if (!allowed || asked < 0) {
            throw new SealingRefusedException(new SealingRefusedException.Detail(own, asked));
        }
        if (request.salt().length != 32) {
            throw new IllegalArgumentException("salt must be 32 bytes");
        }
        CborWriter info = new CborWriter()
                .array(7)
                .text(request.policy().name())
                .text(identity.platform())
                .bool(identity.debug())
                .text(identity.isolation().toString());
        switch (request.policy()) {
            case MEASUREMENT -> info.text(identity.measurement().toString()).integer(asked).integer(0);
            case SIGNER -> info.array(2)
                    .bytes(identity.signer().toArray())
                    .integer(identity.productId())
                    .integer(asked)
                    .integer(javaRelease);
        }
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(root)
                            .addSalt(LABEL)
                            .addSalt(request.salt())
                            .thenExpand(info.toByteArray(), 32));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Java 25 provides HKDF-SHA256", e);
        }
    }
}
