package org.innerkeep.bench;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The JDK's AES-256-GCM, which every record of a session costs once at each end. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class AesGcm {
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    @Param({"64", "65536"})
    private int bytes;

    private final SecretKey key = new SecretKeySpec(new byte[32], "AES");
    private final Cipher cipher = Opened.of(() -> Cipher.getInstance("AES/GCM/NoPadding"));
    private byte[] plain = {};
    private byte[] sealed = {};
    private long sent;

    /** For JMH, which sets the size. */
    public AesGcm() {
        this(0);
    }

    AesGcm(int bytes) {
        this.bytes = bytes;
    }

    /** Makes a message and its record. */
    @Setup
    public void fill() throws GeneralSecurityException {
        plain = Message.of(bytes);
        begin(Cipher.ENCRYPT_MODE, 0);
        sealed = cipher.doFinal(plain);
    }

    private void begin(int mode, long number) throws GeneralSecurityException {
        byte[] nonce = ByteBuffer.allocate(NONCE_BYTES).putLong(number).array();
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    }

    /** {@return the message encrypted, each time with another nonce} */
    @Benchmark
    public byte[] encrypt() throws GeneralSecurityException {
        begin(Cipher.ENCRYPT_MODE, ++sent);
        return cipher.doFinal(plain);
    }

    /** {@return the message decrypted} */
    @Benchmark
    public byte[] decrypt() throws GeneralSecurityException {
        begin(Cipher.DECRYPT_MODE, 0);
        return cipher.doFinal(sealed);
    }
}
