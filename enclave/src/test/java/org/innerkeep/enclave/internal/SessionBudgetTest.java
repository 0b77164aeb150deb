package org.innerkeep.enclave.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.innerkeep.channel.call.CallLimits;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionBudgetTest {
    @ParameterizedTest
    @CsvSource({
        "16, 1", "16, 16", "16, 64", "31, 16", "32, 16", "48, 64", "64, 16", "64, 1000", "256, 16", "1024, 16", "4096, 256",
        "65536, 16", "65536, 65535",
    })
    void allSessionsWithAllTheyCanHoldTakeAtMostHalfTheHeap(long heapMiB, int threads) {
        long heapBytes = heapMiB << 20;
        int sessions = SessionBudget.sessions(heapBytes, threads);
        CallLimits limits = SessionBudget.limits(heapBytes, threads);

        // Frames that are read, requests, large results, pieces of streams, notices and threads: CallLimits adds them up.
        long held = limits.maxHeldBytes() + SessionBudget.TLS_BYTES;
        assertThat(sessions * held).isLessThanOrEqualTo(heapBytes / 2);
        assertThat(sessions * held).as("and it is used").isGreaterThan(heapBytes / 10 * 2);
        assertThat(sessions).isBetween(1, 512);
        assertThat(limits.maxConcurrentRequests()).isLessThanOrEqualTo(threads);
        assertThat(limits.maxFrameBytes()).isBetween(256 << 10, 16 << 20);
        assertThat(limits.maxPendingBytes()).as("there is room for the next answer beside one").isGreaterThan(limits.maxFrameBytes());
    }

    @ParameterizedTest
    @CsvSource({"16, 3", "64, 15", "1024, 248", "4096, 512"})
    void sessionsOfAnOrdinaryEnclaveAreAsDocumented(long heapMiB, int sessions) {
        assertThat(SessionBudget.sessions(heapMiB << 20, 16)).isEqualTo(sessions);
        CallLimits limits = SessionBudget.limits(heapMiB << 20, 16);
        assertThat(limits.maxConcurrentRequests()).isEqualTo(16);
    }
}
