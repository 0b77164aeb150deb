package org.innerkeep.cli.demo.probe;

import java.io.FileOutputStream;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.enclave.SealTo;
import org.innerkeep.enclave.UnsealException;

/** Inside. */
public final class Probe implements EnclaveProgram, ForHost, ForClients {
    private final CountDownLatch never = new CountDownLatch(1);
    private volatile String confided = "";
    private volatile Optional<EnclaveContext> enclave = Optional.empty();

    @Override
    public void start(EnclaveContext context) {
        enclave = Optional.of(context);
        context.offerToHost(ForHost.class, this);
        context.offerToClients(ForClients.class, this);
    }

    @Override
    public void block() {
        try {
            never.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public long square(long number) {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return number * number;
    }

    @Override
    @SuppressWarnings("SystemOut")
    public void confide(String secret) {
        confided = secret;
        System.out.println(secret);
        System.err.println(secret);
        // Past the streams that the runtime replaced.
        for (FileDescriptor descriptor : new FileDescriptor[] {FileDescriptor.out, FileDescriptor.err}) {
            PrintStream raw = new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
            raw.println(secret);
        }
        new IllegalStateException(secret).printStackTrace();
        System.getLogger("probe").log(System.Logger.Level.ERROR, secret);
    }

    @Override
    public void throwUndeclared() {
        throw new IllegalStateException("the client confided " + confided);
    }

    @Override
    public void throwDeclared() throws ProbeException {
        throw new ProbeException(new ProbeException.Detail("the client confided " + confided));
    }

    @Override
    public byte[] seal(byte[] plaintext) {
        try {
            return enclave.orElseThrow().seal(SealTo.SIGNER, plaintext);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<byte[]> unseal(byte[] sealed) {
        try {
            return Optional.of(enclave.orElseThrow().unseal(sealed));
        } catch (UnsealException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
