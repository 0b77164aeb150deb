package org.innerkeep.cli.leakcheck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.innerkeep.cli.leakcheck.ProcFiles.Region;
import org.innerkeep.evidence.MalformedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcFilesTest {
    @Test
    void readsMappings() throws Exception {
        assertThat(ProcFiles.regions("""
                55d0c0e00000-55d0c0e01000 r--p 00000000 fe:00 1234                       /tmp/a name\\012 (deleted)
                7f0000000000-7f0000021000 rw-p 00000000 00:00 0\s
                7f0000021000-7f0004000000 ---p 00000000 00:00 0
                7ffd1c5f2000-7ffd1c5f6000 r--p 00000000 00:00 0                          [vvar]
                ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
                """)).containsExactly(
                new Region(0x55d0c0e00000L, 0x55d0c0e01000L, true, "/tmp/a name\\012 (deleted)"),
                new Region(0x7f0000000000L, 0x7f0000021000L, true, ""),
                new Region(0x7f0000021000L, 0x7f0004000000L, false, ""),
                new Region(0x7ffd1c5f2000L, 0x7ffd1c5f6000L, true, "[vvar]"),
                new Region(0xffffffffff600000L, 0xffffffffff601000L, false, "[vsyscall]"));
        assertThat(ProcFiles.regions("")).isEmpty();
    }

    @Test
    void readsSwaps() throws Exception {
        String heading = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
        assertThat(ProcFiles.swaps(heading)).isEmpty();
        assertThat(ProcFiles.swaps(heading
                + "/dev/dm-1      partition\t999420\t\t0\t\t-2\n/var/a\\040b   file\t\t4\t\t0\t\t-3\n"))
                .isEqualTo(List.of("/dev/dm-1", "/var/a b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\n", "1000-2000", "2000-1000 rw-p 0 00:00 0", "1000-1000 rw-p 0 00:00 0", "1000-2000 rwxz 0 00:00 0",
        "00000000000001000-2000 rw-p 0 00:00 0", "-1000-2000 rw-p 0 00:00 0"
    })
    void refusesOtherMappings(String table) {
        assertThatThrownBy(() -> ProcFiles.regions(table)).isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "Size", "Filename\n\n", "Filename\nrelative file 1 1 1", "Filename\n/a\\000b file 1 1 1", "Filename\n/a file 1 1"
    })
    void refusesOtherSwaps(String table) {
        assertThatThrownBy(() -> ProcFiles.swaps(table)).isInstanceOf(MalformedException.class);
    }
}
