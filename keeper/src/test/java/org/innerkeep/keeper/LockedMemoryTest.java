package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.innerkeep.keeper.LockedMemory.Way;
import org.junit.jupiter.api.Test;

class LockedMemoryTest {
    private static final Capabilities NONE = new Capabilities(0);
    private static final Capabilities LOCKS = new Capabilities(1L << Capabilities.IPC_LOCK);
    private static final Capabilities RAISES = new Capabilities(1L << Capabilities.SYS_RESOURCE);
    private static final long MIB = 1 << 20;

    @Test
    void anOrdinaryUserLocksAsMuchAsTheLimitAllows() {
        LockedMemory user = new LockedMemory(40 * MIB, NONE, false);

        assertThat(user.forHeap(32 * MIB)).contains(Way.LIMIT);
        assertThat(user.forHeap(64 * MIB)).isEmpty();
        assertThat(new LockedMemory(Long.MAX_VALUE, NONE, false).forHeap(1L << 40)).contains(Way.LIMIT);
    }

    @Test
    void rootRaisesTheLimitOrElseGivesTheCapability() {
        assertThat(new LockedMemory(8 * MIB, RAISES, true).forHeap(64 * MIB)).contains(Way.LIMIT);
        assertThat(new LockedMemory(8 * MIB, LOCKS, true).forHeap(64 * MIB)).contains(Way.CAPABILITY);
        assertThat(new LockedMemory(8 * MIB, LOCKS, false).forHeap(64 * MIB)).isEmpty();
        assertThat(new LockedMemory(8 * MIB, NONE, true).forHeap(64 * MIB)).isEmpty();
    }

    @Test
    void thisMachineTells() throws IOException {
        assertThat(LockedMemory.own().hardLimitBytes()).isNotNegative();
    }
}
