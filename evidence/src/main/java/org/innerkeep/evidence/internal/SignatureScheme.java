package org.innerkeep.evidence.internal;

import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How evidence is signed. ECDSA signatures are r and s of fixed width, big-endian, one after the other. */
public enum SignatureScheme {
    /** ECDSA on P-256 with SHA-256. */
    ES256("SHA256withECDSA", Curve.P256, null),
    /** ECDSA on P-384 with SHA-384. */
    ES384("SHA384withECDSA", Curve.P384, null),
    /** ECDSA on P-521 with SHA-512. */
    ES512("SHA512withECDSA", Curve.P521, null),
    /** RSASSA-PKCS1-v1_5 with SHA-256. */
    RS256("SHA256withRSA", null, null),
    /** RSASSA-PKCS1-v1_5 with SHA-384. */
    RS384("SHA384withRSA", null, null),
    /** RSASSA-PKCS1-v1_5 with SHA-512. */
    RS512("SHA512withRSA", null, null),
    /** RSASSA-PSS with SHA-256 and a salt of 32 bytes. */
    PS256("RSASSA-PSS", null, new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1)),
    /** RSASSA-PSS with SHA-384 and a salt of 48 bytes. */
    PS384("RSASSA-PSS", null, new PSSParameterSpec("SHA-384", "MGF1", MGF1ParameterSpec.SHA384, 48, 1)),
    /** RSASSA-PSS with SHA-512 and a salt of 64 bytes. */
    PS512("RSASSA-PSS", null, new PSSParameterSpec("SHA-512", "MGF1", MGF1ParameterSpec.SHA512, 64, 1)),
    /** RSASSA-PKCS1-v1_5 with SHA-1, which only a lifted floor accepts. */
    RS1("SHA1withRSA", null, null);

    private final String jcaName;
    private final @Nullable Curve curve;
    private final @Nullable AlgorithmParameterSpec parameters;

    SignatureScheme(String jcaName, @Nullable Curve curve, @Nullable AlgorithmParameterSpec parameters) {
        this.jcaName = jcaName;
        this.curve = curve;
        this.parameters = parameters;
    }

    String jcaName() {
        return jcaName;
    }

    /** {@return the curve that the key must be on, or nothing for RSA} */
    public Optional<Curve> curve() {
        return Optional.ofNullable(curve);
    }

    Optional<AlgorithmParameterSpec> parameters() {
        return Optional.ofNullable(parameters);
    }
}
