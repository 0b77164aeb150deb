package org.innerkeep.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.innerkeep.enclave.EnclaveProgram;

/** A mock keeper that anybody connects to, as {@code innerkeep run} does: it runs one program, whatever bundle it is given. */
public final class KeeperOfOne implements AutoCloseable {
    private static final int THREADS = 4;

    private final MockKeeper keeper;

    private KeeperOfOne(MockKeeper keeper) {
        this.keeper = keeper;
    }

    /** Opens one. */
    public static KeeperOfOne open(MockPlatform platform, Class<? extends EnclaveProgram> program) throws IOException {
        return new KeeperOfOne(MockKeeper.open(
                Files.createTempDirectory("mock"), platform, MockIdentity.DEFAULT, program.getName(), THREADS, Map.of()));
    }

    /** Where it listens. */
    public Path socket() {
        return keeper.socket();
    }

    @Override
    public void close() throws IOException {
        keeper.close();
    }
}
