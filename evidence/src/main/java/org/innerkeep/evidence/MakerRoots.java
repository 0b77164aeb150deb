package org.innerkeep.evidence;

import java.util.Base64;

/** Root keys that makers publish, for those who trust the maker and take this library's word for its key. */
public final class MakerRoots {
    private static final String INTEL_SGX = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEC6nEwMDIYZOj/iPWsCzaEKi71OiOSLRFhWGjbnBVJfVnkY4u3IjkDYYL0MxO4mqsyYjlBalTVYxFP2sJBK5zlA==";

    private MakerRoots() {}

    /**
     * The key of the Intel SGX Root CA, which certifies SGX and TDX platforms and their collateral. Two certificates of it are in use,
     * one until 2033 and one until 2049.
     *
     * @return the anchor
     */
    public static MakerRoot intelSgx() {
        return root(Maker.INTEL, INTEL_SGX);
    }

    private static MakerRoot root(Maker maker, String base64) {
        return new MakerRoot(maker, Bytes.of(Base64.getDecoder().decode(base64)));
    }
}
