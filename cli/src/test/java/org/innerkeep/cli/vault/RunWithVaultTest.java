package org.innerkeep.cli.vault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.innerkeep.cli.CommandLineOf;
import org.innerkeep.testing.KeeperOfOne;
import org.innerkeep.testing.MockIdentity;
import org.innerkeep.testing.MockPlatform;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code innerkeep run} with {@code --vault} and {@code --files}: an operator that writes no code carries for an enclave. */
@Timeout(120)
class RunWithVaultTest {
    private static final String TEXT = "the patients";

    @TempDir
    private Path folder;

    private final MockPlatform platform = new MockPlatform();
    private Path files;
    private ServedVault vault;

    @BeforeEach
    void serve() throws Exception {
        vault = ServedVault.start(folder.resolve("owner"), platform.anchor());
        files = Files.createDirectory(folder.resolve("sealed"));
        vault.keys("create", "patients");
        vault.seal("patients", TEXT, files.resolve("patients.age"));
        vault.grant("patients", "--signer", MockIdentity.DEFAULT.signerId().hex(), "--product", "1", "--least-version", "1",
                "--platform", "mock", "--memory", "everyone");
    }

    @AfterEach
    void close() {
        vault.close();
    }

    /** Runs an enclave until it has read, or has been told why not; gives that. */
    private String run(String... options) throws Exception {
        Path bundle = Files.write(folder.resolve("reader.enclave"), new byte[0]);
        SelfReadingEnclave.ADDRESSES.add(vault.location());
        StringWriter err = new StringWriter();
        CompletableFuture<Integer> exit;
        String read;
        try (KeeperOfOne keeper = KeeperOfOne.open(platform, SelfReadingEnclave.class)) {
            List<String> all = new ArrayList<>(List.of("run", bundle.toString(), "--keeper", keeper.socket().toString()));
            all.addAll(Arrays.asList(options));
            // Not in the common pool, whose few threads Java's HTTP client needs.
            exit = CompletableFuture.supplyAsync(
                    () -> CommandLineOf.innerkeep()
                            .setOut(new PrintWriter(new StringWriter(), true))
                            .setErr(new PrintWriter(err, true))
                            .execute(all.toArray(String[]::new)),
                    task -> Thread.ofPlatform().daemon().start(task));
            read = SelfReadingEnclave.READ.poll(90, TimeUnit.SECONDS);
            assertThat(read).as(err.toString()).isNotNull();
        }
        assertThat(exit.get(60, TimeUnit.SECONDS)).as("an enclave that ended").isEqualTo(1);
        return read;
    }

    @Test
    void theEnclaveReadsItsOwnersFileThroughTheHost() throws Exception {
        assertThat(run("--vault", vault.address().toString(), "--cacert", vault.certificate().toString(), "--files", files.toString()))
                .isEqualTo(TEXT);
    }

    @Test
    void withoutVaultsOrFilesItReachesNone() throws Exception {
        assertThat(run()).contains("NOT_CARRIED").contains("--vault");
        assertThat(run("--vault", vault.address().toString(), "--cacert", vault.certificate().toString()))
                .contains("this host gives no files");
        assertThat(run("--vault", "https://vault.example", "--cacert", vault.certificate().toString(), "--files", files.toString()))
                .contains("NOT_CARRIED").contains("its operator has to name that vault");
    }

    @Test
    void aServerThatTheNamedCertificatesDoNotVouchForIsNotSpokenTo() throws Exception {
        assertThat(run("--vault", vault.address().toString(), "--files", files.toString())).contains("NOT_TRUSTED");
    }
}
