package org.innerkeep.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The vault releases what the benchmark asks for, and every response is accepted as an enclave does, or its rates say nothing. */
class VaultRatesTest {
    @TempDir
    private Path folder;

    @Test
    void everyCallThatWasMadeReadyIsReleasedAndAccepted() throws Exception {
        try (ServicePair pair = VaultRates.start(folder)) {
            pair.load().ask("prepare 2 6");
            String[] found = pair.load().ask("release 30").split(" ", -1);
            assertThat(found).hasSize(4);
            assertThat(found[0]).isEqualTo("6");
            assertThat(pair.load().ask("accept")).isEqualTo("6");
            assertThat(Integer.parseInt(pair.load().ask("whole 0.2").split(" ", -1)[0])).isPositive();
            assertThat(pair.processorNanos()).isPositive();
        }
    }

    @Test
    void theFloorDoesItsOperations() throws Exception {
        assertThat(Pace.of(new VaultFloor()::once, 2, 0.05).perSecond()).isPositive();
    }
}
