package org.innerkeep.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The signatures that each request needs, and nothing else: those of its evidence that are verified each time, and that of its token,
 * which is made. The log's is left out: one is made for all requests that wait together.
 */
final class SignatureFloor {
    private static final int RSA_BITS = 3072;

    /** As long as what is signed: a quote's signed part, and header and claims of a token. */
    private static final int EVIDENCE_BYTES = 432;
    private static final int TOKEN_BYTES = 4096;

    private final AttestRequests.Kind kind;
    private final Optional<Provider> provider;
    private final KeyPair evidenceKeys;
    private final KeyPair tokenKeys;
    private final byte[] evidence = new byte[EVIDENCE_BYTES];
    private final byte[] token = new byte[TOKEN_BYTES];
    private final byte[] signature;

    SignatureFloor(AttestRequests.Kind kind, Optional<Provider> provider) throws GeneralSecurityException {
        this.kind = kind;
        this.provider = provider;
        KeyPairGenerator curves = KeyPairGenerator.getInstance("EC");
        curves.initialize(new ECGenParameterSpec(kind.curve()));
        this.evidenceKeys = curves.generateKeyPair();
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(RSA_BITS);
        this.tokenKeys = rsa.generateKeyPair();
        Signature signer = Signature.getInstance(kind.algorithm());
        signer.initSign(evidenceKeys.getPrivate());
        signer.update(evidence);
        this.signature = signer.sign();
    }

    private Signature algorithm(String name) throws GeneralSecurityException {
        return provider.isPresent() ? Signature.getInstance(name, provider.get()) : Signature.getInstance(name);
    }

    /** Does what one request needs. Safe for use by several threads. */
    void once() throws GeneralSecurityException {
        for (int i = 0; i < kind.signatures(); i++) {
            Signature verifier = algorithm(kind.algorithm());
            verifier.initVerify(evidenceKeys.getPublic());
            verifier.update(evidence);
            if (!verifier.verify(signature)) {
                throw new IllegalStateException("a good signature was found wrong");
            }
        }
        Signature signer = algorithm("SHA256withRSA");
        signer.initSign(tokenKeys.getPrivate());
        signer.update(token);
        signer.sign();
    }

    /**
     * How fast it is.
     *
     * @param perSecond how often all threads together do it in a second
     * @param processorMillis how much of a processor's time one of them takes
     */
    record Pace(double perSecond, double processorMillis) {}

    /** Does it in so many threads for some seconds. */
    Pace pace(int threads, double seconds) throws InterruptedException, ExecutionException {
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<Pace>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Callable<Pace> one = () -> ofOneThread(seconds);
                all.add(pool.submit(one));
            }
            double perSecond = 0;
            double processorMillis = 0;
            for (Future<Pace> each : all) {
                perSecond += each.get().perSecond();
                processorMillis += each.get().processorMillis() / threads;
            }
            return new Pace(perSecond, processorMillis);
        }
    }

    private Pace ofOneThread(double seconds) throws GeneralSecurityException {
        ThreadMXBean processor = ManagementFactory.getThreadMXBean();
        long used = processor.getCurrentThreadCpuTime();
        long begin = System.nanoTime();
        long elapsed = 0;
        long count = 0;
        while (elapsed < seconds * 1e9) {
            once();
            count++;
            elapsed = System.nanoTime() - begin;
        }
        return new Pace(count * 1e9 / elapsed, (processor.getCurrentThreadCpuTime() - used) / 1e6 / count);
    }
}
