package org.innerkeep.cli.profile;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.innerkeep.bundle.SignerKey;
import org.innerkeep.bundle.SigningKey;
import org.innerkeep.evidence.Bytes;
import org.innerkeep.examples.split.outside.Workload;
import org.innerkeep.packing.Packing;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole command on the example that is split badly and well, as real enclaves. */
@Timeout(300)
final class ProfileIT {
    private static final String PAYMENTS = "1000";

    /** Of all tests, so that a runtime is linked once. */
    @TempDir
    private static Path keeper;

    @TempDir
    private Path temp;

    private record Outcome(int exitCode, String output, String progress) {
        JsonObject json() {
            assertThat(exitCode).as(progress).isZero();
            return JsonParser.parseString(output).getAsJsonObject();
        }
    }

    private static Path jarOf(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static Path example() {
        return Path.of(System.getProperty("innerkeep.root"), "examples/split");
    }

    private Path pack(String version, SigningKey key, Path... libraries) throws Exception {
        List<Path> jars = new ArrayList<>(List.of(example().resolve("target/innerkeep-example-split-0.1.0-" + version + ".jar")));
        jars.addAll(List.of(libraries));
        Path bundle = temp.resolve(version + ".enclave");
        Packing.prepare(example().resolve("src/main/enclave/" + version + ".properties"), jars).packer().write(bundle, key);
        return bundle;
    }

    private Outcome profile(Path bundle, String... workload) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                java(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED",
                "-cp", Path.of(System.getProperty("innerkeep.lib")) + "/*", "org.innerkeep.cli.Main",
                "profile", bundle.toString(), "--own-host", "--json", "--keeper-folder", keeper.resolve("k").toString(), "--"));
        command.addAll(List.of(workload));
        Path output = temp.resolve("output");
        Path progress = temp.resolve("progress");
        Process process =
                new ProcessBuilder(command).redirectOutput(output.toFile()).redirectError(progress.toFile()).start();
        try {
            assertThat(process.waitFor(250, TimeUnit.SECONDS)).as("it ends").isTrue();
        } finally {
            process.destroy();
        }
        return new Outcome(process.exitValue(), Files.readString(output), Files.readString(progress));
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String[] workload(String version, SigningKey key) {
        return new String[] {
            java(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED",
            "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            Workload.class.getName(), version, Bytes.of(key.publicKey().id().toArray()).hex(), PAYMENTS
        };
    }

    private static List<String> advice(JsonObject report) {
        return report.getAsJsonArray("advice").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .map(each -> each.get("code").getAsString() + " " + each.get("about").getAsString())
                .toList();
    }

    private static JsonObject call(JsonObject report, String method) {
        return report.getAsJsonArray("calls").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .filter(each -> each.get("method").getAsString().equals(method))
                .findFirst()
                .orElseThrow();
    }

    /** An enclave's user must reach the runtime that the keeper links. */
    @BeforeAll
    static void open() throws Exception {
        Files.setPosixFilePermissions(keeper, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void theBadSplitIsToldEverythingThatIsBadAboutIt() throws Exception {
        SigningKey key = SigningKey.generate(SignerKey.Algorithm.P256);
        Path gson = jarOf(Gson.class);

        JsonObject report = profile(pack("badly", key, gson), workload("badly", key)).json();

        assertThat(advice(report))
                .contains(
                        "BATCH_CALLS Scoring.score", "PASS_DATA_IN Merchants.find", "FILTER_INSIDE Scoring.score",
                        "MOVE_OUT lib/" + gson.getFileName(), "SMALLER_HEAP heap");
        JsonObject find = call(report, "find");
        assertThat(find.get("way").getAsString()).isEqualTo("ENCLAVE_TO_HOST");
        assertThat(find.get("calls").getAsInt()).isEqualTo(1000);
        assertThat(find.getAsJsonObject("wholeNanos").get("sum").getAsLong())
                .as("the enclave waits longer than the host works")
                .isGreaterThan(find.getAsJsonObject("workNanos").get("sum").getAsLong());
        assertThat(call(report, "score").get("calls").getAsInt()).isEqualTo(1000);
        assertThat(report.getAsJsonObject("sessions").get("count").getAsInt()).isOne();
        JsonObject memory = report.getAsJsonObject("memory");
        for (String kind : List.of("heap", "code", "classes", "stacks", "native", "files", "heapLive")) {
            assertThat(memory.get(kind).getAsLong()).as(kind).isPositive();
        }
    }

    @Test
    void theGoodSplitIsToldNothingOfThat() throws Exception {
        SigningKey key = SigningKey.generate(SignerKey.Algorithm.P256);

        JsonObject report = profile(pack("well", key), workload("well", key)).json();

        assertThat(advice(report)).allMatch(each -> each.startsWith("TIME_IS_INSIDE"));
        assertThat(call(report, "among").get("calls").getAsInt()).isOne();
        assertThat(report.getAsJsonArray("hostOnlyCode").asList().stream()
                        .mapToLong(each -> each.getAsJsonObject().get("bytes").getAsLong()))
                .allMatch(bytes -> bytes < 64 << 10);
    }

    @Test
    void aWorkloadThatFailsIsNoMeasurement() throws Exception {
        Path bundle = pack("well", SigningKey.generate(SignerKey.Algorithm.P256));

        Outcome outcome = profile(bundle, "/bin/sh", "-c", "exit 3");

        assertThat(outcome.exitCode()).isOne();
        assertThat(outcome.output()).isEmpty();
        assertThat(outcome.progress()).contains("the workload ended with exit code 3").doesNotContain("\tat ");
    }
}
