package org.innerkeep.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.innerkeep.channel.call.HostVisible;
import org.innerkeep.channel.keeper.Boundary;
import org.innerkeep.channel.ring.Ring;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.host.Enclave;
import org.innerkeep.host.Host;
import org.innerkeep.host.Platform;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A host can make the memory for calls unusable before its enclave has mapped it; the enclave starts and serves all the same. */
@Timeout(60)
class MemoryForCallsTest {
    /** Offered to the host. */
    @HostVisible
    public interface Counter {
        int next(int number);
    }

    /** Counts. */
    public static final class Counting implements EnclaveProgram {
        public Counting() {}

        @Override
        public void start(EnclaveContext enclave) {
            enclave.offerToHost(Counter.class, number -> number + 1);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, Ring.BYTES - 1, Ring.BYTES, Ring.BYTES + 1})
    void anEnclaveServesWhateverHasBecomeOfIt(long length) throws Exception {
        Path folder = Files.createTempDirectory("mock");
        try (RandomAccessFile memory = new RandomAccessFile(folder.resolve(Boundary.CALLS_MEMORY).toFile(), "rw")) {
            memory.setLength(length);
        }
        try (MockKeeper keeper = MockKeeper.open(
                        folder, new MockPlatform(), MockIdentity.DEFAULT, Counting.class.getName(), 4, Map.of());
                Enclave enclave = Host.on(Platform.process(keeper.socket())).start(InputStream.nullInputStream(), 0)) {
            assertThat(enclave.bind(Counter.class, Duration.ofSeconds(20)).next(41)).isEqualTo(42);
        }
        assertThat(folder).doesNotExist();
    }
}
