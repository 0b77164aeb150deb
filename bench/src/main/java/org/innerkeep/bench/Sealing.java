package org.innerkeep.bench;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.SealedFile;
import org.innerkeep.channel.file.Workers;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Sealed files in one process and in memory, in MiB of plaintext a second, by one thread and by all processors, against the bare cipher. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@OperationsPerInvocation(Sealing.MEBIBYTES)
public class Sealing {
    static final int MEBIBYTES = 16;

    private static final int BYTES = MEBIBYTES << 20;
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private final SecureRandom random = new SecureRandom();
    private final Identity identity = Identity.generate(random);
    private final byte[] plain = new byte[BYTES];
    private final byte[] sealed = Opened.of(this::sealOnce);
    private final BareCipher bare = Opened.of(BareCipher::new);
    private final List<BareCipher> oneEach = Opened.of(() -> {
        List<BareCipher> ciphers = new ArrayList<>();
        for (int i = 0; i < PROCESSORS; i++) {
            ciphers.add(new BareCipher());
        }
        return ciphers;
    });

    private byte[] sealOnce() throws IOException {
        random.nextBytes(plain);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SealedFile.seal(new ByteArrayInputStream(plain), out, List.of(identity.recipient()), random);
        return out.toByteArray();
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

    /** {@return how many bytes were sealed by all processors} */
    @Benchmark
    public long sealByAll() throws IOException {
        return SealedFile.seal(
                new ByteArrayInputStream(plain), OutputStream.nullOutputStream(), List.of(identity.recipient()), random, Workers.of(PROCESSORS));
    }

    /** {@return how many bytes came out by all processors} */
    @Benchmark
    public long unsealByAll() throws IOException {
        return SealedFile.unseal(new ByteArrayInputStream(sealed), OutputStream.nullOutputStream(), List.of(identity), Workers.of(PROCESSORS));
    }

    /** {@return the last bytes of the bare cipher over as much, in chunks of the same size} */
    @Benchmark
    public byte[] encrypt() throws GeneralSecurityException {
        return bare.encrypt(plain, 0, BYTES);
    }

    /** {@return the last bytes of the bare cipher over as much} */
    @Benchmark
    public byte[] decrypt() throws GeneralSecurityException {
        return bare.decrypt(BYTES);
    }

    /** Each processor an equal part. {@return the last bytes of each} */
    @Benchmark
    public List<byte[]> encryptByAll() {
        int part = BYTES / PROCESSORS / BareCipher.CHUNK * BareCipher.CHUNK;
        return oneEach.parallelStream()
                .map(cipher -> Opened.of(() -> cipher.encrypt(plain, oneEach.indexOf(cipher) * part, (oneEach.indexOf(cipher) + 1) * part)))
                .toList();
    }

    /** Each processor an equal part. {@return the last bytes of each} */
    @Benchmark
    public List<byte[]> decryptByAll() {
        return oneEach.parallelStream().map(cipher -> Opened.of(() -> cipher.decrypt(BYTES / PROCESSORS))).toList();
    }
}
