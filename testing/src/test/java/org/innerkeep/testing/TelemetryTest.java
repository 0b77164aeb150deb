package org.innerkeep.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.client.Client;
import org.innerkeep.enclave.Counter;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.enclave.SealedLog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an enclave tells of itself: a log that leaves sealed, and counters that were declared. */
class TelemetryTest {
    private static final AtomicReference<String> RECIPIENT = new AtomicReference<>();

    /** For clients. */
    public interface Desk {
        void note(String text);

        void fail(String text);

        String declareLate();
    }

    /** Logs what it is told. */
    public static final class Scribe implements EnclaveProgram {
        public Scribe() {}

        @Override
        public void start(EnclaveContext enclave) {
            SealedLog log = enclave.log(RECIPIENT.get());
            Counter notes = enclave.counter("notes");
            enclave.counter("unused");
            enclave.offerToClients(Desk.class, new Desk() {
                @Override
                public void note(String text) {
                    log.info(text);
                    notes.increment();
                }

                @Override
                public void fail(String text) {
                    throw new IllegalStateException(text);
                }

                @Override
                public String declareLate() {
                    StringBuilder said = new StringBuilder();
                    try {
                        enclave.counter("4111111111111111");
                    } catch (IllegalStateException e) {
                        said.append("no counter ");
                    }
                    try {
                        enclave.log(RECIPIENT.get());
                    } catch (IllegalStateException e) {
                        said.append("no log");
                    }
                    return said.toString();
                }
            });
        }
    }

    private final Identity reader = Identity.generate(new SecureRandom());
    private RunningEnclave enclave;
    private Client client;
    private Desk desk;

    @BeforeEach
    void start() throws IOException {
        RECIPIENT.set(reader.recipient().toString());
        enclave = MockEnclaves.of(Scribe.class).start();
        client = enclave.connect();
        desk = client.bind(Desk.class);
    }

    @AfterEach
    void end() throws IOException {
        client.close();
        enclave.close();
        reader.close();
    }

    private String opened(byte[] sealed) throws IOException {
        try (InputStream in = SealedFile.unseal(new ByteArrayInputStream(sealed), List.of(reader))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void theLogIsReadByItsRecipientAndByNobodyElse() throws Exception {
        desk.note("patient 4711 has a fever");
        byte[] sealed = enclave.host().takeLog().orElseThrow();

        assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("4711");
        assertThat(opened(sealed)).startsWith("1 ").contains("INFO patient 4711 has a fever");
        try (Identity other = Identity.generate(new SecureRandom())) {
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> SealedFile.unseal(new ByteArrayInputStream(sealed), List.of(other)));
        }
        assertThat(enclave.host().takeLog()).as("fetched once").isEmpty();
    }

    @Test
    void entriesAreNumberedAcrossFetchesSoThatAMissingOneIsNoticed() throws Exception {
        desk.note("first");
        String one = opened(enclave.host().takeLog().orElseThrow());
        desk.note("second\n3 2026-01-01T00:00:00Z INFO forged");
        String two = opened(enclave.host().takeLog().orElseThrow());

        assertThat(one).startsWith("1 ");
        assertThat(two).startsWith("2 ");
        assertThat(two.lines().filter(line -> line.startsWith("3 "))).as("no message looks like an entry").isEmpty();
    }

    @Test
    void sizesTellBlocksOnly() {
        desk.note("x");
        int small = enclave.host().takeLog().orElseThrow().length;
        desk.note("y".repeat(3000));
        assertThat(enclave.host().takeLog().orElseThrow()).hasSize(small);
    }

    @Test
    void whatDoesNotFitIsDroppedAndSaidSo() throws Exception {
        for (int i = 0; i < 40; i++) {
            desk.note("z".repeat(10_000));
        }
        String text = opened(enclave.host().takeLog().orElseThrow());
        assertThat(text.length()).isLessThan(SealedLog.MAX_CHARACTERS + 8192);
        assertThat(text).containsPattern("\\([0-9]+ entries before number 41 did not fit\\)");
    }

    @Test
    void requestsThatFailLeaveRoomForTheProgramsOwnEntries() throws Exception {
        for (int i = 0; i < 60; i++) {
            assertThatExceptionOfType(CallException.class).isThrownBy(() -> desk.fail("w".repeat(10_000)));
        }
        desk.note("patient 4711 has a fever");
        assertThat(opened(enclave.host().takeLog().orElseThrow())).contains("INFO patient 4711 has a fever");
    }

    @Test
    void aRequestThatFailsIsLoggedInsideAndItsCallerLearnsNothing() throws Exception {
        assertThatExceptionOfType(CallException.class)
                .isThrownBy(() -> desk.fail("patient 4711"))
                .withMessageNotContaining("4711");
        String text = opened(enclave.host().takeLog().orElseThrow());
        assertThat(text).contains("ERROR a request of a client failed").contains("IllegalStateException: patient 4711");
    }

    @Test
    void theHostReadsTheCountersThatWereDeclaredAndNoOthersCanCome() {
        desk.note("one");
        desk.note("two");
        assertThat(enclave.host().counters()).isEqualTo(Map.of("notes", 2L, "unused", 0L));
        assertThat(desk.declareLate()).isEqualTo("no counter no log");
        assertThat(enclave.host().counters()).containsOnlyKeys("notes", "unused");
    }
}
