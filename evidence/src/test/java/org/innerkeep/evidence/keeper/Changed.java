package org.innerkeep.evidence.keeper;

import java.time.Instant;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.Samples;

/** The good report with some parts changed. */
public final class Changed {
    private final KeeperReport good = Samples.report();
    private String platform = good.platform();
    private Measurement measurement = good.measurement();
    private Bytes bundleDigest = good.bundleDigest();
    private long productId = good.productId();
    private boolean debug = good.debug();
    private KeeperReport.Isolation isolation = good.isolation();
    private Confinement confinement = good.confinement();
    private Bytes enclaveId = good.enclaveId();
    private Bytes reportData = good.reportData();
    private Instant issuedAt = good.issuedAt();

    public Changed platform(String value) {
        platform = value;
        return this;
    }

    public Changed measurement(Measurement value) {
        measurement = value;
        return this;
    }

    public Changed bundleDigest(Bytes value) {
        bundleDigest = value;
        return this;
    }

    public Changed productId(long value) {
        productId = value;
        return this;
    }

    public Changed debug(boolean value) {
        debug = value;
        return this;
    }

    public Changed isolation(KeeperReport.Isolation value) {
        isolation = value;
        return this;
    }

    public Changed confinement(Confinement value) {
        confinement = value;
        return this;
    }

    public Changed enclaveId(Bytes value) {
        enclaveId = value;
        return this;
    }

    public Changed reportData(Bytes value) {
        reportData = value;
        return this;
    }

    public Changed issuedAt(Instant value) {
        issuedAt = value;
        return this;
    }

    public KeeperReport build() {
        return new KeeperReport(
                platform,
                measurement,
                bundleDigest,
                good.runtimeDigest(),
                good.launchDigest(),
                good.signer(),
                productId,
                good.securityVersion(),
                debug,
                isolation,
                confinement,
                enclaveId,
                reportData,
                issuedAt);
    }
}
