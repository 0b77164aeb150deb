package org.innerkeep.enclave.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionBudgetTest {
    @ParameterizedTest
    @ValueSource(longs = {16L << 20, 32L << 20, 64L << 20, 256L << 20, 1L << 30, 4L << 30, 64L << 30})
    void allSessionsWithTheirLargestMessagesTakeAtMostHalfTheHeap(long heapBytes) {
        int sessions = SessionBudget.sessions(heapBytes);
        int frameBytes = SessionBudget.frameBytes(heapBytes, sessions);

        assertThat(sessions).isBetween(8, 512);
        assertThat(frameBytes).isBetween(1 << 20, 16 << 20);
        assertThat((long) sessions * frameBytes).isLessThanOrEqualTo(heapBytes / 2);
    }
}
