package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.innerkeep.channel.linux.Machine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** From inside: what hostile code in an enclave can do to the machine, its keeper and a neighbour. Each way is tried for real. */
@Timeout(300)
class HostileEnclaveTest {
    @RegisterExtension
    static final LinkedRuntimes RUNTIMES = new LinkedRuntimes();

    /** An id that no account and no enclave of the tests has. */
    private static final String SOMEBODY = "1879100001";

    private static final Map<String, String> CONTAINED = Map.of(
            "started", "yes",
            // CAP_IPC_LOCK, where a secret heap can be had in no other way.
            "capabilities", "0|4000",
            "neighbour serves", "\\{}",
            "neighbour still serves", "\\{}",
            "keeper serves", "yes",
            "exhaust heap", "ended",
            "without the runtime", ".*exit code " + HostileMain.NONE + ".*",
            "control: read own code", "done: \\d+ bytes",
            "control: read randomness", "done: 1 descriptors");

    @TempDir
    private Path temp;

    private static void allContained(Map<String, String> outcomes, boolean ownUser) {
        assertThat(outcomes).hasSizeGreaterThan(90);
        outcomes.forEach((what, came) -> {
            if (what.equals("exhaust memory")) {
                // The heap of 32 MB twice, 768 MB, and 2 MB for each thread, of which the JVM has a part.
                assertThat(number(came)).as(what).isBetween(100, 850);
            } else if (what.equals("exhaust threads")) {
                // Without a user of its own an enclave's threads are counted with others'; then its memory is the limit.
                assertThat(number(came)).as(what).isBetween(100, ownUser ? 600 : 1000);
            } else if (what.equals("exhaust descriptors")) {
                assertThat(number(came)).as(what).isBetween(500, 16_384);
            } else {
                String expected = what.startsWith("unconfined: ") ? "(?s)done: .*" : CONTAINED.getOrDefault(what, refusal(what));
                assertThat(came).as(what).matches(expected);
            }
        });
    }

    /** Of a call, that it was refused as not permitted: one that fails for its arguments might succeed with others. */
    private static String refusal(String what) {
        return what.startsWith("call: ") ? "(?s)refused: .*: (EPERM|EACCES|ENOSYS)" : "(?s)refused: .*";
    }

    private static int number(String came) {
        assertThat(came).startsWith("done: ");
        return Integer.parseInt(came.replaceAll("\\D", ""));
    }

    @Test
    void underAKeeperThatIsRoot() throws Exception {
        assumeTrue(Users.canSwitch(Capabilities.own()), "only root's keeper gives enclaves users of their own: run the tests as root");
        requireMechanisms();

        allContained(Attack.on(temp, RUNTIMES.folder()), true);
    }

    /** Here enclave, keeper and neighbour are one user, and nothing but Landlock and the lists of calls is between them. */
    @Test
    void underAKeeperOfAnOrdinaryUser() throws Exception {
        requireMechanisms();
        Map<String, String> outcomes = Users.canSwitch(Capabilities.own())
                ? asSomebody()
                : Attack.on(temp, RUNTIMES.folder());

        allContained(outcomes, false);
    }

    private static void requireMechanisms() {
        Confining confining = Confining.find(Shell.KERNEL);
        assumeTrue(confining.noLandlock().isEmpty(), "this kernel has no Landlock");
        assumeTrue(confining.noCallList().isEmpty(), "this kernel takes no filters");
        assumeTrue(Machine.current().equals(java.util.Optional.of(Machine.X86_64)), "the attacks make calls by Intel's numbers");
    }

    private Map<String, String> asSomebody() throws IOException, InterruptedException {
        // Its own copy of the runtimes, for they must belong to the keeper; and a folder that it can write.
        Path work = Files.createDirectory(temp.resolve("w"));
        String classes = copyOfClassPath();
        run("/bin/cp", "-rL", RUNTIMES.folder().toString(), work.resolve("runtimes").toString());
        run("/bin/chown", "-R", SOMEBODY + ":" + SOMEBODY, work.toString());
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx--x--x"));
        Path output = temp.resolve("output");
        Process process = new ProcessBuilder(List.of(
                        "/usr/bin/setpriv", "--reuid=" + SOMEBODY, "--regid=" + SOMEBODY, "--clear-groups",
                        // What a service may be given besides; enclaves must not have it.
                        "--inh-caps=-all,+chown", "--ambient-caps=-all,+chown",
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                        "-cp", classes,
                        Attack.class.getName(), work.toString(), work.resolve("runtimes").toString()))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(280, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        Map<String, String> outcomes = new LinkedHashMap<>();
        for (String line : Files.readAllLines(output)) {
            String[] parts = line.split("\t", 2);
            if (parts.length == 2) {
                outcomes.put(parts[0], parts[1]);
            }
        }
        return outcomes;
    }

    /** What the keeper and the attack are made of, in folders that another user can read. */
    private String copyOfClassPath() throws IOException, InterruptedException {
        Path copies = Files.createDirectory(temp.resolve("c"));
        List<String> places = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (entry.isEmpty()) {
                // A class path that ends in a separator.
                continue;
            }
            Path from = Path.of(entry);
            String name = from.getFileName().toString();
            if (Files.isDirectory(from) || name.matches("(innerkeep|assertj|byte-buddy|jspecify).*")) {
                Path to = copies.resolve(Integer.toString(places.size())).resolve(name);
                Files.createDirectories(to.getParent());
                run("/bin/cp", "-rL", from.toString(), to.toString());
                places.add(to.toString());
            }
        }
        run("/bin/chmod", "-R", "a+rX", copies.toString());
        return String.join(File.pathSeparator, places);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }
}
