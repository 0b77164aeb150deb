package org.innerkeep.channel.call;

import java.io.IOException;

/** The same where both ends share memory. */
class DisclosureOverRingTest extends DisclosureTest {
    @Override
    Link link() throws IOException {
        return Link.sharing();
    }
}
