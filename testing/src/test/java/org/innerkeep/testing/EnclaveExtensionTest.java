package org.innerkeep.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.innerkeep.client.Client;
import org.innerkeep.testing.EnclaveExtensionTest.Counter;
import org.innerkeep.testing.RunningEnclave.Mode;
import org.innerkeep.testing.Safe.Adder;
import org.innerkeep.testing.Safe.Box;
import org.junit.jupiter.api.Test;

@TestEnclave(program = Safe.class, bundle = "target/there-is-none.enclave", host = Counter.class)
class EnclaveExtensionTest {
    /** What the host offers. */
    static final class Counter implements Adder {
        @Override
        public int plusOne(int number) {
            return number + 1;
        }
    }

    @EnclaveTest
    void aTestGetsAnEnclaveInEachMode(RunningEnclave enclave) throws Exception {
        // The process mode is skipped here, for there is no bundle; the tutorial's test runs both.
        assertThat(enclave.mode()).isEqualTo(Mode.MOCK);
        try (Client client = enclave.connect()) {
            assertThat(client.bind(Box.class).ask(1)).isEqualTo(2);
        }
    }

    @Test
    void modesAreChosenByName() {
        TestEnclave settings = EnclaveExtensionTest.class.getAnnotation(TestEnclave.class);
        assertThat(EnclaveExtension.modes(settings, "mock, process")).containsExactly(Mode.MOCK, Mode.PROCESS);
        assertThat(EnclaveExtension.modes(settings, "process")).containsExactly(Mode.PROCESS);
        assertThatIllegalArgumentException().isThrownBy(() -> EnclaveExtension.modes(settings, "simulation"));
    }
}
