package org.innerkeep.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
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
        Map<String, String> settings = new LinkedHashMap<>(requests.settings(folder));
        settings.putAll(Map.of(
                "folder", folder.resolve("state").toString(), "listen", "127.0.0.1:0", "issuer", "https://localhost:8443"));
        StringBuilder text = new StringBuilder();
        settings.forEach((name, value) -> text.append(name).append('=').append(value).append('\n'));
        Path file = Files.writeString(folder.resolve("service.properties"), text);
        for (AttestRequests.Kind kind : AttestRequests.Kind.values()) {
            List<byte[]> bodies = requests.bodies(kind, 3);
            assertThat(bodies).doesNotHaveDuplicates();
            AttestRequests.write(AttestLoad.file(folder, kind), bodies);
        }
        List<String> jvm = List.of("--enable-native-access=ALL-UNNAMED");
        try (Child service =
                Child.startWithErrors(folder.resolve("errors"), jvm, AttestTarget.class.getName(), file.toString())) {
            String[] told = service.answer().split(" ", 2);
            try (Child load = Child.start(List.of(), AttestLoad.class.getName(), told[0], told[1], folder.toString())) {
                for (AttestRequests.Kind kind : AttestRequests.Kind.values()) {
                    String[] found = load.ask("run " + kind + " 2 0.5").split(" ", -1);
                    assertThat(Integer.parseInt(found[0])).as(kind.title()).isPositive();
                    load.ask("hold " + kind + " 4");
                    assertThat(load.ask("release")).isEqualTo("4");
                }
            }
            assertThat(Long.parseLong(service.ask("processor"))).isPositive();
            assertThat(service.ask("memory").split(" ", -1)).hasSize(2);
        }
    }

    @Test
    void theFloorDoesItsSignatures() throws Exception {
        for (AttestRequests.Kind kind : AttestRequests.Kind.values()) {
            assertThat(Pace.of(new SignatureFloor(kind, Optional.empty())::once, 2, 0.05).perSecond()).isPositive();
        }
    }
}
