package org.innerkeep.testing;

import org.innerkeep.client.Trust;
import org.innerkeep.evidence.KeeperAnchor;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.evidence.keeper.KeeperReport.Isolation;

/** Trust in exactly one enclave, with no floor lifted that need not be. */
final class TrustOf {
    private TrustOf() {}

    static Trust mock(MockPlatform platform, MockIdentity identity) {
        Trust trust = Trust.measurement(identity.measurement()).on(platform.anchor()).allowMock();
        if (identity.isolation() == Isolation.SAME_USER) {
            trust = trust.allowSameUser();
        }
        return identity.debug() ? trust.allowDebug() : trust;
    }

    /** Keeper and host are one process, the test's own, so its reports say that they share their user. */
    static Trust process(Measurement measurement, KeeperAnchor anchor) {
        return Trust.measurement(measurement).on(anchor).allowSameUser();
    }
}
