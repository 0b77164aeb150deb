package org.innerkeep.evidence;

import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Root keys that makers of hardware publish, for relying parties that do not want to fetch and check them for themselves. Nothing is
 * pinned by being here: a relying party names the roots that it wants among its anchors.
 *
 * <p>Intel's is of the Intel SGX Root CA, which certifies SGX and TDX platforms and their collateral; two certificates of this key are
 * in use, one until 2033 and one until 2049. AWS's is of {@code aws.nitro-enclaves}, "Root G1", for AWS's commercial regions.
 *
 * <p>AMD's are of the ARK certificates at {@code https://kdsintf.amd.com/vcek/v1/PRODUCT/cert_chain}, which those over keys that clouds
 * load share; SHA-256 of the keys:
 *
 * <ul>
 *   <li>Milan {@code 9f056bee44377e29308cb5ffa895bdfb62d18881fa6bed8d6f075b0204089cb9}
 *   <li>Genoa {@code 429a69c9422aa258ee4d8db5fcda9c6470ef15f8cd5a9cebd6cbc7d90b863831}
 *   <li>Turin {@code 4f125410563a2ab9a50356f9243f6fe0b6f73de98603f53f90339c70e9d7ad08}
 * </ul>
 */
public final class MakerRoots {
    private static final MakerRoot INTEL_SGX = root(
            Maker.INTEL,
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEC6nEwMDIYZOj/iPWsCzaEKi71OiOSLRFhWGjbnBVJfVnkY4u3IjkDYYL0MxO4mqs"
            + "yYjlBalTVYxFP2sJBK5zlA==");

    private static final MakerRoot AWS_NITRO = root(
            Maker.AWS,
            "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE/AJU66YIwfNocOKa2pC+RjgyknNuiUv/9nLZiURLUFHlNKSx9tvjwLxYGjK3sXYHDt4S"
            + "1po/6iEbZudSz33R3QlfbxNw9BcIQ9ncEAEh5M9jASgJZkSHyXlihDBNxT/0");

    private static final MakerRoot AMD_MILAN = root(
            Maker.AMD,
            "MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEA0Ld52RJOdeiJlqK2JdsVmD7FktuotWwX1fNgW41XY9Xz1HEhSUmhLz9C"
            + "u9DHRlvgJSNxbeYYsnJfvyjx1MfU0V5tkKiU1EesNFta1kTA0szNisdYc9isqk7mXT5+KfGRbfc4V/9zRIcE8jlHN61S1ju8X93+"
            + "6dxDUrG2SzxqJ4BhqyYmUDruPXJSX4vUc01P7j98MpqOS95rORdGHeI52Naz5m2B+O+vjsC060d37jY9LFeuOP4Meri8qgfi2S5k"
            + "Kqg/aF6aPtuAZQVR7u3KFYXP59XmJgtcog05gmI0T/OitLhuzVvpZcLph0odh/1IPXqx3+MnjD97A7fXpqGd/y8KxX7jksTEzAOg"
            + "bKAeam3lm+3yKIcTYMlsRMXPcjNbIvmsBykD//xSniusuHBkgnlENEWx1UcbQQrs+gVDkuVPhsnzIRNgYvM48Y+7LGiJYnrmE8xc"
            + "rexekBxrva2V9TJQqnN3Q53kt5viQi3+gCfmkwC0F0tirIZbLkXPrPwzZ0M9eNxhIySb2npJfgnqz55I0u33wh4r0ZNQeTGfw03M"
            + "BUtyuzGesGkcw+loqMaq1qR4tjGbPYxCvpCq7+OgpCCoMNit2uLo9M18fHz10lOMT8nWAUvRZFzteXCm+7PHdYPlmQwUw3LvenJ/"
            + "ILXoQPHfbkH0CyPfhl1jWhJFZasCAwEAAQ==");

