package org.innerkeep.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.innerkeep.channel.call.HostVisible;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.enclave.SealTo;
import org.innerkeep.enclave.UnsealException;

/** A program for tests: seals texts, counts with its host's help, fails when told to. */
public final class Safe implements EnclaveProgram {
    /** For clients. */
    public interface Box {
        byte[] seal(String text, boolean toSigner);

        String open(byte[] sealed) throws Stuck;

        int ask(int number);

        String fail(String secret);

        String identity();
    }

    /** Offered by the host. */
    @HostVisible
    public interface Adder {
        int plusOne(int number);
    }

    /** Offered to the host. */
    @HostVisible
    public interface Door {
        String fail(String secret);
    }

    /** What cannot be opened. */
    public static final class Stuck extends Exception {
        private static final long serialVersionUID = 1L;

        public Stuck() {}
    }

    public Safe() {}

    @Override
    public void start(EnclaveContext enclave) {
        Adder adder = enclave.host(Adder.class, Duration.ofSeconds(5));
        enclave.offerToHost(Door.class, secret -> {
            throw new IllegalStateException(secret);
        });
        enclave.offerToClients(Box.class, new Box() {
            @Override
            public byte[] seal(String text, boolean toSigner) {
                try {
                    return enclave.seal(toSigner ? SealTo.SIGNER : SealTo.MEASUREMENT, text.getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public String open(byte[] sealed) throws Stuck {
                try {
                    return new String(enclave.unseal(sealed), StandardCharsets.UTF_8);
                } catch (UnsealException e) {
                    throw new Stuck();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public int ask(int number) {
                return adder.plusOne(number);
            }

            @Override
            public String fail(String secret) {
                throw new IllegalArgumentException(secret);
            }

            @Override
            public String identity() {
                return enclave.identity().platform() + " " + enclave.identity().securityVersion();
            }
        });
    }
}
