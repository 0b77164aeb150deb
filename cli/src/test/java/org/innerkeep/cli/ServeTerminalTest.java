package org.innerkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code innerkeep serve} at a terminal: {@code script} of util-linux makes one. */
@Timeout(180)
final class ServeTerminalTest {
    private static final Pattern SHARE = Pattern.compile("INNERKEEP-SHARE1(-[A-Z2-7]{4}){22}");

    @TempDir
    private Path folder;

    /** Somebody at the terminal. */
    private static final class Person {
        private final InputStream screen;
        private final OutputStream keyboard;
        private final StringBuilder seen = new StringBuilder();

        Person(Process process) {
            this.screen = process.getInputStream();
            this.keyboard = process.getOutputStream();
        }

        /** Reads until something is shown that was not before; gives all that was shown up to it. */
        String waitsFor(String text) throws IOException {
            int from = seen.length();
            while (seen.indexOf(text, from) < 0) {
                int next = screen.read();
                assertThat(next).as("the terminal ended: " + seen).isNotNegative();
                seen.append((char) next);
            }
            return seen.substring(from);
        }

        void types(String line) throws IOException {
            keyboard.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            keyboard.flush();
        }
    }

    private Process start(int port) throws IOException {
        Path script = Path.of("/usr/bin/script");
        if (!Files.isExecutable(script)) {
            Assumptions.abort("no terminal to test with: install script, of util-linux");
        }
        Path config = Files.writeString(folder.resolve("serve.properties"),
                "vault-master-key=passphrase\nvault-recovery=2/3\ntoken-algorithm=ES256\n");
        String command = String.join(" ", "exec", Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-cp", "'" + System.getProperty("java.class.path") + "'", Main.class.getName(),
                "serve", "--plain-http", "--listen", "127.0.0.1:" + port, "--folder", folder.resolve("state").toString(), "--config",
                config.toString());
        return new ProcessBuilder(script.toString(), "-qec", command, "/dev/null").redirectErrorStream(true).start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void end(Process process) throws InterruptedException {
        process.descendants().forEach(ProcessHandle::destroy);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aPassphraseIsTypedUnseenAndSharesAreShownOnceAndClearedAway() throws Exception {
        Process process = start(freePort());
        try {
            Person person = new Person(process);
            person.waitsFor("A new passphrase for the vault: ");
            person.types("correct horse battery staple");
            person.waitsFor("Once more: ");
            person.types("correct horse battery staple");
            String shown = person.waitsFor("the screen is then cleared: ");
            assertThat(SHARE.matcher(shown).results().map(match -> match.group()).distinct()).hasSize(3);
            person.types("kept");
            String after = person.waitsFor("ready");
            assertThat(after).contains("\u001b[3J").contains("3 shares were shown").doesNotContain("INNERKEEP-SHARE1");
            assertThat(person.seen).doesNotContain("battery");
        } finally {
            end(process);
        }
        // Nothing but the terminal has had them.
        assertThat(Files.readString(folder.resolve("state/store.db"), StandardCharsets.ISO_8859_1)).doesNotContain("INNERKEEP-SHARE1");

        Process again = start(freePort());
        try {
            Person person = new Person(again);
            person.waitsFor("The vault's passphrase: ");
            person.types("incorrect horse battery staple");
            assertThat(person.waitsFor("nothing was changed")).contains("this is not the passphrase");
            assertThat(again.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(again.exitValue()).isEqualTo(Main.FAILED);
        } finally {
            end(again);
        }
    }
}
