package @PACKAGE@.enclave;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.innerkeep.channel.session.SessionRefusedException;
import org.innerkeep.client.Trust;
import org.innerkeep.evidence.Measurement;
import org.innerkeep.testing.EnclaveTest;
import org.innerkeep.testing.RunningEnclave;
import org.innerkeep.testing.TestEnclave;

/** What clients refuse. */
@TestEnclave(program = SalariesEnclave.class, bundle = "target/@NAME@.enclave")
class RefusalTest {
    @EnclaveTest
    void aClientThatAgreedToOtherCodeSendsNothing(RunningEnclave enclave) {
        Measurement other = Measurement.parse("sha-256:" + "00".repeat(32));
        Trust trust = Trust.measurement(other).on(enclave.anchor()).allowMock().allowSameUser();

        assertThatThrownBy(() -> enclave.connect(trust))
                .isInstanceOf(SessionRefusedException.class)
                .hasMessageContaining("MEASUREMENT_MISMATCH");
    }

    @EnclaveTest
    void aClientThatPinnedNoKeeperSendsNothing(RunningEnclave enclave) {
        Trust trust = Trust.measurement(Measurement.parse("sha-256:" + "00".repeat(32)));

        assertThatThrownBy(() -> enclave.connect(trust))
                .isInstanceOf(SessionRefusedException.class)
                .hasMessageContaining("ANCHOR_NOT_PINNED");
    }
}
