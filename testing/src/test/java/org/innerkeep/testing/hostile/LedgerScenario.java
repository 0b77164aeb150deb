package org.innerkeep.testing.hostile;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.innerkeep.client.Client;
import org.innerkeep.client.Trust;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.testing.MockEnclaves;
import org.innerkeep.testing.MockIdentity;
import org.innerkeep.testing.MockPlatform;

/** A client writes two entries, the operator restarts the enclave, and the client reads them again. */
class LedgerScenario implements Scenario<List<String>> {
    static final List<String> ENTRIES = List.of("patient 4711 has a cough", "patient 4712 has none");

    /** So long that no machine is too slow for it. */
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private static final MockIdentity AGREED = MockIdentity.DEFAULT.withSecurityVersion(2);

    private final Class<? extends EnclaveProgram> program;
    private final boolean remembers;
    private final MockPlatform platform = new MockPlatform();
    private final MockPlatform behind = new MockPlatform(Clock.offset(Clock.systemUTC(), Duration.ofHours(-1)));
    private final MockPlatform ahead = new MockPlatform(Clock.offset(Clock.systemUTC(), Duration.ofHours(1)));

    /**
     * A scenario.
     *
     * @param remembers whether the client remembers how many entries there must be
     */
    LedgerScenario(Class<? extends EnclaveProgram> program, boolean remembers) {
        this.program = program;
        this.remembers = remembers;
    }

    static LedgerScenario sound() {
        return new LedgerScenario(LedgerEnclave.class, true);
    }

    static List<byte[]> secrets() {
        return ENTRIES.stream().map(entry -> entry.getBytes(StandardCharsets.UTF_8)).toList();
    }

    static Optional<String> onlyWhatWasWritten(Run<List<String>> run) {
        return run.outcome() instanceof Outcome.Completed<List<String>>(List<String> read) && !read.equals(ENTRIES)
                ? Optional.of("a client took " + read.size() + " entries for all")
                : Optional.empty();
    }

    @Override
    public Set<Build> builds() {
        return EnumSet.allOf(Build.class);
    }

    @Override
    public HostedEnclave start(Build build) throws IOException {
        MockEnclaves agreed = MockEnclaves.of(program).on(platform).as(AGREED);
        MockEnclaves started = switch (build) {
            case AGREED -> agreed;
            case OTHER_CODE -> MockEnclaves.of(LedgerEnclave.Thief.class).on(platform).as(AGREED.withCode("thief"));
            case OLDER -> agreed.as(AGREED.withSecurityVersion(1));
            case DEBUG -> agreed.as(AGREED.withDebug(true));
            case OTHER_PLATFORM -> agreed.on(new MockPlatform());
            case CLOCK_BEHIND -> agreed.on(behind);
            case CLOCK_AHEAD -> agreed.on(ahead);
        };
        return started.startBare();
    }

    @Override
    public void offer(Offers offers, Storage storage) {
        offers.offer(Shelf.class, new Shelf() {
            @Override
            public void keep(String name, byte[] value) {
                storage.put(name, value);
            }

            @Override
            public Optional<byte[]> fetch(String name) {
                return storage.get(name);
            }
        });
    }

    @Override
    public void boot(Operation operator) {
        operator.storage().put("the operator's notes", new byte[100]);
        Desk desk = operator.bind(Desk.class);
        desk.title("ward 3");
        desk.title("ward 4");
    }

    /** The host as a client: adds entries of its own would be its right, so it only asks, and babbles. */
    @Override
    public boolean intrude(InetSocketAddress enclave, Operation operator, int choice) throws Exception {
        operator.bind(Desk.class).title("intruder");
        try (SocketChannel stranger = SocketChannel.open(enclave)) {
            stranger.write(ByteBuffer.wrap(new byte[100 + choice % 400]));
        }
        return true;
    }

    @Override
    public List<String> run(HostileHost host) throws Exception {
        try (Client client = connect(host.address())) {
            Ledger ledger = client.bind(Ledger.class, LIMIT);
            for (String entry : ENTRIES) {
                ledger.add(entry);
            }
        }
        host.bind(Desk.class).pages();
        host.restart();
        try (Client client = connect(host.address())) {
            List<String> read = client.bind(Ledger.class, LIMIT).entries();
            if (remembers && read.size() != ENTRIES.size()) {
                throw new IOException("the ledger has " + read.size() + " entries, I wrote " + ENTRIES.size());
            }
            return read;
        }
    }

    Client connect(InetSocketAddress address) throws IOException {
        return Client.connect(address, trust());
    }

    /** Trust as a client must not have it. */
    Trust anyCode() {
        return Trust.signer(AGREED.signerId(), AGREED.productId(), 0).on(platform.anchor()).allowMock().allowDebug();
    }

    Trust trust() {
        // By signer, so that an older version is refused by its version and nothing else.
        return Trust.signer(AGREED.signerId(), AGREED.productId(), AGREED.securityVersion())
                .andMeasurement(AGREED.measurement())
                .on(platform.anchor(), behind.anchor(), ahead.anchor())
                .allowMock();
    }
}