    private static final MakerRoot AMD_GENOA = root(
            Maker.AMD,
            "MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEA3Cd95S/uFOuRIskW9vz9VDBF69NDQF79oRhL/L2PVQGhK3YdfEBgpF/J"
            + "iwWFBsT/fXDhzA01p3LkcT/7LdjcRfKXjHl+0Qq/M4dZkh6QDoUeKzNBLDcBKDDGWo3v35NyrxbA1DnkYwUKU5AAk4P94tKXLp80"
            + "oxt84ahyHoLmc/LqsGsp+oq1Bz4PPsYLwTG4iMKVaaT90/oZ4I8oibSru92vJhlqWO27d/Rxc3iUMyhNeGToOvgx/iUo4gGpG61N"
            + "DpkEUvIzuKcaMx8IdTpWg2DF6SwF0IgVMffnvtJmA68BwJNWo1E4PLJdaPfBifcJpuBFwNVQIPQEVX3aP89HJSp8YbY9lySS6PlV"
            + "EqTBBtaQmi4ATGmMR+n2K/e+JAhU2Gj7jIpJhOkdH9firQDnmlA2SFfJ/Cc0mGNzW9RmIhyOUnNFoclmkRhl3/AQU5Ys9Qsan1jT"
            + "/EiyT+pCpmnA+y9edvhDCbOG8F2oxHGRdTBkylungrkXJGYiwGrR8kaiqv7NN8QhOBMqYjcbrkEr0f8QMKklIS5ruOfqlLMCBw8J"
            + "LB3LkjpWgtD7OpxkzSsohN47Uom86RY6lp72g8eXHP1qYrnvhzaG1S70vw6OkbaaC9EjiH/uHgAJQGxon7u0Q7xgoREWA/e7JcBQ"
            + "wLg80Hq/sbRuqesxz7wBWSY254cCAwEAAQ==");

    private static final MakerRoot AMD_TURIN = root(
            Maker.AMD,
            "MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAwaAriB7EIuVc4ZB1wD3YfDxL+9eyS7+izm0Jj3W772NINCWl8Bj3w/JD"
            + "2ZjmbRxWdIq/4d9iarCKorXloJUB1jRdgxqccTx1aOoig4+2w1XhVVJT7K457wT5ZLNJgQaxqa9Etkwjd6+9sOhlCDE9l43kQ0R2"
            + "BikVJa/uyyVOSwEk5w5tXKOuG9jvq6QtAMJasW38wlqRDaKEGtZ9VUgGon27ZuL4sTJuC/azz9/iQBw8kEilzOl95AiTkeY5jSEB"
            + "DWbAqnZk5qlM7kISKG20kgQm14mhNKDI2p2oua+zuAG7i52epoRF2GfU0TYk/yf+vCNB2tnechFQuP2e8bLk95ZdqPi9/UWw4JXj"
            + "tdEA4u2JYplSSUPQVAXKt6LVqujtJcM59JKr2u0XQ75KwxcMp15gSXhBfInvPAwuAY4dEwwGqT8oIg4esPHwEsmChhYeDIxPG9R4"
            + "fx9O0q6p8Gb+HXlTiS47P9YNeOpidOUKzDl/S1OvyhDtSL8LJc24QATFydo/iD/KUdvFTRlD0crkAMkZLoWQ8hLDGc6BZJXsdd7Z"
            + "f2e4UW3tI/1oh/2t23Ot3zyhTcv5gDbABu0LjVe98uRnS15SMwK//lJt9e5BqKvgABkSoABf+B4VFtPVEX0ygrYaFaI9i5ABrxnV"
            + "BmzXpRb21iI1NlNCfOGUPIhVpWECAwEAAQ==");

    private MakerRoots() {}

    private static MakerRoot root(Maker maker, String base64) {
        return new MakerRoot(maker, Bytes.of(Base64.getDecoder().decode(base64)));
    }

    /** {@return all roots here, for whoever trusts all these makers} */
    public static List<MakerRoot> all() {
        return List.of(INTEL_SGX, AMD_MILAN, AMD_GENOA, AMD_TURIN, AWS_NITRO);
    }

    /** {@return Intel's root, for SGX and TDX} */
    public static MakerRoot intelSgx() {
        return INTEL_SGX;
    }

    /** {@return AWS's root of Nitro Enclaves, for commercial regions} */
    public static MakerRoot awsNitro() {
        return AWS_NITRO;
    }

    /** {@return AMD's roots (ARK) of the lines Milan, Genoa and Turin} */
    public static List<MakerRoot> amd() {
        return List.of(AMD_MILAN, AMD_GENOA, AMD_TURIN);
    }

    /**
     * Finds the line of products that one of AMD's roots here is of.
     *
     * @param publicKey SubjectPublicKeyInfo, DER
     * @return {@code Milan}, {@code Genoa} or {@code Turin}, or nothing for any other key
     */
    public static Optional<String> amdProduct(Bytes publicKey) {
        if (publicKey.equals(AMD_MILAN.publicKey())) {
            return Optional.of("Milan");
        } else if (publicKey.equals(AMD_GENOA.publicKey())) {
            return Optional.of("Genoa");
        }
        return publicKey.equals(AMD_TURIN.publicKey()) ? Optional.of("Turin") : Optional.empty();
    }
}
