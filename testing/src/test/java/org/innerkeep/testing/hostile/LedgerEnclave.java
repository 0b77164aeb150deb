package org.innerkeep.testing.hostile;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.innerkeep.channel.call.CallException;
import org.innerkeep.channel.call.Codec;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.enclave.SealTo;

/** Keeps entries in a sealed value that the host stores, as an enclave must that has state. */
public class LedgerEnclave implements EnclaveProgram {
    static final String STATE = "ledger";

    record State(List<String> entries) {}

    /** So long that no machine is too slow for it. */
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private static final Codec<State> CODEC = Codec.of(State.class);

    @Override
    public void start(EnclaveContext enclave) throws Exception {
        Shelf shelf = enclave.host(Shelf.class, LIMIT);
        Optional<byte[]> stored = shelf.fetch(STATE);
        List<String> entries = new ArrayList<>();
        if (stored.isPresent()) {
            entries.addAll(CODEC.decode(open(enclave, stored.get())).entries());
        }
        enclave.offerToHost(Desk.class, new Desk() {
            private final AtomicReference<String> title =
                    new AtomicReference<>("");

            @Override
            public String title(String next) {
                String before = title.getAndSet(next);
                titled(before, next);
                return before;
            }

            @Override
            public int pages() {
                return 1;
            }
        });
        enclave.offerToClients(Ledger.class, new Ledger() {
            @Override
            public synchronized int add(String entry) {
                List<String> more = new ArrayList<>(entries);
                more.add(entry);
                keep(enclave, shelf, CODEC.encode(new State(more)));
                entries.add(entry);
                return entries.size();
            }

            @Override
            public synchronized List<String> entries() {
                return List.copyOf(entries);
            }
        });
    }

    private void keep(EnclaveContext enclave, Shelf shelf, byte[] state) throws CallException {
        try {
            shelf.keep(STATE, close(enclave, state));
        } catch (IOException e) {
            throw new IllegalStateException("the platform does not answer", e);
        }
    }

    /** Told of each title; a planted bug takes offence. */
    void titled(String before, String next) {}

    /** How state leaves; planted bugs change this. */
    byte[] close(EnclaveContext enclave, byte[] state) throws IOException {
        return enclave.seal(SealTo.SIGNER, state);
    }

    /** How state comes back. */
    byte[] open(EnclaveContext enclave, byte[] stored) throws Exception {
        return enclave.unseal(stored);
    }

    /** Planted bug: its state leaves as it is. */
    public static final class Leaky extends LedgerEnclave {
        @Override
        byte[] close(EnclaveContext enclave, byte[] state) {
            return state;
        }

        @Override
        byte[] open(EnclaveContext enclave, byte[] stored) {
            return stored;
        }
    }

    /** Planted bug: does nothing for its clients any more once its host gave the same title twice. */
    public static final class Touchy extends LedgerEnclave {
        private final AtomicBoolean offended = new AtomicBoolean();

        @Override
        void titled(String before, String next) {
            offended.compareAndSet(false, before.equals(next));
        }

        @Override
        byte[] close(EnclaveContext enclave, byte[] state) throws IOException {
            if (offended.get()) {
                throw new IOException("not for such a host");
            }
            return super.close(enclave, state);
        }
    }

    /** Planted bug: begins anew where its state does not open. */
    public static final class Forgetful extends LedgerEnclave {
        @Override
        byte[] open(EnclaveContext enclave, byte[] stored) throws Exception {
            try {
                return super.open(enclave, stored);
            } catch (org.innerkeep.enclave.UnsealException e) {
                return CODEC.encode(new State(List.of()));
            }
        }
    }

    /** Other code: takes what it is told and answers as if all were well. */
    public static final class Thief implements EnclaveProgram {
        @Override
        public void start(EnclaveContext enclave) {
            Shelf shelf = enclave.host(Shelf.class, LIMIT);
            enclave.offerToClients(Ledger.class, new Ledger() {
                @Override
                public int add(String entry) {
                    shelf.keep("stolen", entry.getBytes(java.nio.charset.StandardCharsets.UTF_8));
                    return 1;
                }

                @Override
                public List<String> entries() {
                    return LedgerScenario.ENTRIES;
                }
            });
        }
    }
}
