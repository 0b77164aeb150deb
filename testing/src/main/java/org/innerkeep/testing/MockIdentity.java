package org.innerkeep.testing;

import java.nio.charset.StandardCharsets;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.keeper.Confinement;
import org.innerkeep.evidence.keeper.KeeperReport;
import org.innerkeep.evidence.keeper.KeeperReport.Isolation;

/**
 * What a mock enclave claims to be. Immutable; every method returns a changed copy.
 *
 * @param code what stands for the bundle: another text is other code, with another measurement
 * @param signer what stands for the developer: another text is another signer
 * @param productId the product id, 0 to 2^32-1
 * @param securityVersion the security version, 0 to 2^32-1
 * @param debug whether it says that it can be debugged
 * @param isolation which users it says that it runs as
 * @param confinement the mechanisms that it says confine it; nothing confines it
 */
public record MockIdentity(
        String code, String signer, long productId, long securityVersion, boolean debug, Isolation isolation, Confinement confinement) {
    /** Product 1 at security version 1, not debuggable, with a user of its own and no further confinement. */
    public static final MockIdentity DEFAULT =
            new MockIdentity("code", "developer", 1, 1, false, Isolation.SEPARATE_USER, Confinement.NONE);

    /**
     * Other code.
     *
     * @param text what stands for it
     * @return a changed copy
     */
    public MockIdentity withCode(String text) {
        return new MockIdentity(text, signer, productId, securityVersion, debug, isolation, confinement);
    }

    /**
     * Another signer.
     *
     * @param text what stands for it
     * @return a changed copy
     */
    public MockIdentity withSigner(String text) {
        return new MockIdentity(code, text, productId, securityVersion, debug, isolation, confinement);
    }

    /**
     * Another product.
     *
     * @param id its id
     * @return a changed copy
     */
    public MockIdentity withProduct(long id) {
        return new MockIdentity(code, signer, id, securityVersion, debug, isolation, confinement);
    }

    /**
     * Another security version. The measurement changes with it, as it does for a bundle.
     *
     * @param version the version
     * @return a changed copy
     */
    public MockIdentity withSecurityVersion(long version) {
        return new MockIdentity(code, signer, productId, version, debug, isolation, confinement);
    }

    /**
     * Debuggable or not. The measurement changes with it, as it does for a bundle.
     *
     * @param can whether it can be debugged
     * @return a changed copy
     */
    public MockIdentity withDebug(boolean can) {
        return new MockIdentity(code, signer, productId, securityVersion, can, isolation, confinement);
    }

    /**
     * Other users.
     *
     * @param users which users it says that it runs as
     * @return a changed copy
     */
    public MockIdentity withIsolation(Isolation users) {
        return new MockIdentity(code, signer, productId, securityVersion, debug, users, confinement);
    }

    /**
     * Another confinement, as on a machine that offers other mechanisms.
     *
     * @param mechanisms what it says confines it
     * @return a changed copy
     */
    public MockIdentity withConfinement(Confinement mechanisms) {
        return new MockIdentity(code, signer, productId, securityVersion, debug, isolation, mechanisms);
    }

    /** {@return the signer's id, 32 bytes} */
    public Bytes signerId() {
        return digest("signer " + signer);
    }

    /** {@return what it measures to on a mock platform} */
    public Measurement measurement() {
        return KeeperReport.processMeasurement(KeeperReport.MOCK, bundleDigest(), runtimeDigest(), launchDigest());
    }

    Bytes bundleDigest() {
        return digest("bundle " + code + " " + signer + " " + productId + " " + securityVersion + " " + debug);
    }

    Bytes runtimeDigest() {
        return digest("runtime");
    }

    Bytes launchDigest() {
        return digest("launch");
    }

    private static Bytes digest(String text) {
        return Bytes.sha256(("mock " + text).getBytes(StandardCharsets.UTF_8));
    }
}
