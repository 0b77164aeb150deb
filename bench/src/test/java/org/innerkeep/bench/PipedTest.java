package org.innerkeep.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What passes through a pipeline is compared, and the memory of its commands is seen. */
class PipedTest {
    @Test
    void whatPassesUnchangedIsMeasured() throws Exception {
        Piped piped = Piped.run(List.of(List.of("cat"), List.of("cat")), 64);
        assertThat(piped.mebibytesPerSecond()).isPositive();
        assertThat(piped.peaks()).hasSize(2).allSatisfy(peak -> assertThat(peak).isBetween(0.1, 100.0));
    }

    @Test
    void whatIsChangedOrCutIsNoMeasurement() {
        assertThatThrownBy(() -> Piped.run(List.of(List.of("tr", "a", "b")), 1)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Piped.run(List.of(List.of("head", "-c", "100000")), 2)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> Piped.run(List.of(List.of("sh", "-c", "cat; exit 3")), 1))
                .isInstanceOf(IOException.class).hasMessageContaining("ended with 3");
    }
}
