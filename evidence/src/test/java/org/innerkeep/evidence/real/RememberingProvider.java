package org.innerkeep.evidence.real;

import java.io.ByteArrayOutputStream;
import java.io.Serial;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.InvalidParameterException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.innerkeep.evidence.Bytes;
import org.jspecify.annotations.Nullable;

/** Remembers what a signature was found to be, so that thousands of changed inputs cost what is new in each. For tests only. */
final class RememberingProvider extends Provider {
    @Serial
    private static final long serialVersionUID = 1L;

    private static final String ALGORITHM = "SHA256withECDSA";

    private final transient Map<List<Bytes>, Boolean> known = new HashMap<>();

    RememberingProvider() {
        super("Remembering", "1", "remembers signatures");
        putService(new Service(this, "Signature", ALGORITHM, Remembering.class.getName(), null, null) {
            @Override
            public Object newInstance(@Nullable Object parameter) {
                return new Remembering(known);
            }
        });
    }

    private static final class Remembering extends SignatureSpi {
        private final Map<List<Bytes>, Boolean> known;
        private final ByteArrayOutputStream message = new ByteArrayOutputStream();
        private @Nullable PublicKey key;

        Remembering(Map<List<Bytes>, Boolean> known) {
            this.known = known;
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
        protected boolean engineVerify(byte[] signature) {
            PublicKey by = Objects.requireNonNull(key);
            List<Bytes> question = List.of(Bytes.of(by.getEncoded()), Bytes.of(message.toByteArray()), Bytes.of(signature));
            return known.computeIfAbsent(question, asked -> verify(by, message.toByteArray(), signature));
        }

        private static boolean verify(PublicKey by, byte[] message, byte[] signature) {
            try {
                Signature platform = Signature.getInstance(ALGORITHM);
                platform.initVerify(by);
                platform.update(message);
                return platform.verify(signature);
            } catch (GeneralSecurityException e) {
                return false;
            }
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
