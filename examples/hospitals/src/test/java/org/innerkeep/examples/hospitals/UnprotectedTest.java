package org.innerkeep.examples.hospitals;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.innerkeep.channel.job.Job;
import org.innerkeep.evidence.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnprotectedTest {
    @TempDir
    private Path folder = Path.of("set by JUnit");

    @Test
    void twoProcessesAndThisOneMakeTheSameModel() throws Exception {
        Job job = Fixtures.job();
        byte[] here = JointTraining.run(Fixtures.trainer(), job, Fixtures.tables(job)).model();
        List<String> first = run("first.ubj");
        List<String> second = run("second.ubj");
        assertThat(first).contains("model " + Bytes.sha256(here), "job " + job.digest());
        assertThat(first.subList(0, 7)).isEqualTo(second.subList(0, 7));
        assertThat(Files.readAllBytes(folder.resolve("first.ubj"))).isEqualTo(here);
        assertThat(Files.readAllBytes(folder.resolve("second.ubj"))).isEqualTo(here);
    }

    @Test
    void waitsWithTheDataInMemoryUntilItsInputEnds() throws Exception {
        Path keys = folder.resolve("keys");
        Files.writeString(keys, "00112233445566778899aabbccddeeff\n");
        Process process = start("held.ubj", "--keys", keys.toString(), "--hold", "true");
        try (BufferedReader output = process.inputReader(UTF_8)) {
            List<String> lines = new ArrayList<>();
            for (String line = output.readLine(); line != null && !line.equals("holding"); line = output.readLine()) {
                lines.add(line);
            }
            assertThat(lines).hasSize(8);
            assertThat(process.isAlive()).isTrue();
            process.getOutputStream().close();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
    }

    private List<String> run(String model) throws Exception {
        Process process = start(model);
        try (BufferedReader output = process.inputReader(UTF_8)) {
            List<String> lines = output.lines().toList();
            assertThat(process.waitFor()).as(String.join("\n", lines)).isZero();
            return lines;
        }
    }

    private Process start(String model, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                // Nothing but java.base is needed, as in the enclave's runtime.
                "--limit-modules",
                "java.base",
                "-cp",
                System.getProperty("java.class.path"),
                Unprotected.class.getName(),
                "--library",
                Fixtures.library().toString(),
                "--model",
                folder.resolve(model).toString(),
                "--job",
                write("job.json", Fixtures.job().bytes().toArray()).toString()));
        for (Map.Entry<String, String> hospital : Fixtures.hospitals().entrySet()) {
            command.add("--input");
            command.add(hospital.getKey() + "=" + write(hospital.getKey(), hospital.getValue().getBytes(US_ASCII)));
        }
        command.addAll(List.of(more));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private Path write(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }
}
