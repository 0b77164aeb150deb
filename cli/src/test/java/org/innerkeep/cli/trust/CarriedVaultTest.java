package org.innerkeep.cli.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.innerkeep.testing.MockPlatform;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Each vault has its own trust. */
class CarriedVaultTest {
    private static final String MEASUREMENT = "sha-256:" + "12".repeat(32);

    @TempDir
    private Path folder;

    @CommandLine.Command
    private static final class Carrying implements Runnable {
        @CommandLine.ArgGroup(exclusive = false, multiplicity = "0..*")
        private List<CarriedVault> vaults = new ArrayList<>();

        @Override
        public void run() {
            // Only what was said matters.
        }
    }

    private static List<CarriedVault> vaults(String... arguments) {
        Carrying command = new Carrying();
        new CommandLine(command).parseArgs(arguments);
        return command.vaults;
    }

    @Test
    void whatIsSaidBehindOneIsForThatOne() throws Exception {
        String anchor = Files.writeString(folder.resolve("keeper.anchor"), new MockPlatform().anchor().toString()).toString();
        List<CarriedVault> vaults = vaults(
                "--vault", "https://a.example", "--vault-anchor", anchor, "--vault-measurement", MEASUREMENT,
                "--vault", "https://b.example",
                "--vault", "https://c.example", "--vault-anchor", anchor, "--vault-signer", "ab".repeat(32),
                "--vault-product", "7", "--vault-svn", "3");
        assertThat(vaults).extracting(CarriedVault::address)
                .extracting(URI::toString)
                .containsExactly("https://a.example", "https://b.example", "https://c.example");
        assertThat(vaults.get(0).trust()).isPresent();
        assertThat(vaults.get(1).trust()).isEmpty();
        assertThat(vaults.get(2).trust()).isPresent();
        assertThat(vaults()).isEmpty();
    }

    @Test
    void whatIsSaidOfNoneOrNotToTheEndIsRefused() {
        assertThatExceptionOfType(CommandLine.ParameterException.class)
                .isThrownBy(() -> vaults("--vault-measurement", MEASUREMENT));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> vaults("--vault", "https://a.example", "--vault-measurement", MEASUREMENT).getFirst().trust());
    }
}
