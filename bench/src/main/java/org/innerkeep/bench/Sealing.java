package org.innerkeep.bench;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.SealedFile;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Sealed files in one process and in memory, in MiB of plaintext a second, against the bare cipher. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@OperationsPerInvocation(Sealing.MEBIBYTES)
public class Sealing {
    static final int MEBIBYTES = 16;

    private static final int CHUNK = 64 << 10;
    private static final int TAG = 16;

    private final SecureRandom random = new SecureRandom();
    private final Identity identity = Identity.generate(random);
    private final byte[] plain = new byte[MEBIBYTES << 20];
    private final byte[] sealed = Opened.of(this::sealOnce);

    private final SecretKeySpec key = new SecretKeySpec(new byte[32], "ChaCha20");
    private final Cipher cipher = Opened.of(() -> Cipher.getInstance("ChaCha20-Poly1305"));
    private final byte[] nonce = new byte[12];
    private final byte[] chunk = new byte[CHUNK + TAG];
    private final byte[] opened = new byte[CHUNK];
    private final byte[] sealedChunk = Opened.of(this::encryptOnce);
    private long count;

    private byte[] sealOnce() throws IOException {
        random.nextBytes(plain);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SealedFile.seal(new ByteArrayInputStream(plain), out, List.of(identity.recipient()), random);
        return out.toByteArray();
    }

    private byte[] encryptOnce() throws GeneralSecurityException {
        cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
        return cipher.doFinal(plain, 0, CHUNK);
    }

    /** {@return how many bytes were sealed} */
    @Benchmark
    public long seal() throws IOException {
        return SealedFile.seal(
                new ByteArrayInputStream(plain), OutputStream.nullOutputStream(), List.of(identity.recipient()), random);
    }

    /** {@return how many bytes came out} */
    @Benchmark
    public long unseal() throws IOException {
        try (InputStream in = SealedFile.unseal(new ByteArrayInputStream(sealed), List.of(identity))) {
            return in.transferTo(OutputStream.nullOutputStream());
        }
    }

    /** {@return the last bytes of the bare cipher over as much, in chunks of the same size} */
    @Benchmark
    public byte[] encrypt() throws GeneralSecurityException {
        for (int at = 0; at < plain.length; at += CHUNK) {
            // The JDK refuses a nonce that it has just used.
            nextNonce();
            cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(nonce));
            cipher.doFinal(plain, at, CHUNK, chunk, 0);
        }
        return chunk;
    }

    /** {@return the last bytes of the bare cipher over as much} */
    @Benchmark
    public byte[] decrypt() throws GeneralSecurityException {
        IvParameterSpec same = new IvParameterSpec(new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        for (int at = 0; at < plain.length; at += CHUNK) {
            cipher.init(Cipher.DECRYPT_MODE, key, same);
            cipher.doFinal(sealedChunk, 0, CHUNK + TAG, opened, 0);
        }
        return opened;
    }

    private void nextNonce() {
        long next = ++count;
        for (int i = 0; i < Long.BYTES; i++) {
            nonce[11 - i] = (byte) (next >>> (8 * i));
        }
    }
}
