package org.innerkeep.enclave.internal;

import java.io.IOException;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.keeper.PlatformService;
import org.innerkeep.channel.keeper.PlatformService.SealingKeyRequest;
import org.innerkeep.channel.keeper.SealingRefusedException;
import org.innerkeep.channel.session.Attester;

/** Calls to the keeper, with its failures told as {@link IOException}. */
final class PlatformDriver {
    private PlatformDriver() {}

    static Attester attester(PlatformService platform) {
        return reportData -> {
            try {
                return platform.report(reportData);
            } catch (CallException e) {
                throw new IOException("the keeper gave no report", e);
            }
        };
    }

    static byte[] sealingKey(PlatformService platform, SealingKeyRequest request)
            throws IOException, SealingRefusedException {
        try {
            return platform.sealingKey(request);
        } catch (CallException e) {
            throw new IOException("the keeper gave no sealing key", e);
        }
    }
}
