package org.innerkeep.keeper;

import java.security.GeneralSecurityException;
import java.util.List;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import org.innerkeep.channel.keeper.PlatformService.SealingKeyRequest;
import org.innerkeep.channel.keeper.PlatformService.SealingPolicy;
import org.innerkeep.channel.keeper.SealingRefusedException;
import org.innerkeep.evidence.cbor.CborWriter;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.Confinement.Mechanism;
import org.innerkeep.evidence.keeper.KeeperReport;

/**
 * Derives sealing keys from the sealing root: HKDF-SHA256 (RFC 5869) over everything that an enclave's identity is made of, so
 * that a change of any of it gives another key. Both policies bind platform, debug, isolation and confinement; {@code MEASUREMENT}
 * binds the measurement, and with it the runtime and every launch argument; {@code SIGNER} binds signer, product, a security
 * version not above the enclave's own, and the Java feature release, so that data survive an update of the program or of
 * Java's patch level.
 *
 * <p>A confinement is handled as a security version is: an enclave gets keys for its own mechanisms and for any part of them, so what
 * was sealed on a machine that confined less stays open after that machine learned more, and what was sealed under a secret heap, say,
 * opens nowhere without one.
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
     * @throws IllegalArgumentException if the salt does not have 32 bytes, or the confinement is of unknown mechanisms
     */
    public static byte[] derive(byte[] root, KeeperReport identity, int javaRelease, SealingKeyRequest request)
            throws SealingRefusedException {
        long own = identity.securityVersion();
        long asked = request.securityVersion();
        boolean allowed = request.policy() == SealingPolicy.SIGNER ? asked <= own : asked == own;
        if (!allowed || asked < 0) {
            throw new SealingRefusedException(new SealingRefusedException.Detail(own, asked, List.of()));
        }
        Confinement confinement = Confinement.ofBits(request.confinement());
        if (!identity.confinement().includes(confinement)) {
            throw new SealingRefusedException(new SealingRefusedException.Detail(own, asked, missing(identity, confinement)));
        }
        if (request.salt().length != 32) {
            throw new IllegalArgumentException("salt must be 32 bytes");
        }
        CborWriter info = new CborWriter()
                .array(8)
                .text(request.policy().name())
                .text(identity.platform())
                .bool(identity.debug())
                .text(identity.isolation().toString())
                .integer(confinement.bits());
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

    private static List<String> missing(KeeperReport identity, Confinement wanted) {
        return wanted.mechanisms().stream()
                .filter(each -> !identity.confinement().has(each))
                .sorted()
                .map(Mechanism::toString)
                .toList();
    }
}
