package org.innerkeep.packing;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a properties file may say; that a good one packs, the packing tests of the command show. */
class PackPropertiesTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {
        "heap=99999999999g", "heap=-1m", "heap=much", "heap=9223372036854775808", "threads=0", "threads=65536",
        "threads=4294967297", "threads=many", "svn=1.5", "debug=yes", "nosuchkey=1",
        "secret-heap=no", "demands=apparmor", "demands=cgroup", "demands=landlock,secret-heap\nsecret-heap=false",
    })
    void aValueOutOfBoundsIsRefusedByFileAndKey(String line) throws IOException {
        Path file = Files.writeString(
                folder.resolve("enclave.properties"), "name=a\nprogram=a.B\nproduct=1\nsvn=1\n" + line + "\n");

        assertThatThrownBy(() -> PackProperties.read(file).packer(List.of(), Optional.empty()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("'" + line.substring(0, line.indexOf('=')) + "'");
    }
}
