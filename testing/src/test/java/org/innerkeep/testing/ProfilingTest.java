package org.innerkeep.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.call.Crossing;
import org.innerkeep.channel.call.HostVisible;
import org.innerkeep.channel.profile.InsideFigures;
import org.innerkeep.channel.profile.MethodFigures;
import org.innerkeep.channel.profile.ProfileService;
import org.innerkeep.client.Client;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an enclave measures of itself, and to whom it tells that: to nobody, unless it is a debug build. */
@Timeout(60)
class ProfilingTest {
    /** For clients. */
    public interface Desk {
        String answer(String question);
    }

    /** For the host. */
    @HostVisible
    public interface Switch {
        void turn();
    }

    /** Offers both. */
    public static final class Answering implements EnclaveProgram {
        public Answering() {}

        @Override
        public void start(EnclaveContext enclave) {
            enclave.offerToClients(Desk.class, question -> question + "!");
            enclave.offerToHost(Switch.class, () -> {});
        }
    }

    private static RunningEnclave start(boolean debug) throws IOException {
        return MockEnclaves.of(Answering.class).as(MockIdentity.DEFAULT.withDebug(debug)).start();
    }

    @Test
    void anEnclaveThatIsNoDebugBuildDoesNotEvenOfferItsFigures() throws IOException {
        try (RunningEnclave enclave = start(false);
                Client client = enclave.connect()) {
            client.bind(Desk.class).answer("why");

            assertThatExceptionOfType(CallException.class)
                    .isThrownBy(() -> enclave.host().bind(ProfileService.class).figures())
                    .satisfies(e -> assertThat(e.code()).isEqualTo(CallException.Code.NOT_OFFERED));
        }
    }

    @Test
    void aDebugBuildTellsWhatItsHostAndItsClientsCalled() throws IOException {
        try (RunningEnclave enclave = start(true)) {
            for (int session = 0; session < 2; session++) {
                try (Client client = enclave.connect()) {
                    client.bind(Desk.class).answer("why");
                }
            }
            enclave.host().bind(Switch.class).turn();

            InsideFigures figures = enclave.host().bind(ProfileService.class).figures();

            assertThat(figures.clients()).singleElement().satisfies(answer -> {
                assertThat(answer.service()).isEqualTo(Desk.class.getName());
                assertThat(answer.method()).isEqualTo("answer");
                assertThat(answer.side()).isEqualTo(Crossing.Side.SERVED);
                assertThat(answer.calls()).isEqualTo(2);
                assertThat(answer.failed()).isZero();
                assertThat(answer.workNanos().count()).isEqualTo(2);
            });
            assertThat(figures.host().stream().map(MethodFigures::method)).contains("turn");
            assertThat(figures.heap().live()).isPositive().isLessThanOrEqualTo(figures.heap().limit());
        }
    }
}
