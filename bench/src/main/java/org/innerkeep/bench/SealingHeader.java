package org.innerkeep.bench;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.innerkeep.channel.file.Identity;
import org.innerkeep.channel.file.KeyKind;
import org.innerkeep.channel.file.SealedFile;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What each sealed file costs whatever its size: an empty one to one recipient, of either kind of key, in memory. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SealingHeader {
    private final SecureRandom random = new SecureRandom();
    private final Identity hybrid = Identity.generate(KeyKind.HYBRID, random);
    private final Identity classic = Identity.generate(KeyKind.CLASSIC, random);
    private final byte[] sealedHybrid = Opened.of(this::sealHybrid);
    private final byte[] sealedClassic = Opened.of(this::sealClassic);

    /** {@return the sealed file} */
    @Benchmark
    public byte[] sealHybrid() throws IOException {
        return seal(hybrid);
    }

    /** {@return the sealed file} */
    @Benchmark
    public byte[] sealClassic() throws IOException {
        return seal(classic);
    }

    private byte[] seal(Identity identity) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SealedFile.seal(new ByteArrayInputStream(new byte[0]), out, List.of(identity.recipient()), random);
        return out.toByteArray();
    }

    /** {@return nothing, proven to be so} */
    @Benchmark
    public byte[] unsealHybrid() throws IOException {
        return unseal(sealedHybrid, hybrid);
    }

    /** {@return nothing, proven to be so} */
    @Benchmark
    public byte[] unsealClassic() throws IOException {
        return unseal(sealedClassic, classic);
    }

    private static byte[] unseal(byte[] sealed, Identity identity) throws IOException {
        try (InputStream in = SealedFile.unseal(new ByteArrayInputStream(sealed), List.of(identity))) {
            return in.readAllBytes();
        }
    }
}
