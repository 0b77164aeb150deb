package org.innerkeep.keeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.innerkeep.channel.linux.SystemCall;
import org.innerkeep.keeper.Landlock.Access;
import org.innerkeep.keeper.Landlock.Rule;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LandlockTest {
    /** What bash and cat need to run at all. */
    private static final List<Rule> SHELL = Stream.concat(
                    Stream.of(new Rule(Path.of("/bin/bash"), Access.EXECUTE), new Rule(Path.of("/bin/cat"), Access.EXECUTE)),
                    EnclaveFiles.system(Shell.KERNEL.machine()).stream())
            .toList();

    @TempDir
    private Path temp;

    @BeforeEach
    void hasLandlock() {
        assumeTrue(Landlock.version(Shell.KERNEL) > 0, "this kernel has no Landlock, so nothing of it is tested");
    }

    private String said(String script, Rule... more) throws IOException {
        List<Rule> rules = new ArrayList<>(SHELL);
        rules.addAll(List.of(more));
        return new Shell()
                .said(
                        List.<Spawning.Step>of(
                                () -> Shell.KERNEL.call(SystemCall.PRCTL, 38, 1, 0, 0, 0),
                                Landlock.of(Shell.KERNEL, rules, false)),
                        script);
    }

    @Test
    void whatNoRuleNamesIsClosed() throws Exception {
        Path file = Files.writeString(temp.resolve("file"), "content");

        assertThat(new Shell().said(List.of(), "cat " + file)).as("without, as a control").isEqualTo("content");
        assertThat(said("cat " + file)).contains("Permission denied");
        assertThat(said("cat " + file, new Rule(temp, Access.READ_ALL))).isEqualTo("content");
    }

    @Test
    void whatCanBeReadCannotBeWrittenMadeRemovedOrMoved() throws Exception {
        Path file = Files.writeString(temp.resolve("file"), "content");

        for (String change : List.of(
                "echo > " + file, "echo > " + temp + "/new", "echo >> " + file, "mkfifo " + temp + "/f; rm " + file)) {
            assertThat(said(change, new Rule(temp, Access.READ_ALL))).contains("denied");
        }
        assertThat(file).hasContent("content");
        assertThat(temp).isDirectoryNotContaining(path -> !path.equals(file));
    }

    @Test
    void whatCanBeReadCannotBeExecuted() throws Exception {
        assertThat(said("/bin/true && echo ran")).contains("Permission denied");
        assertThat(said("/bin/true && echo ran", new Rule(Path.of("/bin/true"), Access.READ))).contains("Permission denied");
        assertThat(said("/bin/true && echo ran", new Rule(Path.of("/bin/true"), Access.EXECUTE))).isEqualTo("ran");
    }

    @Test
    void theKernelsViewOfProcessesIsClosed() throws Exception {
        assertThat(said("cat /proc/self/maps /proc/1/status /proc/version")).contains("denied").doesNotContain("Linux version");
    }
}
