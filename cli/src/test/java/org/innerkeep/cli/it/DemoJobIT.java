package org.innerkeep.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.innerkeep.cli.demo.Owners;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demonstration with other owners' records: its report for programs, and what it leaves. */
final class DemoJobIT {
    @TempDir
    private Path folder;

    private record Outcome(int exitCode, String out, String err) {}

    private Outcome java(String mainClass, String... arguments) throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "stdout", "");
        Path err = Files.createTempFile(folder, "stderr", "");
        Process process = new ProcessBuilder(Command.java(mainClass, arguments))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        if (!process.waitFor(10, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IOException("no end within ten minutes: " + Files.readString(err));
        }
        return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    @Test
    void tellsProgramsWhatCameOutAndLeavesWhatCanBeVerifiedAgain() throws Exception {
        Owners.write(folder);
        Path kept = folder.resolve("kept");

        Outcome demo = java(
                "org.innerkeep.cli.Main",
                "demo",
                "--job", folder.resolve("job.json").toString(),
                "--data", folder.resolve("data").toString(),
                "--keep", kept.toString(),
                "--json");

        assertThat(demo.exitCode()).as(demo.err()).isZero();
        assertThat(demo.err()).as("progress").contains("2 owners train one model").contains("RIGHT:");
        assertThat(demo.out()).isEqualTo(Files.readString(kept.resolve("report.json")));
        checkReport(strict(demo.out()).getAsJsonObject());
        checkKept(kept);
    }

    private static JsonElement strict(String json) {
        JsonReader reader = new JsonReader(new StringReader(json));
        reader.setStrictness(Strictness.STRICT);
        return JsonParser.parseReader(reader);
    }

    private static void checkReport(JsonObject report) {
        assertThat(report.get("innerkeep-demo").getAsInt()).isEqualTo(1);
        assertThat(report.get("verdict").getAsString()).isEqualTo("RIGHT");
        assertThat(report.getAsJsonArray("wrong")).isEmpty();
        assertThat(report.getAsJsonObject("job").get("name").getAsString()).isEqualTo("made-up");
        JsonObject model = report.getAsJsonObject("model");
        assertThat(model.get("equalsPlaintext").getAsBoolean()).isTrue();
        assertThat(model.get("sha256").getAsString()).hasSize(64).isEqualTo(model.get("plaintextSha256").getAsString());
        assertThat(model.get("trainedOn").getAsInt() + model.get("heldOut").getAsInt()).isEqualTo(120);
        assertThat(report.getAsJsonArray("owners")).hasSize(2).allSatisfy(owner -> {
            assertThat(owner.getAsJsonObject().get("records").getAsInt()).isEqualTo(60);
            JsonObject alone = owner.getAsJsonObject().getAsJsonObject("alone");
            assertThat(alone.get("low").getAsDouble()).isLessThanOrEqualTo(alone.get("value").getAsDouble());
            assertThat(alone.get("value").getAsDouble()).isLessThanOrEqualTo(alone.get("high").getAsDouble());
        });
        JsonObject search = report.getAsJsonObject("search");
        assertThat(search.getAsJsonObject("operator").get("found").getAsLong()).isZero();
        assertThat(search.getAsJsonObject("operator").get("bytesRead").getAsLong()).isPositive();
        assertThat(search.getAsJsonObject("unprotected").get("found").getAsLong()).isPositive();
        assertThat(report.getAsJsonArray("attacks")).hasSizeGreaterThan(20).allSatisfy(attack -> {
            assertThat(attack.getAsJsonObject().get("failedAsItMust").getAsBoolean()).isTrue();
            assertThat(attack.getAsJsonObject().get("found")).isEqualTo(attack.getAsJsonObject().get("expected"));
        });
        assertThat(StreamSupport.stream(report.getAsJsonArray("attacks").spliterator(), false)
                        .map(attack -> attack.getAsJsonObject().get("name").getAsString()))
                .contains("a true model with invented figures");
        assertThat(report.getAsJsonObject("times").get("jobSeconds").getAsDouble()).isPositive();
    }

    private void checkKept(Path kept) throws Exception {
        String index = Files.readString(kept.resolve("README.txt"));
        for (String each : List.of(
                "agreed/job.json", "agreed/agreed.enclave", "agreed/keeper.anchor", "developer/developer.pem",
                "operator/storage/inputs/south.age", "operator/storage/results/south/result.age", "operator/relayed.bytes",
                "operator/enclave.evidence", "hospitals/operator/owner.key", "hospitals/operator/result/result.model",
                "report.txt", "attacks.txt")) {
            assertThat(kept.resolve(each)).isNotEmptyFile();
            assertThat(index).contains(each.substring(each.lastIndexOf('/') + 1).replaceFirst("^south\\.", "OWNER."));
        }
        // The index's own commands, word for word but for the shell.
        for (String owner : List.of("south", "operator")) {
            assertThat(verify(kept, index, owner).out()).contains("statement verified");
        }
        assertThat(index).contains("./innerkeep unseal --identity");
        Path opened = folder.resolve("opened.cbor");
        assertThat(java(
                                "org.innerkeep.cli.Main",
                                "unseal",
                                "--identity", kept.resolve("hospitals/south/identity.age").toString(),
                                kept.resolve("operator/storage/results/south/result.age").toString(),
                                "-o", opened.toString())
                        .exitCode())
                .isZero();
        assertThat(opened).hasSameBinaryContentAs(kept.resolve("hospitals/south/result/result.cbor"));

        Path result = kept.resolve("hospitals/south/result/result.cbor");
        byte[] bytes = Files.readAllBytes(result);
        bytes[bytes.length - 1] ^= 1;
        Files.write(result, bytes);
        Outcome changed = verify(kept, index, "south");
        assertThat(changed.exitCode()).isEqualTo(1);
        assertThat(changed.out()).contains("REFUSED RESULT_DIFFERS");
    }

    /** What the index says to run for its first owner, for any owner. */
    private Outcome verify(Path kept, String index, String owner) throws Exception {
        String command = index.lines().filter(line -> line.contains("Hospital verify")).findFirst().orElseThrow();
        List<String> words = List.of(command.strip()
                .replace("\"", "")
                .replace("$keep", kept.toString())
                .replace("hospitals/south", "hospitals/" + owner)
                .replace("--name south", "--name " + owner)
                .split(" ", -1));
        assertThat(words.subList(0, 3)).containsExactly("java", "-cp", "cli/target/lib/*");
        return java(words.get(3), words.subList(4, words.size()).toArray(String[]::new));
    }
}
