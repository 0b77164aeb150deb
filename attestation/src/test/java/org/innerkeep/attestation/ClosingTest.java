package org.innerkeep.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a service ends where parts of it do not. */
class ClosingTest {
    @Test
    void whatCannotBeClosedKeepsNothingElseOpenAndEveryReasonIsSaid() {
        List<String> closed = new ArrayList<>();
        List<AutoCloseable> opened = new ArrayList<>(List.of(
                () -> closed.add("vault"),
                () -> {
                    throw new IOException("the store is stuck");
                },
                () -> closed.add("head file"),
                () -> {
                    throw new IllegalArgumentException("the server is stuck");
                }));

        assertThatThrownBy(() -> RunningService.closeAll(opened))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the server is stuck")
                .satisfies(failed -> assertThat(failed.getSuppressed())
                        .singleElement()
                        .satisfies(other -> assertThat(other).hasMessage("the store is stuck")));
        assertThat(closed).containsExactly("head file", "vault");
        assertThat(opened).isEmpty();
    }
}
