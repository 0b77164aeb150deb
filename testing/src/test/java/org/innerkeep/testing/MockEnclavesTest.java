package org.innerkeep.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.session.SessionRefusedException;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.evidence.Reason;
import org.innerkeep.evidence.keeper.KeeperReport.Isolation;
import org.innerkeep.host.StartException;
import org.innerkeep.testing.Safe.Adder;
import org.innerkeep.testing.Safe.Box;
import org.innerkeep.testing.Safe.Door;
import org.innerkeep.testing.Safe.Stuck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MockEnclavesTest {
    private static final MockEnclaves SAFES = MockEnclaves.of(Safe.class).offering(Adder.class, number -> number + 1);

    /** A program that cannot start. */
    public static final class Broken implements EnclaveProgram {
        public Broken() {}

        @Override
        public void start(EnclaveContext enclave) {
            throw new IllegalStateException("a secret in a message");
        }
    }

    @Test
    void clientHostAndEnclaveCallEachOtherAsInARealOne() throws Exception {
        try (RunningEnclave enclave = SAFES.start();
                Client client = enclave.connect()) {
            Box box = client.bind(Box.class);
            assertThat(box.ask(41)).isEqualTo(42);
            assertThat(box.identity()).isEqualTo("mock 1");
            assertThat(client.claims().platform()).isEqualTo("mock");
            assertThat(client.claims().text("memory-readable-by")).hasValue("everyone");
        }
    }

    @Test
    void whatTheRealOneKeepsInsideTheMockKeepsInsideToo() throws Exception {
        try (RunningEnclave enclave = SAFES.start();
                Client client = enclave.connect()) {
            assertThatExceptionOfType(CallException.class)
                    .isThrownBy(() -> enclave.host().bind(Door.class).fail("4111 1111"))
                    .satisfies(failure -> assertThat(failure).hasMessageNotContaining("4111"));
            assertThatExceptionOfType(CallException.class)
                    .isThrownBy(() -> client.bind(Box.class).fail("4111 1111"))
                    .satisfies(failure -> assertThat(failure).hasMessageNotContaining("4111"));
            // Box is for clients: the host cannot even bind it.
            assertThatThrownBy(() -> enclave.host().bind(Box.class).identity()).isInstanceOf(CallException.class);
        }
    }

    static Stream<Arguments> trustsThatRefuseIt() {
        MockIdentity identity = MockIdentity.DEFAULT;
        MockPlatform other = new MockPlatform();
        return Stream.of(
                Arguments.of("no trust that does not name the mock platform", List.of(Reason.Code.MOCK_PLATFORM), (With) enclave ->
                        Trust.measurement(identity.measurement()).on(enclave.anchor())),
                Arguments.of("nor by its signer", List.of(Reason.Code.MOCK_PLATFORM), (With) enclave ->
                        Trust.signer(identity.signerId(), 1, 1).on(enclave.anchor())),
                Arguments.of("nor if other floors are lifted", List.of(Reason.Code.MOCK_PLATFORM), (With) enclave ->
                        Trust.measurement(identity.measurement()).on(enclave.anchor()).allowDebug().allowSameUser()),
                Arguments.of("nor from another mock machine", List.of(Reason.Code.ANCHOR_NOT_PINNED), (With) enclave ->
                        Trust.measurement(identity.measurement()).on(other.anchor()).allowMock()),
                Arguments.of("nor other code", List.of(Reason.Code.MEASUREMENT_MISMATCH), (With) enclave ->
                        Trust.measurement(identity.withCode("other").measurement()).on(enclave.anchor()).allowMock()),
                Arguments.of("nor another signer", List.of(Reason.Code.SIGNER_MISMATCH), (With) enclave ->
                        Trust.signer(identity.withSigner("other").signerId(), 1, 1).on(enclave.anchor()).allowMock()),
                Arguments.of("nor an older version", List.of(Reason.Code.SVN_TOO_LOW), (With) enclave ->
                        Trust.signer(identity.signerId(), 1, 2).on(enclave.anchor()).allowMock()));
    }

    /** A trust for an enclave. */
    interface With {
        Trust trust(RunningEnclave enclave);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("trustsThatRefuseIt")
    void itIsTrustedBy(String words, List<Reason.Code> reasons, With with) throws Exception {
        try (RunningEnclave enclave = SAFES.start()) {
            assertThatExceptionOfType(SessionRefusedException.class)
                    .isThrownBy(() -> enclave.connect(with.trust(enclave)).close())
                    .satisfies(refused -> assertThat(refused.refusal().reasons())
                            .extracting(Reason::code)
                            .containsAll(reasons));
        }
    }

    @Test
    void debugAndSharedUsersAreFloorsForMocksToo() throws Exception {
        MockEnclaves weak = SAFES.as(MockIdentity.DEFAULT.withDebug(true).withIsolation(Isolation.SAME_USER));
        try (RunningEnclave enclave = weak.start()) {
            Trust withoutFloors = Trust.measurement(weak.identity().measurement()).on(enclave.anchor()).allowMock();
            assertThatExceptionOfType(SessionRefusedException.class)
                    .isThrownBy(() -> enclave.connect(withoutFloors).close())
                    .satisfies(refused -> assertThat(refused.refusal().reasons())
                            .extracting(Reason::code)
                            .containsExactlyInAnyOrder(Reason.Code.DEBUG_ENCLAVE, Reason.Code.ISOLATION_SAME_USER));
            enclave.connect().close();
        }
    }

    @Test
    void aNewerVersionOpensWhatAnOlderSealedAndNeverTheReverse() throws Exception {
        MockPlatform machine = new MockPlatform();
        MockEnclaves older = SAFES.on(machine);
        MockEnclaves newer = older.as(MockIdentity.DEFAULT.withSecurityVersion(2));
        byte[] sealedByOlder;
        byte[] sealedToMeasurement;
        try (RunningEnclave enclave = older.start(); Client client = enclave.connect()) {
            sealedByOlder = client.bind(Box.class).seal("kept", true);
            sealedToMeasurement = client.bind(Box.class).seal("kept", false);
        }
        byte[] sealedByNewer;
        try (RunningEnclave enclave = newer.start(); Client client = enclave.connect()) {
            assertThat(client.bind(Box.class).open(sealedByOlder)).isEqualTo("kept");
            assertThatExceptionOfType(Stuck.class).isThrownBy(() -> client.bind(Box.class).open(sealedToMeasurement));
            sealedByNewer = client.bind(Box.class).seal("new", true);
        }
        try (RunningEnclave again = older.start(); Client client = again.connect()) {
            assertThat(client.bind(Box.class).open(sealedToMeasurement)).isEqualTo("kept");
            assertThatExceptionOfType(Stuck.class).isThrownBy(() -> client.bind(Box.class).open(sealedByNewer));
        }
        try (RunningEnclave elsewhere = SAFES.on(new MockPlatform()).start(); Client client = elsewhere.connect()) {
            assertThatExceptionOfType(Stuck.class).isThrownBy(() -> client.bind(Box.class).open(sealedByOlder));
        }
    }

    @Test
    void evidenceOfAMachineWithAnotherClockIsTooOldOrFromTheFuture() throws Exception {
        Clock slow = Clock.fixed(Instant.now().minus(Duration.ofDays(500)), ZoneOffset.UTC);
        try (RunningEnclave enclave = SAFES.on(new MockPlatform(slow)).start()) {
            assertThatExceptionOfType(SessionRefusedException.class)
                    .isThrownBy(() -> enclave.connect().close())
                    .satisfies(refused -> assertThat(refused.refusal().reasons())
                            .extracting(Reason::code)
                            .containsExactly(Reason.Code.EVIDENCE_STALE));
        }
    }

    @Test
    void aProgramThatCannotStartSaysItsTypeOnly() {
        assertThatExceptionOfType(StartException.class)
                .isThrownBy(() -> MockEnclaves.of(Broken.class).start())
                .withMessageContaining("IllegalStateException")
                .withMessageNotContaining("a secret in a message");
    }

    @Test
    void closingEndsSessionsAndFreesTheAddress() throws Exception {
        RunningEnclave enclave = SAFES.start();
        Client client = enclave.connect();
        Box box = client.bind(Box.class);
        assertThat(box.ask(1)).isEqualTo(2);

        enclave.close();

        assertThatThrownBy(() -> box.ask(1))
                .isInstanceOf(CallException.class)
                .asInstanceOf(type(CallException.class))
                .extracting(CallException::code)
                .isEqualTo(CallException.Code.DISCONNECTED);
        assertThatThrownBy(enclave::connect).isInstanceOf(IOException.class);
        client.close();
    }
}
