package org.innerkeep.cli.vault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.innerkeep.cli.vault.Reader.Got;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.host.VaultAccess;
import org.innerkeep.testing.MockEnclaves;
import org.innerkeep.testing.MockIdentity;
import org.innerkeep.testing.MockPlatform;
import org.innerkeep.testing.RunningEnclave;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole way: an enclave behind its boundary, its host, HTTPS, and the vault that an owner serves and changes by command. The enclave
 * is a mock, so that grants name the mock platform; everything else is what runs in earnest.
 */
@Timeout(120)
class EnclaveAndVaultTest {
    private static final String TEXT = "the patients";

    @TempDir
    private Path folder;

    private final MockPlatform platform = new MockPlatform();
    private Path sealed;
    private ServedVault vault;

    @BeforeEach
    void serve() throws IOException {
        vault = ServedVault.start(folder.resolve("owner"), platform.anchor());
        sealed = Files.createDirectory(folder.resolve("sealed"));
        vault.keys("create", "patients");
        vault.seal("patients", TEXT, sealed.resolve("patients.age"));
    }

    @AfterEach
    void close() {
        vault.close();
    }

    private static String[] options(String... more) {
        MockIdentity identity = MockIdentity.DEFAULT;
        List<String> all = new ArrayList<>(List.of(
                "--signer", identity.signerId().hex(), "--product", "1", "--least-version", "1", "--platform", "mock", "--memory", "everyone"));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private MockEnclaves enclaves() {
        return MockEnclaves.of(ReaderEnclave.class).on(platform);
    }

    private VaultAccess access() throws IOException {
        return VaultAccess.none().to(vault.address(), vault.certificate()).files(sealed);
    }

    private RunningEnclave start() throws IOException {
        return enclaves().carrying(access()).start();
    }

    private Reader reader(RunningEnclave enclave) {
        return enclave.host().bind(Reader.class, Duration.ofMinutes(2));
    }

    private Got read(RunningEnclave enclave) {
        return reader(enclave).read(vault.location(), "patients", "patients.age", Optional.empty());
    }

    @Test
    void aGrantedEnclaveReadsAfterEachRestartAndARevokedOneIsToldWhy() throws Exception {
        String grant = vault.grant("patients", options());
        for (int start = 0; start < 2; start++) {
            try (RunningEnclave enclave = start()) {
                assertThat(read(enclave)).isEqualTo(new Got("", TEXT));
            }
        }
        try (RunningEnclave enclave = start()) {
            assertThat(read(enclave)).isEqualTo(new Got("", TEXT));
            vault.keys("revoke", "patients", grant);
            Got refused = read(enclave);
            assertThat(refused.code()).isEqualTo("REFUSED");
            assertThat(refused.text()).contains("status 403, Forbidden").contains("REVOKED grant: found revoked at");
        }
        assertThat(vault.keys("why", "patients")).contains("REVOKED grant: found revoked at");
    }

    @Test
    void aLongReadGoesOnWhileItsGrantIsKeptAndEndsWithItsLeaseWhereItIsNot() throws Exception {
        String grant = vault.grant("patients", options("--lease", "PT1S"));
        vault.seal("patients", "row\n".repeat(100_000), sealed.resolve("patients.age"));
        try (RunningEnclave enclave = start()) {
            Reader reader = reader(enclave);
            assertThat(reader.begin(vault.location(), "patients", "patients.age").code()).isEmpty();
            Thread.sleep(1100);
            assertThat(reader.next(4)).isEqualTo(new Got("", "row\n"));
            assertThat(vault.keys("log", "patients").lines().filter(line -> line.contains("released"))).hasSizeGreaterThan(1);
            vault.keys("revoke", "patients", grant);
            Thread.sleep(1100);
            assertThat(reader.next(4)).matches(got -> got.code().equals("REFUSED") && got.text().contains("REVOKED"));
        }
    }

    @Test
    void aGrantForOneJobIsForThatJobAlone() throws Exception {
        Bytes job = Bytes.sha256(new byte[] {1});
        vault.grant("patients", options("--job", job.hex()));
        try (RunningEnclave enclave = start()) {
            assertThat(read(enclave)).matches(got -> got.code().equals("REFUSED") && got.text().contains("job"));
            assertThat(reader(enclave).read(vault.location(), "patients", "patients.age", Optional.of(job.toArray())))
                    .isEqualTo(new Got("", TEXT));
        }
    }

    @Test
    void otherCodeGetsNothing() throws Exception {
        vault.grant("patients", options());
        try (RunningEnclave other = enclaves().as(MockIdentity.DEFAULT.withSigner("somebody else")).carrying(access()).start()) {
            assertThat(read(other)).matches(got -> got.code().equals("REFUSED") && got.text().contains("signer"));
        }
        try (RunningEnclave elsewhere = MockEnclaves.of(ReaderEnclave.class).carrying(access()).start()) {
            assertThat(read(elsewhere).code()).as("a platform that the vault does not pin").isEqualTo("REFUSED");
        }
    }

    @Test
    void aVaultOfTheOperatorsInTheOwnersPlaceGivesNothing() throws Exception {
        try (ServedVault operators = ServedVault.start(folder.resolve("operator"), platform.anchor())) {
            operators.keys("create", "patients");
            operators.grant("patients", options());
            operators.seal("patients", "made up", sealed.resolve("patients.age"));
            // As if the owner's name led to the operator's server: everything is the operator's but the key that the enclave pins.
            String swapped = operators.address() + "#" + vault.location().replaceAll(".*#", "");
            VaultAccess access = VaultAccess.none().to(operators.address(), operators.certificate()).files(sealed);
            try (RunningEnclave enclave = enclaves().carrying(access).start()) {
                Got got = reader(enclave).read(swapped, "patients", "patients.age", Optional.empty());
                assertThat(got).matches(each -> each.code().equals("NOT_THE_VAULT") && each.text().contains("OTHER_VAULT"));
                assertThat(reader(enclave).read(operators.location(), "patients", "patients.age", Optional.empty()))
                        .as("the same way is open where the operator's vault is pinned").isEqualTo(new Got("", "made up"));
            }
        }
    }

    @Test
    void anOldCopyOfTheVaultThatIsPutBackGivesNothingToAnEnclaveThatSawTheLaterOne() throws Exception {
        vault.grant("patients", options());
        Path copy = folder.resolve("copy");
        vault.close();
        copy(vault.state(), copy);
        vault.restart(Map.of());
        try (RunningEnclave enclave = start()) {
            // The owner restores: the vault's second life begins, and the enclave sees it.
            vault.close();
            copy(copy, vault.state());
            vault.restart(Map.of("vault-restored", "true"));
            String version = vault.keys("show", "patients").replaceAll("(?s).*version +([0-9a-f]{32}).*", "$1");
            vault.keys("enable", "patients", version);
            assertThat(read(enclave)).isEqualTo(new Got("", TEXT));
            // The operator of the owner's machine puts the first life back, whole, with everything that guards it.
            vault.close();
            copy(copy, vault.state());
            vault.restart(Map.of());
            assertThat(read(enclave)).matches(got -> got.code().equals("NOT_THE_VAULT") && got.text().contains("OLD_EPOCH"));
        }
    }

    /** The files of one folder as those of the other, and no others. */
    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var old = Files.list(to)) {
            for (Path each : old.filter(Files::isRegularFile).toList()) {
                Files.delete(each);
            }
        }
        try (var all = Files.list(from)) {
            for (Path each : all.filter(Files::isRegularFile).toList()) {
                Files.copy(each, to.resolve(each.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    @Test
    void aHostThatIsToldOfNoVaultCarriesNowhere() throws Exception {
        vault.grant("patients", options());
        try (RunningEnclave enclave = enclaves().start()) {
            assertThat(read(enclave)).matches(got -> got.code().equals("NOT_CARRIED") && got.text().contains("innerkeep run --vault"));
        }
        VaultAccess elsewhere = VaultAccess.none().to(URI.create("https://vault.example"), vault.certificate()).files(sealed);
        try (RunningEnclave enclave = enclaves().carrying(elsewhere).start()) {
            assertThat(read(enclave)).matches(got -> got.code().equals("NOT_CARRIED") && got.text().contains("NOT_ALLOWED"));
        }
    }

    @Test
    void aServerThatNoNamedCertificateVouchesForIsNotSpokenTo() throws Exception {
        vault.grant("patients", options());
        VaultAccess system = VaultAccess.none().to(vault.address()).files(sealed);
        try (RunningEnclave enclave = enclaves().carrying(system).start()) {
            Got got = read(enclave);
            assertThat(got.code()).isEqualTo("NOT_CARRIED");
            assertThat(got.text()).contains("NOT_TRUSTED");
        }
    }
}
