package org.innerkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.testing.MockEnclaves;
import org.innerkeep.testing.RunningEnclave;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the host keeps of what an enclave tells of itself. */
class TelltaleTest {
    private static final AtomicReference<String> RECIPIENT = new AtomicReference<>();

    /** Logs once. */
    public static final class Scribe implements EnclaveProgram {
        public Scribe() {}

        @Override
        public void start(EnclaveContext enclave) {
            enclave.log(RECIPIENT.get()).info("something happened");
        }
    }

    @TempDir
    private Path folder;

    /** The enclave gives each part of its log once: what cannot be written must not be lost, nor end the enclave. */
    @Test
    void aLogThatCannotBeWrittenIsKeptAndWrittenLater() throws Exception {
        Path logs = folder.resolve("logs");
        StringWriter complaints = new StringWriter();
        try (Identity reader = Identity.generate(new SecureRandom())) {
            RECIPIENT.set(reader.recipient().toString());
            try (RunningEnclave enclave = MockEnclaves.of(Scribe.class).start();
                    Telltale telltale =
                            new Telltale(enclave.host(), Optional.of(logs), Optional.empty(), new PrintWriter(complaints))) {
                Files.delete(logs);
                telltale.fetch();
                telltale.fetch();
                assertThat(complaints.toString().lines()).as("said once").hasSize(1);

                Files.createDirectory(logs);
                telltale.fetch();
                try (Stream<Path> files = Files.list(logs)) {
                    Path file = files.toList().getFirst();
                    try (var in = SealedFile.unseal(Files.newInputStream(file), List.of(reader))) {
                        assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).contains("something happened");
                    }
                }
            }
        }
    }
}
