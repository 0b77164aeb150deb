package org.innerkeep.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service attests what the benchmark sends it, each request with its own evidence, or its rates say nothing. */
class AttestRatesTest {
    @TempDir
    private Path folder;

    @Test
    void everyRequestOfEveryKindIsAttestedAlsoOneThatWasHeld() throws Exception {
        AttestRequests requests = new AttestRequests(Instant.now());
        Map<String, String> settings = requests.settings(folder);
        for (AttestRequests.Kind kind : AttestRequests.Kind.values()) {
            List<byte[]> bodies = requests.bodies(kind, 3);
            assertThat(bodies).doesNotHaveDuplicates();
            AttestRequests.write(AttestLoad.file(folder, kind), bodies);
        }
        try (ServicePair pair = ServicePair.start(folder, settings, AttestLoad.class, service -> {
            String[] told = service.answer().split(" ", 2);
            return List.of(told[0], told[1], folder.toString());
        })) {
            for (AttestRequests.Kind kind : AttestRequests.Kind.values()) {
                String[] found = pair.load().ask("run " + kind + " 2 0.5").split(" ", -1);
                assertThat(Integer.parseInt(found[0])).as(kind.title()).isPositive();
                pair.load().ask("hold " + kind + " 4");
                assertThat(pair.load().ask("release")).isEqualTo("4");
            }
            assertThat(pair.processorNanos()).isPositive();
            assertThat(pair.service().ask("memory").split(" ", -1)).hasSize(2);
        }
    }

    @Test
    void theFloorDoesItsSignatures() throws Exception {
        for (AttestRequests.Kind kind : AttestRequests.Kind.values()) {
            assertThat(Pace.of(new SignatureFloor(kind, Optional.empty())::once, 2, 0.05).perSecond()).isPositive();
        }
    }
}
