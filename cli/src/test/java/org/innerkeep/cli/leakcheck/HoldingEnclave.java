package org.innerkeep.cli.leakcheck;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.enclave.EnclaveContext;
import org.innerkeep.enclave.EnclaveProgram;
import org.innerkeep.enclave.SealTo;

/**
 * An enclave that makes secrets of every form by itself, so that nothing of them came in through anything, and keeps them: as
 * keys, as
 * strings, as fields of records, as large arrays.
 */
public final class HoldingEnclave implements EnclaveProgram, Holding, Confiding {
    private static final int COPIES = 20;
    private static final int LARGE = 1 << 16;
    private static final int SEALED = 200;
    private static final int ENCRYPTED = 400;

    /** As a program would keep a row of a table. */
    private record Row(Object secret, int number) {}

    private final List<Row> rows = new ArrayList<>();
    private final double[] large = new double[LARGE];
    private final List<Object> confided = new CopyOnWriteArrayList<>();
    private volatile Object rubbish = "";
    private volatile Optional<EnclaveContext> context = Optional.empty();

    @Override
    public void start(EnclaveContext enclave) {
        for (int i = 0; i < COPIES; i++) {
            for (Form form : Form.values()) {
                rows.add(new Row(Secrets.held(form), i));
            }
        }
        double[] row = (double[]) Secrets.held(Form.FLOAT64);
        for (int i = 0; i < large.length; i++) {
            large[i] = row[i % row.length];
        }
        context = Optional.of(enclave);
        enclave.offerToHost(Holding.class, this);
        enclave.offerToClients(Confiding.class, this);
    }

    @Override
    public void holdOutsideTheHeap() {
        Arena.global().allocateFrom(ValueLayout.JAVA_FLOAT, (float[]) Secrets.held(Form.FLOAT32));
    }

    @Override
    public byte[] seal() {
        try {
            byte[] sealed = new byte[0];
            // Often, so that what it runs is compiled, with the instructions that the processor has for it.
            for (int i = 0; i < SEALED; i++) {
                sealed = context.orElseThrow().seal(SealTo.SIGNER, new byte[64]);
                context.orElseThrow().unseal(sealed);
            }
            return sealed;
        } catch (IOException | org.innerkeep.enclave.UnsealException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }

    @Override
    public int unseal(byte[] sealed, int millis) {
        int opened = 0;
        try {
            for (long end = System.nanoTime() + millis * 1_000_000L; System.nanoTime() < end; opened++) {
                context.orElseThrow().unseal(sealed);
            }
        } catch (IOException | org.innerkeep.enclave.UnsealException e) {
            throw new UncheckedIOException(new IOException(e));
        }
        return opened;
    }

    @Override
    public int confide(List<String> rows, byte[] key) {
        confided.addAll(rows);
        confided.add(key);
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            byte[] nonce = new byte[12];
            byte[] text = String.join("\n", rows).getBytes(java.nio.charset.StandardCharsets.UTF_8);
            for (int i = 0; i < ENCRYPTED; i++) {
                nonce[i % 8]++;
                cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
                confided.set(0, cipher.doFinal(text));
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        return confided.size();
    }

    @Override
    public void collect() {
        for (int i = 0; i < 400; i++) {
            rubbish = new byte[1 << 20];
            if (i % 100 == 0) {
                System.gc();
            }
        }
    }

    @Override
    public int held() {
        return rubbish.equals(large) ? 0 : rows.size() + (large[LARGE - 1] != 0 ? 1 : 0);
    }
}
