package org.innerkeep.channel.call;

import java.io.IOException;

/** The same where both ends share memory. */
class StreamsOverRingTest extends StreamsTest {
    @Override
    Link link() throws IOException {
        return Link.sharing();
    }
}
