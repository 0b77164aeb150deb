package org.innerkeep.channel.call;

import java.io.IOException;

/** The same where both ends share memory. */
class CallPeerOverRingTest extends CallPeerTest {
    @Override
    Link link() throws IOException {
        return Link.sharing();
    }
}
