package org.innerkeep.channel.internal.hpke;

import java.io.Serial;
import java.security.SecureRandom;
import java.security.SecureRandomSpi;

/** Gives out bytes that were decided before, once: for algorithms of the JDK that take a seed as randomness only. */
final class FixedRandom extends SecureRandom {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Source source;

    /** Shows the array, which stays the caller's to wipe. */
    FixedRandom(byte[] bytes) {
        this(new Source(bytes));
    }

    private FixedRandom(Source source) {
        super(source, null);
        this.source = source;
    }

    /** {@return whether all bytes were given out} */
    boolean spent() {
        return source.next == source.bytes.length;
    }

    private static final class Source extends SecureRandomSpi {
        @Serial
        private static final long serialVersionUID = 1L;

        private final transient byte[] bytes;
        private transient int next;

        Source(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        protected void engineNextBytes(byte[] into) {
            if (into.length > bytes.length - next) {
                throw new IllegalStateException("more randomness is asked for than the seed has");
            }
            System.arraycopy(bytes, next, into, 0, into.length);
            next += into.length;
        }

        @Override
        protected byte[] engineGenerateSeed(int count) {
            byte[] seed = new byte[count];
            engineNextBytes(seed);
            return seed;
        }

        @Override
        protected void engineSetSeed(byte[] seed) {
            throw new IllegalStateException("the bytes are decided");
        }
    }
}
