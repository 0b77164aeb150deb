package org.innerkeep.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Another user of the machine tries to look into an enclave's process. */
final class ForeignMemoryIT {
    private static final String LOCKS_ONLY = "--%s-caps=-all,+ipc_lock";
    private static final int FIRST_UID = 0x7004_0000;
    private static final int STRANGER = 0x7e04_0000;

    @TempDir
    private Path temp;

    private final List<Process> started = new ArrayList<>();
    private long enclave;

    @BeforeEach
    void startAnEnclave() throws Exception {
        if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
            Assumptions.abort("needs root: an ordinary user cannot give enclaves users of their own");
        }
        // The enclave's user must reach the runtime that the keeper links.
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path properties = Files.writeString(
                temp.resolve("hello.properties"),
                """
                name = hello
                program = org.innerkeep.examples.hello.HelloEnclave
                product = 1
                svn = 1
                heap = 64m
                client-interfaces = org.innerkeep.examples.hello.Greeting
                """);
        Path jar;
        try (var jars = Files.newDirectoryStream(
                Path.of(System.getProperty("innerkeep.lib")), "innerkeep-example-hello-*-enclave.jar")) {
            jar = jars.iterator().next();
        }
        String key = temp.resolve("developer.pem").toString();
        String bundle = temp.resolve("hello.enclave").toString();
        assertThat(Command.run("keygen", "--signing", key).exitCode()).isZero();
        assertThat(Command.run("pack", properties.toString(), "--jar", jar.toString(), "--key", key, "-o", bundle).exitCode())
                .isZero();
        Path folder = temp.resolve("keeper");
        start("ready", "keeper", "run", "--folder", folder.toString(), "--enclave-uids", Integer.toString(FIRST_UID));
        start("listening", "run", bundle, "--keeper", folder.resolve("keeper.sock").toString());
        enclave = ProcessHandle.allProcesses()
                .filter(process -> process.info().command().filter(path -> path.startsWith(folder + "/runtimes/")).isPresent())
                .findFirst()
                .orElseThrow()
                .pid();
    }

    @AfterEach
    void endAll() throws Exception {
        for (Process process : started.reversed()) {
            process.destroy();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    private void start(String awaited, String... arguments) throws IOException {
        Process process = new ProcessBuilder(Command.java("org.innerkeep.cli.Main", arguments))
                .redirectErrorStream(true)
                .start();
        started.add(process);
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        StringBuilder said = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            said.append(line).append('\n');
            if (line.startsWith(awaited)) {
                return;
            }
        }
        throw new IOException(arguments[0] + " ended before it said '" + awaited + "': " + said);
    }

    /**
     * Opening an enclave's memory takes the same right as attaching to it, and that takes every capability that the enclave has: it may
     * have the one to lock memory.
     */
    private boolean opens(int uid, String file) throws Exception {
        Process process = new ProcessBuilder(
                        "setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups", LOCKS_ONLY.formatted("inh"),
                        LOCKS_ONLY.formatted("ambient"), "--", "sh", "-c", "exec 3< /proc/" + enclave + "/" + file + "")
                .redirectErrorStream(true)
                .start();
        byte[] said = process.getInputStream().readAllBytes();
        boolean opened = process.waitFor() == 0;
        assertThat(opened || new String(said, StandardCharsets.UTF_8).contains("denied"))
                .as("it fails for want of permission, if it fails: %s", new String(said, StandardCharsets.UTF_8))
                .isTrue();
        return opened;
    }

    private int enclavesUser() throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc", Long.toString(enclave)), "unix:uid");
    }

    @Test
    void anotherUserCannotOpenAnEnclavesMemory() throws Exception {
        for (String file : List.of("mem", "maps", "environ")) {
            assertThat(opens(STRANGER, file)).as("a stranger opens %s", file).isFalse();
            assertThat(opens(enclavesUser(), file)).as("the control: the enclave's own user opens %s", file).isTrue();
        }
    }
}
