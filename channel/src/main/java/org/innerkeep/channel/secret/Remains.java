package org.innerkeep.channel.secret;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What is left on a thread's stack and in its processor's registers when it has computed with a key: round keys of AES, for example,
 * which the JVM spills where it stops a thread or resolves a call. They stay there until something happens to overwrite them, and
 * where a thread then sleeps that is long. Stacks are ordinary memory, whatever the heap is.
 */
public final class Remains {
    /** Of {@link #descend}, 64 KiB at least: more than what a computation and the JVM beneath it need. */
    private static final int DEPTH = 256;

    /** Enough for the ways of the cipher that take many blocks at once. */
    private static final int BYTES = 4096;

    private Remains() {}

    /**
     * Overwrites them, for the calling thread, as far as Java can: with those of a computation with a key of zeros, and with numbers
     * on the stack below the caller. Takes some microseconds.
     */
    public static void overwrite() {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[32], "AES"), new GCMParameterSpec(128, new byte[12]));
            long of = cipher.doFinal(new byte[BYTES])[0];
            if (descend(DEPTH, of) == 0) {
                // Only so that the result is needed.
                Thread.onSpinWait();
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform provides AES-GCM", e);
        } catch (StackOverflowError e) {
            // All that there is has been overwritten.
        }
    }

    /** Each of these numbers is needed after the call, so each has a place on the stack during it. */
    private static long descend(int depth, long of) {
        long a = next(of);
        long b = next(a);
        long c = next(b);
        long d = next(c);
        long e = next(d);
        long f = next(e);
        long g = next(f);
        long h = next(g);
        long i = next(h);
        long j = next(i);
        long k = next(j);
        long l = next(k);
        long m = next(l);
        long n = next(m);
        long o = next(n);
        long p = next(o);
        long q = next(p);
        long r = next(q);
        long s = next(r);
        long t = next(s);
        long u = next(t);
        long v = next(u);
        long w = next(v);
        long x = next(w);
        long y = next(x);
        long z = next(y);
        long below = depth == 0 ? z : descend(depth - 1, z);
        return below ^ a ^ b ^ c ^ d ^ e ^ f ^ g ^ h ^ i ^ j ^ k ^ l ^ m ^ n ^ o ^ p ^ q ^ r ^ s ^ t ^ u ^ v ^ w ^ x ^ y ^ z;
    }

    private static long next(long of) {
        return of * 6364136223846793005L + 1442695040888963407L;
    }
}
