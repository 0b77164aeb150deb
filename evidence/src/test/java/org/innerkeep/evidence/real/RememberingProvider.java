package org.innerkeep.evidence.real;

import java.io.ByteArrayOutputStream;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.InvalidParameterException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.security.spec.AlgorithmParameterSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.innerkeep.evidence.Bytes;
import org.jspecify.annotations.Nullable;

/** Remembers which signatures are right, so that thousands of changed inputs cost what is new in each. For tests only. */
final class RememberingProvider extends Provider {
    @Serial
    private static final long serialVersionUID = 1L;

    private static final List<String> ALGORITHMS = List.of(
            "SHA256withECDSA", "SHA384withECDSA", "SHA512withECDSA", "SHA256withRSA", "SHA384withRSA", "SHA512withRSA", "RSASSA-PSS");

    private final transient Set<Bytes> right = new HashSet<>();

    RememberingProvider() {
        super("Remembering", "1", "remembers signatures");
        for (String algorithm : ALGORITHMS) {
            putService(new Service(this, "Signature", algorithm, Remembering.class.getName(), null, null) {
                @Override
                public Object newInstance(@Nullable Object parameter) {
                    return new Remembering(algorithm, right);
                }
            });
        }
    }

    private static final class Remembering extends SignatureSpi {
        private final String algorithm;
        private final Set<Bytes> right;
        private final ByteArrayOutputStream message = new ByteArrayOutputStream();
        private @Nullable PublicKey key;
        private @Nullable AlgorithmParameterSpec parameters;

        Remembering(String algorithm, Set<Bytes> right) {
            this.algorithm = algorithm;
            this.right = right;
        }

        @Override
        protected void engineInitVerify(PublicKey publicKey) {
            key = publicKey;
        }

        @Override
        protected void engineInitSign(PrivateKey privateKey) throws InvalidKeyException {
            throw new InvalidKeyException("only verifies");
        }

        @Override
        protected void engineUpdate(byte b) {
            message.write(b);
        }

        @Override
        protected void engineUpdate(byte[] b, int off, int len) {
            message.write(b, off, len);
        }

        @Override
        protected byte[] engineSign() throws SignatureException {
            throw new SignatureException("only verifies");
        }

        @Override
        protected boolean engineVerify(byte[] signature) throws SignatureException {
            PublicKey by = Objects.requireNonNull(key);
            Bytes question = Bytes.sha256(
                    Bytes.sha256((algorithm + " " + parameters).getBytes(StandardCharsets.UTF_8)).toArray(),
                    Bytes.sha256(by.getEncoded()).toArray(),
                    Bytes.sha256(message.toByteArray()).toArray(),
                    Bytes.sha256(signature).toArray());
            if (right.contains(question)) {
                return true;
            }
            boolean found = verify(by, signature);
            if (found) {
                right.add(question);
            }
            return found;
        }

        private boolean verify(PublicKey by, byte[] signature) throws SignatureException {
            try {
                Signature platform = Signature.getInstance(algorithm);
                platform.initVerify(by);
                if (parameters != null) {
                    platform.setParameter(parameters);
                }
                platform.update(message.toByteArray());
                return platform.verify(signature);
            } catch (GeneralSecurityException e) {
                throw new SignatureException(e);
            }
        }

        @Override
        protected void engineSetParameter(AlgorithmParameterSpec params) throws InvalidAlgorithmParameterException {
            parameters = params;
        }

        @Override
        @Deprecated
        protected void engineSetParameter(String param, Object value) {
            throw new InvalidParameterException("none");
        }

        @Override
        @Deprecated
        protected Object engineGetParameter(String param) {
            throw new InvalidParameterException("none");
        }
    }
}
