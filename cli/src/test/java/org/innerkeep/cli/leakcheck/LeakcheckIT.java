package org.innerkeep.cli.leakcheck;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole command, with a real enclave that is confided a table and a key. */
@Timeout(300)
final class LeakcheckIT {
    @TempDir
    private Path temp;

    private SigningKey developer;
    private Path table;
    private Path key;

    @BeforeEach
    void makeSecrets() throws Exception {
        if (!AttackedEnclaves.isRoot()) {
            Assumptions.abort("needs root: others may not read an enclave's memory");
        }
        developer = SigningKey.generate(SignerKey.Algorithm.P256);
        SecureRandom random = new SecureRandom();
        StringBuilder rows = new StringBuilder("id,a,b,c,d\n");
        for (int i = 0; i < 200; i++) {
            rows.append(Long.toHexString(random.nextLong()));
            for (int field = 0; field < 4; field++) {
                rows.append(',').append(random.nextInt(20_001, 99_999) / 1000.0);
            }
            rows.append('\n');
        }
        table = Files.writeString(temp.resolve("table.csv"), rows);
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        key = Files.write(temp.resolve("secret.key"), secret);
    }

    private record Outcome(int exitCode, String output) {}

    private Outcome leakcheck(boolean secretHeap, String... options) throws Exception {
        Path bundle = AttackedEnclaves.pack(temp, AttackedEnclaves.jar(temp.resolve("holding.jar")), developer, secretHeap);
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of(
                java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED",
                "-cp", Path.of(System.getProperty("innerkeep.lib")) + "/*", "org.innerkeep.cli.Main",
                "leakcheck", bundle.toString(), "--rows", "clinic=" + table, "--key", "clinic-key=" + key, "--no-temporary-folders"));
        command.addAll(List.of(options));
        command.addAll(List.of(
                "--", java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ConfidingClient.class.getName(), Bytes.of(developer.publicKey().id().toArray()).hex(), table.toString(), key.toString()));
        Path output = temp.resolve("output");
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).redirectOutput(output.toFile()).start();
        try {
            assertThat(process.waitFor(240, TimeUnit.SECONDS)).as("it ends").isTrue();
        } finally {
            process.destroy();
        }
        return new Outcome(process.exitValue(), Files.readString(output));
    }

    @Test
    void findsNothingOfASecretHeapAndEverythingInTheControl() throws Exception {
        Outcome outcome = leakcheck(true, "--json");
        JsonObject report = JsonParser.parseString(outcome.output()).getAsJsonObject();
        if (!report.get("secretHeap").getAsBoolean()) {
            Assumptions.abort("this machine gives no secret memory: 'innerkeep platforms' says why");
        }

        assertThat(report.get("verdict").getAsString()).as(outcome.output()).isEqualTo("NOTHING_FOUND");
        assertThat(outcome.exitCode()).isZero();
        assertThat(report.getAsJsonObject("run").get("found").getAsLong()).isZero();
        assertThat(report.getAsJsonObject("run").get("closedBytes").getAsLong()).isGreaterThanOrEqualTo(24 << 20);
        assertThat(report.getAsJsonObject("control").get("found").getAsLong()).isGreaterThan(200);
    }

    @Test
    void saysWhatItFoundAndFailsWhereTheHeapIsOrdinary() throws Exception {
        Outcome outcome = leakcheck(false);

        assertThat(outcome.output()).contains("FOUND: secrets lie where the operator reads them", "clinic, clinic-key.",
                "heap of the enclave: ordinary memory", "memory of the enclave");
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.output()).as("it shows no secret").doesNotContain(Files.readAllLines(table).get(1));
    }
}
