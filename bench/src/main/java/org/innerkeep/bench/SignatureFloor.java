package org.innerkeep.bench;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Optional;

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
}
